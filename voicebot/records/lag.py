"""How long after it was said a text came."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Lag:
    """Seconds from the end of an utterance to its text, over ``count`` utterances."""

    count: int
    p50_s: float
    p95_s: float
    worst_s: float

    @classmethod
    def of(cls, seconds: Iterable[float]) -> Self:
        """Return what ``seconds``, one for each utterance, come to; zeros where there are none."""
        ordered = sorted(seconds)
        if not ordered:
            return cls(0, 0.0, 0.0, 0.0)
        p50, p95 = (ordered[math.ceil(rank * len(ordered)) - 1] for rank in (0.5, 0.95))
        return cls(len(ordered), p50, p95, ordered[-1])
