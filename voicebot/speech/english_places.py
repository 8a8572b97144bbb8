"""How English addresses are said: houses, streets, rooms, postal codes."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.english_dates import year
from voicebot.speech.numbers import digits, groups

_STREETS: Final = {
    "St": "Street",
    "Rd": "Road",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Sq": "Square",
    "Ln": "Lane",
    "Pkwy": "Parkway",
    "Ct": "Court",
}
# 'Dr' is a drive only in an address with its house.
_HOUSED: Final = _STREETS | {"Dr": "Drive", "Pl": "Place"}
_STREET: Final = rf"({'|'.join(_STREETS)})\b"
_ANY_STREET: Final = rf"(?:{'|'.join((*_HOUSED, *_HOUSED.values(), 'Way'))})\b"
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
_NAMED: Final = r"(?:[A-Z][\w'’]+|\d+(?:st|nd|rd|th)) "
_ROOMS: Final = "room|suite|apartment|apt|flat|unit|box|gate|office"
# Written without their full stop, too.
_PARTS: Final = {
    "Apt": "apartment",
    "Bldg": "building",
    "Rm": "room",
    "Ste": "suite",
    "Hwy": "Highway",
}


def _postcode(match: re.Match[str]) -> str:
    """Read a British one letter by letter."""
    return ", ".join(
        re.sub(r"\d", lambda digit: digits(digit.group(), "en"), " ".join(half))
        for half in match.group().split()
    )


WORDS: Final = (
    (
        re.compile(rf"(?<=\w ){_STREET}\.? {_SIDE}(?=[,.]|$)"),
        lambda m: f"{_STREETS[m[1]]} {_SIDES[m[2]]}",
    ),
    (
        re.compile(rf"\b((?:{_NAMED})+){_STREET}(?:\.(?=,| [a-z])|(?=,|\.?$))"),
        lambda m: m[1] + _STREETS[m[2]],
    ),
    (re.compile(rf"(?<=[a-z] ){_SIDE}(?= of\b)"), lambda m: _SIDES[m[1]].lower()),
    # After another name it is a street.
    (re.compile(r"(^|\b[a-z][\w'’]*,? )St (?=[A-Z][a-z])"), lambda m: f"{m[1]}Saint "),
)
RULES: Final = (
    (re.compile(rf"\b({'|'.join(_PARTS)})\b\.? (?=#?\d)"), lambda m: f"{_PARTS[m[1]]} "),
    (re.compile(r"(?<=\d(?:st|nd|rd|th) )[Ff]l\b(?:\.(?!$))?"), lambda _: "floor"),
    (
        re.compile(rf"\b((?:{_ROOMS})\.? (?:number )?)(\d{{3,}})\b(?![.,:]?\d)", re.IGNORECASE),
        lambda m: m[1] + digits(m[2], "en"),
    ),
    (
        re.compile(rf"\b(\d+\w? |[a-z]+ ){_SIDE}\.? (?=(?:{_NAMED})+{_ANY_STREET})"),
        lambda m: f"{m[1]}{_SIDES[m[2]]} ",
    ),
    *WORDS,
    (
        re.compile(rf"\b(\d+\w? (?:{_NAMED})+|\d+(?:st|nd|rd|th) )({'|'.join(_HOUSED)})\b{STOP}"),
        lambda m: m[1] + _HOUSED[m[2]] + (m[3] or ""),
    ),
    (
        re.compile(rf"\b([1-9]\d{{3}}) (?=(?:{_SIDE}\.? )?(?:{_NAMED})+{_ANY_STREET})"),
        lambda m: f"{year(int(m[1]))} ",
    ),
    (
        re.compile(r"\b([A-Z]{2} )(\d{5}(?:-\d{4})?)\b(?!\s?\d)"),
        lambda m: m[1] + groups(m[2], "en"),
    ),
    (re.compile(r"\b[A-Z]{1,2}\d[\dA-Z]? \d[A-Z]{2}\b"), _postcode),
)
