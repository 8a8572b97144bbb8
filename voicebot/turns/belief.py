"""Whether the few words that were understood of an interruption were really said.

Recognisers make words of every grunt, and hardly believe them themselves: 'uh-huh' becomes 'them',
or a name. What is short, doubted and spelled like a back-channel was most likely one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

# What is longer was understood, or is an interruption whatever it says.
_LONGEST_S = 1.2
_LEAST_CONFIDENCE = 0.13
# Below even odds: to talk over somebody is worse than to stop for a murmur.
_BELIEVED = -0.7


class _Weights(NamedTuple):
    bias: float
    log_confidence: float
    seconds: float
    likeness: float


# Logistic regression on what Whisper tiny.en and base understood of the phrases for tuning in
# ``bench.turns_phrases``, and of single words that people say in Asterisk's prompts.
_WEIGHTS = _Weights(bias=-1.71, log_confidence=1.47, seconds=5.7, likeness=-2.17)


def features(confidence: float, seconds: float, likeness: float) -> tuple[float, float, float]:
    """Return what the weights are for, the bias left out."""
    return math.log(max(confidence, _LEAST_CONFIDENCE)), min(seconds, _LONGEST_S), likeness


def is_believed(*, confidence: float, seconds: float, likeness: float) -> bool:
    """Return whether words that no table knows are to be believed.

    ``confidence`` is the recogniser's, ``likeness`` how much they look like the most similar
    back-channel, both from 0 to 1; ``seconds`` is how long the speech was.
    """
    found = zip(_WEIGHTS[1:], features(confidence, seconds, likeness), strict=True)
    return _WEIGHTS.bias + sum(weight * one for weight, one in found) >= _BELIEVED
