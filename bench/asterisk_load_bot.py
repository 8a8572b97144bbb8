"""The receptionist under the load of a real Asterisk, in a process of its own; see ``main``.

It is the real application on real ARI and RTP; only its providers take no time.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import structlog
import uvloop

from bench.load_speech import reply
from bench.peers.outcome import Spread
from bench.peers.with_voicebot import PROMPT, Llm, Stt, Tts
from voicebot.apps.calls import Office
from voicebot.apps.receptionist import Receptionist
from voicebot.ari import AriClient
from voicebot.built import compiled
from voicebot.call.common import Providers
from voicebot.call.speculation import Limits
from voicebot.config import Settings
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport, Reporter
    from voicebot.media.playout import Playout
    from voicebot.media.statistics import MediaStatistics
    from voicebot.media.stream import ExternalMedia, FrameListener, MediaStream

COUNTS = ("received", "lost", "late", "sent", "unsent", "stalls")


class WatchedStream:
    """A stream as it is, which notes in ``spoke`` when its first sample was sent."""

    def __init__(self, stream: MediaStream, spoke: list[float]) -> None:
        self._stream = stream
        self._spoke = spoke
        self._watched = False

    @property
    def playout(self) -> Playout:
        """What is being said to the caller."""
        return self._stream.playout

    @property
    def energy(self) -> float | None:
        """What is known already of the frame being handed on."""
        known: float | None = getattr(self._stream, "energy", None)
        return known

    def listen(self, listener: FrameListener) -> None:
        """Listen as ever. A conversation begins with it, just before its greeting is heard."""
        if not self._watched:
            self._watched = True
            self.playout.mark(lambda _now: self._spoke.append(time.monotonic()), at=1)
        self._stream.listen(listener)

    def statistics(self) -> MediaStatistics:
        """Return what was received, lost and sent so far."""
        return self._stream.statistics()

    async def close(self) -> None:
        """Stop both directions and release everything."""
        await self._stream.close()


class WatchedEndpoint:
    """The RTP endpoint, and all streams that were ever opened on it.

    ``spoke`` is when each of them had sent the first sample of its greeting.
    """

    def __init__(self) -> None:
        self.clock = MediaClock(watchdog=Watchdog())
        self.streams: list[MediaStream] = []
        self.spoke: list[float] = []
        self._endpoint = RtpEndpoint(clock=self.clock)

    async def start(self) -> None:
        """Bind the socket."""
        await self._endpoint.start()

    def external_media(self) -> ExternalMedia:
        """Return what Asterisk is told."""
        return self._endpoint.external_media()

    async def open(self, variables: Mapping[str, str], *, wideband: bool) -> MediaStream:
        """Open a stream as ever."""
        stream = await self._endpoint.open(variables, wideband=wideband)
        self.streams.append(stream)
        return WatchedStream(stream, self.spoke)

    def figures(self) -> dict[str, Any]:
        """Return the sums of what all streams have counted, and how much was concealed (s)."""
        told = [stream.statistics() for stream in self.streams]
        counts = {name: sum(getattr(one, name) for one in told) for name in COUNTS[:-1]}
        return counts | {
            "concealed_s": sum(one.concealed for one in told),
            "stalls": self.clock.stalls,
        }


def main() -> None:
    """Answer calls, told what to do on standard input.

    The arguments are the base URL of ARI, user name, password and application. ``ready`` goes out;
    ``mark`` is answered with the figures so far as JSON, anything else ends the program.
    """
    structlog.configure(
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(30),
    )
    uvloop.run(serve(*sys.argv[1:5]))


async def serve(url: str, username: str, password: str, app: str) -> None:
    """Serve one run."""
    settings, entered = Settings(), list[float]()

    def watch(_channel: Channel) -> Reporter:
        """Note that a caller has entered Stasis; what happens in the call is not kept."""
        entered.append(time.monotonic())
        return _forget

    endpoint = WatchedEndpoint()
    await endpoint.start()
    office = Office(
        settings=settings,
        prompt=PROMPT,
        providers=Providers(Stt(), Llm(), Tts(reply().tobytes())),
        transport=endpoint,
        wall_clock=lambda: dt.datetime.now(dt.UTC),
        watch=watch,
        limits=Limits(settings.speculation),
    )
    async with AsyncExitStack() as stack:
        ari = await stack.enter_async_context(AriClient(url, username, password, app=app))
        receptionist = Receptionist(ari, app, office)
        await stack.enter_async_context(Collector(lambda: receptionist.idle))
        task = asyncio.create_task(receptionist.run())
        print("ready", flush=True)
        while (await asyncio.to_thread(sys.stdin.readline)).strip() == "mark":
            print(json.dumps(_figures(entered, endpoint)), flush=True)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def set_up(entered: list[float], spoke: list[float]) -> Spread:
    """Return how long callers waited for the first sample, in ms.

    Callers are paired with greetings in their order, which is exact but where two overlap.
    """
    pairs = zip(sorted(entered), sorted(spoke), strict=False)
    return Spread.of([1000 * (spoken - came) for came, spoken in pairs])


def _figures(entered: list[float], endpoint: WatchedEndpoint) -> dict[str, Any]:
    setting_up = set_up(entered, endpoint.spoke)
    return endpoint.figures() | {
        "compiled": compiled(),
        "cpu_s": time.process_time(),
        "at": time.monotonic(),
        "entered": len(entered),
        "spoke": len(endpoint.spoke),
        "set_up_ms": {
            "p50": setting_up.p50,
            "p95": setting_up.p95,
            "max": setting_up.max,
        },
    }


def _forget(_report: CallReport) -> None:
    """Keep nothing."""


if __name__ == "__main__":
    main()
