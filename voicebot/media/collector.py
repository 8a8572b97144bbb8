"""Python's cyclic garbage collector, kept off the pacing thread.

A full collection visits every object that lives: with hundreds of calls that takes tens of
milliseconds, and every frame due meanwhile is late. So what lives after the start is frozen, young
objects are collected as ever (that takes microseconds), and full collections come when nobody
would hear them: when there is no call, or when so much was allocated that memory is at stake.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
from typing import TYPE_CHECKING, Final, Self

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

LOOK_EVERY: Final = 1.0
"""Seconds between two looks at whether to collect."""

LEAST_INTERVAL: Final = 10.0
"""Seconds between two full collections of an idle server."""

MOST_GROWTH: Final = 2_000_000
"""Blocks allocated since the last full collection, some 150 MB, that are not let grow further."""

_NEVER: Final = 1_000_000
"""Collections of the middle generation before a full one follows by itself."""

_log = structlog.get_logger(__name__)


class CollectionPolicy:
    """When a full collection is due. Times are monotonic seconds; ``blocks`` those allocated."""

    def __init__(self, now: float, blocks: int) -> None:
        self._worked = False
        self._since = now
        self._least = blocks

    def due(self, now: float, *, idle: bool, blocks: int) -> bool:
        """Return whether to collect now. ``idle`` says that no call is up.

        An idle server collects once after its last call, not again and again. A busy one collects
        only when ``MOST_GROWTH`` blocks have come since the last time.
        """
        self._worked = self._worked or not idle
        # What calls gave back was no garbage: growth counts from the lowest since.
        self._least = min(self._least, blocks)
        if not idle:
            return blocks - self._least >= MOST_GROWTH
        return self._worked and now - self._since >= LEAST_INTERVAL

    def collected(self, now: float, *, idle: bool, blocks: int) -> None:
        """Note that a collection ended at ``now`` and left ``blocks``."""
        self._since = now
        self._least = blocks
        self._worked = not idle


class Collector:
    """Runs the collector by the policy while the context is open; restores Python's way after.

    Enter it when everything that lives as long as the program has been built: that is frozen, and
    never visited again. ``idle`` tells whether no call is up.
    """

    def __init__(self, idle: Callable[[], bool]) -> None:
        self._idle = idle
        self._policy = CollectionPolicy(time.monotonic(), 0)
        self._thresholds = gc.get_threshold()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._thresholds = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*self._thresholds[:2], _NEVER)
        self._policy = CollectionPolicy(time.monotonic(), sys.getallocatedblocks())
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
            self._task = None
        gc.set_threshold(*self._thresholds)
        gc.unfreeze()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_EVERY)
            idle = self._idle()
            if self._policy.due(time.monotonic(), idle=idle, blocks=sys.getallocatedblocks()):
                self._collect(idle=idle)

    def _collect(self, *, idle: bool) -> None:
        began = time.monotonic()
        found = gc.collect()
        now = time.monotonic()
        self._policy.collected(now, idle=idle, blocks=sys.getallocatedblocks())
        _log.debug(
            "garbage collected", objects=found, milliseconds=round(1000 * (now - began)), idle=idle
        )
