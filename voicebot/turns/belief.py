"""Whether the few words that were understood of an interruption were really said.

Recognisers make words of every grunt, and hardly believe them themselves: 'uh-huh' becomes 'them',
or a name. What is short, doubted, spelled like a back-channel, and might as well have begun as one,
most likely was one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

# What is longer was understood, or is an interruption whatever it says.
_LONGEST_S = 0.9
# What the recogniser itself holds for likelier is not misheard.
SURE = 0.9
_LEAST_CONFIDENCE = 0.05
_LEAST_NODDING = 0.01


class Words(NamedTuple):
    """What is known of words that are no back-channel as they stand; shares are from 0 to 1.

    ``confidence`` is the recogniser's, ``seconds`` how long the speech was, ``likeness`` how much
    they are spelled like the most similar back-channel. ``known``: an order, a question or another
    word that callers say is among them. ``nodding`` is how likely the recogniser held it that they
    begin with a back-channel, or ``None`` where it does not tell.
    """

    confidence: float
    seconds: float
    likeness: float
    known: bool
    nodding: float | None = None


class _Weights(NamedTuple):
    bias: float
    confidence: float
    seconds: float
    likeness: float
    known: float
    nodding: float = 0.0


# Logistic regression on what Whisper tiny.en and base understood of the phrases for tuning in
# ``bench.turns_phrases``: with what the recogniser tells of how else they may begin, and without.
# Those phrases do not tell how much the length matters: its weight is the most that costs nothing.
# The biases put the line below even odds: to talk over somebody is worse than to stop for a murmur.
_TOLD = _Weights(bias=2.68, confidence=2.94, seconds=1.0, likeness=-7.39, known=1.72, nodding=-1.04)
_UNTOLD = _Weights(bias=5.42, confidence=3.42, seconds=2.0, likeness=-7.96, known=2.32)


def is_believed(words: Words) -> bool:
    """Return whether ``words`` are to be believed."""
    if words.confidence >= SURE or words.seconds >= _LONGEST_S:
        return True
    weights = _UNTOLD if words.nodding is None else _TOLD
    odds = (
        weights.bias
        + weights.confidence * math.log(max(words.confidence, _LEAST_CONFIDENCE))
        + weights.seconds * words.seconds
        + weights.likeness * words.likeness
        + weights.known * words.known
        + weights.nodding * math.log((words.nodding or 0.0) + _LEAST_NODDING)
    )
    return odds >= 0
