"""The finals of one call, in the order in which the utterances ended."""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from voicebot.records.events import Final as FinalText

PATIENCE_S: Final = 2.0
"""How long a final waits for a party whose audio has stopped coming."""


@dataclass(order=True, slots=True)
class Place:
    """An utterance that has ended, in line.

    ``source`` tells the ears of a call apart; ``spoken_at`` is its end in monotonic seconds.
    """

    end: int
    source: int
    number: int
    spoken_at: float = field(compare=False)
    settled_at: float | None = field(default=None, compare=False)
    final: FinalText | None = field(default=None, compare=False)


class Order:
    """Releases a final once no other party of the call can produce one that ended earlier.

    That is when everything that ended before it is transcribed, and every other party was heard
    beyond its end. It therefore waits for no one who goes on speaking; only what ends later comes
    later. A party whose audio stops coming is waited for ``PATIENCE_S`` at most.
    """

    def __init__(self) -> None:
        self._line: list[Place] = []
        self._horizons: dict[int, int | float] = {}

    def heard(self, source: int, horizon: int) -> None:
        """Note that nothing of ``source`` that ends before ``horizon`` is still to come."""
        self._horizons[source] = horizon

    def left(self, source: int) -> None:
        """Note that nothing more comes of ``source``."""
        self._horizons[source] = math.inf

    def add(self, place: Place) -> None:
        """Put an utterance in line, when it has ended."""
        heapq.heappush(self._line, place)

    def settle(self, place: Place, final: FinalText | None, now: float) -> None:
        """Give the text of an utterance in line; ``None`` where there was no speech in it."""
        place.settled_at, place.final = now, final

    def release(self, now: float) -> list[Place]:
        """Return the utterances whose turn has come, in order."""
        released = []
        while self._line and self._is_due(self._line[0], now):
            released.append(heapq.heappop(self._line))
        return released

    @property
    def deadline(self) -> float:
        """When ``release`` may have something although nothing else happens (monotonic s)."""
        settled = self._line[0].settled_at if self._line else None
        return math.inf if settled is None else settled + PATIENCE_S

    def _is_due(self, place: Place, now: float) -> bool:
        if place.settled_at is None:
            return False
        if now >= place.settled_at + PATIENCE_S:
            return True
        return all(
            horizon >= place.end
            for source, horizon in self._horizons.items()
            if source != place.source
        )
