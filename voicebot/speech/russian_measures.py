"""How Russian money and measures are said, in the case that the sentence asks for."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import MINUS, cardinal
from voicebot.speech.russian_forms import BEFORE, as_object, case_after, plural
from voicebot.speech.russian_units import CODES, MONEY, PER, UNITS

_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_SCALES: Final = "тыс|млн|млрд"
_AMOUNT: Final = rf"(\d{{1,3}}(?:\s\d{{3}})+|\d+)(?:[.,](\d{{1,2}})(?!\d|\s?(?:{_SCALES})))?"
_WHOLE: Final = r"\d{1,3}(?: \d{3})+|\d+"
# What follows an amount of money
_PAID: Final = r"(?:₽|руб|р\b|т\. ?р\b|тыс\. ?руб|€|\$|евро\b|долл)"
_SIGNED: Final = {"₴": "грн", "₸": "тг"}
_VULGAR: Final = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
_HALF_MORE: Final = {"m": "полтора", "f": "полторы"}
_PERS: Final = "|".join(sorted(map(re.escape, PER), key=len, reverse=True))
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
    units, parts, parts_gender = MONEY[sign]
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
    forms, gender = UNITS[match[3].lower()]
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
    return f"{match[2]} {match[3]} {MONEY[match[1]][0][2]}{match[4] or ''}"


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


def _price_range(match: re.Match[str]) -> str:
    return f"от {match[1]} до {match[2]}"


WORDS: Final = (
    (
        re.compile(rf"(?<=[\w.₽$€])(?<!км)(?<!бит)\s?/\s?({_PERS})(?!\w){STOP}", re.IGNORECASE),
        lambda m: f" {PER[m[1].lower()]}{m[2] or ''}",
    ),
    (re.compile(r"(?<=в )мес\.(?=\s|$)"), lambda _: "месяц"),
)
RULES: Final = (
    # Thousands as they are grouped elsewhere
    (
        re.compile(
            rf"(?<![\d.,])\d{{1,3}}(?:\.\d{{3}})+(?:,\d\d)?(?=\s?{_PAID})|(?<=[$€£])\d{{1,3}}(?:\.\d{{3}})+(?:,\d\d)?(?!\d)"
        ),
        lambda m: m.group().replace(".", ""),
    ),
    (
        re.compile(
            rf"(?<![\d.,])\d{{1,3}}(?:,\d{{3}})+(?:\.\d\d)?(?=\s?{_PAID})|(?<=[$€£])\d{{1,3}}(?:,\d{{3}})+(?:\.\d\d)?(?!\d)"
        ),
        lambda m: m.group().replace(",", ""),
    ),
    (re.compile(r"(?<=\d)\s?(?:т|тыс)\.\s?р\b\.?"), lambda _: " тыс. рублей"),
    # '2-3 р. в день' are times.
    (
        re.compile(
            r"(?<![\w.,])((?:[1-9]-)?([1-9])) ?р(?:\. |/)"
            r"(?=(?:в )?(?:день|неделю|месяц|сутки|год)\b)"
        ),
        lambda m: (
            f"{m[1]} {plural(int(m[2]), ('раз', 'раза', 'раз'))} "
            + ("в " if m.group().endswith("/") else "")
        ),
    ),
    (
        re.compile(
            rf"(?<!\bза )(?<!\bпо )(?<!\bна )(?<!\bв )(?<![\w.,-])(?<!\d )({_WHOLE})"
            rf"\s?[-–—]\s?({_WHOLE})(?=\s?{_PAID})"
        ),
        _price_range,
    ),
    (re.compile(r"([₴₸])\s?(\d[\d ]*)(?<! )"), lambda m: f"{m[2]} {_SIGNED[m[1]]}"),
    (re.compile(r"(\d)\s?([₴₸])"), lambda m: f"{m[1]} {_SIGNED[m[2]]}"),
    (
        re.compile(r"(\d)?\s?([½¼¾])"),
        lambda m: f"{m[1] or ''} {_VULGAR[m[2]]}".lstrip() if m[1] else _VULGAR[m[2]],
    ),
    (re.compile(r"(?<=\d)\s?кв\.(?=\s?метр)"), lambda _: " квадратных"),
    (re.compile(r"(?<=\d)\s?м2\b"), lambda _: " м²"),
    (re.compile(r"\b(12|24|110|127|220|230|380|400)\s?В\b"), lambda m: f"{m[1]} вольт"),
    (re.compile(rf"(?<=\d)\s?[кk](?=\s?{_PAID})"), lambda _: " тыс."),
    (re.compile(r"(?<=\d)-х(?= (?:км|м|мин)\b)"), lambda _: ""),
    (re.compile(r"(?<=\d )раб\. (?=дн)"), lambda _: "рабочих "),
    (re.compile(r"(?<=\d )кал\. (?=дн)"), lambda _: "календарных "),
    (re.compile(r"(?<![\w.,/])(\d[.,]\d)/(5|10)(?![\w/])"), lambda m: f"{m[1]} из {m[2]}"),
    (re.compile(r"(?<![\w./])(\d{2,3})/(\d{2,3})(?![\w/])"), lambda m: f"{m[1]} на {m[2]}"),
    (re.compile(r"(?<![\w.,])0[.,]5\s?(?:часа|ч\b\.?)"), lambda _: "полчаса"),
    (re.compile(r"(?<![\w.,])0[.,]5\s?(?:литра|л\b)"), lambda _: "пол-литра"),
    # 'полтора-два часа'
    (
        re.compile(r"(?<![\w.,])1[.,]5\s?[-–—]\s?(?=\d+ ?(мин|нед|шт|тыс|тонн)?)"),
        lambda m: f"{_HALF_MORE['f' if m[1] else 'm']}-",
    ),
    # A range of what is counted in one way
    (
        re.compile(r"(?<![\w.,–—-])(?<!\d )(\d{1,3})\s?[–—]\s?(?=\d{1,3}(?![\d–—-]|[.,:]\d))"),
        lambda m: f"{m[1]}-",
    ),
    (re.compile(r"(?<=\d)\s?\+\s?(?=\d)"), lambda _: " плюс "),
    (re.compile(r"(?<=\d)\s?=\s?(?=\d)"), lambda _: " равно "),
    *WORDS,
    (re.compile(r"(?<=\d)\s?(?:кв\.\s?м\b\.?|м²)"), lambda _: " кв.м"),
    (re.compile(r"(?<=\d)\s?куб\.\s?м\b"), lambda _: " м³"),
    (re.compile(r"(?<=\d)\s?л\.\s?с\b"), lambda _: " л.с"),
    (re.compile(r"(?<=\d)\s?у\.\s?е\b"), lambda _: " у.е"),
    (re.compile(r"(?<=\d)\s?[xх×]\s?(?=\d)"), lambda _: " на "),
    (re.compile(r"(?<=\d)\+(?!\s?\d)|\s\+(?=\s)"), lambda _: " плюс"),
    (re.compile(r"(?<=[\d°])\s?(?:\.{2,3}|…)\s?(?=[-+−]?\d)"), lambda _: ", "),
    (
        re.compile(r"(?<![\w)])\+\s?(?=\d{1,3}(?:\s?(?:°|градус|%)|, [-+−]?\d|[.;)]|$))"),
        lambda _: "плюс ",
    ),
    (re.compile(r"\b(USD|EUR|RUB) ?(?=\d)"), lambda m: CODES[m[1]]),
    (re.compile(r"(\d) ?(USD|EUR|RUB)\b"), lambda m: m[1] + CODES[m[2]]),
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
        lambda m: f"{m[1]} {MONEY[m[2]][0][2]}",
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
