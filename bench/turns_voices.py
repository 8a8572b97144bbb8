"""Synthetic voices for what people say on the phone and no prompt has; kept on disk."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import soxr

from bench.turns_recogniser import CACHE
from bench.turns_speech import Spoken, load
from voicebot.media.audio import SAMPLE_RATE
from voicebot.models.espeak import Espeak
from voicebot.models.seams import SPEECH_RATE
from voicebot.models.weights import PIPER_EN, Store

if TYPE_CHECKING:
    from pathlib import Path

    from voicebot.models.piper import Piper

PIPER = "piper"


class Voices:
    """Piper's English voice and every language of espeak-ng.

    Raises ``ModelError`` when weights or the program are missing.
    """

    def __init__(self, cache: Path = CACHE) -> None:
        self._folder = cache.expanduser()
        self._piper: Piper | None = None

    def say(self, text: str, voice: str, *, speed: float = 1.0, pitch: float = 1.0) -> Spoken:
        """Return ``text`` in ``voice``: ``PIPER`` or a language of espeak-ng ('en-us+f3', 'ru').

        ``pitch`` shifts the whole voice up by resampling, which makes it faster too.
        """
        key = hashlib.sha256(f"{voice}|{speed}|{pitch}|{text}".encode()).hexdigest()[:24]
        file = self._folder / f"speech-{key}.npy"
        if not file.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            np.save(file, self._synthesise(text, voice, speed, pitch))
        return load(np.load(file), text, "ru" if voice.startswith("ru") else "en")

    def _synthesise(self, text: str, voice: str, speed: float, pitch: float) -> np.ndarray:
        if voice == PIPER:
            pcm = self._loaded().synthesise(text, speed=speed)
        else:
            pcm = Espeak(voice).synthesise(text, speed=speed)
        samples = np.frombuffer(pcm, np.int16)
        return np.asarray(soxr.resample(samples, SPEECH_RATE * pitch, SAMPLE_RATE), np.int16)

    def _loaded(self) -> Piper:
        if self._piper is None:
            # Loads onnxruntime, which a run with everything on disk can do without.
            from voicebot.models.piper import Piper  # noqa: PLC0415

            self._piper = Piper(Store().file(PIPER_EN), threads=2)
        return self._piper
