"""Whole conversations over RTP with providers that take no time: what is left is the engine.

Run as a process of its own; see ``main``.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from typing import TYPE_CHECKING

import structlog
import uvloop

from bench.load_speech import reply
from voicebot.built import compiled
from voicebot.call.common import Providers
from voicebot.call.conversation import Conversation
from voicebot.call.report import BotSaid, TransferOutcome
from voicebot.call.speculation import Limits
from voicebot.config import ReceptionistSettings, SpeculationSettings, TurnSettings
from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.watchdog import Watchdog
from voicebot.speech.prompt import Prompt
from voicebot.speech.protocols import TextDelta, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from voicebot.call.report import CallReport
    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import Message, ReplyPart, Tool

ANSWER_S = 0.6
"""How long the greeting and every answer are."""

UNDERSTOOD = "When do you open?"
_PROMPT = Prompt.model_validate(
    {
        "company": "Instant",
        "language": "en",
        "greeting": "Instant, hello.",
        "directory": {"operator": {"names": ["the operator"], "extension": "200"}},
        "operator": "operator",
    }
)


class Understands:
    """Speech to text that has the text already."""

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        """Return what is always said."""
        del pcm, hint
        return Transcript(UNDERSTOOD, language)


class Answers:
    """A language model that has its answer already."""

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield what is always answered."""
        del messages, tools
        yield TextDelta("At nine.")


class Speaks:
    """Text to speech that has its audio already: loud from the first sample on."""

    def __init__(self) -> None:
        speech = reply()
        start = int((abs(speech[: -int(ANSWER_S * SAMPLE_RATE)]) > 3000).argmax())
        self._audio = speech[start:][: int(ANSWER_S * SAMPLE_RATE)].tobytes()

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        """Yield what is always said."""
        del text, language
        yield self._audio


def main() -> None:
    """Serve one run.

    The argument is how many seconds to serve. A line of the callers' ports comes in; the endpoint's
    port goes out, and in the end the timelines of all turns as JSON.
    """
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    ports = [int(port) for port in sys.stdin.readline().split()]
    uvloop.run(serve(ports, float(sys.argv[1])))


async def serve(ports: Sequence[int], seconds: float) -> None:
    """Talk with the caller at each port."""
    clock = MediaClock(watchdog=Watchdog())
    endpoint = RtpEndpoint(clock=clock)
    await endpoint.start()
    providers = Providers(Understands(), Answers(), Speaks())
    limits = Limits(SpeculationSettings(at_once=len(ports) + 1))
    steps: list[dict[str, float]] = []

    def report(event: CallReport) -> None:
        if isinstance(event, BotSaid) and event.timeline is not None:
            found = event.timeline.since_speech_end().items()
            steps.append({str(step): ms for step, ms in found})

    async with Collector(lambda: False):
        print(endpoint.port, flush=True)
        tasks = [
            asyncio.create_task(
                Conversation(
                    await endpoint.open(_variables(port), wideband=False),
                    providers,
                    _PROMPT,
                    turns=TurnSettings(),
                    limits=limits,
                    filler_s=ReceptionistSettings().filler_ms / 1000,
                    hand_over_s=ReceptionistSettings().hand_over_s,
                    transfer=_transfer,
                    report=report,
                    wall_clock=lambda: dt.datetime.now(dt.UTC),
                ).run()
            )
            for port in ports
        ]
        await asyncio.sleep(seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await endpoint.close()
    told = {"compiled": compiled(), "turns": steps, "stalls": clock.stalls}
    print(json.dumps(told), flush=True)


async def _transfer(extension: str) -> TransferOutcome:
    del extension
    return TransferOutcome.FAILED


def _variables(port: int) -> dict[str, str]:
    return {"UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1", "UNICASTRTP_LOCAL_PORT": str(port)}


if __name__ == "__main__":
    main()
