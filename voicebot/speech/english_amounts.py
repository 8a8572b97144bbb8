"""How English amounts are said: money, measures, fractions, ranges, numbers that are names."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import MINUS, cardinal, digits, ordinal

_MONEY: Final = {
    "$": ("dollar", "dollars", "cents"),
    "€": ("euro", "euros", "cents"),
    "£": ("pound", "pounds", "pence"),
    "₽": ("ruble", "rubles", "kopecks"),
}
_CODES: Final = {"USD": "$", "EUR": "€", "GBP": "£", "RUB": "₽"}
# One, and more. Only what is written like this after a number.
_UNITS: Final = {
    "km": ("kilometre", "kilometres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "m": ("metre", "metres"),
    "kg": ("kilogram", "kilograms"),
    "g": ("gram", "grams"),
    "ml": ("millilitre", "millilitres"),
    "l": ("litre", "litres"),
    "ft": ("foot", "feet"),
    "lb": ("pound", "pounds"),
    "lbs": ("pound", "pounds"),
    "oz": ("ounce", "ounces"),
    "mph": ("mile an hour", "miles an hour"),
    "km/h": ("kilometre an hour", "kilometres an hour"),
    "hr": ("hour", "hours"),
    "hrs": ("hour", "hours"),
    "min": ("minute", "minutes"),
    "mins": ("minute", "minutes"),
    "sec": ("second", "seconds"),
    "secs": ("second", "seconds"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "kW": ("kilowatt", "kilowatts"),
    "°C": ("degree", "degrees"),
    "°F": ("degree", "degrees"),
    "°": ("degree", "degrees"),
    "k": ("thousand", "thousand"),
    "h": ("hour", "hours"),
    "p": ("penny", "pence"),
    "c": ("cent", "cents"),
}
_LONG: Final = {"hr": "hour", "min": "minute", "km": "kilometre", "kg": "kilogram"}
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_STREETS: Final = {
    "St": "Street",
    "Rd": "Road",
    "Ave": "Avenue",
    "Blvd": "Boulevard",
    "Sq": "Square",
    "Ln": "Lane",
}
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d+)"
_RANGE: Final = r"(\d{1,3})"
_SERVICE: Final = r"112|911|999|000|10[1-5]|11\d"
_NAMES: Final = r"order|code|pin|id|ticket|reference|account|invoice|booking|case"


def _plain(number: str) -> str:
    return number.replace(",", "")


def _money(match: re.Match[str]) -> str:
    one, many, cents = _MONEY[match[1]]
    amount = int(_plain(match[2]))
    rest = int((match[3] or "0").ljust(2, "0"))
    if match[4]:
        fraction = f".{match[3]}" if match[3] else ""
        return f"{cardinal(f'{amount}{fraction}', 'en')} {match[4]} {many}"
    small = f"{cardinal(str(rest), 'en')} {cents}" if rest else ""
    if not amount and small:
        return small
    said = f"{cardinal(str(amount), 'en')} {one if amount == 1 else many}"
    return f"{said} and {small}" if small else said


def _measure(match: re.Match[str]) -> str:
    """Read a measure. A full stop is the abbreviation's, unless the sentence ends there."""
    one, many = _UNITS[match[3]]
    number = _plain(match[1])
    return f"{cardinal(number, 'en')} {one if float(number) == 1 else many}{match[4] or ''}"


def _dialled(match: re.Match[str]) -> str:
    numbers = " or ".join(digits(number, "en") for number in match.groups()[1:] if number)
    return f"{match[1]} {numbers}"


def _proportion(match: re.Match[str]) -> str:
    """Read '50/50' and '2:1'."""
    between = " to " if ":" in match.group() else " "
    return f"{cardinal(match[1], 'en')}{between}{cardinal(match[2], 'en')}"


def _fraction(match: re.Match[str]) -> str:
    whole, over, under = match[1], int(match[2]), int(match[3])
    if not 1 < under <= 10 or over >= under:
        return match.group()
    part = {2: "half", 4: "quarter"}.get(under) or ordinal(under, "en")
    if over > 1:
        said = f"{cardinal(str(over), 'en')} {part}s"
    else:
        said = f"{'a' if whole or part == 'half' else 'one'} {part}"
    return f"{cardinal(whole, 'en')} and {said}" if whole else said


