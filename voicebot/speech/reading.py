"""Reads written text as people say it: numbers, times, dates, money, addresses."""

from __future__ import annotations

import re
from html import unescape
from itertools import accumulate
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.speech import reading_english, reading_russian
from voicebot.speech.abbreviations import ANYWHERE, BEFORE_A_NUMBER, BEFORE_A_WORD
from voicebot.speech.numbers import cardinal, digits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    _Table: TypeAlias = Mapping[str, Mapping[str, str]]

Rule: TypeAlias = "tuple[re.Pattern[str], Callable[[re.Match[str]], str]]"
"""What is looked for, and how what was found is said."""

# Pictures, arrows, the marks that join them, and what is written small beside a name
_PICTURES: Final = "\U0001f000-\U0001faff\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d®™©"
_MARKUP: Final = (
    (re.compile(r"</?[a-z]{1,10}\d?\s?/?>", re.IGNORECASE), " "),
    (re.compile(r"<(?:mailto:)?(\S+[@.]\S+)>"), r"\1"),
    (re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)"), r"\1"),
    (re.compile(r"```.*?```", re.DOTALL), " "),
    (re.compile(r"(\*\*|__|~~|`)"), ""),
    # '*67' is dialled, unless the star has its other half: '*24 hours*'.
    (
        re.compile(r"(?<!\w)(?:_|\*(?!\d+[#\d*]*(?![^*\n]*\S\*(?!\w))))(?=\S)|(?<=\S)[*_](?!\w)"),
        "",
    ),
    (re.compile(r"(?m)^\s*(?:#{1,6}|>|[-*•]|\d+[.)])\s+"), ""),
    # A table's row
    (re.compile(r"(?m)^\s*\|\s*|\s*\|\s*$"), ""),
    (re.compile(r"\s+\|\s+"), ", "),
    (re.compile(f"[{_PICTURES}]"), ""),
)
# What all of that has; most of what is said has none of it.
_MARKED: Final = re.compile(rf"(?m)[*_`#~<>|\[{_PICTURES}]|^\s*(?:[-•]|\d+[.)])\s")
_EMAIL: Final = re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DOMAINS: Final = (
    "com|org|net|info|io|co|ai|biz|shop|app|dev|online|store|tech|clinic|eu|uk|ca|au|nz|ie|de|ch|fr|"
    "es|nl|pl|ru|su|by|kz|ua|рф|me|example|test"
)
_URL: Final = re.compile(
    rf"(?:https?://|\bwww\.)\S*[\w/]|(?<![\w@.-])(?:[\w-]+\.)+(?:{_DOMAINS})\b(?:/\S*[\w/])?"
)
_PHONE: Final = re.compile(r"(?<![\w.,])(\+?)(\(?\d[\d()\s‑–-]{5,}\d)(?![\w]|[.,:]\d)")
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d+(?:[.,]\d+)?(?!\w)")
_ANY_DIGITS: Final = re.compile(r"\d+")
_ANY_NUMBER: Final = re.compile(r"[\d½¼¾]")
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
_INITIAL_FOLLOWS: Final = re.compile(r"\s?[А-ЯЁA-Z]\.")
_INITIAL_PRECEDES: Final = re.compile(r"\b[А-ЯЁA-Z]\.\s?$")
_GAPS: Final = re.compile(r"[ \t]+")

_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "en": reading_english.RULES,
    "ru": reading_russian.RULES,
}
# Of those the ones that apply where there is no digit: most of what is said.
_RULES_OF_WORDS: Final[Mapping[str, tuple[Rule, ...]]] = {
    "en": reading_english.WORDS,
    "ru": reading_russian.WORDS,
}
_SIGNS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": reading_english.SIGNS,
    "ru": reading_russian.SIGNS,
}


def _short(table: _Table, tail: str, ending: str = "") -> Mapping[str, Rule]:
    """Return for each language the rule that writes out the abbreviations that ``tail`` follows."""

    def rule(longs: Mapping[str, str]) -> Rule:
        shorts = "|".join(map(re.escape, sorted(longs, key=len, reverse=True)))
        pattern = re.compile(rf"(?<![\w.])({shorts})\.{tail}", re.IGNORECASE)
        return (
            pattern,
            lambda match: match.group() if _is_initial(match) else longs[match[1].lower()] + ending,
        )

    return {language: rule(table[language]) for language in _RULES}


def _is_initial(match: re.Match[str]) -> bool:
    """Return whether it is of a name: 'Д. И. Иванов'."""
    return (
        len(match[1]) == 1
        and match[1].isupper()
        and bool(
            _INITIAL_FOLLOWS.match(match.string, match.end())
            or _INITIAL_PRECEDES.search(match.string[: match.start()])
        )
    )


# What follows each kind of abbreviation, and whether its full stop also ends the sentence.
_NUMBERED: Final = _short(BEFORE_A_NUMBER, r"(?=\s?[№#]?\d)")
_ABBREVIATIONS: Final = (
    _short(BEFORE_A_WORD, r"(?=[\s:,])"),
    _short(ANYWHERE, r"(?=,|\s+(?-i:[a-zа-яё]))"),
    _short(ANYWHERE, r"(?=\s|$)", "."),
)


def speakable(text: str, language: str) -> str:
    """Return ``text`` as it is read aloud: no markup, no digits, no signs.

    Reading twice changes nothing. In a language without tables markup goes, and plain numbers are
    read where their words are known.
    """
    if "&" in text:
        text = unescape(text)
    if _MARKED.search(text):
        for pattern, replacement in _MARKUP:
            text = pattern.sub(replacement, text)
    if language not in _RULES:
        return _tidy(_NUMBER.sub(lambda match: cardinal(match.group(), language), text))
    signs = _SIGNS[language]
    if "@" in text:
        text = _EMAIL.sub(lambda match: _address(match.group(), signs), text)
    text = _URL.sub(lambda match: _address(match.group(), signs), text)
    for pattern, say in _rules(text, language):
        text = pattern.sub(say, text)
    return _tidy(
        _ANY_DIGITS.sub(lambda match: _apart(match, digits(match.group(), language)), text)
    )


def _rules(text: str, language: str) -> Iterator[Rule]:
    """Yield what applies to ``text``, in order. The first of all see the numbers yet."""
    abbreviations = (each[language] for each in _ABBREVIATIONS)
    if not _ANY_NUMBER.search(text):
        yield from _RULES_OF_WORDS[language]
        yield from abbreviations
        return
    yield _NUMBERED[language]
    yield from _RULES[language]
    yield _PHONE, lambda match: _phone(match, language)
    yield from abbreviations
    yield _NUMBER, lambda match: cardinal(match.group(), language)


def _tidy(text: str) -> str:
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
