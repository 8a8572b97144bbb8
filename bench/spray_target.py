"""The media port that is sprayed: an endpoint with calls, in a process of its own; see ``main``."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import uvloop

from bench.spray_stream import Comparison, Heard
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Frame


def main() -> None:
    """Serve one run, told what to do on standard input.

    A line of the callers' ports comes in, and the endpoint's goes out. ``mark`` is answered with
    the figures so far, ``end`` with those and what the calls have heard; all are JSON.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    ports = [int(port) for port in sys.stdin.readline().split()]
    uvloop.run(serve(ports))


async def serve(ports: Sequence[int]) -> None:
    """Take a call from each port; answer commands until ``end``."""
    endpoint = RtpEndpoint(clock=MediaClock(watchdog=Watchdog()))
    await endpoint.start()
    comparisons = []
    for call, port in enumerate(ports):
        comparison = Comparison(call)
        stream = await endpoint.open(_variables(port), wideband=False)
        stream.listen(partial(_hear, comparison))
        comparisons.append(comparison)
    async with Collector(lambda: False):
        print(endpoint.port, flush=True)
        while (await asyncio.to_thread(sys.stdin.readline)).strip() == "mark":
            print(json.dumps(_figures(endpoint)), flush=True)
        heard = [comparison.heard for comparison in comparisons]
        print(json.dumps(_figures(endpoint) | {"heard": asdict(total(heard))}), flush=True)
    await endpoint.close()


def total(heard: Sequence[Heard]) -> Heard:
    """Return the sum over all calls."""
    return Heard(*(sum(counts) for counts in zip(*(_counts(one) for one in heard), strict=True)))


def _hear(comparison: Comparison, frame: Frame, _now: float) -> None:
    comparison.push(frame)


def _counts(heard: Heard) -> tuple[int, ...]:
    return tuple(asdict(heard).values())


def _figures(endpoint: RtpEndpoint) -> dict[str, Any]:
    return {
        "cpu_s": time.process_time(),
        "at": time.monotonic(),
        "foreign": endpoint.foreign,
        "stalls": endpoint.clock.stalls,
    }


def _variables(port: int) -> dict[str, str]:
    return {"UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1", "UNICASTRTP_LOCAL_PORT": str(port)}


if __name__ == "__main__":
    main()
