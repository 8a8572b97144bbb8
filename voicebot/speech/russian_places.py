"""How Russian addresses are said: towns, streets, houses, floors, rivers."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal, digits

# What is written with a hyphen in place of its letters.
_HYPHENATED: Final = {
    "пр-т": "проспект",
    "пр-кт": "проспект",
    "пр-д": "проезд",
    "б-р": "бульвар",
    "р-н": "район",
    "м-н": "микрорайон",
    "мкр-н": "микрорайон",
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
_PLACES: Final = {"м": "метро", "д": "деревня", "с": "село"}
# The form of 'река' by the ending of its name; by what is before it, where that is nominative.
_RIVERS: Final = {
    **dict.fromkeys("ыи", "реки"),
    **dict.fromkeys("ую", "реку"),
    "е": "реке",
    "й": "рекой",
}
_RIVERSIDE: Final = {
    **dict.fromkeys(("на", "по", "к", "в"), "реке"),
    **dict.fromkeys(
        ("у", "до", "от", "около", "вдоль", "из", "берегу", "берег", "берега", "наб.", "устье"),
        "реки",
    ),
    **dict.fromkeys(("через", "за"), "реку"),
}
_OF_CITY: Final = {"": "", "в": "е", "из": "а", "до": "а", "по": "у"}
_HOUSE: Final = re.compile(r"(?:\bдом\w*|\bд\.|корпус\w*|\bкорп\.)\s?\d+\w?,? $", re.IGNORECASE)


def _river(match: re.Match[str]) -> str:
    """Read 'р. Волга' as 'река Волга', and after 'берегу' as 'реки Волга'."""
    before = (match[1] or "").lower()
    river = _RIVERS.get(match[2][-1]) or _RIVERSIDE.get(before) or "река"
    return f"{match[1] + ' ' if match[1] else ''}{river} {match[2]}"


def _page(match: re.Match[str]) -> str:
    """Read a page, unless it is a part of a house."""
    if _HOUSE.search(match.string[: match.start()]):
        return match.group()
    said = "страницы" if match[3] else "страница"
    if match[1]:
        said = f"смотрите {'страницы' if match[3] else 'страницу'}"
    return f"{said} {match[2]}{match[3] or ''}"


WORDS: Final = (
    # 'ул.Ленина'
    (
        re.compile(
            r"\b(ул|пер|пл|наб|пр|пос|корп|стр|кв|оф|доб|тел|эт|каб|г|д)\.(?=[\dА-ЯЁ])",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]}. ",
    ),
    (
        re.compile(rf"\b({'|'.join(_FORMS)}) ({'|'.join(_PLACED)})\.(?= [А-ЯЁ\d])", re.IGNORECASE),
        lambda m: f"{m[1]} {_PLACED[m[2].lower()][_FORMS[m[1].lower()]]}",
    ),
    (
        re.compile(r"(?:\b(от|до|у|на|к|около|возле|со) )?\bст\. (?=м\. |метро\b)", re.IGNORECASE),
        lambda m: f"{m[1]} станции " if m[1] else "станция ",
    ),
    (
        re.compile(rf"(?<![\w/-])({'|'.join(_HYPHENATED)})(?![\w/-])", re.IGNORECASE),
        lambda m: _HYPHENATED[m[1].lower()],
    ),
    (re.compile(r"\b(\w+ом) пр\.(?=[\s,])"), lambda m: f"{m[1]} проспекте"),
    (re.compile(r"\b(\w+(?:ий|ый|ой)) пр\.(?=[\s,])"), lambda m: f"{m[1]} проспект"),
    (re.compile(r"(?:\b([а-яё]+\.?) )?(?<!\w)(?<!\d )р\. ?([А-ЯЁ][а-яё]{2,})"), _river),
    (
        re.compile(r"(?<!\d )(?<!\w)([мдс])\. ?(?=«|[А-ЯЁ][а-яё]{2})"),
        lambda m: f"{_PLACES[m[1]]} ",
    ),
    (re.compile(r"(?<!\w)ш\. (?=[А-ЯЁ])"), lambda _: "шоссе "),
    (re.compile(r"(?<=[ое][ем] )ш\.(?=[\s,]|$)"), lambda _: "шоссе"),
    (
        re.compile(r"\b(?:(в|из|до|по) )?СПб\b", re.IGNORECASE),
        lambda m: f"{m[1] + ' ' if m[1] else ''}Санкт-Петербург{_OF_CITY[(m[1] or '').lower()]}",
    ),
)
RULES: Final = (
    *WORDS,
    (
        re.compile(
            r"\b((?:дом|д\.|корпус|корп\.|офис|оф\.|кабинет|каб\.) ?)(\d{1,3})([а-я])\b(?!\d)",
            re.IGNORECASE,
        ),
        lambda m: f"{m[1]}{cardinal(m[2], 'ru')} {m[3]}",
    ),
    (re.compile(r"(?<=\d)к(?=\d)|(?<=\d)(?:,? )к\. ?(?=\d)"), lambda _: " корпус "),
    (re.compile(r"\b(см\. )?стр\. ?(\d+)(\s?[-–—]\s?\d+)?", re.IGNORECASE), _page),
    (
        re.compile(r"\b(\d{1,2})/(\d{1,2}) (этаже?)\b", re.IGNORECASE),
        lambda m: f"{m[1]} {m[3]} из {m[2]}",
    ),
    (
        re.compile(r"(?<=[а-яё], )(\d{1,3})/(\d{1,2})(?=[,.;]|$)"),
        lambda m: f"{m[1]} дробь {m[2]}",
    ),
    # A postal code before its town
    (
        re.compile(r"(?<![\w.,-])(\d{3})(\d{3})(?=, (?:г\.|[А-ЯЁ]))"),
        lambda m: f"{digits(m[1], 'ru')}, {digits(m[2], 'ru')}",
    ),
    (
        re.compile(r"\b(\d)-к(?:омн)?\.?(?: кв\.|(?= кварт))|\b(\d)-комн\."),
        lambda m: f"{m[1] or m[2]}-комнатная{' квартира' if m.group().endswith('кв.') else ''}",
    ),
    (re.compile(r"\b(на \d{1,2}(?:-?м)?) эт\.(?!\w)"), lambda m: f"{m[1]} этаже"),
    (re.compile(r"(?<=\d )эт\.(?!\w)|(?<=\d-й )эт\.(?!\w)"), lambda _: "этаж"),
)
