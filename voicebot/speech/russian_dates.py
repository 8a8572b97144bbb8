"""How Russian dates and years are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import ordinal
from voicebot.speech.russian_days import ANY_DAY
from voicebot.speech.russian_forms import CASES, PREPOSITION

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
_MONTH_STEMS: Final = "январ|феврал|март|апрел|ма[йея]|июн|июл|август|сентябр|октябр|ноябр|декабр"
_MONTH: Final = rf"({'|'.join(_MONTHS)})\b"
# The year after a date, or after 'в'.
_YEAR: Final = r"((?:19|20)\d{2})"
_ANY_YEAR: Final = r"((?:1[0-9]|20)\d{2})"
# A month in digits that hardly is the minutes of a time, after which no unit comes.
_DATED: Final = (
    r"(\d{1,2})\.(0[1-46-9]|1[12])(?=[,;)]|\.?\s*$|\.\s| (?:и|в|с|до|по|к|включительно)\b)"
)
# The year's abbreviation; its full stop stays where the sentence ends.
_Y: Final = r"(?:года|г(?:\.(?!\s*(?:$|(?-i:[А-ЯЁ]))))?)(?!\w)"
_G: Final = rf"(?:\s?{_Y})?"
_OF_YEAR: Final = rf"(?: (?P<year>(?:19|20)\d{{2}}){_G})?"


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


def _years(match: re.Match[str]) -> str:
    """Read 'в 2024–2025 гг.' and '2024–2025 годы'."""
    case, noun = ("p", "годах") if match[1] else ("n", "годы")
    first, last = (ordinal(int(match[at]), "ru", case=case) for at in (2, 3))
    return f"{match[1] or ''}{first} – {last} {noun}{match[4] or ''}"


def _from_date_to_date(match: re.Match[str]) -> str:
    """Tell '31.12–08.01' from '9.10-10.05': minutes are mostly round."""
    (day, month), (last_day, last_month) = match.groups()[:2], match.groups()[2:]
    rounded = not int(month) % 5 and not int(last_month) % 5
    if rounded and month != last_month and int(day) < 25 and int(last_day) < 25:
        return match.group()
    return f"с {day}.{month} по {last_day}.{last_month}"


def _school_year(match: re.Match[str]) -> str:
    case = "p" if match[3].endswith("оду") or match[3] == "году" else "n"
    first, last = (ordinal(int(match[at]), "ru", case=case) for at in (1, 2))
    return f"{first} – {last} {match[3]}"


RULES: Final = (
    (
        re.compile(
            rf"(\bв )?\b{_YEAR}\s?[-–—]\s?{_YEAR}\s?(?:годах|годы|гг(?!\w){STOP})", re.IGNORECASE
        ),
        _years,
    ),
    (
        re.compile(rf"\b{_YEAR}\s?[-–—/]\s?{_YEAR} (учебн\w+ год\w*)", re.IGNORECASE),
        _school_year,
    ),
    (
        re.compile(
            r"(?<![\w.,])(\d{1,2})\.(0[1-9]|1[0-2])\s?[-–—]\s?(\d{1,2})\.(0[1-9]|1[0-2])(?![.\d])"
        ),
        _from_date_to_date,
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
    (
        re.compile(rf"\b({ANY_DAY}\.?,? )(?P<year>)(\d{{1,2}})\.(0[1-9]|1[0-2])(?![.:\d])"),
        lambda m: m[1] + _date(m, "", m[3], m[4], "g"),
    ),
    (
        re.compile(r"\b((?:с|до|по|на|от|к) )(?P<year>)(\d{1,2})\.(05)(?![.:\d]| до \d)"),
        lambda m: _date(m, m[1], m[3], m[4], "g"),
    ),
    (
        re.compile(rf"({PREPOSITION})?(?<![\w.,])(?P<year>){_DATED}", re.IGNORECASE),
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
    (
        re.compile(r"\b(\d\d\.\d\d\.\d{4})\s?[-–—]\s?(?=\d\d\.\d\d\.\d{4}\b)"),
        lambda m: f"с {m[1]} по ",
    ),
    (re.compile(r"\b([1-4]) кв\. (?=20\d\d\b)"), lambda m: f"{m[1]}-й квартал "),
    (
        re.compile(rf"\b((?:{_MONTH_STEMS})\w*|(?:лет|весн|осен|зим)\w+) {_YEAR}(?!\s?г|[\d:])"),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='g')} года",
    ),
    (
        re.compile(rf"\b([Вв]) {_YEAR}(?=[.,;!?)]|$| (?:мы|вы|он|она|они|я)\b)"),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='p')} году",
    ),
    (
        re.compile(rf"\b(квартал\w?) {_YEAR}(?!\s?г)", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='g')} года",
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
        re.compile(rf"\b(в|о) (?:{_YEAR}\s?г\.|{_ANY_YEAR} году)(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2] or m[3]), 'ru', case='p')} году",
    ),
    (
        re.compile(rf"\b(со?) {_YEAR} по {_YEAR} год\b", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='g')} по {ordinal(int(m[3]), 'ru')} год",
    ),
    (
        re.compile(rf"\b{_ANY_YEAR} год(у?)(?!\w)"),
        lambda m: f"{ordinal(int(m[1]), 'ru', case='d' if m[2] else 'n')} год{m[2]}",
    ),
    (
        re.compile(rf"\b{_YEAR}\s?{_Y}"),
        lambda m: f"{ordinal(int(m[1]), 'ru', case='g')} года",
    ),
)
