"""Whether who said a few words over the bot wants the word.

Recognisers make words of every grunt, and hardly believe them themselves: 'uh-huh' becomes 'them',
or a name. What is short, doubted and spelled like a back-channel most likely was one. Who tells all
texts that he held for likely is judged by these alone: what was said is mostly among them,
whichever he writes.
"""

from __future__ import annotations

import math
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# What is longer was understood, or is an interruption whatever it says.
_LONGEST_S = 0.9
# What the recogniser itself holds for likelier is not misheard.
SURE = 0.9
_LEAST_CONFIDENCE = 0.05
_LEAST_SHARE = 0.02
# Speech is hardly ever less clear than twice of this; noise that is taken for words often is.
_LEAST_CLEAR = 0.12


class Words(NamedTuple):
    """What is known of words that are no back-channel as they stand; shares are from 0 to 1.

    ``confidence`` is the recogniser's, ``seconds`` how long the speech was, ``likeness`` how much
    they are spelled like the most similar back-channel. ``known``: an order, a question or another
    word that callers say is among them.
    """

    confidence: float
    seconds: float
    likeness: float
    known: bool


class Shares(NamedTuple):
    """What the texts are that a recogniser held for likely, from 0 to 1.

    ``clear`` is how likely it held one word of them, so that long texts are not less clear than
    short ones. Of all texts, by how likely each is, ``nods`` is the share of back-channels and
    ``known`` that of what has a word that callers say; ``likeness`` is how much they are spelled
    like back-channels.
    """

    clear: float
    nods: float
    known: float
    likeness: float


class _Weights(NamedTuple):
    bias: float
    confidence: float
    seconds: float
    likeness: float
    known: float


# Logistic regression on what Whisper tiny.en and base understood of the phrases for tuning in
# ``bench.turns_phrases``. Those do not tell how much the length matters: its weight is the most
# that costs nothing. The bias puts the line below even odds: to talk over somebody is worse than to
# stop for a murmur.
_WORDS = _Weights(bias=5.42, confidence=3.42, seconds=2.0, likeness=-7.96, known=2.32)


def is_believed(words: Words) -> bool:
    """Return whether ``words`` are to be believed."""
    if words.confidence >= SURE or words.seconds >= _LONGEST_S:
        return True
    weights = _WORDS
    odds = (
        weights.bias
        + weights.confidence * math.log(max(words.confidence, _LEAST_CONFIDENCE))
        + weights.seconds * words.seconds
        + weights.likeness * words.likeness
        + weights.known * words.known
    )
    return odds >= 0


class ShareWeights(NamedTuple):
    """How much each part of the ``evidence`` says that the word is wanted."""

    bias: float
    nods: float
    known: float
    likeness: float


# What ``bench.turns_belief`` fits to what Whisper tiny.en and base, and Moonshine, hold for likely
# of the phrases for tuning, English and Russian.
SHARES = ShareWeights(bias=0.0, nods=-1.42, known=0.99, likeness=-0.19)


def evidence(heard: Sequence[Shares]) -> tuple[float, ...]:
    """Return what the odds are made of, in the order of ``ShareWeights``, bias first.

    Of several recognisers it is the mean: where one heard nothing like a nod, it was hardly one.
    """
    return (
        1.0,
        fmean(math.log(shares.nods + _LEAST_SHARE) for shares in heard),
        fmean(math.log(shares.known + _LEAST_SHARE) for shares in heard),
        fmean(shares.likeness for shares in heard),
    )


def wants_word(heard: Sequence[Shares]) -> bool:
    """Return whether the speaker wants the word, by all that each recogniser held for likely."""
    if max(shares.clear for shares in heard) < _LEAST_CLEAR:
        return False
    parts = zip(SHARES, evidence(heard), strict=True)
    return sum(weight * part for weight, part in parts) >= 0
