"""What the caller says: speech whose onset and end are known to the millisecond.

Synthesised speech is kept under ``~/.cache/voicebot/bench``, so a second run says the same samples.
"""

from __future__ import annotations

import hashlib
import os
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import soxr

from bench.latency_errors import UsageError
from bench.latency_speech import speech
from bench.microphone import SPEECH_RATE
from bench.prompts import prompts
from bench.waveform import Samples, Segment, read_wav, write_wav
from voicebot.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Iterable

CACHE = Path("~/.cache/voicebot/bench")
SYNTHESIS_RATE = 24_000
SOUND = "sound:"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say, at ``SPEECH_RATE``."""

    text: str
    samples: Samples

    def at(self, rate: int) -> tuple[Samples, Segment]:
        """Return the samples at ``rate``, and where in them (seconds) the caller is heard.

        Found by energy, exact to a millisecond. On a narrow-band line an ``s`` at the end is hardly
        there: nobody at the other side can wait for it, so the caller has finished before it.
        """
        samples = _at_rate(self.samples, SPEECH_RATE, rate)
        found = speech(samples, rate, gap=float("inf"))
        return samples, Segment(found[0].start, found[-1].end)


class Voice(Protocol):
    """Speaks a text. ``name`` tells it from every voice that would speak it otherwise."""

    @property
    def name(self) -> str:
        """The voice's name and what it was configured to."""
        ...

    def speak(self, text: str) -> bytes:
        """Return the speech as s16le of ``SYNTHESIS_RATE``. Raises ``UsageError``."""
        ...


class PiperVoice:
    """The English Piper voice of the extra ``local``."""

    name = "piper-en_US-joe-medium"

    def __init__(self, language: str = "en") -> None:
        self._language = language

    def speak(self, text: str) -> bytes:
        """Return the speech of ``text``; see ``Voice``."""
        if self._language != "en":
            raise UsageError(f"--language {self._language}: piper speaks English; --voice espeak")
        try:
            from voicebot.models.piper import Piper  # noqa: PLC0415 (an extra's library)
            from voicebot.models.weights import PIPER_EN, Store  # noqa: PLC0415 (the same)

            return Piper(Store().file(PIPER_EN), threads=2).synthesise(text, speed=1.0).pcm
        except (ImportError, ModelError) as error:
            message = f"piper: {error}; pip install 'voicebot[local]', or take --voice espeak"
            raise UsageError(message) from error


class EspeakVoice:
    """A language of espeak-ng: robotic, for where no other voice is at hand."""

    def __init__(self, language: str) -> None:
        self.name = f"espeak-{language}"
        self._language = language

    def speak(self, text: str) -> bytes:
        """Return the speech of ``text``; see ``Voice``."""
        from voicebot.models.espeak import Espeak  # noqa: PLC0415 (an extra's library)

        try:
            return Espeak(self._language).synthesise(text, speed=1.0).pcm
        except ModelError as error:
            raise UsageError(str(error)) from error


class OpenAiVoice:
    """Any server that has OpenAI's ``POST /audio/speech``. The key is ``OPENAI_API_KEY``."""

    def __init__(self, *, base_url: str | None, model: str, voice: str) -> None:
        self.name = f"{base_url or 'openai'}-{model}-{voice}"
        self._base_url = base_url
        self._model = model
        self._voice = voice

    def speak(self, text: str) -> bytes:
        """Return the speech of ``text``; see ``Voice``."""
        from openai import OpenAI, OpenAIError  # noqa: PLC0415 (takes a second to import)

        key = os.environ.get("OPENAI_API_KEY") or ("none" if self._base_url else None)
        try:
            client = OpenAI(base_url=self._base_url, api_key=key)
            answer = client.audio.speech.create(
                input=text, model=self._model, voice=self._voice, response_format="pcm"
            )
            return answer.read()
        except OpenAIError as error:
            raise UsageError(f"speech from {self._base_url or 'OpenAI'}: {error}") from error


def prepare(
    texts: Iterable[str], voice: Voice, *, language: str, cache: Path = CACHE
) -> dict[str, Utterance]:
    """Return the utterance for each text: a WAV file, ``sound:NAME``, or ``voice`` speaking it.

    Raises ``UsageError`` for what cannot be read, found or spoken, and for what holds no speech.
    """
    return {
        text: utterance(text, _samples(text, voice, language, cache.expanduser()))
        for text in dict.fromkeys(texts)
    }


def utterance(text: str, samples: Samples) -> Utterance:
    """Return the utterance. Raises ``UsageError`` when there is no speech in ``samples``."""
    if not speech(samples, SPEECH_RATE):
        raise UsageError(f"{text}: there is no speech in it")
    return Utterance(text, samples)


def _samples(text: str, voice: Voice, language: str, cache: Path) -> Samples:
    if text.endswith(".wav"):
        return _read(Path(text))
    if text.startswith(SOUND):
        return _sound(text.removeprefix(SOUND), language)
    key = hashlib.sha256(f"{voice.name}\n{text}".encode()).hexdigest()[:24]
    path = cache / f"{key}.wav"
    if not path.exists():
        spoken = np.frombuffer(voice.speak(text), dtype="<i2").astype(np.int16)
        cache.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        write_wav(draft, SPEECH_RATE, _at_rate(spoken, SYNTHESIS_RATE, SPEECH_RATE))
        draft.replace(path)
    return _read(path)


def _read(path: Path) -> Samples:
    try:
        samples, rate = read_wav(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
    except (EOFError, wave.Error) as error:
        raise UsageError(f"{path}: not a WAV file of plain samples: {error}") from error
    return _at_rate(samples, rate, SPEECH_RATE)


def _sound(name: str, language: str) -> Samples:
    try:
        known = prompts(language)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from error
    if name not in known:
        raise UsageError(f"{SOUND}{name}: no such prompt in asterisk-core-sounds-{language}")
    return known[name].samples()


def _at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    resampled: Samples = soxr.resample(samples, rate, wanted)
    return resampled
