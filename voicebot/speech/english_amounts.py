"""How English amounts are said: money, measures, fractions, ranges."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.numbers import MINUS, cardinal, ordinal

_MONEY: Final = {
    "$": ("dollar", "dollars", "cent", "cents"),
    "€": ("euro", "euros", "cent", "cents"),
    "£": ("pound", "pounds", "penny", "pence"),
    "₽": ("ruble", "rubles", "kopeck", "kopecks"),
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
    "mi": ("mile", "miles"),
    "yr": ("year", "years"),
    "yrs": ("year", "years"),
    "sq ft": ("square foot", "square feet"),
    "sq m": ("square metre", "square metres"),
    "m²": ("square metre", "square metres"),
    "m³": ("cubic metre", "cubic metres"),
    "bn": ("billion", "billion"),
    "kB": ("kilobyte", "kilobytes"),
    "MB": ("megabyte", "megabytes"),
    "GB": ("gigabyte", "gigabytes"),
    "TB": ("terabyte", "terabytes"),
    "Mbps": ("megabit per second", "megabits per second"),
    "Mbit/s": ("megabit per second", "megabits per second"),
    "Gbps": ("gigabit per second", "gigabits per second"),
    "kW": ("kilowatt", "kilowatts"),
    "kWh": ("kilowatt-hour", "kilowatt-hours"),
    "W": ("watt", "watts"),
    "kHz": ("kilohertz", "kilohertz"),
    "MHz": ("megahertz", "megahertz"),
    "GHz": ("gigahertz", "gigahertz"),
    "V": ("volt", "volts"),
    "°C": ("degree", "degrees"),
    "°F": ("degree", "degrees"),
    "°": ("degree", "degrees"),
    "k": ("thousand", "thousand"),
    "h": ("hour", "hours"),
    "p": ("penny", "pence"),
    "c": ("cent", "cents"),
    "¢": ("cent", "cents"),
}
_BEFORE_A_NOUN: Final = "min|hr|sec|km|kg|mi|lb|ft|oz|yr|GB|MB|TB|kW|W|V"
_LONG: Final = {
    "mo": "month",
    "wk": "week",
    "yr": "year",
    "hr": "hour",
    "min": "minute",
    "s": "second",
    "km": "kilometre",
    "kg": "kilogram",
}
_UNIT: Final = "|".join(sorted(map(re.escape, _UNITS), key=len, reverse=True))
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d+)"
_RANGE: Final = r"(\d{1,3})"


def _plain(number: str) -> str:
    return number.replace(",", "")


def _money(match: re.Match[str]) -> str:
    one, many, cent, cents = _MONEY[match[1]]
    amount = int(_plain(match[2]))
    rest = int((match[3] or "0").ljust(2, "0"))
    if match[4]:
        fraction = f".{match[3]}" if match[3] else ""
        return f"{cardinal(f'{amount}{fraction}', 'en')} {match[4]} {many}"
    small = f"{cardinal(str(rest), 'en')} {cent if rest == 1 else cents}" if rest else ""
    if not amount and small:
        return small
    said = f"{cardinal(str(amount), 'en')} {one if amount == 1 else many}"
    return f"{said} and {small}" if small else said


def _measure(match: re.Match[str]) -> str:
    """Read a measure. A full stop is the abbreviation's, unless the sentence ends there."""
    one, many = _UNITS[match[3]]
    number = _plain(match[1])
    return f"{cardinal(number, 'en')} {one if float(number) == 1 else many}{match[4] or ''}"


def _proportion(match: re.Match[str]) -> str:
    """Read '50/50' and '2:1'."""
    between = " to " if ":" in match.group() else " "
    return f"{cardinal(match[1], 'en')}{between}{cardinal(match[2], 'en')}"


def _inches(match: re.Match[str]) -> str:
    one = re.search(r"(?<![\d.])1$", match.string[: match.start()])
    return " inch" if one else " inches"


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


