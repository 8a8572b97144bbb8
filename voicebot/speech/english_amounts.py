"""How English amounts are said: money, measures, fractions, ranges."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.abbreviations import STOP
from voicebot.speech.english_units import BEFORE_A_NOUN, CODES, COUNTED, LONG, MONEY, UNITS
from voicebot.speech.numbers import MINUS, cardinal, ordinal

_UNIT: Final = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d+)"
_RANGE: Final = r"(\d{1,3})"


def _plain(number: str) -> str:
    return number.replace(",", "")


def _money(match: re.Match[str]) -> str:
    one, many, cent, cents = MONEY[match[1]]
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


def _worth(match: re.Match[str]) -> str:
    """Read what something is worth, before its name: 'a fifty dollar deposit'."""
    sign, amount, cents = (match[at] or match[at + 3] for at in (1, 2, 3))
    one, _, cent, _ = MONEY[sign]
    said = f"{cardinal(_plain(amount), 'en')} {one}"
    return f"{said} and {cardinal(str(int(cents)), 'en')} {cent}" if cents else said


def _measure(match: re.Match[str]) -> str:
    """Read a measure. A full stop is the abbreviation's, unless the sentence ends there."""
    one, many = UNITS[match[3]]
    number = _plain(match[1])
    return f"{cardinal(number, 'en')} {one if float(number) == 1 else many}{match[4] or ''}"


def _proportion(match: re.Match[str]) -> str:
    """Read '50/50' and '2:1'."""
    between = " to " if ":" in match.group() else " "
    return f"{cardinal(match[1], 'en')}{between}{cardinal(match[2], 'en')}"


def _continental(match: re.Match[str]) -> str:
    """Write '1.234,56' as English does. A price of three decimals is one of thousands."""
    return match.group().replace(".", "").replace(",", ".")


def _screen(match: re.Match[str]) -> str:
    """Read '27" screen', where no quotation ends."""
    quoted = match.string[: match.start()].count('"') % 2
    return match.group() if quoted else f" inch{'' if match[1] else 'es'}"


def _plural(match: re.Match[str]) -> str:
    """Read 'over 65s' and '1000s of'."""
    many = {"100": "hundred", "1000": "thousand"}.get(match[1]) or cardinal(match[1], "en")
    if many.endswith("y"):
        return f"{many.removesuffix('y')}ies"
    return f"{many}{'es' if many.endswith('x') else 's'}"


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


