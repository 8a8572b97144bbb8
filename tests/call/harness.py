"""A conversation without a PBX: a stream ticked by hand, and providers that are scripted."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tests.call.voices import silence, speech
from voicebot.call.common import Providers
from voicebot.call.conversation import Conversation
from voicebot.call.report import BotSaid, CallerSaid, Speculated, TransferOutcome
from voicebot.call.speculation import Limits
from voicebot.config import SpeculationSettings, TurnSettings
from voicebot.media.audio import FRAME_BYTES, FRAME_SECONDS, SAMPLE_RATE, SILENCE, energy
from voicebot.media.playout import Playout
from voicebot.speech.prompt import Prompt
from voicebot.speech.protocols import SpokenWord, TextDelta, ToolCall, Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from voicebot.call.report import CallReport, Ending
    from voicebot.call.waiting import Waiting
    from voicebot.media.audio import Frame, Pcm
    from voicebot.media.stream import FrameListener
    from voicebot.speech.protocols import Message, ReplyPart, SpeechPart, Tool
    from voicebot.turns.endpointing import EndOfTurnModel

SECONDS_PER_WORD = 0.2
FILLER_S = 1.2
HAND_OVER_S = 12.0


class FakeStream:
    """A media stream whose time passes only in ``tick``."""

    def __init__(self) -> None:
        self.playout = Playout()
        self.now = 1000.0
        self.sent: list[Frame | None] = []
        self.energy: float | None = None
        self.closed = False
        self._listener: FrameListener | None = None

    def listen(self, listener: FrameListener) -> None:
        self._listener = listener

    def tick(self, frame: Frame = SILENCE) -> None:
        """Let 20 ms pass: ``frame`` is heard, the next frame of playout is sent."""
        self.now += FRAME_SECONDS
        self.energy = energy(frame)
        if self._listener is not None:
            self._listener(frame, self.now)
        self.sent.append(self.playout.pull(self.now))

    async def close(self) -> None:
        self.closed = True


async def settle() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


@dataclass
class FakeStt:
    """Understands, one after the other, what it is given to understand; then always the last."""

    texts: list[str]
    heard: list[float] = field(default_factory=list)
    hints: list[str] = field(default_factory=list)
    error: Exception | None = None
    gate: asyncio.Event | None = None
    finished: float | None = None
    confidence: float | None = None
    readings: Mapping[str, float] = field(default_factory=dict)

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        self.heard.append(len(pcm) / 2 / SAMPLE_RATE)
        self.hints.append(hint)
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        return Transcript(
            text,
            language,
            self.confidence,
            finished=self.finished,
            readings=(self.readings,) if self.readings else (),
        )


@dataclass
class FakeLlm:
    """Answers with ``answer(messages)``: a text, tool calls, or both; an exception is raised."""

    answer: Callable[[Sequence[Message]], Sequence[str | ToolCall | Exception]]
    asked: list[tuple[Message, ...]] = field(default_factory=list)
    gate: asyncio.Event | None = None
    offered: list[str] = field(default_factory=list)

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        self.offered = [tool.name for tool in tools]
        self.asked.append(tuple(messages))
        if self.gate is not None:
            await self.gate.wait()
        for part in self.answer(messages):
            if isinstance(part, Exception):
                raise part
            yield TextDelta(part) if isinstance(part, str) else part


@dataclass
class FakeTts:
    """Speaks 0.2 s a word, at once."""

    spoken: list[str] = field(default_factory=list)
    error: Exception | None = None

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        assert language
        self.spoken.append(text)
        if self.error is not None:
            raise self.error
        samples = round(len(text.split()) * SECONDS_PER_WORD * SAMPLE_RATE)
        yield b"\x10\x00" * samples


@dataclass
class TellingTts(FakeTts):
    """Says each word a step louder than the one before, then nothing for a moment, and tells so."""

    word_s: float = SECONDS_PER_WORD

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        assert language
        self.spoken.append(text)
        step = round(self.word_s * SAMPLE_RATE)
        for number, word in enumerate(text.split()):
            yield SpokenWord(word, number * step, (number + 1) * step - 640)
            yield bytes((0, number + 1)) * (step - 640) + bytes(2 * 640)


def frames_of(pcm: Pcm) -> list[Frame]:
    """Cut ``pcm`` into frames; a rest is padded with silence."""
    padded = pcm + bytes(-len(pcm) % FRAME_BYTES)
    return [padded[at : at + FRAME_BYTES] for at in range(0, len(padded), FRAME_BYTES)]


def call(name: str, **arguments: object) -> ToolCall:
    return ToolCall(f"call-{name}", name, arguments)


def levels(rehearsal: Rehearsal) -> list[int]:
    """How loud each frame of a word was that has been sent; the fade of a pause is none."""
    frames = [np.frombuffer(frame, "<i2") for frame in rehearsal.stream.sent if frame is not None]
    return [int(frame.max()) >> 8 for frame in frames if frame[80:].any()]


async def murmured_over(
    rehearsal: Rehearsal, *, since: int, then: float
) -> tuple[list[int], list[int]]:
    """Murmur over the bot, which pauses and goes on.

    Return the ``levels`` from ``since`` on until it paused, and those of ``then`` seconds after.
    """
    await rehearsal.hear(speech(0.25))
    before = levels(rehearsal)[since:]
    assert rehearsal.stream.playout.paused
    while rehearsal.stream.playout.paused:
        await rehearsal.wait(0.02)
    await rehearsal.wait(then)
    return before, levels(rehearsal)[since + len(before) :]


class Rehearsal:
    """A conversation on a fake stream, and everything that can be seen of it.

    Transfers end as ``outcomes`` tells, one after the other; then colleagues answer.
    """

    def __init__(
        self,
        *,
        stt: FakeStt,
        llm: FakeLlm,
        tts: FakeTts | None = None,
        transfer: Callable[[str], Awaitable[TransferOutcome]] | None = None,
        turns: TurnSettings | None = None,
        limits: Limits | None = None,
        prompt: Prompt | None = None,
        outcomes: Sequence[TransferOutcome] = (),
        waiting: Waiting | None = None,
        end_of_turn: EndOfTurnModel | None = None,
        stream: FakeStream | None = None,
    ) -> None:
        self.stream = stream or FakeStream()
        self.stt, self.llm, self.tts = stt, llm, tts or FakeTts()
        self.reports: list[CallReport] = []
        self.dialled: list[str] = []
        self.outcomes = list(outcomes)
        self._transfer = transfer or self._dial
        self.conversation = Conversation(
            self.stream,
            Providers(self.stt, self.llm, self.tts, end_of_turn),
            prompt or PROMPT,
            turns=turns or TurnSettings(),
            limits=limits or Limits(SpeculationSettings()),
            filler_s=FILLER_S,
            hand_over_s=HAND_OVER_S,
            transfer=self._transfer,
            waiting=waiting,
            report=self.report,
            wall_clock=lambda: dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC),
            clock=lambda: self.stream.now,
        )
        self.task: asyncio.Task[Ending] | None = None

    async def __aenter__(self) -> Rehearsal:
        self.begin()
        await settle()
        return self

    def begin(self) -> None:
        """Let the call be answered."""
        self.task = asyncio.create_task(self.conversation.run())

    async def hang_up(self) -> None:
        """Let the caller hang up, and the call be over."""
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not others, "a task outlived its call"

    def report(self, report: CallReport) -> None:
        """Take what the conversation tells."""
        self.reports.append(report)

    @property
    def ending(self) -> Ending | None:
        assert self.task is not None
        return self.task.result() if self.task.done() else None

    @property
    def bot(self) -> list[str]:
        return [report.text for report in self.reports if isinstance(report, BotSaid)]

    @property
    def caller(self) -> list[str]:
        return [report.text for report in self.reports if isinstance(report, CallerSaid)]

    @property
    def speculated(self) -> Speculated:
        """What the call reports of its drafts when it is over."""
        (report,) = [report for report in self.reports if isinstance(report, Speculated)]
        return report

    async def hear(self, pcm: Pcm) -> None:
        """Let the caller's line carry ``pcm``, in its own time."""
        for frame in frames_of(pcm):
            self.stream.tick(frame)
            await settle()

    async def wait(self, seconds: float) -> None:
        """Let time pass on a line where nobody speaks."""
        await self.hear(silence(seconds))

    async def greeted(self) -> None:
        """Let time pass until the greeting was heard."""
        await self.wait(1.5)
        assert self.bot == [PROMPT.greeting]

    async def _dial(self, extension: str) -> TransferOutcome:
        self.dialled.append(extension)
        await asyncio.sleep(0)
        return self.outcomes.pop(0) if self.outcomes else TransferOutcome.ANSWERED


PROMPT = Prompt.model_validate(
    {
        "company": "Acme",
        "language": "en",
        "greeting": "Hello, this is Acme.",
        "directory": {
            "sales": {"names": ["sales"], "extension": "201"},
            "operator": {"names": ["the operator"], "extension": "200"},
        },
        "operator": "operator",
    }
)
