"""How Russian money and measures are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import MINUS, cardinal
from voicebot.speech.russian_forms import BEFORE, as_object, case_after, plural

_MONEY: Final = {
    "$": (("доллар", "доллара", "долларов"), ("цент", "цента", "центов"), "m"),
    "€": (("евро", "евро", "евро"), ("цент", "цента", "центов"), "m"),
    "£": (("фунт", "фунта", "фунтов"), ("пенс", "пенса", "пенсов"), "m"),
    "₽": (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек"), "f"),
}
_CODES: Final = {"USD": "$", "EUR": "€", "RUB": "₽"}
# Forms for one, two to four, five and more; the gender. In lower case, as they are looked up.
_UNITS: Final = {
    "км": (("километр", "километра", "километров"), "m"),
    "м": (("метр", "метра", "метров"), "m"),
    "см": (("сантиметр", "сантиметра", "сантиметров"), "m"),
    "мм": (("миллиметр", "миллиметра", "миллиметров"), "m"),
    "кг": (("килограмм", "килограмма", "килограммов"), "m"),
    "г": (("грамм", "грамма", "граммов"), "m"),
    "л": (("литр", "литра", "литров"), "m"),
    "мл": (("миллилитр", "миллилитра", "миллилитров"), "m"),
    "кв.м": (("квадратный метр", "квадратных метра", "квадратных метров"), "m"),
    "м³": (("кубический метр", "кубических метра", "кубических метров"), "m"),
    "га": (("гектар", "гектара", "гектаров"), "m"),
    "т": (("тонна", "тонны", "тонн"), "f"),
    "км/ч": (("километр в час", "километра в час", "километров в час"), "m"),
    "°c": (("градус", "градуса", "градусов"), "m"),
    # The same with the Cyrillic letter.
    "°с": (("градус", "градуса", "градусов"), "m"),
    "°": (("градус", "градуса", "градусов"), "m"),
    "ч": (("час", "часа", "часов"), "m"),
    "мин": (("минута", "минуты", "минут"), "f"),
    "сек": (("секунда", "секунды", "секунд"), "f"),
    "дн": (("день", "дня", "дней"), "m"),
    "нед": (("неделя", "недели", "недель"), "f"),
    "мес": (("месяц", "месяца", "месяцев"), "m"),
    "чел": (("человек", "человека", "человек"), "m"),
    "шт": (("штука", "штуки", "штук"), "f"),
    "руб": (("рубль", "рубля", "рублей"), "m"),
    "р": (("рубль", "рубля", "рублей"), "m"),
    "коп": (("копейка", "копейки", "копеек"), "f"),
    "долл": (("доллар", "доллара", "долларов"), "m"),
    "у.е": (("условная единица", "условные единицы", "условных единиц"), "f"),
    "тыс": (("тысяча", "тысячи", "тысяч"), "f"),
    "млн": (("миллион", "миллиона", "миллионов"), "m"),
    "млрд": (("миллиард", "миллиарда", "миллиардов"), "m"),
    "л.с": (("лошадиная сила", "лошадиные силы", "лошадиных сил"), "f"),
    "мб": (("мегабайт", "мегабайта", "мегабайт"), "m"),
    "гб": (("гигабайт", "гигабайта", "гигабайт"), "m"),
    "тб": (("терабайт", "терабайта", "терабайт"), "m"),
    "мбит/с": (("мегабит в секунду", "мегабита в секунду", "мегабит в секунду"), "m"),
    "гбит/с": (("гигабит в секунду", "гигабита в секунду", "гигабит в секунду"), "m"),
    "вт": (("ватт", "ватта", "ватт"), "m"),
    "квт": (("киловатт", "киловатта", "киловатт"), "m"),
    "квт·ч": (("киловатт-час", "киловатт-часа", "киловатт-часов"), "m"),
    "%": (("процент", "процента", "процентов"), "m"),
}
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_SCALES: Final = "тыс|млн|млрд"
_AMOUNT: Final = rf"(\d{{1,3}}(?:\s\d{{3}})+|\d+)(?:[.,](\d{{1,2}})(?!\d|\s?(?:{_SCALES})))?"
_HALF_MORE: Final = {"m": "полтора", "f": "полторы"}
# What follows a stroke: '350 р./час', '100 руб./чел.'
_PER: Final = {
    **dict.fromkeys(("мес", "месяц"), "в месяц"),
    **dict.fromkeys(("час", "ч"), "в час"),
    **dict.fromkeys(("день", "дн"), "в день"),
    **dict.fromkeys(("сутки", "сут"), "в сутки"),
    **dict.fromkeys(("неделю", "нед"), "в неделю"),
    **dict.fromkeys(("минуту", "мин"), "в минуту"),
    **dict.fromkeys(("чел", "человек", "человека"), "с человека"),
    **dict.fromkeys(("м²", "кв. м", "кв.м"), "за квадратный метр"),
    "год": "в год",
    "ночь": "за ночь",
    "шт": "за штуку",
    "кг": "за килограмм",
    "км": "за километр",
}
_PERS: Final = "|".join(sorted(map(re.escape, _PER), key=len, reverse=True))
# The accusative of one: 'через одну минуту'.
_OBJECT: Final = {"а": "у", "я": "ю"}
_AWAY: Final = {"км": "километр", "м": "метр", "мин": "минут"}
_COMPARED: Final = {
    "<": "менее",
    ">": "более",
    "≤": "не более",
    "≥": "не менее",
    "~": "около",
    "≈": "около",
    "±": "плюс-минус",
}


def _money(match: re.Match[str], amount: str, cents: str | None, sign: str) -> str:
    """Read an amount: 'пять рублей', 'от пяти рублей'."""
    preposition = match[1] or ""
    units, parts, parts_gender = _MONEY[sign]
    whole = int(re.sub(r"\s", "", amount))
    spoken = f"{preposition}{_counted(whole, units, 'm', preposition)}"
    rest = int((cents or "0").ljust(2, "0"))
    return f"{spoken} {_counted(rest, parts, parts_gender, preposition)}" if rest else spoken


def _counted(
    value: int, forms: tuple[str, str, str], gender: str, preposition: str, more: str = ""
) -> str:
    """Return the number, what is ``more`` of it, and the form of the noun."""
    if case_after(preposition) == "g":
        one = value % 10 == 1 and value % 100 != 11
        said = cardinal(str(value), "ru", case="g", gender=gender)
        return f"{said}{more} {forms[1] if one else forms[2]}"
    said = as_object(f"{cardinal(str(value), 'ru', gender=gender)} ", preposition).strip()
    noun = plural(value, forms)
    if case_after(preposition) == "a" and gender == "f" and noun == forms[0]:
        noun = re.sub(r"[ая]\b", lambda end: _OBJECT[end.group()], noun.replace("ая ", "ую "))
    return f"{said}{more} {noun}"


def _measure(match: re.Match[str]) -> str:
    """Read a measure. A full stop is the abbreviation's, unless the sentence ends there."""
    preposition, number, stop = match[1] or "", match[2].replace(",", "."), match[4] or ""
    forms, gender = _UNITS[match[3].lower()]
    whole, _, rest = number.partition(".")
    if number == "1.5":
        said = f"{_HALF_MORE[gender]} {forms[1]}"
    elif not rest:
        said = _counted(int(whole), forms, gender, preposition)
    elif rest == "5" and whole[-1] not in "01":
        said = _counted(int(whole), forms, gender, preposition, " с половиной")
    else:
        said = f"{cardinal(number, 'ru')} {forms[1]}"
    return f"{preposition}{said}{stop}"


