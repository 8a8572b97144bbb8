"""Who stopped the event loop: a thread that looks at what the loop does when it comes too late."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from types import FrameType

STALL: Final = 0.1
"""Seconds that the loop may come late before it is called a stall: what a caller begins to hear."""

REPORT_EVERY: Final = 1.0
"""Seconds between two lines of the log about stalls."""

LOOK_EVERY: Final = 0.05
"""Seconds between two looks of the watchdog."""

_DEEPEST: Final = 4
"""Calls that a cause names, from the innermost outwards."""


@dataclass(frozen=True, slots=True)
class Stalls:
    """The stalls since the last report: how many, and the worst in seconds."""

    count: int
    worst: float

    def as_log(self) -> dict[str, Any]:
        """Return the fields of the log's line."""
        return {"milliseconds": round(1000 * self.worst), "count": self.count}


class StallReport:
    """Gathers stalls into at most one report a second. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._count = 0
        self._worst = 0.0
        self._reported = float("-inf")

    def push(self, late: float, now: float) -> Stalls | None:
        """Take note that the loop came ``late`` seconds late; return what is to be reported."""
        if late >= STALL:
            self._count += 1
            self._worst = max(self._worst, late)
        if not self._count or now - self._reported < REPORT_EVERY:
            return None
        found = Stalls(self._count, self._worst)
        self._count, self._worst, self._reported = 0, 0.0, now
        return found


class Watchdog:
    """Samples the stack of the thread that runs the loop while the loop is late.

    The clock tells it when it expects to run next, which costs an assignment; a daemon thread looks
    at that 20 times a second. A stall shorter than ``STALL`` is not looked at.
    """

    def __init__(self) -> None:
        self._due: float | None = None
        self._sampled: tuple[str, ...] = ()
        self._loop_thread = 0
        self._thread: threading.Thread | None = None
        self._ended = threading.Event()

    def expect(self, due: float) -> None:
        """Note that the loop's thread, which calls this, is to run its next slot at ``due``."""
        self._due = due
        if self._thread is None:
            self._loop_thread = threading.get_ident()
            self._ended.clear()
            self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)
            self._thread.start()

    def rest(self) -> None:
        """Note that nothing is expected for now."""
        self._due = None

    def close(self) -> None:
        """End the thread. It starts again with the next ``expect``."""
        self._due = None
        if self._thread is not None:
            self._ended.set()
            self._thread.join()
            self._thread = None

    def cause(self) -> str | None:
        """Return what the loop was seen doing while it was late, and forget it.

        The innermost call first, as ``function (file:line)``. ``None`` when nothing was seen: the
        whole process was not run then, or it held the interpreter in one long call.
        """
        sampled, self._sampled = self._sampled, ()
        return " < ".join(sampled) or None

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_EVERY):
            due = self._due
            if due is not None and time.monotonic() - due >= STALL:
                # The only way to see another thread's stack; its interface has not changed since
                # Python 2.5.
                frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001
                # The loop may have come back in the meantime: then this is not the cause.
                if frame is not None and self._due == due:
                    self._sampled = _calls(frame)


def _calls(frame: FrameType) -> tuple[str, ...]:
    """Return the innermost calls of a stack."""
    stack = traceback.StackSummary.extract(
        traceback.walk_stack(frame), limit=_DEEPEST, lookup_lines=False
    )
    return tuple(f"{call.name} ({call.filename}:{call.lineno})" for call in stack)