_PER: Final = r"month|mo|year|yr|week|wk|day|night|hour|hr|minute|min|person|item|km|kg|call"
_SHORT_SCALES: Final = {"k": "thousand", "m": "million", "bn": "billion", "b": "billion"}
_SCALES: Final = "thousand|million|billion"
_COMPARED: Final = {
    "<": "less than",
    ">": "more than",
    "≤": "at most",
    "≥": "at least",
    "~": "about",
    "≈": "about",
    "±": "plus or minus",
}
_VULGAR: Final = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
RULES: Final = (
    (re.compile(r"(?<![$€£₽\d.,])(\d(?:[\d.,]*\d)?)\s?([€₽])(?!\d)"), lambda m: m[2] + m[1]),
    (re.compile(r"(?:(\d)\s?)?([½¼¾])"), lambda m: f"{m[1] or ''} {_VULGAR[m[2]]}".lstrip()),
    # The decimal comma of the continent
    (re.compile(r"([$€£]\s?\d+),(?=\d\d(?!\d))"), lambda m: f"{m[1]}."),
    (re.compile(r"\b(?:US|CA|AU|NZ)\$(?=\d)"), lambda _: "$"),
    (
        re.compile(rf"([$€£])\s?{_NUMBER}(?:(\.\d+))?(k|m|bn|b)\b", re.IGNORECASE),
        lambda m: f"{m[1]}{m[2]}{m[3] or ''} {_SHORT_SCALES[m[4].lower()]}",
    ),
    (
        re.compile(rf"([{''.join(_COMPARED)}])\s?(?=[$€£]?\d)"),
        lambda m: f"{_COMPARED[m[1]]} ",
    ),
    (re.compile(r"(?<=\d)\+(?!\s?\d)"), lambda _: " plus"),
    (re.compile(r"(?<![\w)])\+(?=\d{1,2}\s?°)"), lambda _: "plus "),
    (re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)"), lambda _: " by "),
    (re.compile(r"(?<=\d)x\b"), lambda _: " times"),
    (re.compile(r"\b(\d)'\s?(\d{1,2})(?:\"|”|'')"), lambda m: f"{m[1]} foot {m[2]}"),
    (
        re.compile(rf"\b(\d+)-({_BEFORE_A_NOUN})\b(?:\.(?= [a-z]))?"),
        lambda m: f"{m[1]}-{_UNITS[m[2]][0]}",
    ),
    (
        re.compile(rf"(?<=[\w.])\s?/\s?({_PER})\b{STOP}"),
        lambda m: f" per {_LONG.get(m[1], m[1])}{m[2] or ''}",
    ),
    (re.compile(r"(?<=[kMG]B)/s\b"), lambda _: " per second"),
    (re.compile(r"\bw/o\b|\bw/(?=\s)"), lambda m: "without" if "o" in m.group() else "with"),
    (re.compile(r"\s\+\s"), lambda _: " plus "),
    # 'in' is mostly the word.
    (re.compile(r"(?<=\d) ?in\.(?=[\s,]|$)|(?<=ft \d) in\b|(?<=ft\. \d) in\b"), _inches),
    (re.compile(r"\bper (hr|min|km|kg)\b"), lambda m: f"per {_LONG[m[1]]}"),
    # The sign of one end of a range stands for both.
    (
        re.compile(rf"[$€£](\d[\d,.]*(?: (?:{_SCALES}))?)\s?[-–—]\s?(?=[$€£]\d)"),
        lambda m: f"{m[1]} to ",
    ),
    (re.compile(r"([$€£])(\d[\d,.]*)\s?[-–—]\s?(?=\d)"), lambda m: f"{m[2]} to {m[1]}"),
    (re.compile(r"(\d)\s?%\s?[-–—]\s?(?=\d+\s?%)"), lambda m: f"{m[1]} to "),
    (re.compile(rf"{MINUS}(?=[$€£₽]?\d)"), lambda _: "minus "),
    (re.compile(rf"\b({'|'.join(_CODES)})\s?(?=\d)"), lambda m: _CODES[m[1]]),
    (re.compile(rf"\b(\d[\d.,]*)\s?({'|'.join(_CODES)})\b"), lambda m: _CODES[m[2]] + m[1]),
    (
        re.compile(rf"([$€£₽])\s?{_NUMBER}(?:\.(\d{{1,2}}))?(?:\s?({_SCALES})\b)?(?!\w)"),
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
    # Without groups it is a phone's number, unless it is told what is counted.
    (
        re.compile(
            r"(?<![\w.,+-])[1-9]\d{6,8}"
            r"(?= (?:dollars|euros|pounds|rubles|people|customers|users|units|times|square)\b)"
        ),
        lambda m: cardinal(m.group(), "en"),
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
    (re.compile(r"№\s?|#(?=[A-Z]?\d)"), lambda _: "number "),
    (re.compile(r"\s&\s"), lambda _: " and "),
)
