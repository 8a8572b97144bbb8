"""How likely a turn is finished, by its words, by the recogniser, and by its sound."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# Models are never as sure as they say.
_LEAST = 0.002


class Evidence(NamedTuple):
    """What is known of one pause; ``None`` where nothing is.

    ``words`` are the log odds of ``Completion``; ``recogniser`` is how likely the recogniser holds
    it that the sentence ends there, and ``sound`` what an ``EndOfTurnModel`` says, from 0 to 1.
    """

    words: float | None = None
    recogniser: float | None = None
    sound: float | None = None

    def log_odds(self) -> float | None:
        """Return the log odds that the turn is finished, or ``None`` where nothing is known."""
        given = (
            self.words,
            None if self.recogniser is None else _log_odds(self.recogniser),
            None if self.sound is None else _log_odds(self.sound),
        )
        weights = _WEIGHTS.get(tuple(one is not None for one in given))
        if weights is None:
            return None
        pairs = zip(weights.factors, given, strict=True)
        return weights.bias + sum(factor * one for factor, one in pairs if one is not None)


class _Weights(NamedTuple):
    bias: float
    factors: tuple[float, float, float]


# Logistic regression on half of the pauses of ``bench.turns``, for each set of what may be known:
# ``python -m bench.turns --part evidence`` fits them anew, and says how well they do on the others.
# That compares ends with pauses within a clause. After what could be a whole turn the recogniser
# puts a full stop as well, and only the words still know: where both are there, they weigh as much,
# so that on the same half the fewest turns are cut off for the same median wait.
_WEIGHTS: Mapping[tuple[bool, ...], _Weights] = {
    (True, False, False): _Weights(1.07, (1.25, 0.0, 0.0)),
    (False, True, False): _Weights(-3.28, (0.0, 2.07, 0.0)),
    (False, False, True): _Weights(-0.31, (0.0, 0.0, 0.45)),
    (True, True, False): _Weights(-1.1, (1.0, 1.0, 0.0)),
    (True, False, True): _Weights(0.89, (1.15, 0.0, 0.33)),
    (False, True, True): _Weights(-3.11, (0.0, 1.92, 0.17)),
    (True, True, True): _Weights(-1.1, (1.0, 1.0, 0.1)),
}


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(bounded / (1 - bounded))
