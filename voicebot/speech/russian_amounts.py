"""How Russian amounts are said: money, measures, ordinals, and numbers beside their nouns."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import MINUS, cardinal, digits, ordinal
from voicebot.speech.russian_forms import CASES, PREPOSITION, plural

_MONEY: Final = {
    "$": (("доллар", "доллара", "долларов"), ("цент", "цента", "центов"), "m"),
    "€": (("евро", "евро", "евро"), ("цент", "цента", "центов"), "m"),
    "£": (("фунт", "фунта", "фунтов"), ("пенс", "пенса", "пенсов"), "m"),
    "₽": (("рубль", "рубля", "рублей"), ("копейка", "копейки", "копеек"), "f"),
}
# Forms for one, two to four, five and more; the gender.
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
    "т": (("тонна", "тонны", "тонн"), "f"),
    "км/ч": (("километр в час", "километра в час", "километров в час"), "m"),
    "°C": (("градус", "градуса", "градусов"), "m"),
    "°": (("градус", "градуса", "градусов"), "m"),
    "ч": (("час", "часа", "часов"), "m"),
    "мин": (("минута", "минуты", "минут"), "f"),
    "сек": (("секунда", "секунды", "секунд"), "f"),
    "руб": (("рубль", "рубля", "рублей"), "m"),
    "р": (("рубль", "рубля", "рублей"), "m"),
    "коп": (("копейка", "копейки", "копеек"), "f"),
    "тыс": (("тысяча", "тысячи", "тысяч"), "f"),
    "млн": (("миллион", "миллиона", "миллионов"), "m"),
    "млрд": (("миллиард", "миллиарда", "миллиардов"), "m"),
    "л.с": (("лошадиная сила", "лошадиные силы", "лошадиных сил"), "f"),
    "%": (("процент", "процента", "процентов"), "m"),
}
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
# The ending that is written after a number: case and gender of the ordinal.
_ENDINGS: Final = {
    **dict.fromkeys(("й", "ый", "ий"), ("n", "m")),
    **dict.fromkeys(("я", "ая"), ("n", "f")),
    **dict.fromkeys(("е", "ое"), ("n", "n")),
    **dict.fromkeys(("го", "ого"), ("g", "m")),
    **dict.fromkeys(("му", "ому"), ("d", "m")),
    **dict.fromkeys(("м", "ом"), ("p", "m")),
    **dict.fromkeys(("ю", "ую"), ("a", "f")),
    "ой": ("g", "f"),
}
_ENDING: Final = "|".join(sorted(_ENDINGS, key=len, reverse=True))
# What is told by its number, and its gender.
_COUNTED: Final = {"этаже": "m", "подъезде": "m", "корпусе": "m", "окне": "n", "линии": "f"}
_NAMES: Final = r"заказа?|номер\w*|код\w*|пин-код\w*|заявк\w|счёт\w*|договор\w*"
_AMOUNT: Final = r"(\d{1,3}(?:\s\d{3})+|\d+)(?:[.,](\d{1,2})(?!\d|\s?(?:тыс|млн|млрд)))?"
# What ends like a counted noun and is none.
_NO_NOUNS: Final = frozenset({"и", "или", "мы", "вы", "они", "эти", "при", "ни"})
# What ends like a feminine noun and is none.
_MASCULINE: Final = frozenset({"мужчины", "юноши", "дедушки", "дяди", "папы", "судьи", "коллеги"})
_BEFORE: Final = rf"{PREPOSITION}(?:минус )?"
_HALF_MORE: Final = {"m": "полтора", "f": "полторы"}


def _money(amount: str, cents: str | None, sign: str) -> str:
    units, parts, parts_gender = _MONEY[sign]
    whole = int(re.sub(r"\s", "", amount))
    spoken = f"{cardinal(str(whole), 'ru')} {plural(whole, units)}"
    rest = int((cents or "0").ljust(2, "0"))
    if rest:
        spoken += f" {cardinal(str(rest), 'ru', gender=parts_gender)} {plural(rest, parts)}"
    return spoken


def _case(preposition: str) -> str:
    """Return which case ``preposition`` asks for; 'минус' may follow it."""
    return CASES.get(preposition.lower().removesuffix("минус ").strip(), "n")


def _measure(match: re.Match[str]) -> str:
    """Read a measure. A full stop is the abbreviation's, unless the sentence ends there."""
    preposition, number, stop = match[1] or "", match[2], match[4] or ""
    forms, gender = _UNITS[match[3]]
    if not number.isdigit():
        half = _HALF_MORE[gender] if number in {"1,5", "1.5"} else cardinal(number, "ru")
        return f"{preposition}{half} {forms[1]}{stop}"
    value = int(number)
    if _case(preposition) == "g":
        one = value % 10 == 1 and value % 100 != 11
        said = cardinal(number, "ru", case="g", gender=gender)
        return f"{preposition}{said} {forms[1] if one else forms[2]}{stop}"
    said = cardinal(number, "ru", gender=gender)
    return f"{preposition}{said} {plural(value, forms)}{stop}"


