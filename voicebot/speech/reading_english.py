"""How English numbers, times, dates and money are said."""

from __future__ import annotations

import re
from typing import Final

from num2words import num2words

from voicebot.speech.numbers import cardinal, digits, ordinal

_MONTHS: Final = (
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
_MONEY: Final = {
    "$": ("dollar", "dollars", "cents"),
    "€": ("euro", "euros", "cents"),
    "£": ("pound", "pounds", "pence"),
    "₽": ("ruble", "rubles", "kopecks"),
}
SIGNS: Final = {
    "@": "at",
    ".": "dot",
    "-": "dash",
    "_": "underscore",
    "/": "slash",
    "+": "plus",
    ":": "colon",
    "?": "question mark",
    "=": "equals",
    "&": "and",
    "#": "hash",
    "%": "percent",
}


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match.group()
    if not minute and hour % 24 == 0:
        return "midnight"
    half = (match[3] or ("pm" if 12 <= hour < 24 else "am")).replace(".", "").lower()
    words = [cardinal(str(hour % 12 or 12), "en")]
    if 0 < minute < 10:
        words += ["oh", cardinal(str(minute), "en")]
    elif minute:
        words.append(cardinal(str(minute), "en"))
    return " ".join([*words, half])


def _date(match: re.Match[str]) -> str:
    year, month, day = map(int, match.groups())
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return match.group()
    return f"{_MONTHS[month - 1]} {ordinal(day, 'en')}, {_year(year)}"


def _year(year: int) -> str:
    return str(num2words(year, lang="en", to="year"))


def _money(match: re.Match[str]) -> str:
    one, many, cents = _MONEY[match[1]]
    amount = int(match[2].replace(",", ""))
    spoken = f"{cardinal(str(amount), 'en')} {one if amount == 1 else many}"
    if match[3] and int(match[3]):
        spoken += f" and {cardinal(str(int(match[3])), 'en')} {cents}"
    return spoken


RULES: Final = (
    (re.compile(r"\b24/7\b"), lambda _: "around the clock"),
    (re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"), _date),
    (re.compile(r"\b(\d{1,2}):(\d{2})(?:\s*([ap]\.?m\b\.?))?(?![:\d])", re.IGNORECASE), _time),
    (
        re.compile(r"(?i)\b(extension|ext\.?)\s+(\d+)"),
        lambda match: f"extension {digits(match[2], 'en')}",
    ),
    (re.compile(r"([$€£₽])\s?(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{2}))?(?!\w)"), _money),
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), lambda _: ""),
    (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda match: ordinal(int(match[1]), "en")),
    (re.compile(r"(?<=\d)\s?%"), lambda _: " percent"),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "number "),
    (re.compile(r"\b(in|since|until) ((?:19|20)\d{2})\b"), lambda m: f"{m[1]} {_year(int(m[2]))}"),
    (
        re.compile(r"(?<![\d-])(\d{1,3})\s?[-–—]\s?(\d{1,3})(?![\d-])"),
        lambda match: f"{match[1]} to {match[2]}",
    ),
    (re.compile(r"\s&\s"), lambda _: " and "),
)
