"""What batches are made of, without packets: each note what is asked of it, in one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.media.audio import FRAME_SECONDS
from voicebot.media.clock import SLOTS
from voicebot.media.phases import Phases

if TYPE_CHECKING:
    from collections.abc import Callable

    Done = list[tuple[str, object]]


class FakeClock:
    """Notes who is ticked at which place, and ticks when it is told to."""

    def __init__(self) -> None:
        self.ticks: dict[int, tuple[int, Callable[[float, int], None]]] = {}
        self.at = self._due = 0.0

    @property
    def due(self) -> float:
        return self._due

    @property
    def next_due(self) -> float:
        return self._due + FRAME_SECONDS / SLOTS

    def now(self) -> float:
        return self.at

    def add(self, tick: Callable[[float, int], None], place: int) -> int:
        key = len(self.ticks) + 100
        self.ticks[key] = (place, tick)
        return key

    def remove(self, key: int) -> None:
        del self.ticks[key]

    def tick(self, place: int, now: float, number: int) -> None:
        self.at = self._due = now
        for _, tick in [found for found in self.ticks.values() if found[0] == place]:
            tick(now, number)


class FakeLane:
    def __init__(self, done: Done) -> None:
        self.phases = Phases(500)
        self._done = done

    def poll(self, _rows: object, now: float, enough: Callable[[], bool]) -> None:
        self._done.append(("polled", now))
        if enough():
            self._done.append(("left the rest", now))


class FakeSenders:
    def __init__(self, done: Done) -> None:
        self._done = done

    def stamp(self, _rows: object, skipped: int) -> None:
        self._done.append(("stamped", skipped))

    def encode(self, rows: object, frames: object) -> None:
        pass

    def send(self, sock: object, _rows: object) -> list[tuple[int, OSError]]:
        self._done.append(("sent", sock))
        return []

    def settled(self, _row: int) -> bool:
        return True
