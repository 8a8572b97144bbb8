"""How English dates and years are said."""

from __future__ import annotations

import re
from typing import Final

from num2words import num2words

from voicebot.speech.english_days import A_MONTH, DAY, LONG, MONTHS
from voicebot.speech.numbers import cardinal, ordinal

# The full stop of a month stays where the sentence ends.
_MONTH: Final = rf"{A_MONTH}(?:\.(?!\s*(?:$|(?-i:[A-Z\n]))))?"
_ORDINAL: Final = "(?:st|nd|rd|th)?"
_DAY_OF_MONTH: Final = rf"(\d{{1,2}}){_ORDINAL}"
_YEAR: Final = r"((?:1[6-9]|20)\d{2})"
_CENTURY_TURNS: Final = 50
"""A year of two digits from this one on is of the last century."""
_COUNTED: Final = "people|guests|persons|of|days|hours|minutes|times|more|others"


def year(number: int) -> str:
    """Return a year as it is said: 'nineteen ninety-nine'."""
    return str(num2words(number, lang="en", to="year"))


def _year_of(told: str) -> str:
    number = int(told)
    if len(told) > 2:
        return year(number)
    return year(number + (1900 if number >= _CENTURY_TURNS else 2000))


def _decade(first: int) -> str:
    """Return the ten years from ``first`` on: 'nineteen nineties'."""
    said = year(first)
    return f"{said.removesuffix('y')}ies" if said.endswith("y") else f"{said}s"


def _date(day: int, month: int, year_said: str, written: str) -> str:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return written
    said = f"{MONTHS[month - 1]} {ordinal(day, 'en')}"
    return f"{said}, {year_said}" if year_said else said


def _named(match: re.Match[str], *, day: int, month: int) -> str:
    name = LONG[match[month][:3]]
    told = match[3]
    said = year(int(told)) if told else ""
    return _date(int(match[day]), MONTHS.index(name) + 1, said, match.group())


def _slashed(first: int, second: int, said: str, written: str) -> str:
    """Read a date with slashes; where nobody can know which is the day, just the numbers."""
    if first > 12 or first == second:
        return _date(first, second, said, written)
    if second > 12:
        return _date(second, first, said, written)
    numbers = f"{cardinal(str(first), 'en')}, {cardinal(str(second), 'en')}"
    return f"{numbers}, {said}" if said else numbers


def _days(match: re.Match[str], first: str, last: str, month: str) -> str:
    """Read several days of a month: 'May third to fifth'."""
    if not 0 < int(first) < int(last) <= 31:
        return match.group()
    said = f"{LONG[month[:3]]} {ordinal(int(first), 'en')} to {ordinal(int(last), 'en')}"
    return f"{said}, {year(int(match[4]))}" if match[4] else said


