"""What is understood: by the local models, their answers kept on disk by the audio they are for."""

from __future__ import annotations

import hashlib
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from voicebot.models import readings as search
from voicebot.models.weights import MOONSHINE_EN, WHISPER_BASE, WHISPER_TINY_EN, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicebot.media.audio import Pcm
    from voicebot.models.moonshine import Moonshine
    from voicebot.models.seams import Samples
    from voicebot.models.weights import Weights
    from voicebot.models.whisper import Whisper

# Who has a say over the bot, in the order in which they tell.
RECOGNISERS = {"en": (WHISPER_TINY_EN, WHISPER_BASE, MOONSHINE_EN)}
OF_OTHERS = (WHISPER_BASE,)

CACHE = Path("~/.cache/voicebot/bench")

# A transcript is taken to come after this time, whatever the load of the machine was when it was
# made: 40 ms and 26 ms a second of speech, which is 120 ms for 3 s and 300 ms for 10 s.
_LEAST_MS = 40.0
_MS_PER_S = 26.0
# What else was likely of short speech is known so much later.
_SEARCH_MS = 90.0
_SAVE_EACH = 25


class Understood(NamedTuple):
    """Words, how likely the sentence is finished with them, and how sure the recogniser is.

    ``readings`` are the texts that each recogniser that has a say held for likely.
    """

    text: str
    finished: float | None = None
    confidence: float | None = None
    readings: Sequence[Mapping[str, float]] = ()


class Recogniser(Protocol):
    """Says what is said."""

    def hear(self, pcm: Pcm, language: str, hint: str = "") -> Understood:
        """Return what is understood of ``pcm`` (slin16); ``hint`` is what is likely to be said."""
        ...


def delay_ms(pcm: Pcm, hint: str = "") -> float:
    """Return how long the transcript of ``pcm`` is taken to need."""
    seconds = len(pcm) / 32_000
    searched = bool(hint) and seconds <= search.LONGEST_S
    return _LEAST_MS + _MS_PER_S * seconds + (_SEARCH_MS if searched else 0.0)


class LocalWhisper:
    """Whisper tiny.en for English, base for everything else; remembers what it has heard.

    Over the bot, where there is a hint, base and Moonshine have a say in English, too.
    ``measured_ms`` are the times of what was really transcribed in this run, beside the seconds of
    audio. Raises ``ModelError`` when weights are missing.
    """

    def __init__(self, cache: Path = CACHE, *, threads: int = 2) -> None:
        self._folder = cache.expanduser()
        self._threads = threads
        self._whispers: dict[str, Whisper] = {}
        self._moonshine: Moonshine | None = None
        self._known: dict[str, dict[str, Understood]] = {}
        self.measured_ms: list[tuple[float, float]] = []

    def hear(self, pcm: Pcm, language: str, hint: str = "") -> Understood:
        """Return what is understood of ``pcm`` (slin16); ``hint`` is what is likely to be said."""
        whose, *others = RECOGNISERS.get(language, OF_OTHERS)
        first = self._understood(whose, pcm, language, hint)
        if not first.readings:
            return first
        told = [self._readings(other, pcm, language, hint) for other in others]
        return first._replace(readings=(*first.readings, *filter(None, told)))

    def save(self) -> None:
        """Add what was heard to what is on disk: another run may have written there meanwhile."""
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, known in self._known.items():
            written = json.dumps(self._read(name) | known, ensure_ascii=False)
            draft = self._file(f"{name}.{os.getpid()}")
            draft.write_text(written)
            draft.replace(self._file(name))

    def _understood(self, weights: Weights, pcm: Pcm, language: str, hint: str) -> Understood:
        def hear(samples: Samples) -> Understood:
            found = self._whisper(weights).recognise(samples, language=language, prompt=hint)
            return Understood(found.text, found.finished, found.confidence, found.readings)

        asked = f"{language}|{hint}|" if hint else language
        return self._remember(weights, asked, pcm, hear)

    def _readings(
        self, weights: Weights, pcm: Pcm, language: str, hint: str
    ) -> Mapping[str, float]:
        def hear(samples: Samples) -> Understood:
            model = self._hearer() if weights is MOONSHINE_EN else self._whisper(weights)
            told = model.readings(samples, language=language, prompt=hint)
            return Understood("", readings=(told,) if told else ())

        asked = f"{language}|{hint}|readings|"
        return next(iter(self._remember(weights, asked, pcm, hear).readings), {})

    def _remember(
        self,
        weights: Weights,
        asked: str,
        pcm: Pcm,
        hear: Callable[[Samples], Understood],
    ) -> Understood:
        """Return what was heard of ``pcm`` when the same was ``asked``, or ``hear`` it now."""
        name = f"{weights.name}-{version(weights)}"
        if name not in self._known:
            self._known[name] = self._read(name)
        known = self._known[name]
        key = hashlib.sha256(asked.encode() + pcm).hexdigest()[:32]
        if key not in known:
            samples = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
            begin = time.perf_counter()
            known[key] = hear(samples)
            taken_ms = (time.perf_counter() - begin) * 1000
            self.measured_ms.append((len(samples) / 16_000, taken_ms))
            if len(self.measured_ms) % _SAVE_EACH == 0:
                self.save()
        return known[key]

    def _read(self, name: str) -> dict[str, Understood]:
        file = self._file(name)
        read = json.loads(file.read_text()) if file.exists() else {}
        return {key: Understood(*known) for key, known in read.items()}

    def _file(self, name: str) -> Path:
        return self._folder / f"heard-{name}.json"

    # Loading brings the libraries, which a run with everything remembered can do without.

    def _whisper(self, weights: Weights) -> Whisper:
        if weights.name not in self._whispers:
            from voicebot.models.whisper import Whisper  # noqa: PLC0415

            folder = Store().folder(weights)
            self._whispers[weights.name] = Whisper(folder, threads=self._threads)
        return self._whispers[weights.name]

    def _hearer(self) -> Moonshine:
        if self._moonshine is None:
            from voicebot.models.moonshine import Moonshine  # noqa: PLC0415

            self._moonshine = Moonshine(Store().folder(MOONSHINE_EN), threads=self._threads)
        return self._moonshine


def version(weights: Weights) -> str:
    """Return what changes with the weights and with how they are searched."""
    sums = [file.sha256 for file in weights.files]
    how = [search.VERSION, search.MOST, search.LONGEST_S, search.TOKENS]
    return hashlib.sha256(json.dumps([sums, how]).encode()).hexdigest()[:8]