def _with_half(match: re.Match[str]) -> str:
    """Read a number beside a noun, whose form tells whether 'с половиной' was meant."""
    several = match[2].endswith(("а", "я", "ы", "и"))
    if match[1] == "0" or (several and int(match[1]) > 4):
        return match.group()
    gender = "f" if match[2].endswith(("ы", "и")) else "m"
    return f"{cardinal(match[1], 'ru', gender=gender)} с половиной"


def _scaled(match: re.Match[str]) -> str:
    """Write '$3,5 млн' as it is said: '3,5 млн долларов'."""
    return f"{match[2]} {match[3]} {_MONEY[match[1]][0][2]}{match[4] or ''}"


def _away(match: re.Match[str]) -> str:
    """Read how far something is: 'в трёх километрах'."""
    if match[1] in {"1,5", "1.5"}:
        number = "полутора"
    else:
        gender = "f" if match[2].lower() == "мин" else "m"
        number = cardinal(match[1], "ru", case="p", gender=gender)
    one = re.search(r"(?<!1)1$", match[1]) is not None
    return f"в {number} {_AWAY[match[2].lower()]}{'е' if one else 'ах'}"


def _joined(match: re.Match[str]) -> str:
    """Join the groups of a number. From a million on it is read: a phone's has as many."""
    number = re.sub(r"\s", "", match.group())
    return number if len(number) <= 6 else cardinal(number, "ru")


