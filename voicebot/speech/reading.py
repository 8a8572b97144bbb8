"""Reads written text as people say it: numbers, times, dates, money, addresses."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.speech import reading_english, reading_russian
from voicebot.speech.abbreviations import ANYWHERE, BEFORE_A_NUMBER, BEFORE_A_WORD
from voicebot.speech.numbers import cardinal, digits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    _Kind: TypeAlias = tuple[Mapping[str, Mapping[str, str]], tuple[tuple[str, str], ...]]

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
_DOMAINS: Final = (
    "com|org|net|info|io|biz|shop|app|dev|eu|uk|ca|de|fr|es|nl|pl|ru|su|by|kz|ua|рф|me|example|test"
)
_URL: Final = re.compile(
    rf"(?:https?://|\bwww\.)\S*[\w/]|(?<![\w@.-])(?:[\w-]+\.)+(?:{_DOMAINS})\b(?:/\S*[\w/])?"
)
_PHONE: Final = re.compile(r"(?<![\w.,])(\+?)(\(?\d[\d()\s‑–-]{5,}\d)(?![\w]|[.,:]\d)")
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:[.,]\d+)?(?!\w)")
_ANY_DIGITS: Final = re.compile(r"\d+")
# How the digits of a phone number without spaces are grouped, by language and their count.
_PHONES: Final = {
    ("en", 7): (3, 4),
    ("en", 10): (3, 3, 4),
    ("en", 11): (1, 3, 3, 4),
    ("ru", 7): (3, 2, 2),
    ("ru", 10): (3, 3, 2, 2),
    ("ru", 11): (1, 3, 3, 2, 2),
}
_SHORTEST_PHONE: Final = 7
_WITH_TRUNK: Final = 11
_GAPS: Final = re.compile(r"[ \t]+")

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "en": reading_english.RULES,
    "ru": reading_russian.RULES,
}
_SIGNS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": reading_english.SIGNS,
    "ru": reading_russian.SIGNS,
}


def _compiled(*kinds: _Kind) -> Mapping[str, tuple[tuple[re.Pattern[str], str], ...]]:
    """Return for each language what is looked for, the longest first, and what stands for it."""
    return {
        language: tuple(
            (re.compile(rf"(?<![\w.]){re.escape(short)}\.{tail}", re.IGNORECASE), long + ending)
            for table, tails in kinds
            for short, long in sorted(table[language].items(), key=lambda item: -len(item[0]))
            for tail, ending in tails
        )
        for language in _RULES
    }


# What follows each kind of abbreviation, and whether its full stop also ends the sentence.
_NUMBERED: Final = _compiled((BEFORE_A_NUMBER, ((r"(?=\s?\d)", ""),)))
_ABBREVIATIONS: Final = _compiled(
    (BEFORE_A_WORD, ((r"(?=[\s:,])", ""),)),
    (ANYWHERE, ((r"(?=,|\s+(?-i:[a-zа-яё]))", ""), (r"(?=\s|$)", "."))),
)


def speakable(text: str, language: str) -> str:
    """Return ``text`` as it is read aloud: no markup, no digits, no signs.

    Reading twice changes nothing. In a language without tables markup goes, and plain numbers are
    read where their words are known.
    """
    for pattern, replacement in _MARKUP:
        text = pattern.sub(replacement, text)
    signs = _SIGNS.get(language)
    if signs is not None:
        text = _EMAIL.sub(lambda match: _address(match.group(), signs), text)
        text = _URL.sub(lambda match: _address(match.group(), signs), text)
    # These want to see the number, which is then read in its place.
    for pattern, long in _NUMBERED.get(language, ()):
        text = pattern.sub(long, text)
    for pattern, say in _RULES.get(language, ()):
        text = pattern.sub(say, text)
    text = _PHONE.sub(lambda match: _phone(match, language), text)
    for pattern, long in _ABBREVIATIONS.get(language, ()):
        text = pattern.sub(long, text)
    text = _NUMBER.sub(lambda match: cardinal(match.group(), language), text)
    if language in _RULES:
        text = _ANY_DIGITS.sub(lambda match: _apart(match, digits(match.group(), language)), text)
    return _GAPS.sub(" ", text).strip()


def _address(address: str, signs: Mapping[str, str]) -> str:
    """Read an address of mail or web: 'hello at northwind dot example'."""
    plain = re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip("/")
    return "".join(f" {signs[char]} " if char in signs else char for char in plain).strip()


def _phone(match: re.Match[str], language: str) -> str:
    plus, number = match.groups()
    sign = _SIGNS.get(language, {}).get("+", "+")
    groups = _ANY_DIGITS.findall(number)
    if sum(map(len, groups)) < _SHORTEST_PHONE:
        return match.group()
    said = ", ".join(digits(part, language) for each in groups for part in _grouped(each, language))
    return f"{sign} {said}" if plus else said


def _grouped(number: str, language: str) -> list[str]:
    """Return a long number in groups as it is dictated: a phone's as they are written there."""
    if len(number) < _SHORTEST_PHONE:
        return [number]
    sizes = _PHONES.get((language, len(number)), ())
    if not sizes or (len(number) == _WITH_TRUNK and number[0] not in "178"):
        whole, rest = divmod(len(number), 3)
        # No digit is left alone.
        sizes = (3,) * (whole - 1) + (4,) if rest == 1 else (3,) * whole + (rest,)
    ends = list(accumulate(sizes))
    return [number[end - size : end] for end, size in zip(ends, sizes, strict=True) if size]


def _apart(match: re.Match[str], said: str) -> str:
    """Return what is ``said`` for a number, kept apart from letters beside it."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    left = " " if before[-1:].isalnum() else ""
    return f"{left}{said} " if after[:1].isalnum() else left + said
