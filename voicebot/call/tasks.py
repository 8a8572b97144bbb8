"""The tasks of one call, none of which outlives it."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import structlog

from voicebot.errors import VoicebotError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

_log = structlog.get_logger(__name__)


class Tasks:
    """A set of tasks that are cancelled together.

    Unlike ``asyncio.TaskGroup`` one failure does not end the others: ``on_error`` decides, since a
    caller is on the line.
    """

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        self._on_error = on_error
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run ``work``; what it raises goes to ``on_error``, unless it was cancelled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def hold(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Run ``work``; what it raises concerns only who waits for it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        return task

    async def close(self) -> None:
        """Cancel what is left and wait until it has ended."""
        current = asyncio.current_task()
        tasks = [task for task in self._tasks if task is not current]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def finish(self, seconds: float) -> bool:
        """Wait for ``seconds`` at most, then ``close``; return whether all had ended by then."""
        late: set[asyncio.Task[None]] = set()
        if self._tasks:
            timeout = None if math.isinf(seconds) else seconds
            _, late = await asyncio.wait(self._tasks, timeout=timeout)
        await self.close()
        return not late

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or not isinstance(error := task.exception(), Exception):
            return
        if task.cancelling() and isinstance(error, VoicebotError):
            # A request that is cancelled as it fails is wanted no more: that is nobody's trouble.
            _log.warning("failed as it was cancelled", error=str(error))
        else:
            self._on_error(error)
