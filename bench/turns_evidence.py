"""What each kind of evidence knows of the end of a turn, and the weights that it deserves.

The pauses within a clause against the ends of finished sentences: logistic regression on every
second turn, told apart on the others. ``voicebot.turns.evidence`` holds what comes out.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from bench.turns_detection import auc
from bench.turns_speech import Break
from voicebot.turns.completion import completion
from voicebot.turns.words import tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from bench.turns_endings import Heard

    Floats = NDArray[np.float64]

KINDS = ("words", "recogniser", "sound")
_LEAST = 0.002
_ROUNDS = 30
_RIDGE = 1e-2


def weights(tuning: Sequence[Heard], held: Sequence[Heard]) -> list[dict[str, object]]:
    """Return for each set of what may be known the fitted weights, and how well they do."""
    (seen, truth), (new, new_truth) = _table(tuning), _table(held)
    rows: list[dict[str, object]] = []
    for chosen in product((True, False), repeat=len(KINDS)):
        known, new_known = (
            ~np.isnan(table[:, chosen]).any(axis=1) if any(chosen) else np.zeros(0, bool)
            for table in (seen, new)
        )
        if not known.any():
            continue
        fitted = _fit(seen[known][:, chosen], truth[known])
        scores = fitted[0] + new[new_known][:, chosen] @ fitted[1:]
        factors = iter(fitted[1:])
        rows.append(
            {
                "bias": round(float(fitted[0]), 2),
                **{
                    kind: round(float(next(factors)), 2) if given else None
                    for kind, given in zip(KINDS, chosen, strict=True)
                },
                "roc_auc": round(auc(scores, new_truth[new_known].astype(np.int64)), 3),
                "pauses": int(new_known.sum()),
            }
        )
    return rows


def _table(turns: Sequence[Heard]) -> tuple[Floats, Floats]:
    """Return what is known of each pause, ``[pauses, KINDS]``, and whether it was the end."""
    found = list(_pauses(turns))
    return np.array([row for row, _ in found]), np.array([float(end) for _, end in found])


def _pauses(turns: Sequence[Heard]) -> Iterator[tuple[list[float], bool]]:
    for one in turns:
        learned = completion(one.spoken.language)
        if one.spoken.kind is Break.NUMBER or learned is None:
            continue
        for pause in one.pauses:
            end = pause.resumed_ms == np.inf
            fits = one.spoken.whole if end else one.spoken.kind is Break.OPEN
            if fits and tokens(pause.text):
                words = learned.log_odds(tokens(pause.text))
                yield [words, *map(_log_odds, (pause.finished, pause.model))], end


def _log_odds(probability: float | None) -> float:
    if probability is None:
        return float("nan")
    bounded = min(max(probability, _LEAST), 1 - _LEAST)
    return float(np.log(bounded / (1 - bounded)))


def _fit(table: Floats, truth: Floats) -> Floats:
    """Return bias and factors by Newton's method; ends and pauses count the same in all."""
    inputs = np.c_[np.ones(len(table)), table]
    balance = np.where(truth == 1, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    ridge = _RIDGE * np.eye(inputs.shape[1])
    found = np.zeros(inputs.shape[1])
    for _ in range(_ROUNDS):
        likely = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (balance * (likely - truth)) + ridge @ found
        bend = (inputs.T * (balance * likely * (1 - likely))) @ inputs + ridge
        found -= np.linalg.solve(bend, slope)
    return found
