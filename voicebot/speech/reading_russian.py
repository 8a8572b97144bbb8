"""How Russian numbers, times, dates and money are said."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal, digits, ordinal

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
# One, two to four, five and more; then the same of the hundredth part.
_MONEY: Final = {
    "$": (("доллар", "доллара", "долларов"), ("цент", "цента", "центов"), "m"),
    "€": (("евро", "евро", "евро"), ("цент", "цента", "центов"), "m"),
    "£": (("фунт", "фунта", "фунтов"), ("пенс", "пенса", "пенсов"), "m"),
    "₽": (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек"), "f"),
}
# The case that a preposition asks of the time after it.
_CASES: Final = {"с": "g", "со": "g", "до": "g", "после": "g", "около": "g", "от": "g", "к": "d"}
_HOURS: Final = {
    "n": ("час", "часа", "часов"),
    "g": ("часа", "часов", "часов"),
    "d": ("часу", "часам", "часам"),
}
SIGNS: Final = {
    "@": "собака",
    ".": "точка",
    "-": "дефис",
    "_": "подчёркивание",
    "/": "слэш",
    "+": "плюс",
    ":": "двоеточие",
    "?": "вопросительный знак",
    "=": "равно",
    "&": "амперсанд",
    "#": "решётка",
    "%": "процент",
}


def plural(number: int, forms: tuple[str, str, str]) -> str:
    """Return the form of a noun that goes with ``number``: 1 час, 2 часа, 5 часов."""
    if number % 100 in range(11, 15):
        return forms[2]
    return forms[0] if number % 10 == 1 else forms[1] if number % 10 in (2, 3, 4) else forms[2]


def _time(match: re.Match[str]) -> str:
    preposition, hour, minute = match[1] or "", int(match[2]), int(match[3])
    if hour > 24 or minute > 59:
        return match.group()
    case = _CASES.get(preposition.strip().lower(), "n")
    words = [cardinal(str(hour), "ru", case=case)]
    if not minute:
        words.append(plural(hour, _HOURS[case]))
    elif minute < 10:
        words += ["ноль", cardinal(str(minute), "ru", case=case)]
    else:
        words.append(cardinal(str(minute), "ru", case=case))
    return preposition + " ".join(words)


def _date(day: int, month: int, year: int, written: str) -> str:
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return written
    spoken_day = ordinal(day, "ru", gender="n")
    return f"{spoken_day} {_MONTHS[month - 1]} {ordinal(year, 'ru', case='g')} года"


def _money(amount: str, cents: str | None, sign: str) -> str:
    units, parts, parts_gender = _MONEY[sign]
    whole = int(re.sub(r"\s", "", amount))
    spoken = f"{cardinal(str(whole), 'ru')} {plural(whole, units)}"
    if cents and int(cents):
        rest = cardinal(str(int(cents)), "ru", gender=parts_gender)
        spoken += f" {rest} {plural(int(cents), parts)}"
    return spoken


def _percent(match: re.Match[str]) -> str:
    number = match[1]
    forms = ("процент", "процента", "процентов")
    word = plural(int(number), forms) if number.isdigit() else "процента"
    return f"{cardinal(number, 'ru')} {word}"


_AMOUNT = r"(\d{1,3}(?:\s\d{3})+|\d+)(?:[.,](\d{2}))?"
RULES: Final = (
    (re.compile(r"\b24/7\b"), lambda _: "круглосуточно"),
    (
        re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b"),
        lambda match: _date(int(match[3]), int(match[2]), int(match[1]), match.group()),
    ),
    (
        re.compile(r"\b(\d{1,2})\.(\d{2})\.(\d{4})\b"),
        lambda match: _date(int(match[1]), int(match[2]), int(match[3]), match.group()),
    ),
    (
        re.compile(r"(?i)(\b(?:с|со|до|после|около|от|к)\s)?\b(\d{1,2}):(\d{2})(?![:\d])"),
        _time,
    ),
    (
        re.compile(r"(?i)\b(добавочн\w+|доб\.|внутренн\w+(?: номер\w*)?)\s+(\d+)"),
        lambda match: f"{match[1]} {digits(match[2], 'ru')}",
    ),
    (re.compile(rf"([$€£₽])\s?{_AMOUNT}"), lambda match: _money(match[2], match[3], match[1])),
    (re.compile(rf"\b{_AMOUNT}\s?([$€£₽])"), lambda match: _money(match[1], match[2], match[3])),
    (re.compile(r"\b(\d+(?:[.,]\d+)?)\s?%"), _percent),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "номер "),
    (re.compile(r"(?<=\b\d)\s(?=\d{3}\s?(?:руб|тыс))"), lambda _: ""),
    (
        re.compile(r"(?i)\b(от|до|около|более|менее|свыше) (\d+)(?![\d.,:]*\d|\w)"),
        lambda match: f"{match[1]} {cardinal(match[2], 'ru', case='g')}",
    ),
)
