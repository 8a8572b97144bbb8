"""The sounds that turn taking is judged by: people, synthetic voices, noise, rooms and lines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from bench.prompts import prompts
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Concealed
from voicebot.media.codecs import CODECS
from voicebot.media.concealment import Concealer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from numpy.typing import NDArray

    Signal = NDArray[np.float64]

LEVEL = -22.0
LINE = -62.0
BLOCK = 80
ROOM_MS = 40
FULL_SCALE_DB = float(20 * np.log10(32768))
PCMA = 8
LOSS = 0.03


class Line(StrEnum):
    """What the caller's voice has passed before it is heard."""

    WIDE = "16 kHz"
    G711 = "G.711"
    LOSSY = "G.711, 3 % loss"


class Break(StrEnum):
    """Where a turn pauses."""

    OPEN = "open"
    """Within a clause: what was said so far cannot be all."""
    WHOLE = "whole"
    """After what could be all: a person might take the turn, and often would."""
    NUMBER = "number"
    """Between the groups of a number that is dictated."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A recording at the common level, and what is said in it; ``pauses`` are (sample, length).

    ``kind`` is that of its pauses.
    """

    signal: Signal
    text: str
    language: str
    pauses: tuple[tuple[int, int], ...] = ()
    asked: str = ""
    kind: Break | None = None

    @property
    def whole(self) -> bool:
        """Whether it ends as a sentence does: some prompts are pieces for others to go on with."""
        bare = self.text.strip()
        return bare[-1:] in {".", "!", "?"} and not bare.endswith("..") and bare[:1] not in ".…"

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.signal) / SAMPLE_RATE

    def over(self, line: Line, seed: int) -> Spoken:
        """Return the same as it comes out of ``line``."""
        return replace(self, signal=through(self.signal, line, seed))


def recordings(
    count: int, *, shortest: float, longest: float, languages: tuple[str, ...] = ("en", "ru")
) -> list[Spoken]:
    """Return ``count`` recordings of each language, the same ones each time."""
    found = []
    for language in languages:
        everything = list(prompts(language).values())
        order = np.random.default_rng(7).permutation(len(everything))
        loaded = (load(everything[i].samples(), everything[i].text, language) for i in order)
        found += list(islice((one for one in loaded if shortest < one.seconds < longest), count))
    return found


def load(samples: NDArray[np.int16], text: str, language: str) -> Spoken:
    """Return a recording without the silence around it, at the common level."""
    signal = samples.astype(np.float64)
    loud = np.flatnonzero(audible(signal))
    signal = signal[loud[0] * BLOCK : (loud[-1] + 1) * BLOCK]
    return Spoken(signal * 10 ** ((LEVEL - level(signal)) / 20), text, language)


def level(signal: Signal) -> float:
    """Return the level of ``signal`` in dBFS."""
    return float(10 * np.log10(np.mean(signal**2) + 1e-9) - FULL_SCALE_DB)


