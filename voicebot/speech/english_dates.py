"""How English dates, days and times of day are said."""

from __future__ import annotations

import re
from typing import Final

from num2words import num2words

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import cardinal, ordinal

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
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT: Final = {name[:3]: name for name in (*_MONTHS, *_DAYS)} | {
    "Sept": "September",
    "Tues": "Tuesday",
    "Thur": "Thursday",
    "Thurs": "Thursday",
}
_DAYS_SHORT: Final = ("Thurs", "Thur", "Tues", *(name[:3] for name in _DAYS))
_A_MONTH: Final = rf"({'|'.join((*_MONTHS, *(name[:3] for name in _MONTHS), 'Sept'))})\b"
# The full stop of a month stays where the sentence ends.
_MONTH: Final = rf"{_A_MONTH}(?:\.(?!\s*(?:$|(?-i:[A-Z\n]))))?"
_A_DAY: Final = rf"({'|'.join((*_DAYS, *_DAYS_SHORT))})\b"
_DAY: Final = rf"{_A_DAY}\.?"
_DAY_OF_MONTH: Final = r"(\d{1,2})(?:st|nd|rd|th)?"
_EARLIEST_WORK: Final = 6
_YEAR: Final = r"((?:19|20)\d{2})"
_HALF: Final = r"([ap]\.?m)\b"


def year(number: int) -> str:
    """Return a year as it is said: 'nineteen ninety-nine'."""
    return str(num2words(number, lang="en", to="year"))


def _decade(first: int) -> str:
    """Return the ten years from ``first`` on: 'nineteen nineties'."""
    said = year(first)
    return f"{said.removesuffix('y')}ies" if said.endswith("y") else f"{said}s"


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if hour > 24 or minute > 59:
        return match.group()
    if not minute and hour % 24 == 0:
        return "midnight"
    half = match[3].replace(".", "").lower() or _half_of(match[1])
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


def _date(day: int, month: int, year_said: str, written: str) -> str:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return written
    said = f"{_MONTHS[month - 1]} {ordinal(day, 'en')}"
    return f"{said}, {year_said}" if year_said else said


def _named(match: re.Match[str], *, day: int, month: int) -> str:
    name = _SHORT[match[month][:3]]
    told = match[3]
    said = year(int(told)) if told else ""
    return _date(int(match[day]), _MONTHS.index(name) + 1, said, match.group())


def _slashed(match: re.Match[str]) -> str:
    """Read a date with slashes; where nobody can know which is the day, just the numbers."""
    first, second, said = int(match[1]), int(match[2]), year(int(match[3]))
    if first > 12:
        return _date(first, second, said, match.group())
    if second > 12:
        return _date(second, first, said, match.group())
    return f"{cardinal(str(first), 'en')}, {cardinal(str(second), 'en')}, {said}"


def _days(match: re.Match[str], first: str, last: str, month: str) -> str:
    """Read several days of a month: 'May third to fifth'."""
    if not 0 < int(first) < int(last) <= 31:
        return match.group()
    said = f"{_SHORT[month[:3]]} {ordinal(int(first), 'en')} to {ordinal(int(last), 'en')}"
    return f"{said}, {year(int(match[4]))}" if match[4] else said


def _long_days(match: re.Match[str]) -> str:
    """Read the days of a list: 'Monday, Wednesday and Friday'."""
    return re.sub(_DAY, lambda day: _SHORT[day[1][:3]], match[1]) + (match[4] or "")


