"""A scribe whose recogniser is scripted and whose time passes frame by frame."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from tests.turns.signals import frames, joined, silence, voice
from voicebot.apps.transcriber.scribe import Scribe
from voicebot.config import TranscribeSettings
from voicebot.media.audio import FRAME_SECONDS, SAMPLE_RATE, SILENCE
from voicebot.records.events import Final, Partial
from voicebot.speech.protocols import Transcript

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.turns.signals import Signal
    from voicebot.apps.transcriber.scribe import Ear
    from voicebot.media.audio import Frame, Pcm
    from voicebot.records.events import CallEvent

CALL = "call"


def talk(*parts: float, seed: int = 0) -> Signal:
    """Return somebody who pauses and speaks in turn (seconds)."""
    sounds = [
        voice(1000 * part, seed=seed + number) if number % 2 else silence(1000 * part)
        for number, part in enumerate(parts)
    ]
    return joined(*sounds)


@dataclass
class Notes:
    """A sink that remembers."""

    events: list[CallEvent] = field(default_factory=list)

    def put(self, event: CallEvent) -> None:
        self.events.append(event)

    @property
    def finals(self) -> list[Final]:
        return [event for event in self.events if isinstance(event, Final)]

    @property
    def partials(self) -> list[Partial]:
        return [event for event in self.events if isinstance(event, Partial)]

    def order(self) -> list[tuple[str, int]]:
        """Return who has said which of its utterances, in the order of the finals."""
        return [(final.party, final.utterance) for final in self.finals]


class Time:
    """Passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._moved = asyncio.Condition()

    async def sleep(self, seconds: float) -> None:
        due = self.now + seconds - 1e-9
        async with self._moved:
            await self._moved.wait_for(lambda: self.now >= due)

    async def settle(self) -> None:
        """Let every task go on as far as it can at this time."""
        async with self._moved:
            self._moved.notify_all()
        for _ in range(12):
            await asyncio.sleep(0)


class ScriptedStt:
    """Takes ``seconds`` for each request and answers with its text, or how long its audio was.

    ``failures`` are raised first, one for each request; ``down`` is raised for every one.
    """

    def __init__(self, time: Time, seconds: float) -> None:
        self.seconds = seconds
        self.asked: list[float] = []
        self.failures: deque[Exception] = deque()
        self.down: Exception | None = None
        self.texts: deque[Transcript] = deque()
        self._time = time

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        assert not hint, "nobody is talked over here"
        length = len(pcm) / 2 / SAMPLE_RATE
        self.asked.append(length)
        if self.seconds:
            await self._time.sleep(self.seconds)
        if self.failures:
            raise self.failures.popleft()
        if self.down is not None:
            raise self.down
        if self.texts:
            return self.texts.popleft()
        return Transcript(f"{length:.1f} seconds", language, 0.9)


class Room:
    """A scribe, the parties of one or more calls, and the time they share.

    ``seconds`` is how long a transcription takes, the other arguments are settings.
    """

    def __init__(self, *, seconds: float = 0.0, **settings: object) -> None:
        self.time = Time()
        self.stt = ScriptedStt(self.time, seconds)
        self.notes = Notes()
        self.settings = TranscribeSettings.model_validate(settings)
        self.scribe = Scribe(
            self.stt,
            self.notes,
            self.settings,
            clock=lambda: self.time.now,
            sleep=self.time.sleep,
        )

    async def __aenter__(self) -> Self:
        await self.scribe.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.scribe.__aexit__()

    def ear(self, party: str, *, call: str = CALL, position: int = 0) -> Ear:
        return self.scribe.listen(call, party, position=position)

    async def hear(self, said: Mapping[Ear, Signal]) -> None:
        """Let all speak at once; who has finished is silent until the last has."""
        streams = {ear: list(frames(signal)) for ear, signal in said.items()}
        for number in range(max(map(len, streams.values()))):
            self.time.now += FRAME_SECONDS
            for ear, stream in streams.items():
                ear.hear(_at(stream, number), self.time.now)
            await self.time.settle()

    async def quiet(self, *ears: Ear, seconds: float) -> None:
        """Let time pass in which nobody speaks."""
        await self.hear(dict.fromkeys(ears, np.zeros(int(seconds * SAMPLE_RATE))))

    async def wait(self, seconds: float) -> None:
        """Let time pass in which no frame comes."""
        for _ in range(round(seconds * 10)):
            self.time.now += 0.1
            await self.time.settle()

    async def finish(self, *ears: Ear, within: float = 600.0) -> float:
        """Finish all at once, and let time pass until that is done; return how long it took."""
        task = asyncio.gather(*(ear.finish() for ear in ears))
        began = self.time.now
        while not task.done() and self.time.now - began < within:
            await self.wait(0.1)
        assert task.done(), "it does not finish"
        await task
        return self.time.now - began


def _at(stream: list[Frame], number: int) -> Frame:
    return stream[number] if number < len(stream) else SILENCE