def _beside_a_noun(match: re.Match[str]) -> str:
    """Read a number in the case that the preposition asks for, and in its noun's gender."""
    preposition, number, noun = match[1] or "", match[2], (match[3] or "").strip().lower()
    case = _case(preposition)
    if case == "g" and preposition.strip().lower() in {"с", "со"} and noun.endswith("ми"):
        case = "i"
    gender = "m"
    noun = "" if noun in _NO_NOUNS | _MASCULINE else noun
    if preposition.lower().strip() == "по" and noun and _ends_in(number, 1):
        # Of one each; more are in the accusative.
        gender = "f" if noun.endswith(("е", "и")) else "m"
        return f"{preposition}{cardinal(number, 'ru', case='d', gender=gender)}"
    if noun.endswith(("ы", "и", "ые", "ие")) and _ends_in(number, 1 if case == "g" else 2):
        gender = "f"
    elif case in "na" and _ends_in(number, 1):
        gender = "f" if noun.endswith(("а", "я", "у", "ю")) else "m"
        gender = "n" if noun.endswith("о") else gender
    # Of the accusative only 'одну' differs from the nominative, for what does not live.
    case = "a" if gender == "f" and noun.endswith(("у", "ю")) else case.replace("a", "n")
    return f"{preposition}{cardinal(number, 'ru', case=case, gender=gender)}"


def _grouped(match: re.Match[str]) -> str:
    """Join the groups of a number. From a million on it is read: a phone's has as many."""
    number = re.sub(r"\s", "", match.group())
    return number if len(number) <= 6 else cardinal(number, "ru")


def _ends_in(number: str, digit: int) -> bool:
    return int(number) % 10 == digit and int(number) % 100 != 10 + digit


def _range(match: re.Match[str]) -> str:
    gender = "f" if match[3].endswith(("ы", "и")) else "m"
    first, last = (cardinal(match[at], "ru", gender=gender) for at in (1, 2))
    return f"{first}-{last}"


