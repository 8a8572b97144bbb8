"""The media plane under load: RTP endpoint, clock and turn taking as the program runs them.

Providers are instantaneous: each utterance is understood at once and answered with 3 s of speech.
Run as a process of its own, told what to do on standard input; see ``main``.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import structlog
import uvloop

from bench.load_speech import reply
from voicebot.built import compiled
from voicebot.config import TurnSettings
from voicebot.errors import MediaError
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.watchdog import Watchdog
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from voicebot.media.audio import Frame, Pcm
    from voicebot.media.rtp_stream import RtpStream
    from voicebot.turns.events import TurnEvent

UNDERSTOOD = "I would like to speak to somebody, please."
ANSWER = "Certainly, I will put you through to a colleague at once."


class Bot:
    """One call: hears with a turn taker and answers each turn, as ``call`` does."""

    def __init__(self, stream: RtpStream, answer: Pcm) -> None:
        self.stream = stream
        self.turns = 0
        self._playout = stream.playout
        self._answer = answer
        self._taker = TurnTaker(TurnSettings(), "en")
        stream.listen(self._hear)

    def _hear(self, frame: Frame, _now: float) -> None:
        bot, energy = self._playout.sounding, self.stream.energy
        events = self._taker.push(frame, bot=bot, energy=energy)
        if events:
            self._react(events)

    def _react(self, events: list[TurnEvent]) -> None:
        playout = self.stream.playout
        for event in events:
            match event:
                case SpeechPaused(utterance=heard):
                    self._react(self._taker.transcribed(heard.number, heard.revision, UNDERSTOOD))
                case TurnEnded():
                    self.turns += 1
                    self._taker.bot_started(ANSWER)
                    playout.play(self._answer)
                    playout.mark(lambda _now: self._finished())
                case SpeechStarted(over_bot=True):
                    playout.pause()
                case BargeInRejected():
                    playout.resume()
                case BargeInConfirmed():
                    playout.drop()
                    self._react(self._taker.bot_finished(ANSWER))

    def _finished(self) -> None:
        self._react(self._taker.bot_finished(ANSWER))


def main() -> None:
    """Serve one load test.

    The arguments are the seconds to warm up and to measure, and the codec to send. A line of the
    callers' ports comes in; the endpoint's port goes out, and in the end the figures as JSON.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    warm_s, seconds, codec = float(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
    ports = [int(port) for port in sys.stdin.readline().split()]
    uvloop.run(serve(ports, warm_s, seconds, wideband=codec == "g722"))


async def serve(ports: list[int], warm_s: float, seconds: float, *, wideband: bool) -> None:
    """Take a call from each port, let them warm up, and measure."""
    process = psutil.Process()
    answer = reply().tobytes()
    endpoint = RtpEndpoint(clock=MediaClock(watchdog=Watchdog()))
    await endpoint.start()
    async with Collector(lambda: False):
        before = process.memory_info().rss
        ready = time.monotonic() + warm_s
        # Callers are heard from the first moment on: a line without packets costs more than speech.
        print(endpoint.port, flush=True)
        bots = []
        for port in ports:
            # Who is refused goes elsewhere, and is not served here.
            with suppress(MediaError):
                bots.append(Bot(await endpoint.open(_variables(port), wideband=wideband), answer))
            # Calls do not come all at once.
            await asyncio.sleep(warm_s / 2 / len(ports))
        await asyncio.sleep(max(0.0, ready - time.monotonic()))
        cpu, stalls, since = time.process_time(), endpoint.clock.stalls, time.monotonic()
        await asyncio.sleep(seconds)
        cpu, took = time.process_time() - cpu, time.monotonic() - since
        grown = process.memory_info().rss - before
    told = [bot.stream.statistics() for bot in bots]
    result = {
        "compiled": compiled(),
        "cpu_s": cpu,
        "seconds": took,
        "rss_kb": grown / 1024,
        "refused": len(ports) - len(bots),
        "turns": sum(bot.turns for bot in bots),
        "lost": sum(found.lost for found in told),
        "unsent": sum(found.unsent for found in told),
        "stalls": endpoint.clock.stalls - stalls,
    }
    await endpoint.close()
    print(json.dumps(result), flush=True)


def _variables(port: int) -> dict[str, str]:
    return {"UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1", "UNICASTRTP_LOCAL_PORT": str(port)}


if __name__ == "__main__":
    main()
