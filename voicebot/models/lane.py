"""A queue in front of a model: first come, first served, on threads of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class LaneFullError(Exception):
    """So many requests wait already that another would only be late."""


class Lane:
    """Runs jobs on ``workers`` threads, in the order in which they came.

    A job whose waiter is cancelled before it began is never begun. Long work is handed in as
    several jobs, so that those of other callers come in between.
    """

    def __init__(self, name: str, *, workers: int = 1, limit: int = 256) -> None:
        self._executor = ThreadPoolExecutor(workers, thread_name_prefix=name)
        self._limit = limit
        self._jobs = 0
        self._name = name

    @property
    def jobs(self) -> int:
        """How many jobs wait or run."""
        return self._jobs

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return what ``job`` returns. Raises ``LaneFullError`` and whatever ``job`` raises."""
        if self._jobs >= self._limit:
            message = f"{self._jobs} requests wait for {self._name}"
            raise LaneFullError(message)
        self._jobs += 1
        future = self._executor.submit(job, *args, **kwargs)
        # Counted when the thread is done with it, not when its waiter has gone.
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: _tell(loop, self._done))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Begin no further job. The one that runs is not waited for."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _done(self) -> None:
        self._jobs -= 1


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], None]) -> None:
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        # The loop was closed while the job ran: nobody counts any more.
        return
