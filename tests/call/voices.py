"""A voice for tests: harmonics of a gliding pitch, shaped like syllables."""

from __future__ import annotations

import numpy as np

from voicebot.media.audio import SAMPLE_RATE, Pcm


def speech(seconds: float, *, pitch: float = 130.0, level: float = 6000.0) -> Pcm:
    """Return ``seconds`` of something that a voice activity detector takes for speech."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    glide = pitch * (1 + 0.08 * np.sin(2 * np.pi * 1.3 * time))
    phase = 2 * np.pi * np.cumsum(glide) / SAMPLE_RATE
    formants = ((700.0, 1.0), (1200.0, 0.6), (2600.0, 0.25))
    voice = np.zeros_like(time)
    for harmonic in range(1, 30):
        frequency = harmonic * pitch
        weight = sum(gain / (1 + ((frequency - at) / 150) ** 2) for at, gain in formants)
        voice += (weight + 0.05) * np.sin(harmonic * phase)
    syllables = 0.65 + 0.35 * np.sin(2 * np.pi * 4 * time - np.pi / 2)
    voice *= syllables * level / np.abs(voice).max()
    return bytes(voice.astype("<i2").tobytes())


def silence(seconds: float) -> Pcm:
    """Return ``seconds`` of a line on which nobody speaks: faint noise, as every line has."""
    noise = np.random.default_rng(1).normal(0, 8, round(seconds * SAMPLE_RATE))
    return bytes(noise.astype("<i2").tobytes())
