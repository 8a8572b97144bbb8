"""What the endpoints need of the models. The fakes of the tests are the other side of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Samples: TypeAlias = npt.NDArray[np.float32]
    """Audio at 16 kHz, one channel, from -1 to 1."""

WHISPER_RATE = 16_000
SPEECH_RATE = 24_000
"""Samples a second of the API's ``pcm`` format: signed 16-bit little-endian, one channel."""

Chunk: TypeAlias = Mapping[str, Any]
"""A chat completion, a chunk of one, or ``{"error": {…}}``, as decoded JSON."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word, where it was said in seconds of the audio, and how probable it is (0 to 1)."""

    text: str
    start: float
    end: float
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the text that was understood on its own, in seconds of the audio.

    The two figures are those of Whisper's own guards.
    """

    text: str
    start: float
    end: float
    avg_logprob: float
    no_speech_prob: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was understood, in all ``segments`` together.

    ``words`` are there where they were asked for. ``finished`` is how likely, from 0 to 1, the
    last sentence ends with the last word, or ``None`` where that is not known. ``readings`` are the
    likeliest texts, with their probability, of each recogniser that knows.
    """

    text: str
    language: str
    seconds: float
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0
    segments: tuple[Segment, ...] = ()
    words: tuple[Word, ...] = ()
    finished: float | None = None
    readings: tuple[Mapping[str, float], ...] = ()

    @property
    def confidence(self) -> float:
        """Return the geometric mean of the tokens' probabilities, from 0 to 1."""
        return min(1.0, math.exp(self.avg_logprob))


class Hearer(Protocol):
    """Has an opinion on what was said. Called in a thread; releases the interpreter meanwhile."""

    def readings(self, samples: Samples, *, language: str, prompt: str) -> Mapping[str, float]:
        """Return the likeliest texts of ``samples``, with their probability; none of long ones."""
        ...


class Recogniser(Hearer, Protocol):
    """Turns speech into text as well."""

    def recognise(
        self, samples: Samples, *, language: str | None, prompt: str, words: bool = False
    ) -> Recognition:
        """Return the text of ``samples``, with its ``words`` in time where that is asked for.

        ``language`` is ISO 639-1, or ``None`` to find out.
        """
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """What was said, as s16le at ``SPEECH_RATE``, and where each of its ``words`` is.

    They are there where the voice tells, and then all of them.
    """

    pcm: bytes
    words: tuple[Word, ...] = ()

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.pcm) / 2 / SPEECH_RATE


class Synthesiser(Protocol):
    """Turns text into speech. Called in a thread; releases the interpreter while it works."""

    def synthesise(self, text: str, *, speed: float) -> Speech:
        """Return the speech of one clause; ``speed`` 2 is twice as fast."""
        ...


class ChatModel(Protocol):
    """Writes chat completions. Called in a thread; releases the interpreter while it works."""

    def complete(self, request: Mapping[str, Any], deliver: Callable[[Chunk], bool]) -> None:
        """Answer a request of the chat completions API.

        ``deliver`` is given the whole completion, or each chunk with ``stream``, or one error; when
        it returns true the completion stops.
        """
        ...
