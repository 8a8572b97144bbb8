"""How English numbers are said that are names: of phones, orders, houses, rooms, kings."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.english_dates import year
from voicebot.speech.numbers import cardinal, digits, ordinal
from voicebot.speech.roman import ROMAN, value

_STREETS: Final = {
    "St": "Street",
    "Rd": "Road",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Sq": "Square",
    "Ln": "Lane",
}
_STREET: Final = rf"({'|'.join(_STREETS)})\b"
_ANY_STREET: Final = rf"(?:{'|'.join((*_STREETS, *_STREETS.values(), 'Drive', 'Way'))})\b"
_SIDES: Final = {
    "N": "North",
    "S": "South",
    "E": "East",
    "W": "West",
    "NE": "Northeast",
    "NW": "Northwest",
    "SE": "Southeast",
    "SW": "Southwest",
}
_SIDE: Final = r"([NS][EW]|[NSEW])\b"
_NAMED: Final = r"(?:[A-Z]\w+|\d+(?:st|nd|rd|th)) "
_SERVICE: Final = r"112|911|999|000|10[1-5]|11\d"
_NAMES: Final = (
    "order|code|pin|id|ticket|reference|account|invoice|booking|case|contract|policy|customer|"
    "password"
)
_ROOMS: Final = "room|suite|apartment|apt|flat|unit|box|gate|office"
# What is counted with Roman numerals, and who is.
_COUNTED: Final = (
    "Chapter|Part|Phase|Section|Volume|Level|Type|Class|Article|War|Stage|Act|Appendix|Tier|Grade|"
    "Building|Block|Terminal|Zone|Title|Annex|Book|Group|Category"
)
_RULERS: Final = (
    "Henry|Elizabeth|Charles|George|William|Edward|James|Richard|Louis|Philip|Peter|Catherine|"
    "Alexander|Nicholas|Frederick|Paul|Pius|Benedict|Leo|Mary|Ivan|Napoleon"
)
_KEYS: Final = {"#": "hash", "*": "star"}
_LONGEST_DATE: Final = 8
"""Digits; what is written with full stops and has more is a phone's number."""


def _groups(written: str) -> str:
    """Return the digits one by one, with a rest between their groups."""
    return ", ".join(digits(group, "en") for group in re.findall(r"\d+", written))


def _dialled(match: re.Match[str]) -> str:
    numbers = " or ".join(digits(number, "en") for number in match.groups()[1:] if number)
    return f"{match[1]} {numbers}"


def _dotted(match: re.Match[str]) -> str:
    written = match.group()
    return _groups(written) if sum(map(str.isdigit, written)) > _LONGEST_DATE else written


def _postcode(match: re.Match[str]) -> str:
    """Read a British one letter by letter."""
    return ", ".join(
        re.sub(r"\d", lambda digit: digits(digit.group(), "en"), " ".join(half))
        for half in match.group().split()
    )


def _counted(match: re.Match[str]) -> str:
    return match[1] + cardinal(str(value(match[2])), "en")


