"""How Russian ordinals, fractions, ranges and numbers beside their nouns are said."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal, ordinal
from voicebot.speech.russian_forms import BEFORE, as_object, case_after

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
# What begins with its number: 'трёхкомнатная'.
_COMPOUNDS: Final = (
    "лет|час|дневн|минутн|этажн|местн|комнатн|процентн|звёздочн|звездочн|значн|кратн|разов|"
    "страничн|литров|метров|градусн|рублёв|канальн"
)
# What has no singular is counted otherwise: 'двое суток'.
_OF_DAYS: Final = {"1": "одни", "2": "двое", "3": "трое", "4": "четверо"}
_FOR_SEVERAL: Final = {
    "2": "двоих",
    "3": "троих",
    "4": "четверых",
    "5": "пятерых",
    "6": "шестерых",
    "7": "семерых",
}
_FIRST_PARTS: Final = {"1": "одно", "90": "девяносто", "100": "сто"}
# Parts that have names, by case; of several, and of five or more.
_PARTS: Final = {
    3: {"n": "треть", "g": "трети", "d": "трети", "a": "треть", "few": "трети", "many": "третей"},
    4: {
        "n": "четверть",
        "g": "четверти",
        "d": "четверти",
        "a": "четверть",
        "few": "четверти",
        "many": "четвертей",
    },
}
# What ends like a counted noun and is none.
_NO_NOUNS: Final = frozenset(
    ["и", "или", "мы", "вы", "они", "эти", "при", "ни", "более", "менее", "далее"]
)
# What ends like a feminine or neuter noun and is none.
_MASCULINE: Final = frozenset(
    [
        "мужчина",
        "мужчины",
        "юноша",
        "юноши",
        "дедушка",
        "дедушки",
        "дядя",
        "дяди",
        "папа",
        "папы",
        "судья",
        "судьи",
        "коллега",
        "коллеги",
        "евро",
    ]
)
# What ends like a masculine noun and is none.
_FEMININE: Final = frozenset(
    [
        "ночь",
        "дверь",
        "запись",
        "часть",
        "очередь",
        "кровать",
        "площадь",
        "модель",
        "цель",
        "роль",
        "дочь",
        "мать",
        "должность",
        "область",
        "смесь",
        "ель",
        "печать",
        "болезнь",
        "возможность",
        "новость",
    ]
)
_NEUTER: Final = ("о", "ие", "ье", "ое", "ее", "поле", "море", "имя", "время")


def _beside_a_noun(match: re.Match[str]) -> str:
    """Read a number in the case that the preposition asks for, and in its noun's gender."""
    preposition, number, noun = match[1] or "", match[2], (match[3] or "").strip().lower()
    case = case_after(preposition)
    if case == "g" and preposition.strip().lower() in {"с", "со"} and noun.endswith("ми"):
        case = "i"
    if noun.endswith(("ах", "ях")):
        return f"{preposition}{cardinal(number, 'ru', case='p')}"
    if case == "a" and _of_persons(number, noun):
        case = "g"
    gender = "m"
    noun = "" if noun in _NO_NOUNS | _MASCULINE else noun
    if preposition.lower().strip() == "по" and noun and _ends_in(number, 1):
        # Of one each; more are in the accusative.
        gender = "f" if noun.endswith(("е", "и")) else "m"
        return f"{preposition}{cardinal(number, 'ru', case='d', gender=gender)}"
    if noun.endswith(("ы", "и", "ые", "ие")) and _ends_in(number, 1 if case == "g" else 2):
        gender = "f"
    elif case in "na" and _ends_in(number, 1):
        gender = "f" if noun in _FEMININE or noun.endswith(("а", "я", "у", "ю")) else "m"
        gender = "n" if noun.endswith(_NEUTER) else gender
    # Of the accusative only 'одну' differs from the nominative, for what does not live.
    one = noun.endswith(("у", "ю")) or (case == "a" and noun in _FEMININE)
    case = "a" if gender == "f" and one else case.replace("a", "n")
    return preposition + as_object(cardinal(number, "ru", case=case, gender=gender), preposition)


def _of_persons(number: str, noun: str) -> bool:
    """Return whether it is 'на двух человек', but 'на четыре человека' and 'на пять человек'."""
    if _ends_in(number, 1):
        return noun == "человека"
    return noun == "человек" and any(_ends_in(number, digit) for digit in (2, 3, 4))


def _compound(number: str) -> str:
    """Return ``number`` as the first part of a word: 'трёх', 'сто'."""
    return _FIRST_PARTS.get(number) or cardinal(number, "ru", case="g").replace(" ", "")


def _ends_in(number: str, digit: int) -> bool:
    return int(number) % 10 == digit and int(number) % 100 != 10 + digit


def _range(match: re.Match[str]) -> str:
    preposition = match[1] or ""
    gender = "f" if match[4].endswith(("ы", "и")) else "m"
    case = case_after(preposition).replace("a", "n")
    first, last = (cardinal(match[at], "ru", case=case, gender=gender) for at in (2, 3))
    said = f"{preposition}{first}-{last}"
    return said.replace("одна-", "одну-") if case_after(preposition) == "a" else said


def _fraction(match: re.Match[str]) -> str:
    """Read 'две трети', 'от половины', 'три с половиной'."""
    preposition, whole, over, under = match[1] or "", match[2], int(match[3]), int(match[4])
    if not 1 < under <= 10 or over >= under:
        return match.group()
    case = case_after(preposition)
    if under == 2:
        said = "с половиной" if whole else {"g": "половины", "a": "половину"}.get(case, "половина")
    elif over == 1:
        part = _PARTS.get(under) or _ordinals(under)
        said = f"{cardinal('1', 'ru', case=case, gender='f')} {part[case]}"
    else:
        part = _PARTS.get(under) or _ordinals(under)
        case = case.replace("a", "n")
        number = cardinal(str(over), "ru", case=case, gender="f")
        few = case == "n" and under in _PARTS and over < 5
        said = f"{number} {part['few' if few else 'many']}"
    joint = " " if under == 2 else " и "
    return f"{preposition}{cardinal(whole, 'ru')}{joint}{said}" if whole else preposition + said


