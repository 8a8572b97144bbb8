"""How English text tells what to dial: keys, codes of keys, extensions, short numbers."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import digits

_SERVICE: Final = r"112|911|999|000|10[1-5]|11\d"
_KEYS: Final = {"#": "hash", "*": "star"}
_TO_DIAL: Final = re.compile(r"\b(?:press|dial|enter|hit|push|type)\b", re.IGNORECASE)
_BEFORE_A_KEY: Final = frozenset(["press", "dial", "enter", "hit", "push", "type", "or", "then"])
_SHORTEST_PHONE: Final = 7
_EXTENSION: Final = r"#?\d{1,6}(?![\d:]|[-.]\d)"


def _code(match: re.Match[str]) -> str:
    """Read '*67' key by key. '#1' is a number, unless it is to be pressed."""
    before, code = match[1] or "", match[2]
    if code.startswith("#") and not re.search(r"[#*]", code[1:]):
        earlier = _TO_DIAL.search(match.string[: match.end(1)] if before else "")
        if not earlier or before.strip().lower() not in _BEFORE_A_KEY:
            return match.group()
    keys = re.findall(r"\d+|[#*]", code)
    return before + " ".join(_KEYS.get(key) or _dialled(key) for key in keys)


def _dialled(number: str) -> str:
    # A phone's number is grouped where they are read.
    return number if len(number) >= _SHORTEST_PHONE else digits(number, "en")


def _extensions(match: re.Match[str]) -> str:
    said = re.sub(r"\d+", lambda each: digits(each.group(), "en"), match[4].replace("#", ""))
    joined = re.sub(r"\s?[-–—]\s?", " to ", said.replace("/", " or "))
    return f"extension{match[1] or match[2] or ''} {match[3] or ''}{joined}"


def _service(match: re.Match[str]) -> str:
    numbers = " or ".join(digits(number, "en") for number in match.groups()[1:] if number)
    return f"{match[1]} {numbers}"


WORDS: Final = (
    (
        re.compile(r"\b(press|dial|enter|hit|or|then|and|the|by|with) ([#*])(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {_KEYS[m[2]]}",
    ),
)
RULES: Final = (
    (re.compile(r"(\w+ )?(?<![\w*#])((?:[*#]+\d+)+[#*]?|\d+#)(?![\w#*])"), _code),
    *WORDS,
    (
        re.compile(
            r"\b(?:extension(s?)|ext(s?)\b\.?):?\s*(is )?"
            rf"({_EXTENSION}(?:(?:,? (?:and|or|to|through) |, |/){_EXTENSION})*"
            r"|\d+\s?[-–—]\s?\d+)",
            re.IGNORECASE,
        ),
        _extensions,
    ),
    (
        re.compile(r"(?<=\d{4}),? x(\d{1,5})\b|(?<![\w.])(?<!\d )x(\d{3,5})\b"),
        lambda m: f"{' ' if m[1] else ''}extension {digits(m[1] or m[2], 'en')}",
    ),
    (re.compile(rf"\b(call|dial) ({_SERVICE})\b(?: or ({_SERVICE})\b)?", re.IGNORECASE), _service),
    (
        re.compile(r"\b([Tt]ext (?:\W?\w+\W? )?to )(\d{4,6})\b"),
        lambda m: m[1] + digits(m[2], "en"),
    ),
    (
        re.compile(r"(?<![\w-])\d(?:-\d){2,7}(?![\w-])"),
        lambda m: digits(m.group(), "en"),
    ),
    (
        re.compile(r"(?<![\w-])1-8(\d\d)-(?=[A-Z]{3})"),
        lambda m: f"one, eight {'hundred' if m[1] == '00' else digits(m[1], 'en')}, ",
    ),
    (re.compile(r"(\+\d{1,3}\s?)\(0\)\s?"), lambda m: f"{m[1].rstrip()} "),
)
