"""The feed: gives an engine its calls and their frames, and prints what came back."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from bench.peers.outcome import judge
from bench.peers.scenario import FRAME_BYTES, FRAME_SECONDS, Call, Order

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from bench.peers.outcome import Outcome

GROUPS = 10
"""The calls are spread over the 20 ms in so many groups."""


class Engine(Protocol):
    """What is measured. Its calls end with its process."""

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Take a call; return what takes its frames. It reports to ``call.hear``."""
        ...


def run(serve: Callable[[Order], Awaitable[Engine]]) -> None:
    """Carry out the order in the first argument with an engine; print the outcome.

    The engine shares its event loop with the feed; its threads share its core.
    """
    order = Order.parse(sys.argv[1])
    import uvloop  # noqa: PLC0415 - a part of every environment, but of no other code of this file

    uvloop.run(_carry_out(order, serve))


async def _carry_out(order: Order, serve: Callable[[Order], Awaitable[Engine]]) -> None:
    outcome = await _measure(order, serve)
    print(outcome.written(), flush=True)
    # Not every engine comes to an end when its tasks are cancelled, and the figures are out.
    os._exit(0)


async def _measure(order: Order, serve: Callable[[Order], Awaitable[Engine]]) -> Outcome:
    engine = await serve(order)
    calls = [Call(order, number) for number in range(order.calls)]
    gc.collect()
    before = _rss_kb()
    takers = [await engine.answer(call) for call in calls]
    frames = _frames(order.speech)
    feed = asyncio.create_task(_feed(calls, takers, frames))
    await asyncio.sleep(order.warm_s)
    cpu, waited, since = _cpu(), _waited_s(), time.monotonic()
    await asyncio.sleep(order.seconds)
    cpu, waited, until = _cpu() - cpu, _waited_s() - waited, time.monotonic()
    grown = _rss_kb() - before
    feed.cancel()
    return judge(calls, order, since, until, cpu_s=cpu, waited_s=waited, rss_kb=grown)


async def _feed(
    calls: Sequence[Call], takers: Sequence[Callable[[bytes], None]], frames: Sequence[bytes]
) -> None:
    """Give each call a frame each 20 ms against absolute deadlines; none is left out."""
    origin = time.monotonic() + FRAME_SECONDS
    groups: list[list[tuple[int, Callable[[bytes], None]]]] = [[] for _ in range(GROUPS)]
    for number, (call, take) in enumerate(zip(calls, takers, strict=True)):
        group = number % GROUPS
        call.origin = origin + group * FRAME_SECONDS / GROUPS
        groups[group].append((call.offset, take))
    tick = 0
    while True:
        for group, members in enumerate(groups):
            if not members:
                continue
            due = origin + (tick + group / GROUPS) * FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for offset, take in members:
                take(frames[(offset + tick) % len(frames)])
        tick += 1


def _frames(path: str) -> list[bytes]:
    raw = Path(path).read_bytes()
    return [raw[at : at + FRAME_BYTES] for at in range(0, len(raw), FRAME_BYTES)]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _waited_s() -> float:
    """Return how long the process's first thread has waited for a core so far (proc(5))."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _rss_kb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024
