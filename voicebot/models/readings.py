"""What else a recogniser might have written, and how likely it held each of it.

A lone word is often misheard: 'sure' becomes 'Shler', and a grunt some word or other. But what was
said is mostly among the few likeliest texts, and whether these are words that only show that
somebody listens tells who wants to speak (``voicebot.turns.belief``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

VERSION = 1
"""Of all that Whisper understands: raised when the same audio may be understood otherwise."""

MOST = 6
"""Texts that are followed to their end."""

LONGEST_S = 1.5
"""Of audio. What is longer says enough by itself."""

TOKENS = 12


def readings(
    found: Iterable[tuple[Sequence[int], float]], decode: Callable[[Sequence[int]], str]
) -> dict[str, float]:
    """Return how likely each text is, from 0 to 1.

    ``found`` are tokens with the mean of their log probabilities; ``decode`` makes tokens text.
    """
    told: dict[str, float] = {}
    for tokens, score in found:
        text = decode(tokens).strip()
        if text:
            told[text] = told.get(text, 0.0) + math.exp(min(score * len(tokens), 0.0))
    return told