_PER: Final = r"month|year|week|day|night|hour|hr|minute|min|person|item|km|kg|call"
_SHORT_SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion"}
_VULGAR: Final = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
RULES: Final = (
    (re.compile(r"(?:(\d)\s?)?([½¼¾])"), lambda m: f"{m[1] or ''} {_VULGAR[m[2]]}".lstrip()),
    (
        re.compile(rf"([$€£])\s?{_NUMBER}(?:(\.\d+))?(k|m|bn)\b"),
        lambda m: f"{m[1]}{m[2]}{m[3] or ''} {_SHORT_SCALES[m[4]]}",
    ),
    (re.compile(rf"(?<=[\w.])\s?/\s?({_PER})\b"), lambda m: f" per {_LONG.get(m[1], m[1])}"),
    # The sign of one end of a range stands for both.
    (re.compile(r"[$€£](\d[\d,.]*)\s?[-–—]\s?(?=[$€£]\d)"), lambda m: f"{m[1]} to "),
    (re.compile(r"([$€£])(\d[\d,.]*)\s?[-–—]\s?(?=\d)"), lambda m: f"{m[2]} to {m[1]}"),
    (re.compile(r"(\d)\s?%\s?[-–—]\s?(?=\d+\s?%)"), lambda m: f"{m[1]} to "),
    (re.compile(r"\b24/7\b"), lambda _: "around the clock"),
    (
        re.compile(r"\b(?:extension|ext\.?)\s+(\d+)(?:\s?[-–—]\s?(\d+))?", re.IGNORECASE),
        lambda m: f"extension {' to '.join(digits(each, 'en') for each in m.groups() if each)}",
    ),
    (
        re.compile(
            rf"\b(?!(?<=in )case \d)((?:{_NAMES})(?: number| no\.)?(?: is)?:? )#?(\d{{4,}})\b",
            re.IGNORECASE,
        ),
        lambda m: re.sub(r"\bno\.", "number", m[1]) + digits(m[2], "en"),
    ),
    (re.compile(rf"\b(call|dial) ({_SERVICE})\b(?: or ({_SERVICE})\b)?", re.IGNORECASE), _dialled),
    (re.compile(rf"{MINUS}(?=[$€£₽]?\d)"), lambda _: "minus "),
    (re.compile(rf"\b({'|'.join(_CODES)})\s?(?=\d)"), lambda m: _CODES[m[1]]),
    (re.compile(rf"\b(\d[\d.,]*)\s?({'|'.join(_CODES)})\b"), lambda m: _CODES[m[2]] + m[1]),
    (
        re.compile(
            rf"([$€£₽])\s?{_NUMBER}(?:\.(\d{{1,2}}))?(?:\s?(thousand|million|billion)\b)?(?!\w)"
        ),
        _money,
    ),
    (
        re.compile(rf"(?<![\w.,-]){_RANGE}\s?[-–—]\s?{_RANGE}(?![\d-]|[.,]\d)"),
        lambda m: f"{m[1]} {'and' if m.string[: m.start()].endswith('between ') else 'to'} {m[2]}",
    ),
    (
        re.compile(rf"(?<![\w.,])({_NUMBER}(?:\.\d+)?)\s?({_UNIT})(?!\w){STOP}"),
        _measure,
    ),
    (re.compile(r"(?<![\w/])(?:(\d+) )?(\d)/(\d{1,2})(?![\w/])"), _fraction),
    (
        re.compile(r"(?<![\w/:])(\d{1,3})(?:/(?=\d{1,3}(?![\w/]))|:(?=\d(?!\w)))(\d{1,3})"),
        _proportion,
    ),
    (
        re.compile(r"\b\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)"),
        lambda m: cardinal(_plain(m.group()), "en"),
    ),
    (
        re.compile(r"(?<![\w.])\d+(?:\.\d+){2,}(?![\w.]*\w)"),
        lambda m: m.group().replace(".", " point "),
    ),
    (re.compile(r"(?<![\w.])\.(?=\d)"), lambda _: "point "),
    (re.compile(r"\b(\d+)(?:st|nd|rd|th)\b"), lambda m: ordinal(int(m[1]), "en")),
    (re.compile(r"(?<=\d)\s?%"), lambda _: " percent"),
    (re.compile(r"№\s?|#(?=\d)"), lambda _: "number "),
    (
        re.compile(rf"\b(\d+\w?(?: [A-Z]\w+)+ )({'|'.join(_STREETS)})\b{STOP}"),
        lambda m: m[1] + _STREETS[m[2]] + (m[3] or ""),
    ),
    (re.compile(r"\s&\s"), lambda _: " and "),
)
