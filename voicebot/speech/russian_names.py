"""How Russian numbers are said that are names: of orders, houses, pages, centuries, tsars."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal, digits, ordinal
from voicebot.speech.roman import ROMAN, value

_NAMES: Final = (
    r"заказа?|номер\w*|код\w*|пин-код\w*|заявк\w|счёт\w*|договор\w*|индекс\w*|парол\w+|цифр\w*|"
    "инн|кпп|бик"
)
# What is written with a hyphen in place of its letters.
_HYPHENATED: Final = {
    "пр-т": "проспект",
    "пр-кт": "проспект",
    "пр-д": "проезд",
    "б-р": "бульвар",
    "р-н": "район",
    "г-н": "господин",
    "г-жа": "госпожа",
    "кол-во": "количество",
    "м-н": "микрорайон",
    "д-р": "доктор",
    "р/с": "расчётный счёт",
    "л/с": "лицевой счёт",
    "к/с": "корреспондентский счёт",
}
# What stands after 'на' or 'в', after 'по' or 'к', and after 'из', 'от' or 'до'.
_PLACED: Final = {
    "ул": ("улице", "улице", "улицы"),
    "г": ("городе", "городу", "города"),
    "пр": ("проспекте", "проспекту", "проспекта"),
    "пл": ("площади", "площади", "площади"),
    "наб": ("набережной", "набережной", "набережной"),
    "пер": ("переулке", "переулку", "переулка"),
    "пос": ("посёлке", "посёлку", "посёлка"),
}
_FORMS: Final = {"на": 0, "в": 0, "по": 1, "к": 1, "из": 2, "от": 2, "до": 2}
_KEYS: Final = {"#": "решётку", "*": "звёздочку"}
_PLACES: Final = {"м": "метро", "р": "реки", "д": "деревня", "с": "село"}
# What is counted with Roman numerals: its stem, and the case and gender of each ending.
_MASCULINE: Final = "век|квартал|этаж|класс|раздел|том|курс|тур|этап|подъезд|созыв|уровн"
_FEMININE: Final = "групп|категори|очеред|степен|смен|част|глав|лини|стать"
_MASCULINE_CASES: Final = {"а": "g", "я": "g", "у": "d", "ю": "d", "ом": "i", "ем": "i", "е": "p"}
_FEMININE_CASES: Final = {"а": "n", "я": "n", "ь": "n", "у": "a", "ю": "a"}
_TSARS: Final = (
    "Петр|Пётр|Александр|Николай|Николая|Павл|Павел|Иван|Людовик|Карл|Генрих|Фридрих|Вильгельм"
)
_TSARINAS: Final = "Екатерин|Елизавет|Анн"
_KINGS_CASES: Final = {"": "n", "а": "g", "я": "g", "у": "d", "ом": "i", "е": "p"}
_QUEENS_CASES: Final = {"а": "n", "у": "a"}


def _groups(written: str) -> str:
    return ", ".join(digits(group, "ru") for group in re.findall(r"\d+", written))


def _said(numeral: str, gender: str, case: str) -> str:
    # The accusative of what does not live is the nominative.
    return ordinal(value(numeral), "ru", gender=gender, case=case)


def _before_masculine(match: re.Match[str]) -> str:
    return _said(match[1], "m", _MASCULINE_CASES.get(match[3], "n")) + f" {match[2]}{match[3]}"


def _before_feminine(match: re.Match[str]) -> str:
    return _said(match[1], "f", _FEMININE_CASES.get(match[3], "g")) + f" {match[2]}{match[3]}"


def _after_masculine(match: re.Match[str]) -> str:
    return f"{match[1]}{match[2]} " + _said(match[3], "m", _KINGS_CASES.get(match[2], "n"))


def _after_feminine(match: re.Match[str]) -> str:
    case = _QUEENS_CASES.get(match[2], _FEMININE_CASES.get(match[2], "g"))
    return f"{match[1]}{match[2]} " + _said(match[3], "f", case)


RULES: Final = (
    (re.compile(r"\b24/7\b"), lambda _: "круглосуточно"),
    # 'ул.Ленина, д.7'
    (
        re.compile(
            r"\b(ул|пер|пл|наб|пр|пос|корп|стр|кв|оф|доб|тел|г|д)\.(?=[\dА-ЯЁ])", re.IGNORECASE
        ),
        lambda m: f"{m[1]}. ",
    ),
    (
        re.compile(rf"\b({'|'.join(_FORMS)}) ({'|'.join(_PLACED)})\.(?= [А-ЯЁ\d])", re.IGNORECASE),
        lambda m: f"{m[1]} {_PLACED[m[2].lower()][_FORMS[m[1].lower()]]}",
    ),
    (
        re.compile(r"\b(нажмите|наберите|или|затем|и) ([#*])(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {_KEYS[m[2]]}",
    ),
    (
        re.compile(
            r"\b((?:дом|д\.|корпус|корп\.|офис|оф\.|кабинет|каб\.) ?)(\d{1,3})([а-я])\b",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]}{cardinal(m[2], 'ru')} {m[3]}",
    ),
    (re.compile(r"\bв т\.\s?ч\.", re.IGNORECASE), lambda _: "в том числе"),
    (re.compile(r"\bст\. (?=м\. )", re.IGNORECASE), lambda _: "станция "),
    (
        re.compile(rf"(?<![\w/-])({'|'.join(_HYPHENATED)})(?![\w/-])", re.IGNORECASE),
        lambda m: _HYPHENATED[m[1].lower()],
    ),
    (
        re.compile(r"\b(добавочн\w+|доб\.|внутренн\w+(?: номер\w*)?)\s+(\d+)", re.IGNORECASE),
        lambda m: f"{m[1]} {digits(m[2], 'ru')}",
    ),
    # '№ 45/2024', 'д. 1/2'
    (
        re.compile(r"((?:№|#|номер|дом|д\.|кв\.|договор\w*|счёт\w*)\s?\d+)/(?=\d)", re.IGNORECASE),
        lambda m: f"{m[1]} дробь ",
    ),
    (re.compile(r"№№\s?"), lambda _: "номера "),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "номер "),
    # A phone number of six digits
    (re.compile(r"(?<![\w-])\d\d-\d\d-\d\d(?![\w-])"), lambda m: _groups(m.group())),
    (
        re.compile(
            rf"\b((?:{_NAMES})(?: номер)?:? )(\d{{4,9}}|\d+(?:-\d+)+)\b(?! ?[-\d(/]| дробь)",
            re.IGNORECASE,
        ),
        lambda m: m[1] + _groups(m[2]),
    ),
    (re.compile(r"\b(рейс\w* [A-ZА-Я]{2}) ?(\d{2,4})\b"), lambda m: f"{m[1]} {_groups(m[2])}"),
    (
        re.compile(
            r"\b((?:верси\w+|пункт\w*|раздел\w*|стать\w+) \d+)((?:\.\d+)+)\b", re.IGNORECASE
        ),
        lambda m: m[1] + m[2].replace(".", " "),
    ),
    (
        re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){2,}(?![\w.]*\w)"),
        lambda m: m.group().replace(".", " точка "),
    ),
    # A page, unless it is a part of a house.
    (
        re.compile(r"(?<!\d, )\bстр\. ?(\d+)(\s?[-–—]\s?\d+)?", re.IGNORECASE),
        lambda m: f"{'страницы' if m[2] else 'страница'} {m[1]}{m[2] or ''}",
    ),
    (re.compile(r"\b(\w+ом) пр\.(?=[\s,])"), lambda m: f"{m[1]} проспекте"),
    (re.compile(r"\b(\w+(?:ий|ый|ой)) пр\.(?=[\s,])"), lambda m: f"{m[1]} проспект"),
    (
        re.compile(r"(?<!\d )(?<!\w)([мрдс])\. ?(?=«|[А-ЯЁ][а-яё]{2})"),
        lambda m: f"{_PLACES[m[1]]} ",
    ),
    (re.compile(r"(?<!\d )(?<![\w])см\. (?=[а-яё«])", re.IGNORECASE), lambda _: "смотрите "),
    (re.compile(r"(?<!\d )(?<!\w)т\. ?(?=\d)"), lambda _: "том "),
    (re.compile(r"(?<!\w)ш\. (?=[А-ЯЁ])"), lambda _: "шоссе "),
    (
        re.compile(r"(?<![$€£.,\w])(\d{1,3})([А-ЯЁA-Z])\b"),
        lambda m: f"{cardinal(m[1], 'ru')} {m[2]}",
    ),
    (
        re.compile(r"\b(счёт )(\d{1,2}):(\d{1,2})\b", re.IGNORECASE),
        lambda m: f"{m[1]}{m[2]} {m[3]}",
    ),
    (
        re.compile(r"\b((?:соотношени\w+|масштаб\w*|пропорци\w+) )(\d+):(\d+)\b", re.IGNORECASE),
        lambda m: f"{m[1]}{m[2]} к {m[3]}",
    ),
    # Roman numerals
    (re.compile(rf"\b{ROMAN} ({_MASCULINE})(\w{{0,2}})\b"), _before_masculine),
    (re.compile(rf"\b{ROMAN} ({_FEMININE})(\w{{0,2}})\b"), _before_feminine),
    (re.compile(rf"\b({_TSARS})(а|у|ом|е|) {ROMAN}(?!\w)"), _after_masculine),
    (re.compile(rf"\b({_TSARINAS})(\w{{1,2}}) {ROMAN}(?!\w)"), _after_feminine),
    (re.compile(rf"\b([Рр]аздел|[Тт]ом|[Ээ]тап|[Уу]ровень)() {ROMAN}(?!\w)"), _after_masculine),
    (re.compile(rf"\b([Чч]аст|[Гг]лав|[Сс]тать)(\w) {ROMAN}(?!\w)"), _after_feminine),
    (re.compile(r"\b([А-ЯЁ]\.)(?=[А-ЯЁ]\.)"), lambda m: f"{m[1]} "),
)
