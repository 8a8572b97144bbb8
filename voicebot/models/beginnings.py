"""How a text may begin, as a recogniser's decoder would have it.

A grunt becomes some word or other, and which one is nearly chance: 'uh-huh' is 'Okay' or 'As well'.
But at its first step the decoder weighs all words against each other, and those that are said to
show that somebody listens are among the likely ones then, whichever it writes. Of an order that it
mishears they are not (``voicebot.turns.belief``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST = 20
_LEAST = 0.01


def beginnings(logits: object, decode: Callable[[list[int]], str]) -> dict[str, float]:
    """Return how likely each of the likeliest first tokens is, from 0 to 1, in lower case.

    ``logits`` are those of the first step, of the whole vocabulary; ``decode`` makes tokens text.
    """
    step = np.array(logits, np.float32).reshape(-1)
    odds = np.exp(step - step.max())
    odds /= odds.sum()
    found: dict[str, float] = {}
    most = min(_MOST, len(odds))
    for number in np.argpartition(odds, -most)[-most:]:
        word = decode([int(number)]).strip().lower()
        if word and odds[number] >= _LEAST:
            found[word] = found.get(word, 0.0) + float(odds[number])
    return found