def _ordinals(under: int) -> dict[str, str]:
    forms = {case: ordinal(under, "ru", gender="f", case=case) for case in "ngda"}
    stem = forms["n"].removesuffix("ая")
    return forms | {"many": f"{stem}ых"}


def _decade(first: str) -> str:
    """Return its first year without its ending: 'тысяча девятьсот девяност'."""
    return ordinal(int(first), "ru").removesuffix("ый").removesuffix("ой")


WORDS: Final = (
    # 'да/нет', but 'и/или'
    (
        re.compile(r"(?<![\w/.])(?!и/или\b)([а-яё-]{2,})\s?/\s?(?=[а-яё-]{2,}(?![\w/]))"),
        lambda m: f"{m[1]} или ",
    ),
)
RULES: Final = (
    # Those who come: 'столик на двоих'
    (
        re.compile(
            r"\b((?:сто\w+|номер\w*|бронь|мест\w*) на) ([2-7])(?:-х)?(?=[.,;!?)]|$| (?:в|на|с)\b)"
        ),
        lambda m: f"{m[1]} {_FOR_SEVERAL[m[2]]}",
    ),
    (re.compile(r"\b(от|до|около|с) 0\b(?![.,:]?\d)", re.IGNORECASE), lambda m: f"{m[1]} нуля"),
    (re.compile(r"\b(\d+)-мя\b"), lambda m: cardinal(m[1], "ru", case="i")),
    (re.compile(rf"\b1[.,]5-(?=(?:{_COMPOUNDS})\w+)", re.IGNORECASE), lambda _: "полутора"),
    (
        re.compile(r"\b(\d{1,3})\s?%-(?=н\w)"),
        lambda m: f"{_compound(m[1])}процент",
    ),
    (
        re.compile(rf"\b(\d{{1,3}})-(?=(?:{_COMPOUNDS})\w+)", re.IGNORECASE),
        lambda m: _compound(m[1]),
    ),
    (
        re.compile(r"(?<![\w.,:/-])(?<!\bдо )(?<!\bот )([1-4]) (?=сут(?:ки|ок)\b)"),
        lambda m: f"{_OF_DAYS[m[1]]} ",
    ),
    (re.compile(r"\b50/50\b"), lambda _: "пятьдесят на пятьдесят"),
    (re.compile(r"\b2000-(е|х)\b"), lambda m: f"двухтысячны{m[1]}"),
    (
        re.compile(r"\b((?:19|20)\d0)-е\b|\b([2-9]0)-е(?=\s(?:год|и\s)|,|\.?\s*$)"),
        lambda m: f"{_decade(m[1] or m[2])}ые",
    ),
    (
        re.compile(r"\b((?:19|20)\d0|[2-9]0)-х\b|\b(10)-х(?= год)"),
        lambda m: f"{_decade(m[1] or m[2])}ых",
    ),
    (
        # 'м' without a hyphen are metres.
        re.compile(rf"\b(\d+)(?:-|(?!м\b))({_ENDING})\b", re.IGNORECASE),
        lambda m: ordinal(
            int(m[1]), "ru", case=_ENDINGS[m[2].lower()][0], gender=_ENDINGS[m[2].lower()][1]
        ),
    ),
    (re.compile(r"\b(\d+)-?(?:х|ти|ми)\b"), lambda m: cardinal(m[1], "ru", case="g")),
    (
        re.compile(rf"\b(на|в) (\d{{1,2}}) (?=({'|'.join(_COUNTED)})\b)", re.IGNORECASE),
        lambda m: f"{m[1]} {ordinal(int(m[2]), 'ru', case='p', gender=_COUNTED[m[3].lower()])} ",
    ),
    (
        re.compile(r"\b(в) (\d{1,2}) (?=(?:ночи|утра|дня|вечера)\b)", re.IGNORECASE),
        lambda m: f"{m[1]} {'час' if m[2] == '1' else cardinal(m[2], 'ru')} ",
    ),
    (
        re.compile(r"\b(\d{1,2}) (?=числа\b)"),
        lambda m: f"{ordinal(int(m[1]), 'ru', gender='n', case='g')} ",
    ),
    (re.compile(r"\b(\d{1,2}) (?=этаж\b)"), lambda m: f"{ordinal(int(m[1]), 'ru')} "),
    (
        re.compile(
            rf"({BEFORE})?(?<![\w.,-])(\d{{1,3}})\s?[-–—]\s?(\d{{1,3}})(?= (\w+))(?!\s?[\d-])",
            re.IGNORECASE,
        ),
        _range,
    ),
    (
        re.compile(
            rf"({BEFORE})?(?<![\w/.,])(?:(\d+) )?([1-9])/(\d{{1,2}})(?![\w/])", re.IGNORECASE
        ),
        _fraction,
    ),
    (
        re.compile(
            rf"({BEFORE})?(?<![\w.,+(-])(?<!\) )(?<!\d )([1-9]\d{{0,5}})"
            r"(?![\d.,:/-]*\d|\w|\s?[-(]?\s?\d|-|\)|\s\()(?=( [а-яё]+)?)",
            re.IGNORECASE,
        ),
        _beside_a_noun,
    ),
    *WORDS,
)