RULES: Final = (
    (re.compile(r"\b24/7\b"), lambda _: "круглосуточно"),
    (re.compile(r"(?<=[\w.₽])\s?/\s?(?:мес\.?|месяц)(?!\w)"), lambda _: " в месяц"),
    (re.compile(r"(?<=в )мес\.(?=\s|$)"), lambda _: "месяц"),
    (re.compile(r"(?<=\d)\s?(?:кв\.\s?м\b\.?|м²)"), lambda _: " кв.м"),
    (re.compile(r"(?<=\d)\s?л\.\s?с\b"), lambda _: " л.с"),
    (re.compile(r"(\d)\s?%\s?[-–—]\s?(?=\d+\s?%)"), lambda m: f"{m[1]}-"),
    (
        re.compile(r"\b(\d{1,3})-(?=(?:лет|час|дневн|минутн|этажн|местн)\w+)", re.IGNORECASE),
        lambda m: cardinal(m[1], "ru", case="g").replace(" ", ""),
    ),
    (re.compile(r"(?<![\w.,-])(\d{1,3})\s?[–—]\s?(?=\d{1,3}\s?%)"), lambda m: f"{m[1]}-"),
    (re.compile(r"(?<=\bт\.) (?=[дпек]\.)", re.IGNORECASE), lambda _: ""),
    (
        re.compile(r"\b(добавочн\w+|доб\.|внутренн\w+(?: номер\w*)?)\s+(\d+)", re.IGNORECASE),
        lambda m: f"{m[1]} {digits(m[2], 'ru')}",
    ),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "номер "),
    (
        re.compile(rf"\b((?:{_NAMES})(?: номер)?:? )(\d{{4,}})\b(?! ?[-\d(])", re.IGNORECASE),
        lambda m: m[1] + digits(m[2], "ru"),
    ),
    (re.compile(rf"{MINUS}(?=[$€£₽]?\d)"), lambda _: "минус "),
    (re.compile(rf"([$€£₽])\s?{_AMOUNT}"), lambda m: _money(m[2], m[3], m[1])),
    (re.compile(rf"\b{_AMOUNT}\s?([$€£₽])"), lambda m: _money(m[1], m[2], m[3])),
    (re.compile(r"\b(\d+)[.,](\d{2})\s?руб(?:\.(?!\s*$)|\b)"), lambda m: _money(m[1], m[2], "₽")),
    (
        re.compile(r"(?<![\d+]\s)(?<!\d)\b\d{1,3}(?:\s\d{3})+(?=\s?[а-яё])", re.IGNORECASE),
        _grouped,
    ),
    (
        re.compile(
            rf"({_BEFORE})?(?<![\w.,])(\d+(?:[.,]\d+)?)\s?({_UNIT})(?![\w/]){STOP}",
            re.IGNORECASE,
        ),
        _measure,
    ),
    (
        re.compile(r"(?<![\w.,])1[.,]5(?= (\w+))"),
        lambda m: _HALF_MORE["f" if m[1].endswith(("ы", "и")) else "m"],
    ),
    (
        re.compile(r"\b(\d0)-е(?= год)"),
        lambda m: f"{ordinal(int(m[1]), 'ru').removesuffix('ый').removesuffix('ой')}ые",
    ),
    (
        re.compile(rf"\b(\d+)-({_ENDING})\b", re.IGNORECASE),
        lambda m: ordinal(
            int(m[1]), "ru", case=_ENDINGS[m[2].lower()][0], gender=_ENDINGS[m[2].lower()][1]
        ),
    ),
    (re.compile(r"\b(\d+)-(?:х|ти|ми)\b"), lambda m: cardinal(m[1], "ru", case="g")),
    (
        re.compile(rf"\b(на|в) (\d{{1,2}}) (?=({'|'.join(_COUNTED)})\b)", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='p', gender=_COUNTED[m[3].lower()])} ",
    ),
    (
        re.compile(r"\b(в) (\d{1,2}) (?=(?:ночи|утра|дня|вечера)\b)", re.IGNORECASE),
        lambda m: f"{m[1]} {'час' if m[2] == '1' else cardinal(m[2], 'ru')} ",
    ),
    (re.compile(r"\b(\d{1,2}) (?=этаж\b)"), lambda m: f"{ordinal(int(m[1]), 'ru')} "),
    (re.compile(r"(?<![\w.,-])(\d{1,3})\s?[-–—]\s?(\d{1,3})(?= (\w+))(?!\s?[\d-])"), _range),
    (
        re.compile(
            rf"({_BEFORE})?(?<![\w.,+(-])(?<!\) )(?<!\d )([1-9]\d{{0,5}})"
            r"(?![\d.,:/-]*\d|\w|\s?[-(]?\s?\d|-|\)|\s\()(?=( [а-яё]+)?)",
            re.IGNORECASE,
        ),
        _beside_a_noun,
    ),
)
