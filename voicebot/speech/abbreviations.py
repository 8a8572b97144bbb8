"""Abbreviations that end in a full stop, and how they are read. Keys are without the last stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_Table = Mapping[str, Mapping[str, str]]

STOP: Final = r"(\.(?=\s*(?:$|(?-i:[A-ZА-ЯЁ\n]))))?\.?"
"""An abbreviation's full stop, as a pattern; it is found where the sentence ends, too."""

# What always goes on: a title, or a word that needs the next one.
BEFORE_A_WORD: Final[_Table] = {
    "en": {
        "dr": "Doctor",
        "mr": "Mister",
        "mrs": "Missis",
        "ms": "Miz",
        "prof": "Professor",
        "st": "Saint",
        "e.g": "for example",
        "i.e": "that is",
        "vs": "versus",
        "approx": "approximately",
        "a.k.a": "also known as",
        "tel": "telephone",
        "incl": "including",
        "excl": "excluding",
        "ref": "reference",
        "rev": "Reverend",
        "sgt": "Sergeant",
        "lt": "Lieutenant",
        "capt": "Captain",
    },
    "ru": {
        "ул": "улица",
        "д": "дом",
        "г": "город",
        "кв": "квартира",
        "корп": "корпус",
        "стр": "строение",
        "пр": "проспект",
        "пер": "переулок",
        "пл": "площадь",
        "наб": "набережная",
        "оф": "офис",
        "эт": "этаж",
        "доб": "добавочный",
        "тел": "телефон",
        "т.е": "то есть",
        "т.к": "так как",
        "напр": "например",
        "им": "имени",
        "пос": "посёлок",
        "бул": "бульвар",
        "респ": "республика",
        "мкр": "микрорайон",
        "дер": "деревня",
        "доц": "доцент",
        "акад": "академик",
        "зам": "заместитель",
        "нач": "начальник",
        "зав": "заведующий",
        "проф": "профессор",
    },
}

# What is an abbreviation only before a number: 'No. 5', but 'She said no.'
BEFORE_A_NUMBER: Final[_Table] = {
    "en": {
        "no": "number",
        "ext": "extension",
        "p": "page",
        "pp": "pages",
        "nos": "numbers",
        "fig": "figure",
        "figs": "figures",
        "apt": "apartment",
        "bldg": "building",
        "fl": "floor",
        "rm": "room",
        "ste": "suite",
        "vol": "volume",
        "ch": "chapter",
    },
    "ru": {
        "п": "пункт",
        "с": "страница",
        "ст": "статья",
        "каб": "кабинет",
        "комн": "комната",
        "влад": "владение",
        "вл": "владение",
        "пом": "помещение",
        "ауд": "аудитория",
        "под": "подъезд",
        "пп": "пункты",
        "разд": "раздел",
        "табл": "таблица",
        "гл": "глава",
        "рис": "рисунок",
    },
}

# What may also be the last word of a sentence.
ANYWHERE: Final[_Table] = {
    "en": {
        "etc": "et cetera",
        "inc": "incorporated",
        "ltd": "limited",
        "co. ltd": "company limited",
        "co": "company",
        "a.m": "am",
        "p.m": "pm",
        "min": "minimum",
        "max": "maximum",
        "ph.d": "PhD",
        "jr": "junior",
        "sr": "senior",
        "corp": "corporation",
        "dept": "department",
        "p.a": "per year",
        "p.p": "per person",
    },
    "ru": {
        "и т.д": "и так далее",
        "и т.п": "и тому подобное",
        "т.д": "так далее",
        "т.п": "тому подобное",
        "и др": "и другие",
        "обл": "область",
        "и пр": "и прочее",
        "руб": "рублей",
        "коп": "копеек",
        "тыс": "тысяч",
        "млн": "миллионов",
        "млрд": "миллиардов",
        "мин": "минут",
        "ч": "часов",
        "гг": "годы",
        "мес": "месяцев",
        "чел": "человек",
        "шт": "штук",
        "долл": "долларов",
    },
}


def _words(table: _Table) -> dict[str, frozenset[str]]:
    return {
        language: frozenset(word.rpartition(" ")[2] for word in words)
        for language, words in table.items()
    }


NEVER_LAST: Final = _words(BEFORE_A_WORD)
NUMBER_FOLLOWS: Final = _words(BEFORE_A_NUMBER)
# Those that the rules of dates, measures and streets read.
_READ_ELSEWHERE: Final = {
    "en": "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri "
    "sat sun weds hr hrs mins sec secs mo mos wk wks mi yr yrs km cm mm kg ml ft lb lbs oz mph rd "
    "ave blvd sq u.s u.k",
    "ru": "пн вт ср чт пт сб вс янв фев февр мар апр июн июл авг сен сент окт ноя нояб дек "
    "р сек км см мм кг мл дн нед уп гр макс ок теч раб кал",
}
SOMETIMES_LAST: Final = {
    language: words.union(_READ_ELSEWHERE[language].split())
    for language, words in _words(ANYWHERE).items()
}
