"""How Russian text tells what to dial: keys, codes of keys, extensions."""

from __future__ import annotations

import re
from typing import Final

from voicebot.speech.numbers import digits, groups

# Nominative, and what is pressed.
_KEYS: Final = {"#": ("решётка", "решётку"), "*": ("звёздочка", "звёздочку")}
_TO_DIAL: Final = re.compile(r"\b(?:на[жб]\w+|введ\w+|ввод\w+)", re.IGNORECASE)
_BEFORE_A_KEY: Final = re.compile(r"\b(?:на[жб]\w+|введ\w+|ввод\w+|или|затем|и) $", re.IGNORECASE)
_SHORTEST_PHONE: Final = 6
_EXTENSION: Final = r"\d{1,6}(?![\d:]|[-.]\d)"
_PHONE: Final = r"(?=[+\d(][\d\s()-]{6,})"


def _code(match: re.Match[str]) -> str:
    """Read '*67' key by key. '#1' is a number, unless it is to be pressed."""
    before, code = match.string[: match.start()], match.group()
    pressed = _TO_DIAL.search(before) is not None
    only_number = code.startswith("#") and not re.search(r"[#*]", code[1:])
    if only_number and not (pressed and _BEFORE_A_KEY.search(before)):
        return code
    keys = re.findall(r"\d+|[#*]", code)
    return " ".join(_KEYS[key][pressed] if key in _KEYS else _dialled(key) for key in keys)


def _dialled(number: str) -> str:
    # A phone's number is grouped where they are read.
    return number if len(number) > _SHORTEST_PHONE else digits(number, "ru")


def _extensions(match: re.Match[str]) -> str:
    said = re.sub(r"\d+", lambda each: digits(each.group(), "ru"), match[2])
    return f"{match[1]} {said.replace('/', ' или ')}"


WORDS: Final = (
    (
        re.compile(r"\b(по|к) тел\.", re.IGNORECASE),
        lambda m: f"{m[1]} телефону",
    ),
    (
        re.compile(r"\b(с|по|к) доб\.", re.IGNORECASE),
        lambda m: f"{m[1]} {'добавочным' if m[1].lower() == 'с' else 'добавочному'}",
    ),
    (
        re.compile(r"\b(нажмите|наберите|или|затем|и) ([#*])(?!\w)", re.IGNORECASE),
        lambda m: f"{m[1]} {_KEYS[m[2]][1]}",
    ),
)
RULES: Final = (
    (re.compile(r"(?<![\w*#])(?:(?:[*#]+\d+)+[#*]?|\d+#)(?![\w#*])"), _code),
    *WORDS,
    (re.compile(r"\bтел/факс\b", re.IGNORECASE), lambda _: "телефон и факс"),
    (re.compile(rf"\bм\.\s?т\.:? ?{_PHONE}", re.IGNORECASE), lambda _: "мобильный телефон "),
    (re.compile(rf"\bмоб\.:? ?{_PHONE}", re.IGNORECASE), lambda _: "мобильный "),
    (re.compile(rf"(?<!\d )(?<!\w)т\.:? ?{_PHONE}", re.IGNORECASE), lambda _: "телефон "),
    (re.compile(r"\bвн\.:? ?(?=\d)", re.IGNORECASE), lambda _: "внутренний номер "),
    (
        re.compile(
            r"\b(добавочн\w+|доб\.|внутренн\w+(?: номер\w*)?):?\s*"
            rf"({_EXTENSION}(?:(?:,? (?:и|или) |, |/){_EXTENSION})*)",
            re.IGNORECASE,
        ),
        _extensions,
    ),
    # Of six digits
    (
        re.compile(r"(?<![\w-])\d\d-\d\d-\d\d(?![\w-])"),
        lambda m: groups(m.group(), "ru"),
    ),
)
