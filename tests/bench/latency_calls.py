"""Calls made of noise: what was said and heard lies exactly where a test puts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.latency_measure import Spoken
from bench.latency_voice import Utterance
from bench.microphone import SPEECH_RATE
from bench.recording import Recording

if TYPE_CHECKING:
    from bench.waveform import Samples

RATE = SPEECH_RATE


def noise(seconds: float, seed: int) -> Samples:
    """Loud noise that is like no other of another seed."""
    generator = np.random.default_rng(seed)
    return generator.integers(-9000, 9000, round(seconds * RATE)).astype(np.int16)


def silence(seconds: float) -> Samples:
    return np.zeros(round(seconds * RATE), dtype=np.int16)


def says(seconds: float, seed: int = 1, *, text: str = "question", pad: float = 0.1) -> Utterance:
    """An utterance of noise with ``pad`` seconds of silence around it."""
    samples = np.concatenate([silence(pad), noise(seconds, seed), silence(pad)])
    return Utterance(text, samples)


def track(length: float, *parts: tuple[float, Samples]) -> Samples:
    """Silence with each of ``parts`` at its position in seconds."""
    whole = silence(length)
    for start, samples in parts:
        first = round(start * RATE)
        whole[first : first + len(samples)] = samples
    return whole


def recording(said: Samples, heard: Samples) -> Recording:
    return Recording(said, heard, RATE, started=100.0)


def spoken(
    utterance: Utterance,
    ordered: float,
    *,
    interrupts: bool = False,
    expects_answer: bool = True,
) -> Spoken:
    return Spoken(utterance, ordered, interrupts, expects_answer)
