"""What to do when there are more calls than the core carries: hear fewer of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from voicebot.media.datagrams import Key
    from voicebot.media.lane import Lane

LONGEST_WAIT: Final = 0.5
"""Seconds that what came may have waited, half of what the system keeps of it. To answer so much
later for a while is better than to answer some not at all: most cores have slow moments."""

LOOK: Final = 0.25
"""Seconds in which that must have become less, or fewer calls are heard: after a stall it does."""

MARGIN: Final = 1 / 16
"""Share of the calls that is heard no more beyond what is too much: what waits is made up for."""

MOST: Final = 1 / 8
"""Share of the calls that is heard no more at one look: what was a stall shows by the next."""

CALM: Final = 2.0
"""Seconds in which the core keeps up before a call that is not heard is heard again."""

BETWEEN: Final = 0.05
"""Seconds between two calls that are heard again: what each has missed has to be made up."""

LONGEST_CALM: Final = 60.0
"""The longest wait; and if all have been heard for so long, the next one is short again."""

_log = structlog.get_logger(__name__)


class Overload:
    """Chooses which calls of a ``Lane`` are not heard for a while: the newest.

    Hearing is most of what a call costs. Who is not heard is still spoken to, and of the time that
    passes meanwhile silence is heard afterwards; the others are served as ever. Otherwise the audio
    of all would be lost again and again, and to conceal it costs more than to hear it. If those who
    are heard again turn out to be too many, the next wait is twice as long. While anybody is
    unheard, no new call is taken.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._unheard: list[Key] = []
        self._calm = CALM
        self._next = 0.0
        self._looked = -math.inf
        self._waited = math.inf
        self._tried = False

    @property
    def unheard(self) -> int:
        """How many calls are not heard now; who has hung up is none."""
        return self._lane.unheard()

    def relieve(self, waited: float, now: float) -> None:
        """Hear fewer calls if what is read has ``waited`` too long, and no less than a look ago."""
        since, before = now - self._looked, self._waited
        if since < LOOK:
            return
        self._looked, self._waited = now, waited
        if waited >= LONGEST_WAIT and waited >= before:
            # Where it becomes older by a tenth of a second each second, a tenth is too much.
            self._hear_fewer((waited - before) / since + MARGIN, now)

    def _hear_fewer(self, share: float, now: float) -> None:
        if self._tried:
            self._calm = min(2 * self._calm, LONGEST_CALM)
        self._tried = False
        self._next = now + self._calm
        heard = self._lane.heard()
        # The first call is always heard; of those that are not, the last is the oldest.
        newest = heard[max(1, int((1 - min(share, MOST)) * len(heard))) :]
        for source in reversed(newest):
            self._lane.heed(source, heard=False)
            self._unheard.append(source)
        _log.warning(
            "the core does not keep up",
            calls_not_heard=self.unheard,
            waited_ms=round(1000 * self._waited),
        )

    def recover(self, now: float) -> None:
        """Hear one call more, if it is time for that: the core keeps up."""
        self._waited = math.inf
        if now < self._next:
            return
        if not self._unheard:
            self._calm, self._tried = CALM, False
            return
        self._lane.heed(self._unheard.pop(), heard=True)
        self._next = now + (BETWEEN if self._unheard else LONGEST_CALM)
        self._tried = True
