"""Numbers in words."""

from __future__ import annotations

import re
from typing import Final

from num2words import num2words

_DIGITS: Final = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ru": ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"),
}

# num2words goes round for ever with a large number in these.
_ENDLESS: Final = frozenset(["am"])
_ONE_THOUSAND: Final = re.compile(r"^одн(?:а|ой|у) (?=тысяч)")
_LONGEST: Final = 15
"""Characters."""
MINUS: Final = r"(?<![\w)°%$€£₽])(?<![\d)]\s)(?:[-−]|–(?=\d+\s?°))"
"""The sign of a number, for it is not between two."""


def digits(number: str, language: str) -> str:
    """Return the digits of ``number`` one by one: 'two zero one'."""
    words = _DIGITS.get(language)
    spoken = (char for char in number if char.isdigit())
    return " ".join(words[int(char)] if words else char for char in spoken)


def groups(written: str, language: str) -> str:
    """Return the digits one by one, with a rest between their groups: 'two zero, one seven'."""
    return ", ".join(digits(group, language) for group in re.findall(r"\d+", written))


def cardinal(number: str, language: str, **how: str) -> str:
    """Return ``number`` (digits, perhaps a sign and a fraction) in words.

    ``how`` goes to num2words: ``case`` and ``gender`` in Russian. A language whose number words
    are not known leaves ``number`` as it is, and so does one that is too long to be an amount.
    """
    plain = number.replace(",", ".")
    if len(plain) > _LONGEST or language in _ENDLESS:
        return number
    if plain.startswith("0") and plain.isdigit() and len(plain) > 1:
        return digits(plain, language)
    value = float(plain) if "." in plain else int(plain)
    if -1 < value < 0:
        # In most languages the sign would be lost.
        return number
    try:
        said = str(num2words(value, lang=language, **how)).replace(",", "")
    except (NotImplementedError, OverflowError, ValueError, LookupError, TypeError):
        # No two languages agree on what they raise of a number that they cannot say.
        return number
    # Nobody counts a single thousand.
    return _ONE_THOUSAND.sub("", said)


def ordinal(number: int, language: str, **how: str) -> str:
    """Return ``number`` as an ordinal: 'twenty-second'. Only for languages with tables."""
    return str(num2words(number, lang=language, to="ordinal", **how))