def _several(match: re.Match[str], month: str, days: str) -> str:
    """Read the days of a list: 'May third, fourth and sixth'."""
    numbers = [int(day) for day in re.findall(r"\d+", days)]
    if numbers != sorted(set(numbers)) or not 1 <= numbers[0] < numbers[-1] <= 31:
        return match.group()
    said = re.sub(rf"(\d+){_ORDINAL}", lambda day: ordinal(int(day[1]), "en"), days)
    return f"{LONG[month[:3]]} {said.replace('&', 'and')}"


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
        re.compile(
            rf"\b{_MONTH} (\d{{1,2}}{_ORDINAL}(?:, \d{{1,2}}{_ORDINAL})*,? (?:and|&|or) "
            rf"\d{{1,2}}{_ORDINAL})\b(?![\d:/%]|[.,]\d|\s?[ap]\.?m\b| (?:{_COUNTED})\b)"
        ),
        lambda m: _several(m, m[1], m[2]),
    ),
    (
        re.compile(
            rf"\b((?:\d{{1,2}}{_ORDINAL}(?:, | and | & | or ))+\d{{1,2}}{_ORDINAL}) "
            rf"(?:of )?{_MONTH}"
        ),
        lambda m: _several(m, m[2], m[1]),
    ),
    # From one month to another
    (
        re.compile(rf"(\d{_ORDINAL})\s?[-–—]\s?(?={_MONTH} \d)"),
        lambda m: f"{m[1]} to ",
    ),
    (
        re.compile(rf"\b(\d{{1,2}} {A_MONTH})\.?\s?[-–—]\s?(?=\d{{1,2}} {_MONTH})"),
        lambda m: f"{m[1]} to ",
    ),
    (
        re.compile(rf"(?<![\w-]){_YEAR}\s?[-–—]\s?{_YEAR}(?![\w-])"),
        lambda m: f"{year(int(m[1]))} to {year(int(m[2]))}",
    ),
    (
        re.compile(r"\b(\d{4})[-/](\d{2})[-/](\d{2})(?:\b|T(?=\d\d:))"),
        lambda m: (
            _date(int(m[3]), int(m[2]), year(int(m[1])), m.group())
            + (" at " if m.group().endswith("T") else "")
        ),
    ),
    (
        re.compile(rf"\b(?:(\d{{1,2}})\.(\d{{1,2}})\.{_YEAR}|(\d\d)\.(\d\d)\.(\d\d))\b(?!\.\d)"),
        lambda m: _date(int(m[1] or m[4]), int(m[2] or m[5]), _year_of(m[3] or m[6]), m.group()),
    ),
    (
        re.compile(
            rf"(?<![\w/])(\d{{1,2}})/(\d{{1,2}})/({_YEAR[1:-1]}|\d\d)(?![\w/])"
            rf"|(?<![\w-])(\d\d)-(\d\d)-{_YEAR}(?![\w-])"
        ),
        lambda m: _slashed(int(m[1] or m[4]), int(m[2] or m[5]), _year_of(m[3] or m[6]), m.group()),
    ),
    (
        re.compile(r"(?<![\w/])(\d\d/\d\d)\s?[-–—]\s?(?=\d\d/\d\d(?![\w/]))"),
        lambda m: f"{m[1]} to ",
    ),
    (
        re.compile(rf"\b((?:{DAY},?|[Oo]n) )(\d{{1,2}})/(\d{{1,2}})(?![\w/])"),
        lambda m: m[1] + _slashed(int(m[3]), int(m[4]), "", f"{m[3]}/{m[4]}"),
    ),
    # Without the year only what can be no fraction is a date; of some nobody knows which.
    (
        re.compile(r"(?<![\w/])(1[3-9]|2\d|3[01])/(0?[1-9]|1[0-2])(?![\w/])"),
        lambda m: _date(int(m[1]), int(m[2]), "", m.group()),
    ),
    (
        re.compile(
            r"\b(by|until|from|since|before|after|week of) (0?[1-9]|1[0-2])/(1[3-9]|2\d|3[01])\b"
            r"(?!/)"
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
    (re.compile(rf"\b{_MONTH} {_YEAR}\b"), lambda m: f"{LONG[m[1][:3]]} {year(int(m[2]))}"),
    # Years
    (re.compile(r"\bFY\s?(?:20)?(\d\d)\b"), lambda m: f"FY {_year_of(m[1])}"),
    (re.compile(rf"\b{_YEAR[:-1]})s\b"), lambda m: _decade(int(m[1]))),
    (
        re.compile(r"(?<![\w'’-])(?<!\bover )(?<!\bunder )(?:the )?['’]?([2-9]0)s\b"),
        lambda m: f"the {cardinal(m[1], 'en').removesuffix('y')}ies",
    ),
    (
        re.compile(
            rf"\b(in|since|until|year|[QH][1-4]|(?:by|from|of|to)(?= \d+(?:[,.;)]|$| to\b| on)))"
            rf" {_YEAR}\b(?! ?%|/\d)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} {year(int(m[2]))}",
    ),
    (
        re.compile(rf"(?<![\w/]){_YEAR}/(?:20)?(\d{{2}})(?![\w/])"),
        lambda m: (
            f"{year(int(m[1]))} {_year_of(m[2]) if '/20' in m.group() else cardinal(m[2], 'en')}"
        ),
    ),
)
