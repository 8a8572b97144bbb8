"""How likely a text is a whole one, by its words alone: a small logistic regression.

The weights come from ``bench.turns_training``, which cuts sentences of people at random words and
learns to tell the pieces from the whole. One file for each language, beside this module: an int8
for each of ``BUCKETS`` hashed features, in steps of ``STEP``.

Where they were learned: English from the BYU Chit-Chat dataset (package ``chitchat-dataset``, MIT),
Russian from the sayings and jokes of Debian's ``fortunes-ru`` (GPL-2). No text of either is in the
files, only how often features go with whole sentences. Who wants nothing to do with the GPL's
questions learns Russian anew from other sentences, or deletes the file: then length and punctuation
decide, as for any other language.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

BUCKETS = 1 << 16
STEP = 1 / 24
BIAS = "bias"
# Longer beginnings, and longer texts, are all alike.
_LONGEST = 8


def features(tokens: Sequence[str]) -> list[str]:
    """Return what is looked at in ``tokens``, as ``words.tokens`` gives them; at least one.

    The last words and their endings (which stand for parts of speech), the first ones, the length.
    """
    last, length = tokens[-1], min(len(tokens), _LONGEST)
    before = tokens[-2] if len(tokens) > 1 else "^"
    pair = f"{before} {last}"
    first = tokens[0]
    return [
        BIAS,
        f"n {length}",
        f"1 {last}",
        f"2 {pair}",
        f"3 {tokens[-3] if len(tokens) > 2 else '^'} {pair}",
        *(f"e {last[-size:]}" for size in (2, 3, 4)),
        f"b {before}",
        f"be {before[-3:]} {last[-3:]}",
        f"f {first}",
        f"f2 {' '.join(tokens[:2])}",
        f"fn {first} {length}",
    ]


def bucket(feature: str) -> int:
    """Return where the weight of ``feature`` is."""
    return crc32(feature.encode()) % BUCKETS


class Completion:
    """Judges texts of one language."""

    def __init__(self, weights: NDArray[np.int8]) -> None:
        self._weights = weights

    def log_odds(self, tokens: Sequence[str]) -> float:
        """Return the log odds that ``tokens`` are whole; there must be at least one."""
        return float(sum(int(self._weights[bucket(one)]) for one in features(tokens)) * STEP)


@cache
def completion(language: str) -> Completion | None:
    """Return the judge of ``language`` (ISO 639-1), or ``None`` where nothing was learned yet."""
    file = Path(__file__).with_name(f"completion_{language}.i8")
    return Completion(np.fromfile(file, np.int8)) if file.is_file() else None