# What has its worth before it: 'a $50 refundable deposit'.
_WORTH: Final = (
    "deposit|fee|bill|note|coin|voucher|discount|credit|charge|surcharge|coupon|ticket|minimum|"
    "copay|penalty|refund|rebate|gift|card"
)
_ADJECTIVE: Final = r"(?!and|or|plus|per|as|in|of|for|the|an?|with|off|each|no|is|on|to|by)[a-z-]+"
_PER: Final = r"month|mo|year|yr|week|wk|day|night|hour|hr|minute|min|person|item|km|kg|call|GB"
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
WORDS: Final = (
    (re.compile(r"\bw/o\b|\bw/(?=\s)"), lambda m: "without" if "o" in m.group() else "with"),
    (re.compile(r"\s\+\s"), lambda _: " plus "),
    (re.compile(r"\s=\s"), lambda _: " equals "),
    (re.compile(r"\b([A-F])\+(?=\s|[.,]|$)"), lambda m: f"{m[1]} plus"),
    (re.compile(r"\bper (hr|min|km|kg)\b"), lambda m: f"per {LONG[m[1]]}"),
    (re.compile(r"№\s?|#(?=[A-Z]?\d)"), lambda _: "number "),
    (re.compile(r"§\s?"), lambda _: "section "),
    (re.compile(r"\s&\s"), lambda _: " and "),
    # 'he/she' and 'yes / no', but 'and/or'
    (
        re.compile(r"(?<![\w/.])(?!and/or\b)([a-z-]{2,})\s?/\s?(?=[a-z-]{2,}(?![\w/]))"),
        lambda m: f"{m[1]} or ",
    ),
)
RULES: Final = (
    (re.compile(r"(?<![$€£₽¥\d.,])(\d(?:[\d.,]*\d)?)\s?([€₽¥])(?!\d)"), lambda m: m[2] + m[1]),
    (re.compile(r"½ (?=price\b|board\b|term\b)"), lambda _: "half "),
    (re.compile(r"(?:(\d)\s?)?([½¼¾])"), lambda m: f"{m[1] or ''} {_VULGAR[m[2]]}".lstrip()),
    # As the continent writes amounts
    (re.compile(r"(?<=[€$£¥])\s?\d{1,3}(?:\.\d{3})+(?:,\d\d)(?!\d)"), _continental),
    (re.compile(r"(?<=€)\s?\d{1,3}(?:\.\d{3})+(?![\d.,]*\d)"), _continental),
    (re.compile(r"([$€£¥]\s?\d+),(?=\d\d(?!\d))"), lambda m: f"{m[1]}."),
    (re.compile(r"\b(?:US|CA|AU|NZ)\$(?=\d)"), lambda _: "$"),
    (
        re.compile(rf"([$€£¥])\s?{_NUMBER}(?:(\.\d+))?(k|m|bn|b)\b", re.IGNORECASE),
        lambda m: f"{m[1]}{m[2]}{m[3] or ''} {_SHORT_SCALES[m[4].lower()]}",
    ),
    (
        re.compile(rf"([{''.join(_COMPARED)}])\s?(?=[$€£¥]?\d)"),
        lambda m: f"{_COMPARED[m[1]]} ",
    ),
    (re.compile(r"(?<=\d)\+(?!\s?\d)"), lambda _: " plus"),
    (re.compile(r"(?<=\d)\s?\+\s?(?=\d)"), lambda _: " plus "),
    (re.compile(r"(?<=\d)\s?=\s?(?=\d)"), lambda _: " equals "),
    (re.compile(r"(?<![\w)])\+(?=\d{1,2}\s?°)"), lambda _: "plus "),
    (re.compile(r"(?<=\d)\s?[x×]\s?(?=\d)"), lambda _: " by "),
    (re.compile(r"(?<=\d)x\b"), lambda _: " times"),
    (re.compile(r"\b(\d)'\s?(\d{1,2})(?:\"|”|'')"), lambda m: f"{m[1]} foot {m[2]}"),
    (
        re.compile(
            r"\b(?:(\d+)-|(?<=\ba )(\d+)\s?(?=[A-Za-z]+\.? [a-z]))"
            rf"({BEFORE_A_NOUN})\b(?:\.(?= [a-z]))?"
        ),
        lambda m: f"{m[1] or m[2]}-{UNITS[m[3]][0]}",
    ),
    (
        re.compile(
            rf"([$€£¥]){_NUMBER}(?:\.(\d\d))?(?= (?:{_ADJECTIVE} )?(?:{_WORTH})\b)"
            rf"|(?<=\ba )([$€£¥]){_NUMBER}(?:\.(\d\d))?(?= [a-z])"
        ),
        _worth,
    ),
    (re.compile(r"(?<=\d)\s?pp\b"), lambda _: " per person"),
    (re.compile(r"\bsq\.\s?(ft|m)\b"), lambda m: f"sq {m[1]}"),
    (re.compile(r"(?<!\d )\b(max|min)\.(?=\s?[$€£¥~]?\d)", re.IGNORECASE), lambda m: f"{m[1]}imum"),
    (re.compile(r"(?<=\d)\"(?=(?: ([a-z]))|[,;.)]|$)"), _screen),
    (
        re.compile(rf"(?<=[\w.])\s?/\s?({_PER})\b{STOP}"),
        lambda m: f" per {LONG.get(m[1], m[1])}{m[2] or ''}",
    ),
    (
        re.compile(rf"([$€£¥][\d.,]*\d)\s?/\s?(?=\d+\s?(?:{_PER})s?\b)"),
        lambda m: f"{m[1]} per ",
    ),
    (re.compile(r"(?<=[a-z])\s?/\s?(?=\d)"), lambda _: ", "),
    (re.compile(rf"(?<=\d/\d)\s?({BEFORE_A_NOUN})\b"), lambda m: f" {UNITS[m[1]][0]}"),
    (re.compile(r"(?<=\d)K(?=\+)"), lambda _: " thousand"),
    (re.compile(r"(?<=\d)M (?=[a-z]+s\b)"), lambda _: " million "),
    (re.compile(r"(?<= a )(min|hr)\b(?:\.(?!\s*$))?"), lambda m: LONG[m[1]]),
    (re.compile(r"(?<=[kMG]B)/s\b"), lambda _: " per second"),
    # 'in' is mostly the word.
    (
        re.compile(
            r"(?<=\d) ?in\.(?=[\s,]|$)|(?<=ft \d) in\b|(?<=ft\. \d) in\b|(?<=ft \d)in\b"
            r"|(?<=ft \d\d) ?in\b"
        ),
        _inches,
    ),
    # The sign of one end of a range stands for both.
    (
        re.compile(rf"[$€£¥](\d[\d,.]*(?: (?:{_SCALES}))?)\s?[-–—]\s?(?=[$€£¥]\d)"),
        lambda m: f"{m[1]} to ",
    ),
    (re.compile(r"([$€£¥])(\d[\d,.]*)\s?[-–—]\s?(?=\d)"), lambda m: f"{m[2]} to {m[1]}"),
    (re.compile(r"(\d)\s?%\s?[-–—]\s?(?=\d+\s?%)"), lambda m: f"{m[1]} to "),
    (re.compile(rf"{MINUS}(?=[$€£₽¥]?\d)"), lambda _: "minus "),
    (re.compile(rf"\b({'|'.join(CODES)})\s?(?=\d)"), lambda m: CODES[m[1]]),
    (re.compile(r"\b(CHF|CAD|AUD)\s?(\d[\d.,]*)(?<!\D)"), lambda m: f"{m[2]} {m[1]}"),
    (re.compile(rf"\b(\d[\d.,]*)\s?({'|'.join(CODES)})\b"), lambda m: CODES[m[2]] + m[1]),
    (
        re.compile(rf"([$€£₽¥])\s?{_NUMBER}(?:\.(\d{{1,2}}))?(?:\s?({_SCALES})\b)?(?!\w)"),
        _money,
    ),
    (
        re.compile(rf"(?<![\w.,-]){_RANGE}\s?[-–—]\s?{_RANGE}(?![\d-]|[.,]\d)"),
        lambda m: f"{m[1]} {'and' if m.string[: m.start()].endswith('between ') else 'to'} {m[2]}",
    ),
    (
        re.compile(rf"(?<![\w.,])(?<!\d/)({_NUMBER}(?:\.\d+)?)\s?({_UNIT})(?!\w){STOP}"),
        _measure,
    ),
    # Marks: '4.5/5', 'rated 8/10', '10/10'
    (
        re.compile(
            r"(?<![\w./])(\d\.\d|(?<=rated )\d+|(?<=scored )\d+|10(?=/10)|5(?=/5)|\d(?=/(?:5|10) "
            r"(?:stars|on|people|customers)\b))/(5|10|100)(?![\w/])"
        ),
        lambda m: f"{m[1]} out of {m[2]}",
    ),
    (re.compile(r"(?<![\w/])(\d/\d)(?:rds?|ths?)\b"), lambda m: m[1]),
    (re.compile(r"(?<![\w/])1/2 (?=price\b|board\b|term\b)"), lambda _: "half "),
    (re.compile(r"(?<![\w/])(?:(\d+) )?(\d)/(\d{1,2})(?![\w/])"), _fraction),
    (re.compile(r"(?<![\w'’/])(\d{1,2}|100|1000)s\b"), _plural),
    (
        re.compile(r"(?<![\w/:])(\d{1,3})(?:/(?=\d{1,3}(?![\w/]))|:(?=\d(?!\w)))(\d{1,3})"),
        _proportion,
    ),
    # Without groups it is a phone's number, unless it is told what is counted.
    (
        re.compile(
            r"(?<![\w.,+-])[1-9]\d{6,8}"
            rf"(?= (?:{COUNTED})\b)"
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
    *WORDS,
)
