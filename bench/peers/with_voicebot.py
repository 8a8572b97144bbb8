"""voicebot's own plane on the feed: a real ``Conversation`` on a stream without a socket."""

from __future__ import annotations

import asyncio
import datetime as dt
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bench.peers.feed import run
from bench.peers.scenario import ANSWER, FRAME_SECONDS, GREETING, UNDERSTOOD
from voicebot.call.common import Providers
from voicebot.call.conversation import Conversation
from voicebot.call.report import TransferOutcome
from voicebot.call.speculation import Limits
from voicebot.config import Settings
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.playout import Playout
from voicebot.media.statistics import MediaStatistics
from voicebot.media.watchdog import Watchdog
from voicebot.speech.prompt import Prompt
from voicebot.speech.protocols import TextDelta, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from bench.peers.scenario import Call, Order
    from voicebot.call.report import CallReport, Ending
    from voicebot.media.audio import Frame, Pcm
    from voicebot.media.stream import FrameListener
    from voicebot.speech.protocols import Message, ReplyPart, Tool

PROMPT = Prompt.model_validate(
    {
        "company": "Northwind Telephones",
        "language": "en",
        "greeting": GREETING,
        "directory": {"operator": {"names": ["the operator"], "extension": "200"}},
        "operator": "operator",
    }
)


class Stt:
    """Understands the same words each time."""

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        """Return them at once."""
        del pcm, hint
        return Transcript(UNDERSTOOD, language)


class Llm:
    """Gives the same answer each time."""

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield it at once."""
        del messages, tools
        yield TextDelta(ANSWER)


class Tts:
    """Speaks the answer; the greeting is over at once."""

    def __init__(self, reply: Pcm) -> None:
        self._reply = reply

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        """Yield all of it at once."""
        del language
        yield self._reply if text == ANSWER else bytes(640)


class Line:
    """A ``MediaStream`` that the feed fills, and whose frames a ``Call`` hears."""

    def __init__(self, call: Call, clock: MediaClock) -> None:
        self.playout = Playout()
        self._call = call
        self._listeners: tuple[FrameListener, ...] = ()
        self._clock = clock
        self._key = clock.add(self._tick)

    @property
    def energy(self) -> float | None:
        """Nothing: the listener finds out."""
        return None

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame to ``listener`` from now on."""
        self._listeners = (*self._listeners, listener)

    def take(self, frame: Frame) -> None:
        """Take a frame of the feed's."""
        now = time.monotonic()
        for listener in self._listeners:
            listener(frame, now)

    def statistics(self) -> MediaStatistics:
        """Return nothing: no packet was received."""
        return MediaStatistics()

    async def close(self) -> None:
        """Release the clock."""
        self._clock.remove(self._key)

    def _tick(self, now: float, number: int) -> None:
        frame = self.playout.pull(now)
        if frame is not None:
            self._call.hear(len(frame), time.monotonic(), number * FRAME_SECONDS)


class House:
    """Answers calls as ``voicebot receptionist`` does, without a PBX."""

    def __init__(self, reply: Pcm) -> None:
        self._settings = Settings()
        self._limits = Limits(self._settings.speculation)
        self._providers = Providers(Stt(), Llm(), Tts(reply))
        self._clock = MediaClock(watchdog=Watchdog())
        self._collector = Collector(lambda: False)
        self._tasks: set[asyncio.Task[Ending]] = set()

    async def open(self) -> None:
        """Freeze what has been built."""
        await self._collector.__aenter__()

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Let a conversation begin."""
        line, settings = Line(call, self._clock), self._settings
        conversation = Conversation(
            line,
            self._providers,
            PROMPT,
            turns=settings.turns,
            limits=self._limits,
            filler_s=settings.receptionist.filler_ms / 1000,
            hand_over_s=settings.receptionist.hand_over_s,
            transfer=_nobody,
            report=_forget,
            wall_clock=_now,
        )
        self._tasks.add(asyncio.create_task(conversation.run()))
        return line.take


async def serve(order: Order) -> House:
    """Return the house, ready for calls."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    reply = await asyncio.to_thread(Path(order.reply).read_bytes)
    house = House(reply)
    await house.open()
    return house


async def _nobody(extension: str) -> TransferOutcome:
    del extension
    return TransferOutcome.NO_ANSWER


def _forget(_report: CallReport) -> None:
    """Keep nothing."""


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


if __name__ == "__main__":
    run(serve)