RULES: Final = (
    (re.compile(r"\b24/7\b"), lambda _: "around the clock"),
    (
        re.compile(r"\b(?:extension|ext\.?)\s+(\d+)(?:\s?[-–—]\s?(\d+))?", re.IGNORECASE),
        lambda m: f"extension {' to '.join(digits(each, 'en') for each in m.groups() if each)}",
    ),
    (
        re.compile(
            rf"\b(?!(?<=in )case \d)((?:{_NAMES})(?: number)?(?: is)?:? )#?(\d+(?:-\d+)+|\d{{4,}})"
            r"\b(?![.,:]?\d)",
            re.IGNORECASE,
        ),
        lambda m: m[1] + _groups(m[2]),
    ),
    (
        re.compile(rf"\b((?:{_ROOMS})\.? (?:number )?)(\d{{3,}})\b(?![.,:]?\d)", re.IGNORECASE),
        lambda m: m[1] + digits(m[2], "en"),
    ),
    (re.compile(r"\b(ending (?:in|with) )(\d{3,})\b"), lambda m: m[1] + digits(m[2], "en")),
    (re.compile(r"(\+\d{1,3}\s?)\(0\)\s?"), lambda m: f"{m[1].rstrip()} "),
    (
        re.compile(r"\b(press|dial|or|then|and|the) ([#*])(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {_KEYS[m[2]]}",
    ),
    (re.compile(r"\b([A-Z]{1,4})-(\d{3,})\b"), lambda m: f"{m[1]} {_groups(m[2])}"),
    (re.compile(r"(?<![$€£.,\w])(\d{2})([A-U])\b"), lambda m: f"{cardinal(m[1], 'en')} {m[2]}"),
    (re.compile(r"\b([Ff]light [A-Z]{2}) ?(\d{2,4})\b"), lambda m: f"{m[1]} {_groups(m[2])}"),
    (re.compile(rf"\b(call|dial) ({_SERVICE})\b(?: or ({_SERVICE})\b)?", re.IGNORECASE), _dialled),
    (re.compile(r"\b([Tt]ext (?:\w+ )?to )(\d{4,6})\b"), lambda m: m[1] + digits(m[2], "en")),
    (re.compile(r"(?<![\w.,+])\d{2,4}(?:\.\d{2,4}){2,4}(?![\w.]*\w)"), _dotted),
    (
        re.compile(r"\b(?:version )?v\.?(\d+(?:\.\d+)*)\b", re.IGNORECASE),
        lambda m: f"version {m[1].replace('.', ' point ')}",
    ),
    (
        re.compile(
            r"\b((?:ratio|scale|odds)(?: (?:is|are|of|was))* )(\d{1,3}):(\d{1,5})\b", re.IGNORECASE
        ),
        lambda m: f"{m[1]}{m[2]} to {m[3]}",
    ),
    # Houses, streets, postal codes
    (re.compile(r"\bHwy\.? (?=\d)"), lambda _: "Highway "),
    (
        re.compile(rf"\b([1-9]\d{{3}}) (?=(?:{_SIDE}\.? )?(?:{_NAMED})+{_ANY_STREET})"),
        lambda m: f"{year(int(m[1]))} ",
    ),
    (
        re.compile(rf"\b(\d+\w? |[a-z]+ ){_SIDE}\.? (?=(?:{_NAMED})+{_ANY_STREET})"),
        lambda m: f"{m[1]}{_SIDES[m[2]]} ",
    ),
    (
        re.compile(rf"(?<=\w ){_STREET}\.? {_SIDE}(?=[,.]|$)"),
        lambda m: f"{_STREETS[m[1]]} {_SIDES[m[2]]}",
    ),
    (
        re.compile(rf"\b(\d+\w? (?:{_NAMED})+|\d+(?:st|nd|rd|th) ){_STREET}{STOP}"),
        lambda m: m[1] + _STREETS[m[2]] + (m[3] or ""),
    ),
    (
        re.compile(rf"\b((?:{_NAMED})+){_STREET}(?:\.(?=,| [a-z])|(?=,|\.?$))"),
        lambda m: m[1] + _STREETS[m[2]],
    ),
    (
        re.compile(r"\b([A-Z]{2} )(\d{5}(?:-\d{4})?)\b(?!\s?\d)"),
        lambda m: m[1] + _groups(m[2]),
    ),
    (re.compile(r"\b[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}\b"), _postcode),
    # Roman numerals; 'I' is mostly the word.
    (re.compile(rf"\b((?:{_COUNTED}) )(?!I\b(?= [a-z])){ROMAN}\b"), _counted),
    (
        re.compile(rf"\b((?:{_RULERS}) )(?!I\b){ROMAN}\b"),
        lambda m: f"{m[1]}the {ordinal(value(m[2]), 'en')}",
    ),
)
