"""How Russian dates, days and times of day are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import cardinal, ordinal
from voicebot.speech.russian_forms import CASES, PREPOSITION, plural

_MONTHS: Final = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_SHORT_MONTHS: Final = {
    short: month for month in _MONTHS for short in (month[:3], month[:4]) if month != "мая"
}
_HOURS: Final = {
    "n": ("час", "часа", "часов"),
    "g": ("часа", "часов", "часов"),
    "d": ("часу", "часам", "часам"),
}
# Nominative, genitive, accusative and dative: 'с понедельника по пятницу'.
_DAYS: Final = {
    "пн": ("понедельник", "понедельника", "понедельник", "понедельнику"),
    "вт": ("вторник", "вторника", "вторник", "вторнику"),
    "ср": ("среда", "среды", "среду", "среде"),
    "чт": ("четверг", "четверга", "четверг", "четвергу"),
    "пт": ("пятница", "пятницы", "пятницу", "пятнице"),
    "сб": ("суббота", "субботы", "субботу", "субботе"),
    "вс": ("воскресенье", "воскресенья", "воскресенье", "воскресенью"),
}
_ANY_DAY: Final = rf"(?:{'|'.join(_DAYS)})"
_DAY: Final = rf"({_ANY_DAY})\.?"
_MONTH: Final = rf"({'|'.join(_MONTHS)})\b"
# The year after a date, or after 'в'.
_YEAR: Final = r"((?:19|20)\d{2})"
_G: Final = r"(?:\s?(?:года|г\.)(?!\w))?"
_OF_YEAR: Final = rf"(?: (?P<year>(?:19|20)\d{{2}}){_G})?"


def _time(match: re.Match[str]) -> str:
    preposition, hour, minute = match[1] or "", int(match[2]), int(match[3])
    if hour > 24 or minute > 59:
        return match.group()
    case = CASES.get(preposition.strip().lower(), "n")
    if case not in _HOURS:
        case = "n"
    words = [cardinal(str(hour), "ru", case=case)]
    if not minute:
        words.append(plural(hour, _HOURS[case]))
    elif minute < 10:
        words += ["ноль", cardinal(str(minute), "ru", case=case)]
    else:
        words.append(cardinal(str(minute), "ru", case=case))
    return preposition + " ".join(words)


def _date(match: re.Match[str], preposition: str, day: str, month: str, otherwise: str) -> str:
    """Read a day of a month: 'с первого мая', 'к первому мая', 'по первое мая'."""
    year = match["year"]
    number = int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1
    if not 1 <= number <= 12 or not 1 <= int(day) <= 31:
        return match.group()
    case = CASES.get(preposition.strip().lower(), otherwise)
    said = f"{preposition}{ordinal(int(day), 'ru', gender='n', case=case)} {_MONTHS[number - 1]}"
    return f"{said} {ordinal(int(year), 'ru', case='g')} года" if year else said


def _from_day_to_day(match: re.Match[str]) -> str:
    first, last = _DAYS[match[1].lower()], _DAYS[match[2].lower()]
    return f"{'со' if first[1].startswith('вт') else 'с'} {first[1]} по {last[2]}"


def _on_days(match: re.Match[str]) -> str:
    """Read days after a preposition: 'в субботу и воскресенье', 'до пятницы'."""
    preposition, days = match[1], match[2]
    form = "ngad".index(CASES.get(preposition.lower(), "a"))
    if days.lower().startswith("вт") and preposition.lower() in {"в", "с"}:
        preposition += "о"
    said = re.sub(_DAY, lambda day: _DAYS[day[1].lower()][form], days, flags=re.IGNORECASE)
    return f"{preposition} {said}{match[3] or ''}"


RULES: Final = (
    (
        re.compile(
            rf"(?<=\d )({'|'.join(sorted(_SHORT_MONTHS, key=len, reverse=True))})\.", re.IGNORECASE
        ),
        lambda m: _SHORT_MONTHS[m[1].lower()],
    ),
    (
        re.compile(rf"\b(\d{{1,2}})\s?[-–—]\s?(?=\d{{1,2}} {_MONTH})", re.IGNORECASE),
        lambda m: f"{'со' if m[1] == '2' else 'с'} {m[1]} по ",
    ),
    # '9.00-18.00' can only be times.
    (
        re.compile(r"\b(\d{1,2})\.([0-5]\d)\s?[-–—]\s?(\d{1,2})\.([0-5]\d)(?![.\d])"),
        lambda m: f"{m[1]}:{m[2]}-{m[3]}:{m[4]}",
    ),
    (
        re.compile(r"\b(?P<year>\d{4})-(\d{2})-(\d{2})\b"),
        lambda m: _date(m, "", m[3], m[2], "n"),
    ),
    (
        re.compile(
            rf"({PREPOSITION})?\b(\d{{1,2}})\.(\d{{2}})\.(?P<year>\d{{4}})\b{_G}", re.IGNORECASE
        ),
        lambda m: _date(m, m[1] or "", m[2], m[3], "n"),
    ),
    (
        re.compile(rf"\b(с|со|от) (\d{{1,2}})(?= (?:по|до) \d{{1,2}} {_MONTH})", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', gender='n', case='g')}",
    ),
    (
        re.compile(rf"({PREPOSITION})?\b(\d{{1,2}}) {_MONTH}{_OF_YEAR}", re.IGNORECASE),
        lambda m: _date(m, m[1] or "", m[2], m[3], "g"),
    ),
    (
        re.compile(rf"\b(в|о) {_YEAR}\s?(?:году|г\.)(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='p')} году",
    ),
    (
        re.compile(rf"\b{_YEAR}\s?(?:года|г\.)(?!\w)"),
        lambda m: f"{ordinal(int(m[1]), 'ru', case='g')} года",
    ),
    (re.compile(rf"\b(?:с )?{_DAY}\s?[-–—]\s?{_DAY}(?!\w)", re.IGNORECASE), _from_day_to_day),
    (
        re.compile(
            rf"\b(во?|{'|'.join(CASES)}) ((?:{_ANY_DAY}\.?(?:,| и) )*{_ANY_DAY})(?!\w){STOP}",
            re.IGNORECASE,
        ),
        _on_days,
    ),
    (
        re.compile(rf"\b({_ANY_DAY})(?!\w){STOP}", re.IGNORECASE),
        lambda m: _DAYS[m[1].lower()][0] + (m[2] or ""),
    ),
    # From one time of day to another.
    (
        re.compile(
            r"(?<![\d:])(?:\bс )?(\d{1,2}:\d{2})\s?[-–—]\s?(?=\d{1,2}:\d{2})", re.IGNORECASE
        ),
        lambda m: f"с {m[1]} до ",
    ),
    (re.compile(rf"({PREPOSITION})?\b(\d{{1,2}}):(\d{{2}})(?![:\d])", re.IGNORECASE), _time),
    (
        re.compile(
            r"\b((?:в|с|до|к|после)\s)(\d{1,2})\.([0-5]\d)(?![.\d]| раз|\s?%)", re.IGNORECASE
        ),
        _time,
    ),
)
