"""How Russian numbers are said that are names: of orders, flights, centuries, tsars; and titles."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import cardinal, groups, ordinal
from voicebot.speech.roman import ROMAN, value

_NAMES: Final = (
    r"заказа?|номер\w*|код\w*|пин-код\w*|заявк\w|счёт\w*|договор\w*|индекс\w*|парол\w+|цифр\w*|"
    r"инн|кпп|бик|пин|паспорт\w*"
)
# What is written with a hyphen in place of its letters.
_HYPHENATED: Final = {
    "г-н": "господин",
    "г-на": "господина",
    "г-ну": "господину",
    "г-жа": "госпожа",
    "г-же": "госпоже",
    "г-жу": "госпожу",
    "кол-во": "количество",
    "д-р": "доктор",
    "д-ра": "доктора",
    "д-ру": "доктору",
    "р/с": "расчётный счёт",
    "л/с": "лицевой счёт",
    "к/с": "корреспондентский счёт",
}
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


# What is first among others, by its ending.
_CHIEFS: Final = "бухгалтер|врач|инженер|редактор|специалист|директор"
_CHIEF: Final = {"гл": "главн", "ген": "генеральн"}
_CHIEFS_ENDINGS: Final = {"": "ый", "а": "ого", "у": "ому", "ом": "ым", "е": "ом"}
_SUPPORTS_ENDINGS: Final = {"а": "ая", "у": "ую"}


_EXTREMES: Final = {"мин": "миним", "макс": "максим"}


def _adjective(noun: str) -> str:
    """Return the ending of an adjective before ``noun``, which is in the nominative."""
    return "ая" if noun[-1] in "аяь" else "ое" if noun[-1] in "ое" else "ый"


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


def _period(match: re.Match[str]) -> str:
    """Read 'II кв.' and 'XIX в.': 'в XIX веке'."""
    inside = re.search(r"\bво? $", match.string[: match.start()], re.IGNORECASE)
    noun = "квартал" if match[2] == "кв" else "век"
    return f"{match[1]} {noun}{'е' if inside else ''}"


def _chief(match: re.Match[str]) -> str:
    ending = _CHIEFS_ENDINGS[match[3]]
    return f"{_CHIEF[match[1].lower()]}{ending} {match[2]}{match[3]}"


def _from_to(match: re.Match[str]) -> str:
    first, last = (cardinal(match[at], "ru", case="g") for at in (1, 2))
    return f"номера от {first} до {last}"


WORDS: Final = (
    (re.compile(r"\bв теч\.", re.IGNORECASE), lambda _: "в течение"),
    (
        re.compile(r"(?:^|(?<=[,;:(—–] )|(?<=\())(мин|макс)\. (?=([а-яё]+))", re.IGNORECASE),
        lambda m: f"{_EXTREMES[m[1].lower()]}альн{_adjective(m[2])} ",
    ),
    (re.compile(r"(?<=\bт\.) (?=[дпек]\.)", re.IGNORECASE), lambda _: ""),
    (re.compile(r"\bв т\.\s?ч\.", re.IGNORECASE), lambda _: "в том числе"),
    (
        re.compile(rf"(?<![\w/-])({'|'.join(_HYPHENATED)})(?![\w/-])", re.IGNORECASE),
        lambda m: _HYPHENATED[m[1].lower()],
    ),
    (
        re.compile(rf"\b({'|'.join(_CHIEF)})\. ({_CHIEFS})(ом|а|у|е|)\b", re.IGNORECASE),
        _chief,
    ),
    (
        re.compile(r"\bтех\. ?(поддержк(а|и|у|е|ой))\b", re.IGNORECASE),
        lambda m: f"техническ{_SUPPORTS_ENDINGS.get(m[2], 'ой')} {m[1]}",
    ),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "номер "),
    (re.compile(r"§\s?"), lambda _: "параграф "),
    (re.compile(r"(?<!\d )(?<![\w])см\. (?=[а-яё«])", re.IGNORECASE), lambda _: "смотрите "),
    # Roman numerals
    (re.compile(rf"\b{ROMAN} (кв|в)\.(?!\w)"), _period),
    (re.compile(rf"\b{ROMAN} ({_MASCULINE})(\w{{0,2}})\b"), _before_masculine),
    (re.compile(rf"\b{ROMAN} ({_FEMININE})(\w{{0,2}})\b"), _before_feminine),
    (re.compile(rf"\b({_TSARS})(а|у|ом|е|) {ROMAN}(?!\w)"), _after_masculine),
    (re.compile(rf"\b({_TSARINAS})(\w{{1,2}}) {ROMAN}(?!\w)"), _after_feminine),
    (re.compile(rf"\b([Рр]аздел|[Тт]ом|[Ээ]тап|[Уу]ровень)() {ROMAN}(?!\w)"), _after_masculine),
    (re.compile(rf"\b([Чч]аст|[Гг]лав|[Сс]тать)(\w) {ROMAN}(?!\w)"), _after_feminine),
    (re.compile(r"\b([А-ЯЁ]\.)(?=[А-ЯЁ]\.)"), lambda m: f"{m[1]} "),
)
RULES: Final = (
    (
        re.compile(r"(?<!\d )(?<!\d)\b(мин|макс)\.? (?=\d)", re.IGNORECASE),
        lambda m: f"{_EXTREMES[m[1].lower()]}ум ",
    ),
    (re.compile(r"\bок\. ?(?=\d)", re.IGNORECASE), lambda _: "около "),
    (re.compile(r"\b(UTC|GMT)\s?\+(?=\d)"), lambda m: f"{m[1]} плюс "),
    (re.compile(r"\b24/7(?:/365)?\b"), lambda _: "круглосуточно"),
    # '№ 45/2024', 'д. 1/2'
    (
        re.compile(r"((?:№|#|номер|дом|д\.|кв\.|договор\w*|счёт\w*)\s?\d+)/(?=\d)", re.IGNORECASE),
        lambda m: f"{m[1]} дробь ",
    ),
    (re.compile(r"№№\s?(\d+)\s?[-–—]\s?(\d+)\b"), _from_to),
    (re.compile(r"№№\s?"), lambda _: "номера "),
    *WORDS,
    (
        re.compile(
            rf"\b((?:{_NAMES})(?: номер)?:? )(\d{{4,9}}|\d+(?:-\d+)+)\b"
            r"(?! ?[-\d(/₽$€%]| дробь| руб| р\b)",
            re.IGNORECASE,
        ),
        lambda m: m[1] + groups(m[2], "ru"),
    ),
    (
        re.compile(r"\b(рейс\w* [A-ZА-Я]{2})[ -]?(\d{2,4})\b"),
        lambda m: f"{m[1]} {groups(m[2], 'ru')}",
    ),
    (re.compile(r"\b([A-ZА-ЯЁ]{1,4})-(\d{3,})\b"), lambda m: f"{m[1]} {groups(m[2], 'ru')}"),
    # A date, whose year is then seen by the rules for those
    (
        re.compile(r"(?<![\w.])(\d\d)\.(0[1-9]|1[0-2])\.(\d\d)(?!\.?\d)"),
        lambda m: f"{m[1]}.{m[2]}.20{m[3]}",
    ),
    (
        re.compile(r"(?<![\w/])(\d{1,2})/(0[1-9]|1[0-2])/(\d{4})(?![\w/])"),
        lambda m: f"{m[1]}.{m[2]}.{m[3]}",
    ),
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
    (re.compile(r"(?<!\d )(?<!\w)т\. ?(?=\d)"), lambda _: "том "),
    (re.compile(r"(?<!\d )(?<!\w)ч\. ?(?=\d)"), lambda _: "часть "),
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
    (re.compile(r"\b50:50\b"), lambda _: "пятьдесят на пятьдесят"),
    # A score; a time has two digits after its colon.
    (re.compile(r"(?<![\w:.,])(\d{1,3}):(\d)(?![\w:])"), lambda m: f"{m[1]} {m[2]}"),
)
