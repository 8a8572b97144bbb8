"""One call's texts on their way to the sink."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import TYPE_CHECKING

from voicebot.apps.transcriber.order import Order
from voicebot.apps.transcriber.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voicebot.apps.transcriber.order import Place
    from voicebot.records.events import Final, Sink


class Talk:
    """The finals of one call on their way to the sink, in order; ``tally`` says how it went."""

    def __init__(
        self,
        sink: Sink,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        *,
        on_over: Callable[[], None],
    ) -> None:
        self.sink = sink
        self.tally = Tally()
        self._clock = clock
        self._sleep = sleep
        self._on_over = on_over
        self._order = Order()
        self._joined = 0
        self._waiting: dict[int, int] = {}
        self._timer: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()

    def join(self) -> int:
        """Expect finals of one ear more, and return its number."""
        self._joined += 1
        self._waiting[self._joined] = 0
        return self._joined

    def heard(self, source: int, horizon: int) -> None:
        """Note how far the ear ``source`` has heard; see ``Order``."""
        self._order.heard(source, horizon)
        if self._order.deadline < math.inf:
            self._release()

    def add(self, place: Place) -> None:
        """Put an utterance in line."""
        self._waiting[place.source] += 1
        self._order.add(place)

    def settle(self, place: Place, final: Final | None) -> None:
        """Give what was said in an utterance in line; ``None`` where nobody spoke."""
        self._order.settle(place, final, self._clock())
        self._release()

    async def leave(self, source: int) -> None:
        """Return when all finals of ``source``, which hears nothing more, are in the sink."""
        self._order.left(source)
        self._release()
        while self._waiting[source]:
            self._moved.clear()
            await self._moved.wait()
        del self._waiting[source]
        if not self._waiting:
            self.close()
            self._on_over()

    def close(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()

    def _release(self) -> None:
        now = self._clock()
        for place in self._order.release(now):
            self._waiting[place.source] -= 1
            if place.final is not None:
                lag_s = now - place.spoken_at
                self.tally.lags.append(lag_s)
                self.sink.put(replace(place.final, lag_s=lag_s))
        self._moved.set()
        deadline = self._order.deadline
        if deadline < math.inf and (self._timer is None or self._timer.done()):
            self._timer = asyncio.create_task(self._release_later(max(deadline - now, 0.0)))

    async def _release_later(self, seconds: float) -> None:
        await self._sleep(seconds)
        self._timer = None
        self._release()
