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
_EVERY: Final = 4
"""'по вторникам': the form of a day after 'по' that is not the last of several."""
_HOURS: Final = {
    "n": ("час", "часа", "часов"),
    "g": ("часа", "часов", "часов"),
    "d": ("часу", "часам", "часам"),
}
# Nominative, genitive, accusative and dative, and the dative of many: 'с понедельника по пятницу'.
_DAYS: Final = {
    "пн": ("понедельник", "понедельника", "понедельник", "понедельнику", "понедельникам"),
    "вт": ("вторник", "вторника", "вторник", "вторнику", "вторникам"),
    "ср": ("среда", "среды", "среду", "среде", "средам"),
    "чт": ("четверг", "четверга", "четверг", "четвергу", "четвергам"),
    "пт": ("пятница", "пятницы", "пятницу", "пятнице", "пятницам"),
    "сб": ("суббота", "субботы", "субботу", "субботе", "субботам"),
    "вс": ("воскресенье", "воскресенья", "воскресенье", "воскресенью", "воскресеньям"),
}
_ANY_DAY: Final = rf"(?:{'|'.join(_DAYS)})"
_DAY: Final = rf"({_ANY_DAY})\.?"
_A_DAY: Final = rf"({_ANY_DAY})(?!\w)"
_MONTH: Final = rf"({'|'.join(_MONTHS)})\b"
# The year after a date, or after 'в'.
_YEAR: Final = r"((?:19|20)\d{2})"
# The year's abbreviation; its full stop stays where the sentence ends.
_Y: Final = r"(?:года|г(?:\.(?!\s*(?:$|(?-i:[А-ЯЁ]))))?)(?!\w)"
_G: Final = rf"(?:\s?{_Y})?"
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
    if int(day) == 2 and preposition.lower() == "с ":
        preposition = f"{preposition[0]}о "
    said = f"{preposition}{ordinal(int(day), 'ru', gender='n', case=case)} {_MONTHS[number - 1]}"
    return f"{said} {ordinal(int(year), 'ru', case='g')} года" if year else said


def _from_day_to_day(match: re.Match[str]) -> str:
    first, last = (_DAYS[day.lower()] for day in match.groups()[:4] if day)
    said = f"{'со' if first[1].startswith('вт') else 'с'} {first[1]} по {last[2]}"
    return said + (match[5] or "")


def _on_days(match: re.Match[str]) -> str:
    """Read days after a preposition: 'в субботу и воскресенье', 'до пятницы'."""
    preposition, days = match[1], match[2]
    form = "ngad".index(CASES.get(preposition.lower(), "a"))
    if preposition.lower() == "по":
        form = _EVERY
    if days.lower().startswith("вт") and preposition.lower() in {"в", "с"}:
        preposition += "о"
    said = re.sub(_DAY, lambda day: _DAYS[day[1].lower()][form], days, flags=re.IGNORECASE)
    return f"{preposition} {said}{match[3] or ''}"


def _years(match: re.Match[str]) -> str:
    """Read 'в 2024–2025 гг.' and '2024–2025 годы'."""
    case, noun = ("p", "годах") if match[1] else ("n", "годы")
    first, last = (ordinal(int(match[at]), "ru", case=case) for at in (2, 3))
    return f"{match[1] or ''}{first} – {last} {noun}{match[4] or ''}"


RULES: Final = (
    (
        re.compile(
            rf"(\bв )?\b{_YEAR}\s?[-–—]\s?{_YEAR}\s?(?:годах|годы|гг(?!\w){STOP})", re.IGNORECASE
        ),
        _years,
    ),
    # 'пт 9-17', 'ежедневно 10–20'
    (
        re.compile(
            rf"((?:{_ANY_DAY})\.?|ежедневно|будни|выходные):? (\d{{1,2}})\s?[-–—]\s?(\d{{1,2}})"
            r"(?=[,;)]|\.?\s*$)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]} с {m[2]} до {m[3]}",
    ),
    # Later than the 24th it is no time of day.
    (
        re.compile(
            rf"({PREPOSITION})?(?<![\w.,])(?P<year>)(2[5-9]|3[01])\.(0[1-9]|1[0-2])"
            r"(?=[,;)]|\.?\s*$|\.\s|\s[а-яё]{4,}|\s[сдвп]о? )",
            re.IGNORECASE,
        ),
        lambda m: _date(m, m[1] or "", m[3], m[4], "g"),
    ),
    # A day and a month before a time of day, or from one to another.
    (
        re.compile(
            r"(?<![\w.,])(?P<year>)(\d{1,2})\.(0[1-9]|1[0-2])(?= (?:в|с|до|к) \d{1,2}[:.]\d\d)"
        ),
        lambda m: _date(m, "", m[2], m[3], "g"),
    ),
    (
        re.compile(
            r"\b(с|по) (?P<year>)(\d{1,2})\.(0[1-9]|1[0-2])"
            r"(?= по \d{1,2}\.(?:0[1-9]|1[0-2])(?![.:\d])|(?<=по \d\d\.\d\d)(?![.:\d]))"
        ),
        lambda m: _date(m, f"{m[1]} ", m[3], m[4], "g"),
    ),
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
        re.compile(rf"\b(со?) {_YEAR} по {_YEAR} год\b", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='g')} по {ordinal(int(m[3]), 'ru')} год",
    ),
    (
        re.compile(rf"\b{_YEAR} год(у?)(?!\w)"),
        lambda m: f"{ordinal(int(m[1]), 'ru', case='d' if m[2] else 'n')} год{m[2]}",
    ),
    (
        re.compile(rf"\b{_YEAR}\s?{_Y}"),
        lambda m: f"{ordinal(int(m[1]), 'ru', case='g')} года",
    ),
    (
        re.compile(
            rf"\b(?:(?:с|по) )?{_DAY}\s?[-–—]\s?{_DAY}(?!\w)|\bсо? {_DAY} по {_A_DAY}{STOP}",
            re.IGNORECASE,
        ),
        _from_day_to_day,
    ),
    (
        re.compile(
            rf"\b(во?|кажд(?:ый|ую|ое)|{'|'.join(CASES)}) "
            rf"((?:{_ANY_DAY}\.?(?:,| и) )*{_ANY_DAY})(?!\w){STOP}",
            re.IGNORECASE,
        ),
        _on_days,
    ),
    (
        # 'Вт' is a watt, too.
        re.compile(rf"(?<!\d )(?<!\w)({_ANY_DAY})(?!\w){STOP}", re.IGNORECASE),
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
            r"\b((?:в|с|до|к|после)\s)(\d{1,2})\.([0-5]\d)(?!\.?\d| раз|\s?%)", re.IGNORECASE
        ),
        _time,
    ),
)
