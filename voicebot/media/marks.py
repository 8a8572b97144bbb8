"""Callbacks that wait until something has been heard."""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, TypeAlias

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

Mark: TypeAlias = "Callable[[float], None]"

_log = structlog.get_logger(__name__)


class Marks:
    """Marks by position. Those of one position are called in the order they were set."""

    __slots__ = (
        "_order",
        "_waiting",
    )

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Mark]] = []
        self._order = count()

    def add(self, position: int, mark: Mark) -> None:
        """Let ``mark`` wait for ``position``."""
        heapq.heappush(self._waiting, (position, next(self._order), mark))

    def reach(self, position: int, now: float) -> None:
        """Call the marks up to ``position``. One that raises is logged; the others are called."""
        while self._waiting and self._waiting[0][0] <= position:
            mark = heapq.heappop(self._waiting)[2]
            try:
                mark(now)
            except Exception:  # noqa: BLE001 - a callback's fault must not stop the audio
                _log.exception("playout mark failed", position=position)

    def waiting(self, position: int) -> bool:
        """Return whether ``reach`` would call any at ``position``."""
        return bool(self._waiting) and self._waiting[0][0] <= position

    def forget(self, position: int) -> None:
        """Forget the marks beyond ``position``."""
        self._waiting = [mark for mark in self._waiting if mark[0] <= position]
        heapq.heapify(self._waiting)
