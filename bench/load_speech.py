"""What the callers of a load test say: 3 s of human speech each 8 s, and a quiet line between."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from bench.load_errors import LoadError
from bench.prompts import prompts
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from bench.waveform import Samples

UTTERANCE_S = 3
PERIOD_S = 8
REPLY_S = 3
"""What the bot says to each utterance."""

_UTTERANCES = 4
_SAID_S = _UTTERANCES * UTTERANCE_S

_NOISE_RMS = 12.0
"""-69 dBFS: a quiet line, but no digital silence."""

_LOUD = 1000.0
_LONGEST_PAUSE = 2
"""Frames of quiet left between two words: no pause that could end the turn."""


def circle() -> Samples:
    """Return some periods of speech and line noise at 16 kHz, to be played in a circle.

    Raises ``LoadError`` when the recordings are not installed.
    """
    noise = np.random.default_rng(1).normal(0, _NOISE_RMS, _UTTERANCES * PERIOD_S * SAMPLE_RATE)
    line = noise.reshape(_UTTERANCES, -1)
    line[:, : UTTERANCE_S * SAMPLE_RATE] += spoken(_SAID_S).reshape(_UTTERANCES, -1)
    clipped: Samples = np.clip(line, -32768, 32767).astype(np.int16).ravel()
    return clipped


def reply() -> Samples:
    """Return what the bot says; no caller says the same, or it would be taken for an echo."""
    return spoken(_SAID_S + REPLY_S)[-REPLY_S * SAMPLE_RATE :]


def spoken(seconds: int) -> Samples:
    """Return so much of people's speech without pauses. Raises ``LoadError`` when there is none."""
    try:
        recordings = prompts("en")
    except FileNotFoundError as error:
        raise LoadError(str(error)) from error
    wanted = seconds * SAMPLE_RATE
    parts: list[Samples] = []
    for prompt in recordings.values():
        if sum(map(len, parts)) >= wanted:
            break
        parts.append(without_pauses(prompt.samples()))
    return np.concatenate(parts)[:wanted]


def without_pauses(samples: Samples) -> Samples:
    """Return ``samples`` with their longer pauses cut out, in whole frames."""
    frames = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    loud = np.flatnonzero(np.sqrt((frames.astype(np.float64) ** 2).mean(axis=1)) >= _LOUD)
    kept = [
        index
        for before, after in pairwise(loud.tolist())
        for index in range(before, min(after, before + 1 + _LONGEST_PAUSE))
    ]
    return frames[kept].ravel()
