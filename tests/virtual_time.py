"""Time that is given, not read: an event loop that takes no time to sleep.

::

    @in_virtual_time
    async def test_a_minute_of_ticks():
        clock = MediaClock(time_source=loop_time)
        ...
        await asyncio.sleep(60)     # returns at once, and to the millisecond
        stall(0.25)                 # what time.sleep(0.25) does to a loop

Sockets on loopback work: what was sent is there before time moves on. Whatever waits for a thread
or for another process does not belong here.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

P = ParamSpec("P")


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time moves on by exactly what it would have slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        super().__init__(_Sleepless(self))

    def time(self) -> float:
        """Return the seconds that have passed here."""
        return self.now


class _Sleepless(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("everybody waits, and nothing is due any more")
        if not ready and timeout:
            self._loop.now += timeout
        return ready


def in_virtual_time(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Let an asynchronous test run in a loop of its own whose time is virtual."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        with asyncio.Runner(loop_factory=VirtualLoop) as runner:
            runner.run(test(*args, **kwargs))

    return run


def loop_time() -> float:
    """Return the time of the running loop: a ``time_source``."""
    return asyncio.get_running_loop().time()


def stall(seconds: float) -> None:
    """Hold the running loop up for so long."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.now += seconds