RULES: Final = (
    (
        re.compile(
            rf"\b{_DAY_OF_MONTH}\s?[-–—]\s?{_DAY_OF_MONTH} (?:of )?{_MONTH}(?:,? {_YEAR}\b)?"
        ),
        lambda m: _days(m, m[1], m[2], m[3]),
    ),
    (
        re.compile(
            rf"\b{_MONTH} {_DAY_OF_MONTH}\s?[-–—]\s?{_DAY_OF_MONTH}\b(?:,? {_YEAR}\b)?"
            r"(?![\d:]|[.,]\d)"
        ),
        lambda m: _days(m, m[2], m[3], m[1]),
    ),
    (
        re.compile(rf"(?<![\w-]){_YEAR}\s?[-–—]\s?{_YEAR}(?![\w-])"),
        lambda m: f"{year(int(m[1]))} to {year(int(m[2]))}",
    ),
    (
        re.compile(r"\b(\d{4})[-/](\d{2})[-/](\d{2})\b"),
        lambda m: _date(int(m[3]), int(m[2]), year(int(m[1])), m.group()),
    ),
    (
        re.compile(rf"\b(\d{{1,2}})\.(\d{{1,2}})\.{_YEAR}\b"),
        lambda m: _date(int(m[1]), int(m[2]), year(int(m[3])), m.group()),
    ),
    (re.compile(rf"\b(\d{{1,2}})/(\d{{1,2}})/{_YEAR}\b"), _slashed),
    (
        re.compile(r"(?<![\w/])(\d\d/\d\d)\s?[-–—]\s?(?=\d\d/\d\d(?![\w/]))"),
        lambda m: f"{m[1]} to ",
    ),
    # Without the year only what can be no fraction is a date; of some nobody knows which.
    (
        re.compile(r"(?<![\w/])(1[3-9]|2\d|3[01])/(0?[1-9]|1[0-2])(?![\w/])"),
        lambda m: _date(int(m[1]), int(m[2]), "", m.group()),
    ),
    (
        re.compile(
            r"\b(on|by|until|from|since|before|after) (0?[1-9]|1[0-2])/(1[3-9]|2\d|3[01])\b(?!/)"
        ),
        lambda m: f"{m[1]} {_date(int(m[3]), int(m[2]), '', m.group())}",
    ),
    (
        re.compile(r"(?<![\w/])0(\d)/(\d{2})(?![\w/])"),
        lambda m: f"{cardinal(m[1], 'en')}, {cardinal(m[2].lstrip('0') or '0', 'en')}",
    ),
    (
        re.compile(rf"\b{_DAY_OF_MONTH} {_MONTH}(?:,? {_YEAR}\b)?(?! ?\d)"),
        lambda m: _named(m, day=1, month=2),
    ),
    (
        # 'In May 5 people came.' is not about the fifth.
        re.compile(rf"(?<!\b[Ii]n )\b{_MONTH} {_DAY_OF_MONTH}\b(?:,? {_YEAR}\b)?(?![:\d]|[.,]\d)"),
        lambda m: _named(m, day=2, month=1),
    ),
    (re.compile(rf"\b{_MONTH} {_YEAR}\b"), lambda m: f"{_SHORT[m[1][:3]]} {year(int(m[2]))}"),
    *(
        (
            re.compile(rf"\b{name}\.?\s?[-–—]\s?{name}{STOP}"),
            lambda m: f"{_SHORT[m[1][:3]]} to {_SHORT[m[2][:3]]}{m[3] or ''}",
        )
        for name in (_A_DAY, _A_MONTH)
    ),
    (re.compile(r"\bM\s?[-–]\s?F\b"), lambda _: "Monday to Friday"),
    (
        re.compile(rf"\b{_DAY}/{_A_DAY}{STOP}"),
        lambda m: f"{_SHORT[m[1][:3]]} and {_SHORT[m[2][:3]]}{m[3] or ''}",
    ),
    (re.compile(rf"\b((?:{_DAY}(?:,|,? and| &) )+{_A_DAY}){STOP}"), _long_days),
    (
        re.compile(rf"(?<=\d(?:st|nd|rd|th) ){_A_DAY}{STOP}"),
        lambda m: _SHORT[m[1][:3]] + (m[2] or ""),
    ),
    (re.compile(rf"\b{_DAY}(?=,? (?:\d|(?:{'|'.join(_MONTHS)})))"), lambda m: _SHORT[m[1][:3]]),
    (
        re.compile(rf"(?<=[a-z,] )({'|'.join(_DAYS_SHORT)})\.(?=(,?\s[a-z(])?)"),
        lambda m: _SHORT[m[1][:3]] + ("" if m[2] else "."),
    ),
    (re.compile(rf"\b{_YEAR[:-1]})s\b"), lambda m: _decade(int(m[1]))),
    (
        re.compile(r"(?<![\w'’])(?:the )?['’]?([2-9]0)s\b"),
        lambda m: f"the {cardinal(m[1], 'en').removesuffix('y')}ies",
    ),
    (
        re.compile(
            rf"\b(in|since|until|year|Q[1-4]|(?:by|from|of|to)(?= \d+(?:[,.;)]|$| to\b| on)))"
            rf" {_YEAR}\b(?! ?%|/\d)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} {year(int(m[2]))}",
    ),
    (
        re.compile(rf"(?<![\w/]){_YEAR}/(\d{{2}})(?![\w/])"),
        lambda m: f"{year(int(m[1]))} {cardinal(m[2], 'en')}",
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
)
