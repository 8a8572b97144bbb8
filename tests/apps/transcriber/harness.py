"""A scribe whose recogniser is scripted and whose time passes frame by frame."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
    """Return somebody who speaks and pauses in turn, beginning with a pause (seconds)."""
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


class ScriptedStt:
    """Takes ``seconds`` of the frames' time for each request, and tells how much it was given.

    ``failures`` are raised first, one for each request. While ``held``, nothing is answered.
    """

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.seconds = seconds
        self.asked: list[float] = []
        self.failures: deque[Exception] = deque()
        self.texts: deque[Transcript] = deque()
        self.held = False
        self._moved = asyncio.Condition()
        self._now = 0.0

    async def transcribe(self, pcm: Pcm, *, language: str) -> Transcript:
        length = len(pcm) / 2 / SAMPLE_RATE
        self.asked.append(length)
        due = self._now + self.seconds
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= due and not self.held)
        if self.failures:
            raise self.failures.popleft()
        return self.texts.popleft() if self.texts else Transcript(f"{length:.1f}", language, 0.9)

    async def at(self, now: float) -> None:
        """Let the time be ``now``."""
        self._now = now
        async with self._moved:
            self._moved.notify_all()


class Room:
    """A scribe, the parties of one or more calls, and the time they share."""

    def __init__(self, stt: ScriptedStt, **settings: object) -> None:
        self.stt = stt
        self.notes = Notes()
        self.now = 1000.0
        self.settings = TranscribeSettings.model_validate(settings)
        self.scribe = Scribe(stt, self.notes, self.settings, clock=lambda: self.now)

    async def __aenter__(self) -> Room:
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
            self.now += FRAME_SECONDS
            for ear, stream in streams.items():
                ear.hear(_at(stream, number), self.now)
            await self.settle()

    async def quiet(self, *ears: Ear, seconds: float) -> None:
        """Let time pass in which nobody speaks."""
        await self.hear(dict.fromkeys(ears, np.zeros(int(seconds * SAMPLE_RATE))))

    async def settle(self) -> None:
        """Let every task go on as far as it can at this time."""
        await self.stt.at(self.now)
        for _ in range(10):
            await asyncio.sleep(0)

    async def finish(self, *ears: Ear, within: float = 600.0) -> float:
        """Finish all at once, and let time pass until that is done; return how long it took."""
        task = asyncio.gather(*(ear.finish() for ear in ears))
        began = self.now
        while not task.done() and self.now - began < within:
            await self.settle()
            self.now += 0.1
        await task
        return self.now - began


def _at(stream: list[Frame], number: int) -> Frame:
    return stream[number] if number < len(stream) else SILENCE
