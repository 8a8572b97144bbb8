"""Reads written text as people say it: numbers, times, dates, money, addresses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.speech import reading_english, reading_russian
from voicebot.speech.abbreviations import ANYWHERE, BEFORE_A_NUMBER, BEFORE_A_WORD
from voicebot.speech.numbers import cardinal, digits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Rule: TypeAlias = "tuple[re.Pattern[str], Callable[[re.Match[str]], str]]"
"""What is looked for, and how what was found is said."""

_MARKUP: Final = (
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"```.*?```", re.DOTALL), " "),
    (re.compile(r"(\*\*|__|~~|`)"), ""),
    (re.compile(r"(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)"), ""),
    (re.compile(r"(?m)^\s*(?:#{1,6}|>|[-*•]|\d+[.)])\s+"), ""),
    # Pictures, arrows and the marks that join them.
    (re.compile("[\U0001f000-\U0001faff\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]"), ""),
)
_EMAIL: Final = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_URL: Final = re.compile(r"(?:https?://|\bwww\.)\S*[\w/]")
_PHONE: Final = re.compile(r"(?<![\w.,])(\+?)(\(?\d[\d()\s‑–-]{5,}\d)(?![\w]|[.,:]\d)")
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:[.,]\d+)?(?!\w)")
_ANY_DIGITS: Final = re.compile(r"\d+")
# What follows each kind of abbreviation, and whether its full stop also ends the sentence.
_TAILS: Final = (
    (BEFORE_A_WORD, ((r"(?=\s)", ""),)),
    (BEFORE_A_NUMBER, ((r"(?=\s?\d)", ""),)),
    (ANYWHERE, ((r"(?=,|\s+(?-i:[a-zа-яё]))", ""), (r"(?=\s|$)", "."))),
)
_GAPS: Final = re.compile(r"[ \t]+")

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "en": reading_english.RULES,
    "ru": reading_russian.RULES,
}
_SIGNS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": reading_english.SIGNS,
    "ru": reading_russian.SIGNS,
}


def speakable(text: str, language: str) -> str:
    """Return ``text`` as it is read aloud: no markup, no digits, no signs.

    Reading twice changes nothing. In a language without tables markup goes, and plain numbers are
    read where their words are known.
    """
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    signs = _SIGNS.get(language)
    if signs is not None:
        text = _URL.sub(lambda match: _address(match.group(), signs), text)
        text = _EMAIL.sub(lambda match: _address(match.group(), signs), text)
    for pattern, say in _RULES.get(language, ()):
        text = pattern.sub(say, text)
    text = _PHONE.sub(lambda match: _phone(match, language), text)
    text = _abbreviations(text, language)
    text = _NUMBER.sub(lambda match: cardinal(match.group(), language), text)
    if language in _RULES:
        text = _ANY_DIGITS.sub(lambda match: f" {digits(match.group(), language)} ", text)
    return _GAPS.sub(" ", text).strip()


def _address(address: str, signs: Mapping[str, str]) -> str:
    """Read an address of mail or web: 'hello at northwind dot example'."""
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip("/")
    return "".join(f" {signs[char]} " if char in signs else char for char in plain).strip()


def _phone(match: re.Match[str], language: str) -> str:
    plus, number = match.groups()
    sign = _SIGNS.get(language, {}).get("+", "+")
    groups = [digits(group, language) for group in _ANY_DIGITS.findall(number)]
    if sum(char.isdigit() for char in number) < 7:
        return match.group()
    return f"{sign} {', '.join(groups)}" if plus else ", ".join(groups)


def _abbreviations(text: str, language: str) -> str:
    for table, tails in _TAILS:
        for short, long in sorted(table.get(language, {}).items(), key=lambda item: -len(item[0])):
            for tail, ending in tails:
                pattern = rf"(?<![\w.]){re.escape(short)}\.{tail}"
                text = re.sub(pattern, long + ending, text, flags=re.IGNORECASE)
    return text
