"""How English days of the week and months are said where they are written short."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP

MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONG: Final = {name[:3]: name for name in (*MONTHS, *_DAYS)}
_DAYS_SHORT: Final = ("Thurs", "Thur", "Tues", "Weds", *(name[:3] for name in _DAYS))
A_MONTH: Final = rf"({'|'.join((*MONTHS, *(name[:3] for name in MONTHS), 'Sept'))})\b"
_A_DAY: Final = rf"({'|'.join((*_DAYS, *_DAYS_SHORT))})\b"
DAY: Final = rf"{_A_DAY}\.?"
# What is written short and is no other word, and what may be one.
_ALWAYS: Final = "Thurs?|Thur|Tues?|Weds|Fri|Feb|Apr|Aug|Sept|Oct|Nov|Dec"
_OTHER_DAYS: Final = "Mon|Wed|Sat|Sun"
_OTHER_MONTHS: Final = "Jan|Mar|Jun|Jul|Sep"
_TO: Final = "to|thru|through|till|until"


def _long(short: str) -> str:
    return LONG[short[:3]]


def _to(match: re.Match[str]) -> str:
    return f"{_long(match[1])} to {_long(match[2])}{match[3] or ''}"


def _all(match: re.Match[str]) -> str:
    """Read the days of a list: 'Monday, Wednesday and Friday'."""
    said = re.sub(DAY, lambda day: _long(day[1]), match[1])
    return said.replace("/", " and ") + (match[4] or "")


WORDS: Final = (
    *((re.compile(rf"\b{name}\.?\s?[-–—]\s?{name}{STOP}"), _to) for name in (_A_DAY, A_MONTH)),
    (re.compile(r"\bM\s?[-–]\s?F\b"), lambda _: "Monday to Friday"),
    (re.compile(rf"\b((?:{DAY}(?:/|,|,? and| &|,? or) ?)+{_A_DAY}){STOP}"), _all),
    (
        re.compile(rf"\b{DAY} ({_TO}) {_A_DAY}{STOP}"),
        lambda m: f"{_long(m[1])} {m[2]} {_long(m[3])}{m[4] or ''}",
    ),
    (
        re.compile(rf"(?<=[a-z,] )({'|'.join(_DAYS_SHORT)})\.(?=(,|\s[a-z(])?)"),
        lambda m: _long(m[1]) + ("" if m[2] else "."),
    ),
    (re.compile(rf"\b({_ALWAYS})\b{STOP}"), lambda m: _long(m[1]) + (m[2] or "")),
    (
        re.compile(
            rf"\b(on|every|each|by|from|till|until|next|last|this|closed) ({_OTHER_DAYS})\b{STOP}",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} {_long(m[2])}{m[3] or ''}" if m[2][0].isupper() else m.group(),
    ),
    (re.compile(rf"\b({_OTHER_DAYS})(?=\.?[:)])\.?"), lambda m: _long(m[1])),
    (
        re.compile(rf"\b(in|since|till|until|next|last|early|late|mid) ({_OTHER_MONTHS})\b{STOP}"),
        lambda m: f"{m[1]} {_long(m[2])}{m[3] or ''}",
    ),
)
RULES: Final = (
    (
        re.compile(rf"(?<=\d(?:st|nd|rd|th) ){_A_DAY}{STOP}"),
        lambda m: _long(m[1]) + (m[2] or ""),
    ),
    (re.compile(rf"\b{DAY}(?=,? (?:\d|(?:{'|'.join(MONTHS)})))"), lambda m: _long(m[1])),
    *WORDS,
)
