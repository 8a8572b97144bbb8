"""Models without weights: they say what they were asked, so that a test can see it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from voicebot.errors import ModelError
from voicebot.models.engines import Engine
from voicebot.models.fleet import Fleet
from voicebot.models.seams import SPEECH_RATE, WHISPER_RATE, Recognition, Segment, Speech, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicebot.models.seams import ChatModel, Chunk, Hearer, Recogniser, Samples, Synthesiser

SPOKEN = 480
"""Bytes of speech for each piece of text."""


class Gate:
    """Holds a model in its thread until the test opens it."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.opened = threading.Event()

    def pass_through(self) -> None:
        self.entered.set()
        assert self.opened.wait(5), "the test never opened the gate"


@dataclass
class FakeRecogniser:
    name: str
    gate: Gate | None = None
    heard: list[tuple[int, str | None, str]] = field(default_factory=list)
    asked: list[tuple[int, str, str]] = field(default_factory=list)
    error: Exception | None = None

    def recognise(
        self, samples: Samples, *, language: str | None, prompt: str, words: bool = False
    ) -> Recognition:
        self.heard.append((len(samples), language, prompt))
        if self.gate is not None:
            self.gate.pass_through()
        seconds = len(samples) / WHISPER_RATE
        said = f"{self.name} heard it"
        spoken = tuple(
            Word(word, number / 10, (number + 1) / 10, 0.9)
            for number, word in enumerate(said.split())
        )
        return Recognition(
            said,
            language or "fr",
            seconds,
            -0.5,
            0.1,
            segments=(Segment(said, 0.0, seconds, -0.5, 0.1),),
            words=spoken if words else (),
            finished=None if words else 0.75,
            readings=() if words else ({f"{self.name.capitalize()}.": 0.01234567},),
        )

    def readings(self, samples: Samples, *, language: str, prompt: str) -> Mapping[str, float]:
        self.asked.append((len(samples), language, prompt))
        if self.gate is not None:
            self.gate.pass_through()
        if self.error is not None:
            raise self.error
        return {f"{self.name.capitalize()}.": 0.03}


@dataclass
class FakeSynthesiser:
    name: str
    gate: Gate | None = None
    fails_at: str | None = None
    said: list[tuple[str, float]] = field(default_factory=list)

    def synthesise(self, text: str, *, speed: float) -> Speech:
        self.said.append((text, speed))
        if text == self.fails_at:
            message = f"{self.name}: no speech for {text!r}"
            raise ModelError(message)
        if self.gate is not None and len(self.said) > 1:
            self.gate.pass_through()
        pcm = len(self.said).to_bytes(1, "little") * SPOKEN
        seconds = SPOKEN / 2 / SPEECH_RATE
        return Speech(pcm, (Word(text, seconds / 5, seconds / 2, 1.0),))


@dataclass
class FakeChat:
    chunks: Sequence[Chunk] = ()
    gate: Gate | None = None
    asked: list[Mapping[str, Any]] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def complete(self, request: Mapping[str, Any], deliver: Callable[[Chunk], bool]) -> None:
        self.asked.append(request)
        for number, chunk in enumerate(self.chunks):
            if number and self.gate is not None:
                self.gate.pass_through()
            if deliver(chunk):
                self.stopped.set()
                return


@dataclass
class World:
    """A fleet of fakes, and the fakes by name."""

    tiny: FakeRecogniser = field(default_factory=lambda: FakeRecogniser("tiny"))
    base: FakeRecogniser = field(default_factory=lambda: FakeRecogniser("base"))
    shine: FakeRecogniser = field(default_factory=lambda: FakeRecogniser("shine"))
    joe: FakeSynthesiser = field(default_factory=lambda: FakeSynthesiser("joe"))
    robots: dict[str, FakeSynthesiser] = field(default_factory=dict)
    chat: FakeChat = field(default_factory=FakeChat)

    def fleet(self) -> Fleet:
        english: Engine[Recogniser] = Engine("whisper-tiny.en", "stt", lambda: self.tiny)
        others: Engine[Recogniser] = Engine("whisper-base", "stt", lambda: self.base)
        hearer: Engine[Hearer] = Engine("moonshine", "stt", lambda: self.shine)
        joe: Engine[Synthesiser] = Engine("piper-joe", "tts", lambda: self.joe)
        chat: Engine[ChatModel] = Engine("smol", "llm", lambda: self.chat, workers=2)
        return Fleet(
            whispers={"en": english, "*": others},
            hearers={"en": [others, hearer]},
            pipers={"en": joe},
            espeak=self._espeak,
            chat=chat,
        )

    def _espeak(self, language: str) -> Engine[Synthesiser]:
        robot = self.robots.setdefault(language, FakeSynthesiser(f"robot {language}"))
        return Engine(f"espeak-ng:{language}", "tts", lambda: robot)
