"""How English times of day are said."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import cardinal, digits

_EARLIEST_WORK: Final = 6
_HALF: Final = r"([ap]\.?m)\b"
_NOT_ON_A_DIAL: Final = re.compile(r"(?<![\d:])(?:0\d?|1[3-9]|2[0-4]):[0-5]\d(?![:\d])")
"""A time that tells that there are 24 hours here."""


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match.group()
    half = match[3].replace(".", "").lower()
    if not minute and not half and hour % 12 == 0:
        return "noon" if hour == 12 else "midnight"
    if not half and _NOT_ON_A_DIAL.search(match.string):
        half = _half_of(match[1])
    words = [cardinal(str(hour % 12 or 12), "en")]
    if not half and not minute:
        words.append("o'clock")
    elif 0 < minute < 10:
        words += ["oh", cardinal(str(minute), "en")]
    elif minute:
        words.append(cardinal(str(minute), "en"))
    return " ".join([*words, half]).strip()


def _first_time(match: re.Match[str]) -> str:
    """Read '7:30-' before '9:00 pm': 'seven thirty to'. What is later than that is before noon."""
    if int(match[1]) > int(match[4]):
        return match.group()
    minute = int(match[2])
    words = [cardinal(match[1], "en")]
    words += ["oh"] if 0 < minute < 10 else []
    words += [cardinal(str(minute), "en")] if minute else []
    joint = match[3].strip()
    return " ".join([*words, joint if joint.isalpha() else "to", ""])


def _half_of(hour: str) -> str:
    """Return the half of the day; of a plain 'three' nobody knows which is meant."""
    if len(hour) == 1 and 1 <= int(hour) <= _EARLIEST_WORK:
        return ""
    return "pm" if 12 <= int(hour) < 24 else "am"


def _half_told(match: re.Match[str]) -> str:
    """Read a time with its half of the day. A full stop is that's, unless the sentence ends."""
    return _time(match) + (match[4] or "")


def _military(match: re.Match[str]) -> str:
    hour = match[1]
    return f"{digits(hour, 'en') if hour[0] == '0' else cardinal(hour, 'en')} hundred hours"


RULES: Final = (
    (re.compile(r"\b12(?::00)? (?=noon\b|midnight\b)"), lambda _: "twelve "),
    (re.compile(r"(?<=\bat |\bby )([01]\d|2[0-3])00 hours\b"), _military),
    (
        re.compile(r"\b(UTC|GMT)\s?([-+−])(?=\d)"),
        lambda m: f"{m[1]} {'plus' if m[2] == '+' else 'minus'} ",
    ),
    (
        re.compile(r"(?<![\w@])@\s?(?=\d{1,2}(?::\d\d)?\s?[ap]\.?m\b)", re.IGNORECASE),
        lambda _: "at ",
    ),
    # From one time of day to another. The afternoon is told once: '7:00-9:00 pm'.
    (
        re.compile(
            r"\b(1[01]|[1-9]):([0-5]\d)(\s?[-–—]\s?| to | and | or )"
            r"(?=(1[01]|[1-9])(?::\d\d)?\s?p\.?m\b)",
            re.IGNORECASE,
        ),
        _first_time,
    ),
    (
        re.compile(
            rf"\b(noon|midnight|\d{{1,2}})\s?[-–—]\s?(?=\d{{1,2}}\s?{_HALF})", re.IGNORECASE
        ),
        lambda m: f"{m[1]} to ",
    ),
    (re.compile(r"(?<=between )(\d{1,2}:\d\d)\s?[-–—]\s?(?=\d)"), lambda m: f"{m[1]} and "),
    (
        re.compile(
            rf"(\d:\d\d(?:\s*{_HALF}\.?)?|\d\s*{_HALF}\.?)\s*[-–—]\s*(?=\d|noon|midnight)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} to ",
    ),
    (
        re.compile(rf"\b(\d{{1,2}})[:.](\d{{2}})\s*{_HALF}{STOP}(?![:\d])", re.IGNORECASE),
        _half_told,
    ),
    (re.compile(r"\b(\d{1,2}):(\d{2})()(?![:\d])"), _time),
    (
        re.compile(rf"\b(\d{{1,2}})\s?(?={_HALF})", re.IGNORECASE),
        lambda m: f"{cardinal(m[1], 'en')} ",
    ),
    (re.compile(r"(?<=\bat )(\d{1,2})\.([0-5]\d)()(?![.\d]|\s?%)", re.IGNORECASE), _time),
    (re.compile(r"\b(\d{1,2})-?ish\b"), lambda m: f"{cardinal(m[1], 'en')}-ish"),
)