RULES: Final = (
    (
        re.compile(rf"(?<=[\w.₽$€])(?<!км)(?<!бит)\s?/\s?({_PERS})(?!\w){STOP}", re.IGNORECASE),
        lambda m: f" {_PER[m[1].lower()]}{m[2] or ''}",
    ),
    (re.compile(r"(?<=в )мес\.(?=\s|$)"), lambda _: "месяц"),
    (re.compile(r"(?<=\d)\s?(?:кв\.\s?м\b\.?|м²)"), lambda _: " кв.м"),
    (re.compile(r"(?<=\d)\s?куб\.\s?м\b"), lambda _: " м³"),
    (re.compile(r"(?<=\d)\s?л\.\s?с\b"), lambda _: " л.с"),
    (re.compile(r"(?<=\d)\s?у\.\s?е\b"), lambda _: " у.е"),
    (re.compile(r"(?<=\d)\s?[xх×]\s?(?=\d)"), lambda _: " на "),
    (re.compile(r"(?<=\d)\+(?!\s?\d)|\s\+(?=\s)"), lambda _: " плюс"),
    (re.compile(r"(?<=[\d°])\s?(?:\.{2,3}|…)\s?(?=[-+−]?\d)"), lambda _: ", "),
    (
        re.compile(r"(?<![\w)])\+\s?(?=\d{1,3}(?:\s?(?:°|градус|%)|, [-+−]?\d))"),
        lambda _: "плюс ",
    ),
    (re.compile(r"\b(USD|EUR|RUB) ?(?=\d)"), lambda m: _CODES[m[1]]),
    (re.compile(r"(\d) ?(USD|EUR|RUB)\b"), lambda m: m[1] + _CODES[m[2]]),
    (re.compile(r"долл\.(?= США)"), lambda _: "долл"),
    (
        re.compile(rf"([{''.join(_COMPARED)}])\s?(?=[$€£]?\d)"),
        lambda m: f"{_COMPARED[m[1]]} ",
    ),
    (re.compile(r"(\d)\s?%\s?[-–—]\s?(?=\d+\s?%)"), lambda m: f"{m[1]}-"),
    (re.compile(r"(?<![\w.,-])(\d{1,3})\s?[–—]\s?(?=\d{1,3}\s?%)"), lambda m: f"{m[1]}-"),
    (re.compile(rf"{MINUS}(?=[$€£₽]?\d)"), lambda _: "минус "),
    (re.compile(rf"([$€£₽])\s?(\d+(?:[.,]\d+)?)\s?({_SCALES})\b{STOP}"), _scaled),
    (
        re.compile(rf"({_SCALES})\b\.?\s?([$€£₽])"),
        lambda m: f"{m[1]} {_MONEY[m[2]][0][2]}",
    ),
    (re.compile(rf"({BEFORE})?([$€£₽])\s?{_AMOUNT}"), lambda m: _money(m, m[3], m[4], m[2])),
    (re.compile(rf"({BEFORE})?\b{_AMOUNT}\s?([$€£₽])"), lambda m: _money(m, m[2], m[3], m[4])),
    (
        re.compile(
            rf"({BEFORE})?\b(\d{{1,3}}(?:\s\d{{3}})+|\d+)[.,](\d{{2}})\s?руб(?:\.(?!\s*$)|\b)"
        ),
        lambda m: _money(m, m[2], m[3], "₽"),
    ),
    (
        re.compile(r"(?<![\d+]\s)(?<!\d)\b\d{1,3}(?:\s\d{3})+(?=\s?[а-яё])", re.IGNORECASE),
        _joined,
    ),
    # Without groups it is a phone's number, unless it is told what is counted.
    (
        re.compile(
            r"(?<![\w.,+-])[1-9]\d{6,8}"
            r"(?= (?:рубл|доллар|евро\b|человек|людей|штук|тонн|метр|клиент|раз\b))"
        ),
        lambda m: cardinal(m.group(), "ru"),
    ),
    # At the end of a sentence what begins as a phone number does is one.
    (
        re.compile(
            r"(?<![\d+]\s)(?<!\d)\b(?!8 )\d{1,3}(?:\s\d{3}){1,2}(?=[.,;)]?(?:\s|$))(?! ?\d)"
        ),
        _joined,
    ),
    (re.compile(r"\bв 1[.,]5 (?=\w+ах\b)"), lambda _: "в полутора "),
    (
        re.compile(
            r"\bв (\d+(?:[.,]5)?)\s?(км|мин|м)\b\.?(?= (?:от|ходьбы|езды|пешком|до|к)\b)",
            re.IGNORECASE,
        ),
        _away,
    ),
    (
        re.compile(
            rf"({BEFORE})?(?<![\w.,])(\d+(?:[.,]\d+)?)\s?({_UNIT})(?![\w/]|-н){STOP}",
            re.IGNORECASE,
        ),
        _measure,
    ),
    (
        re.compile(r"(?<![\w.,])1[.,]5(?= (\w+))"),
        lambda m: _HALF_MORE["f" if m[1].endswith(("ы", "и")) else "m"],
    ),
    # 'три с половиной метра', 'десять с половиной часов'
    (
        re.compile(r"(?<![\w.,])([2-4]|\d*[05-9])[.,]5(?= ([а-яё]+))", re.IGNORECASE),
        _with_half,
    ),
)