def levels(signal: Signal) -> Signal:
    """Return the levels of the blocks of 5 ms, in dBFS."""
    blocks = signal[: len(signal) // BLOCK * BLOCK].reshape(-1, BLOCK)
    return np.asarray(10 * np.log10((blocks**2).mean(axis=1) + 1e-9) - FULL_SCALE_DB)


def audible(signal: Signal, noise: float = -90.0) -> NDArray[np.bool_]:
    """Return which blocks of 5 ms lie within 32 dB of the loud ones and above ``noise``."""
    found = levels(signal)
    result: NDArray[np.bool_] = found > max(float(np.percentile(found, 95)) - 32, noise)
    return result


def noise(length: int, dbfs: float, rng: np.random.Generator) -> Signal:
    """Return pink noise in the telephone's band."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequencies = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    spectrum /= np.sqrt(np.maximum(frequencies, 50))
    spectrum[(frequencies > 3600) | (frequencies < 100)] = 0
    signal = np.fft.irfft(spectrum, length)
    return np.asarray(signal * 10 ** ((dbfs - level(signal)) / 20))


def cough(rng: np.random.Generator) -> Signal:
    """Return a cough: one to three bursts of coloured noise, each 60 to 200 ms, falling fast."""
    parts: list[Signal] = []
    for _ in range(int(rng.integers(1, 4))):
        length = int(rng.uniform(0.06, 0.2) * SAMPLE_RATE)
        burst = noise(length, LEVEL + rng.uniform(-6, 6), rng)
        decay = np.exp(-np.arange(length) / (length * rng.uniform(0.2, 0.5)))
        parts += [burst * decay, np.zeros(int(rng.uniform(0.05, 0.2) * SAMPLE_RATE))]
    return np.concatenate(parts)


def through(signal: Signal, line: Line, seed: int) -> Signal:
    """Return ``signal`` after ``line``; lost packets are concealed as the bot does it.

    The codec's filters delay it by some samples, the same at each place.
    """
    if line is Line.WIDE:
        return signal
    codec = CODECS[PCMA]
    assert codec.encoder is not None  # noqa: S101 - A-law goes both ways
    encoder, decoder, concealer = codec.encoder(), codec.decoder(), Concealer()
    heard = []
    padded = np.pad(signal, (0, -len(signal) % FRAME_SAMPLES))
    gaps = lost(len(padded), line, seed)
    for number, frame in enumerate(frames(padded)):
        payload = encoder.encode(frame)
        heard.append(
            concealer.make(FRAME_SAMPLES)
            if number in gaps
            else concealer.heard(decoder.decode(payload))
        )
    pcm = np.frombuffer(b"".join(heard), np.int16)
    return pcm.astype(np.float64)[: len(signal)]


def lost(length: int, line: Line, seed: int) -> frozenset[int]:
    """Return which frames of a signal of ``length`` samples are lost on ``line``."""
    if line is not Line.LOSSY:
        return frozenset()
    drawn = np.random.default_rng(seed).random(-(-length // FRAME_SAMPLES))
    return frozenset(np.flatnonzero(drawn < LOSS).tolist())


class Room:
    """Gives back what a loudspeaker plays, some time later and less loud; without loss: nothing."""

    def __init__(self, loss_db: float | None, rng: np.random.Generator) -> None:
        time_ms = np.arange(ROOM_MS * SAMPLE_RATE // 1000) * 1000 / SAMPLE_RATE
        taps = 0.25 * rng.standard_normal(len(time_ms)) * np.exp(-time_ms / rng.uniform(4, 15))
        taps[0] = 1.0
        self._gain = 0.0 if loss_db is None else 10 ** (-loss_db / 20)
        self._taps = taps / np.sqrt((taps**2).sum())
        delay = int(rng.uniform(20, 400) * SAMPLE_RATE / 1000)
        self._played = np.zeros(delay + len(taps) - 1)

    def play(self, frame: bytes) -> Signal:
        """Play 20 ms; return what comes back in the same 20 ms."""
        self._played = np.concatenate([self._played, np.frombuffer(frame, np.int16)])
        head = self._played[: FRAME_SAMPLES + len(self._taps) - 1]
        self._played = self._played[FRAME_SAMPLES:]
        if not self._gain:
            return np.zeros(FRAME_SAMPLES)
        return np.asarray(self._gain * np.convolve(head, self._taps, "valid"))


def frames(signal: Signal, gaps: Collection[int] = ()) -> Iterator[bytes]:
    """Yield the frames of ``signal``; those in ``gaps`` were made up where a packet was lost."""
    pcm = np.clip(signal, -32768, 32767).astype(np.int16).tobytes()
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        frame = pcm[start : start + FRAME_BYTES]
        yield Concealed(frame) if start // FRAME_BYTES in gaps else frame


def quantiles(values: list[float]) -> dict[str, float]:
    """Return the 5th, 50th and 95th percentile."""
    if not values:
        return {}
    low, middle, high = np.percentile(values, [5, 50, 95])
    return {"p5": round(float(low)), "p50": round(float(middle)), "p95": round(float(high))}
