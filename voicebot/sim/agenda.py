"""What the simulated PBX does later, counted in ticks of 20 ms.

Time is the number of ticks since the start, so a test can run a minute of ringing at once.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING

from voicebot.media.audio import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable


class Appointment:
    """Something that will be done, unless it is cancelled."""

    __slots__ = ("_action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do nothing when the time comes. Cancelling twice is allowed."""
        self._action = None

    def keep(self) -> None:
        """Do it now, once."""
        action, self._action = self._action, None
        if action is not None:
            action()


class Agenda:
    """Appointments in the order in which they are due."""

    def __init__(self) -> None:
        self.tick = 0
        self._due: list[tuple[int, int, Appointment]] = []
        self._order = count()

    @property
    def now(self) -> float:
        """Seconds since the start, on the media clock."""
        return self.tick * FRAME_SECONDS

    def after(self, seconds: float, action: Callable[[], None]) -> Appointment:
        """Do ``action`` when ``seconds`` have passed, at the earliest with the next tick."""
        appointment = Appointment(action)
        due = self.tick + max(1, round(seconds / FRAME_SECONDS))
        heapq.heappush(self._due, (due, next(self._order), appointment))
        return appointment

    def advance(self) -> None:
        """Let one tick pass, and do what is due."""
        self.tick += 1
        while self._due and self._due[0][0] <= self.tick:
            heapq.heappop(self._due)[2].keep()
