"""Figures of a whole run: percentiles over all calls, and the one JSON object."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from bench.latency_measure import MeasuredCall, MeasuredTurn, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PERCENTILES = (50, 90, 95, 99)


@dataclass(frozen=True, slots=True)
class Spread:
    """How one figure is spread over its ``count`` samples, in milliseconds."""

    count: int
    least: float
    most: float
    percentiles: tuple[float, ...]

    def at(self, percentile: int) -> float:
        """Return one of ``PERCENTILES``."""
        return self.percentiles[PERCENTILES.index(percentile)]

    def as_json(self) -> dict[str, float]:
        """Return ``p50``, ``p90``, ``p95``, ``p99`` with ``count``, ``min`` and ``max``."""
        named = {f"p{p}": value for p, value in zip(PERCENTILES, self.percentiles, strict=True)}
        return named | {"count": self.count, "min": self.least, "max": self.most}


def spread(values: Iterable[float | None]) -> Spread | None:
    """Return the spread of the values that there are; ``None`` when there are none."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if not len(known):
        return None
    found = np.percentile(known, PERCENTILES)
    return Spread(
        len(known),
        round(float(known.min()), 1),
        round(float(known.max()), 1),
        tuple(round(float(value), 1) for value in found),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """All calls of a run; ``failures`` has one reason for each call that did not come about."""

    calls: Sequence[MeasuredCall]
    failures: Sequence[str] = ()

    @property
    def turns(self) -> list[MeasuredTurn]:
        """Every turn in which the caller expected an answer."""
        silent = (Outcome.QUIET, Outcome.UNEXPECTED)
        return [turn for turn in self.all_turns if turn.outcome not in silent]

    @property
    def all_turns(self) -> list[MeasuredTurn]:
        """Every turn, also those in which silence was expected."""
        return [turn for call in self.calls for turn in call.turns]

    @property
    def outcomes(self) -> Counter[Outcome]:
        """How many turns ended in each way."""
        return Counter(turn.outcome for turn in self.all_turns)

    def spreads(self) -> dict[str, Spread | None]:
        """Return what is measured in milliseconds, by its name in the JSON."""
        return {
            "voice_to_voice_ms": spread(turn.wait_ms for turn in self.turns),
            "greeting_ms": spread(call.greeting_ms for call in self.calls),
            "barge_in_ms": spread(turn.barge_in_ms for turn in self.turns),
            "dead_air_ms": spread(turn.dead_air_ms for turn in self.turns),
        }

    def as_json(self) -> dict[str, Any]:
        """Return everything; a figure without a sample is ``None``."""
        counts = self.outcomes
        return {
            "calls": len(self.calls),
            "failed_calls": len(self.failures),
            "turns": len(self.turns),
            **{
                name: None if found is None else found.as_json()
                for name, found in self.spreads().items()
            },
            "missed": counts[Outcome.MISSED],
            "cut_off": counts[Outcome.CUT_OFF],
            "not_yielded": counts[Outcome.NOT_YIELDED],
            "unexpected": counts[Outcome.UNEXPECTED],
            "no_greeting": sum(call.greeting_ms is None for call in self.calls),
            "each": [_turn(number, turn) for number, turn in self.numbered()],
        }

    def numbered(self) -> list[tuple[int, MeasuredTurn]]:
        """Return every turn with the number of its call, from 1."""
        return [(number, turn) for number, call in enumerate(self.calls, 1) for turn in call.turns]


def _turn(call: int, turn: MeasuredTurn) -> dict[str, Any]:
    return {
        "call": call,
        "text": turn.text,
        "outcome": turn.outcome.value,
        "voice_to_voice_ms": turn.wait_ms,
        "barge_in_ms": turn.barge_in_ms,
        "dead_air_ms": turn.dead_air_ms,
        "said_s": [round(turn.said.start, 3), round(turn.said.end, 3)],
    }
