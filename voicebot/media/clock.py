"""The media clock: one timer that moves every call, 50 times a second."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from voicebot.media.audio import FRAME_SECONDS
from voicebot.media.watchdog import StallReport, Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable

Tick: TypeAlias = "Callable[[float, int], None]"
"""Called with the monotonic time and the number of the tick; a number left out was skipped."""

SLOTS: Final = 5
_SLOT_SECONDS: Final = FRAME_SECONDS / SLOTS
_EARLY: Final = 0.15
"""Share of a slot by which a timer may come early: event loops round to milliseconds."""

_log = structlog.get_logger(__name__)


class SlotSchedule:
    """Which slots are due, against deadlines that are multiples of a slot since ``origin``.

    Slot ``n`` is due at ``origin + n * slot``; it belongs to the calls of place ``n % SLOTS`` and
    to tick ``n // SLOTS``. After a stall every place is due once, not once for each tick missed.
    """

    def __init__(self, origin: float) -> None:
        self._origin = origin
        self._next = 0
        self.stalls = 0

    def due(self, now: float) -> range:
        """Return the numbers of the slots to run now."""
        reached = int((now - self._origin) / _SLOT_SECONDS + _EARLY)
        if reached - self._next >= 2 * SLOTS:
            self.stalls += 1
        start = max(self._next, reached - SLOTS + 1)
        self._next = max(self._next, reached + 1)
        return range(start, reached + 1)

    def skip(self, now: float) -> None:
        """Leave out the slots until ``now``: nobody was there to be ticked."""
        self._next = max(self._next, int((now - self._origin) / _SLOT_SECONDS) + 1)

    def deadline(self, number: int) -> float:
        """Return the monotonic time at which slot ``number`` is due."""
        return self._origin + number * _SLOT_SECONDS

    @property
    def next(self) -> int:
        """The number of the first slot that has not been due yet."""
        return self._next


class MediaClock:
    """Ticks every call each 20 ms, spread over the tick so that no two bunches of calls coincide.

    Starts with the first call that is added. A tick that raises is logged and its call is removed;
    the others go on. A stall of the event loop is counted and logged; with a ``watchdog``, so is
    what caused it.
    """

    def __init__(
        self,
        *,
        time_source: Callable[[], float] = time.monotonic,
        watchdog: Watchdog | None = None,
    ) -> None:
        self._time = time_source
        self._watchdog = watchdog
        self._report = StallReport()
        self._places: list[dict[int, Tick]] = [{} for _ in range(SLOTS)]
        self._schedule = SlotSchedule(self._time())
        self._timer: asyncio.TimerHandle | None = None
        self._added = 0
        self._ticked = 0

    @property
    def stalls(self) -> int:
        """How often the event loop was held up for more than a whole tick."""
        return self._schedule.stalls

    def now(self) -> float:
        """Return the monotonic time in seconds."""
        return self._time()

    @property
    def due(self) -> float:
        """The monotonic time at which the slot being ticked was due."""
        return self._schedule.deadline(self._ticked)

    @property
    def next_due(self) -> float:
        """The monotonic time of the slot after the one being ticked; past when that is late."""
        return self._schedule.deadline(self._ticked + 1)

    def add(self, tick: Tick, place: int | None = None) -> int:
        """Call ``tick`` 50 times a second from now on; return the key that ``remove`` wants.

        ``place`` is the slot of the tick in which it is called, by default an empty one.
        """
        if place is None:
            place = min(range(SLOTS), key=lambda index: len(self._places[index]))
        self._added += 1
        key = self._added * SLOTS + place
        self._places[place][key] = tick
        if self._timer is None:
            self._schedule.skip(self._time())
        self._arm()
        return key

    def remove(self, key: int) -> None:
        """Stop the calls of a tick. An unknown key is one that was removed before."""
        self._places[key % SLOTS].pop(key, None)
        if not any(self._places):
            self.stop()

    def stop(self) -> None:
        """Release the timer. The clock starts again with the next call added."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            if self._watchdog is not None:
                self._watchdog.rest()

    def _run(self) -> None:
        self._timer = None
        now = self._time()
        self._judge(now - self._schedule.deadline(self._schedule.next), now)
        for number in self._schedule.due(now):
            self._ticked = number
            place = self._places[number % SLOTS]
            for key, tick in tuple(place.items()):
                if key in place:
                    self._tick(key, tick, self._time(), number // SLOTS)
        self._arm()

    def _judge(self, late: float, now: float) -> None:
        """Report that the loop comes ``late``, if it is a stall, and what it did meanwhile."""
        line = self._report.push(late, now)
        if line is not None:
            cause = None if self._watchdog is None else self._watchdog.cause()
            _log.warning("event loop stalled", **line.as_log(), cause=cause)

    def _tick(self, key: int, tick: Tick, now: float, number: int) -> None:
        try:
            tick(now, number)
        except Exception:  # noqa: BLE001 - one call's fault must not stop the others
            _log.exception("media tick failed, its call is stopped", tick=number)
            self.remove(key)

    def _arm(self) -> None:
        """Set the timer to the next slot that has calls."""
        first = self._schedule.next
        for number in range(first, first + SLOTS):
            if self._places[number % SLOTS]:
                if self._timer is not None:
                    self._timer.cancel()
                due = self._schedule.deadline(number)
                delay = max(0.0, due - self._time())
                self._timer = asyncio.get_running_loop().call_later(delay, self._run)
                if self._watchdog is not None:
                    self._watchdog.expect(due)
                return
