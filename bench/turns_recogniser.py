"""What is understood: the local Whisper, its answers kept on disk by the audio they are for."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from voicebot.models.weights import WHISPER_BASE, WHISPER_TINY_EN, Store

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.media.audio import Pcm
    from voicebot.models.whisper import Whisper

CACHE = Path("~/.cache/voicebot/bench")

# A transcript is taken to come after this time, whatever the load of the machine was when it was
# made: 40 ms and 26 ms a second of speech, which is 120 ms for 3 s and 300 ms for 10 s.
_LEAST_MS = 40.0
_MS_PER_S = 26.0
_SAVE_EACH = 25


class Understood(NamedTuple):
    """Words, how likely the sentence is finished with them, and how sure the recogniser is.

    ``beginnings`` are the first words and ``readings`` the texts that it held for likely; ``None``
    where an older run kept none.
    """

    text: str
    finished: float | None = None
    confidence: float | None = None
    beginnings: Mapping[str, float] | None = None
    readings: Mapping[str, float] | None = None


class Recogniser(Protocol):
    """Says what is said."""

    def hear(self, pcm: Pcm, language: str, hint: str = "") -> Understood:
        """Return what is understood of ``pcm`` (slin16); ``hint`` is what is likely to be said."""
        ...


def delay_ms(pcm: Pcm) -> float:
    """Return how long the transcript of ``pcm`` is taken to need."""
    return _LEAST_MS + _MS_PER_S * len(pcm) / 32_000


class LocalWhisper:
    """Whisper tiny.en for English, base for everything else; remembers what it has heard.

    ``measured_ms`` are the times of what was really transcribed in this run, beside the seconds of
    audio. Raises ``ModelError`` when weights are missing.
    """

    def __init__(self, cache: Path = CACHE, *, threads: int = 2) -> None:
        self._folder = cache.expanduser()
        self._threads = threads
        self._models: dict[str, Whisper] = {}
        self._known: dict[str, dict[str, Understood]] = {}
        self.measured_ms: list[tuple[float, float]] = []

    def hear(self, pcm: Pcm, language: str, hint: str = "") -> Understood:
        """Return what is understood of ``pcm`` (slin16); ``hint`` is what is likely to be said."""
        weights = WHISPER_TINY_EN if language == "en" else WHISPER_BASE
        known = self._remembered(weights.name)
        key = hashlib.sha256(f"{language}{hint}".encode() + pcm).hexdigest()[:32]
        # What else was likely matters only over the bot, where there is a hint.
        if key not in known or (hint and known[key].readings is None):
            known[key] = self._transcribe(pcm, language, hint)
            if len(self.measured_ms) % _SAVE_EACH == 0:
                self.save()
        return known[key]

    def save(self) -> None:
        """Add what was heard to what is on disk: another run may have written there meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, known in self._known.items():
            written = json.dumps(self._read(name) | known, ensure_ascii=False)
            self._file(name).write_text(written)

    def _remembered(self, name: str) -> dict[str, Understood]:
        if name not in self._known:
            self._known[name] = self._read(name)
        return self._known[name]

    def _read(self, name: str) -> dict[str, Understood]:
        file = self._file(name)
        read = json.loads(file.read_text()) if file.exists() else {}
        return {key: Understood(*known) for key, known in read.items()}

    def _file(self, name: str) -> Path:
        return self._folder / f"heard-{name}.json"

    def _transcribe(self, pcm: Pcm, language: str, hint: str) -> Understood:
        model = self._model(language)
        samples = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        begin = time.perf_counter()
        found = model.recognise(samples, language=language, prompt=hint)
        self.measured_ms.append((len(samples) / 16_000, (time.perf_counter() - begin) * 1000))
        told = found.text, found.finished, found.confidence
        return Understood(*told, found.beginnings, found.readings)

    def _model(self, language: str) -> Whisper:
        if language not in self._models:
            # Loads CTranslate2, which a run with everything remembered can do without.
            from voicebot.models.whisper import Whisper  # noqa: PLC0415

            weights = WHISPER_TINY_EN if language == "en" else WHISPER_BASE
            self._models[language] = Whisper(Store().folder(weights), threads=self._threads)
        return self._models[language]
