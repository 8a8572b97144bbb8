"""Whether who said a few words over the bot wants the word.

Recognisers make words of every grunt, and hardly believe them themselves: 'uh-huh' becomes 'them',
or a name. What is short, doubted, spelled like a back-channel, and might as well have begun as one,
most likely was one. Who tells all texts that he held for likely is judged by these alone: what was
said is mostly among them, whichever he writes.
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
_LEAST_SHARE = 0.02
_LEAST_TOTAL = 1e-4


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


class Shares(NamedTuple):
    """What the texts are that a recogniser held for likely, from 0 to 1.

    ``total`` is how likely it held all of them together. Of that, ``nods`` is the share of
    back-channels and ``known`` that of what has a word that callers say; ``likeness`` is how much
    all of it is spelled like back-channels.
    """

    total: float
    nods: float
    known: float
    likeness: float


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


class _ShareWeights(NamedTuple):
    bias: float
    total: float
    nods: float
    known: float
    likeness: float


# Logistic regression on what Whisper tiny.en held for likely of the English phrases for tuning in
# ``bench.turns_phrases``; Whisper base and Russian are judged by it as well. Even odds decide.
_SHARES = _ShareWeights(bias=-0.63, total=0.59, nods=-1.54, known=0.48, likeness=-1.53)


def wants_word(shares: Shares) -> bool:
    """Return whether the speaker wants the word, by all that he may have said."""
    weights = _SHARES
    odds = (
        weights.bias
        + weights.total * math.log(max(shares.total, _LEAST_TOTAL))
        + weights.nods * math.log(shares.nods + _LEAST_SHARE)
        + weights.known * math.log(shares.known + _LEAST_SHARE)
        + weights.likeness * shares.likeness
    )
    return odds >= 0
