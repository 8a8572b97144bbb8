"""Sounds for the tests, computed: a voice with pitch and formants, noise, tones, clicks, echoes."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Signal = NDArray[np.float64]

FULL_SCALE = 32768.0
_VOWELS = ((700, 1200), (400, 2000), (300, 2300), (500, 900), (350, 700))


def samples(ms: float) -> int:
    """Return how many samples ``ms`` last."""
    return int(ms * SAMPLE_RATE / 1000)


def at_level(signal: Signal, dbfs: float) -> Signal:
    """Return ``signal`` scaled to a level."""
    rms = float(np.sqrt(np.mean(signal**2)))
    return signal / rms * FULL_SCALE * 10 ** (dbfs / 20)


def silence(ms: float) -> Signal:
    """Return digital silence."""
    return np.zeros(samples(ms))


def noise(ms: float, dbfs: float, seed: int = 0) -> Signal:
    """Return white noise."""
    return at_level(np.random.default_rng(seed).standard_normal(samples(ms)), dbfs)


def tone(ms: float, dbfs: float, *frequencies: float) -> Signal:
    """Return the sum of some sines."""
    time = np.arange(samples(ms)) / SAMPLE_RATE
    return at_level(np.sum([np.sin(2 * np.pi * f * time) for f in frequencies], axis=0), dbfs)


@cache
def voice(ms: float, dbfs: float = -22.0, *, pitch: float = 120.0, seed: int = 0) -> Signal:
    """Return syllables of a third of a second: a wandering pitch under changing formants."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples(ms)) / SAMPLE_RATE
    wander = 1 + 0.05 * np.sin(2 * np.pi * (1.5 + rng.random()) * time + rng.random())
    phase = 2 * np.pi * np.cumsum(pitch * wander) / SAMPLE_RATE
    turns = np.linspace(0, max(ms / 180, 1), len(time)).astype(int)
    vowels = np.array(_VOWELS)[rng.permutation(len(_VOWELS))[turns % len(_VOWELS)]]
    signal = np.zeros(len(time))
    for harmonic in range(1, int(3600 / pitch)):
        offset = (harmonic * pitch * wander)[:, None] - vowels
        gain = (1 / (1 + (offset / 120) ** 2)).sum(axis=1) + 0.02
        signal += gain * np.sin(harmonic * phase)
    # Between two syllables the mouth closes for 40 ms; the first and the last edge are hard.
    into = time % 0.32
    closed = (into < 0.02) & (time > 0.1) | (into > 0.30) & (time < ms / 1000 - 0.1)
    return at_level(np.where(closed, 0.02, 1.0) * signal, dbfs)


def joined(*parts: Signal) -> Signal:
    """Return one sound after the other."""
    return np.concatenate(parts)


def echo(signal: Signal, delay_ms: float, loss_db: float) -> Signal:
    """Return ``signal`` as it comes back through a small room."""
    delay = samples(delay_ms)
    taps = np.zeros(samples(30))
    taps[0], taps[samples(3)], taps[samples(11)], taps[-1] = 1.0, 0.4, -0.25, 0.1
    back = np.convolve(signal, taps)[: len(signal)]
    return np.concatenate([np.zeros(delay), back])[: len(signal)] * 10 ** (-loss_db / 20)


def frames(signal: Signal) -> Iterator[bytes]:
    """Yield ``signal`` in frames of 20 ms; an incomplete one at the end is dropped."""
    pcm = np.clip(signal, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16).tobytes()
    for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES):
        yield pcm[start : start + FRAME_BYTES]


@cache
def crowd(ms: float, dbfs: float, *, seed: int = 0) -> Signal:
    """Return five people who talk at once, each of them with pauses."""
    rng = np.random.default_rng(seed)
    everybody = []
    for number in range(5):
        said = silence(0)
        while len(said) < samples(ms) + SAMPLE_RATE:
            level = -22 + float(rng.uniform(-6, 6))
            spoken = float(rng.integers(3, 8) * 100)
            word = voice(spoken, level, pitch=90.0 + 30 * number, seed=int(rng.integers(1, 9)))
            said = joined(said, word, silence(float(rng.uniform(60, 300))))
        begin = int(rng.integers(0, SAMPLE_RATE))
        everybody.append(said[begin : begin + samples(ms)])
    return at_level(np.sum(everybody, axis=0), dbfs)
