"""Roman numerals."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

_VALUES: Final = {"I": 1, "V": 5, "X": 10}

ROMAN: Final = r"(X{0,3}(?:IX|IV|V?I{1,3}|V)|X{1,3})"
"""One up to 39, as a pattern with one group."""


def value(numeral: str) -> int:
    """Return the number that ``numeral``, which fits ``ROMAN``, stands for."""
    values = [_VALUES[letter] for letter in numeral]
    smaller = sum(one for one, following in pairwise(values) if one < following)
    return sum(values) - 2 * smaller
