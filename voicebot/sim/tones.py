"""What a phone network sounds like: ringing, music on hold, and a stand-in for a sound file."""

from __future__ import annotations

from functools import cache

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, SILENCE, Frame, Pcm


def tone(hertz: float, seconds: float, *, level: float = 0.2) -> Pcm:
    """Return a sine of ``hertz``; ``level`` 1 is full scale."""
    times = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * hertz * times) * level * 32767
    return wave.round().astype("<i2").tobytes()


@cache
def _ringback() -> Pcm:
    return tone(425, 1.0, level=0.1).ljust(5 * SAMPLE_RATE * 2, b"\0")


@cache
def _music() -> Pcm:
    return b"".join(tone(hertz, 0.5, level=0.08) for hertz in (262, 330, 392, 330))


def ringback(tick: int) -> Frame:
    """Return the frame of ``tick`` of the European ringing tone: one second in five."""
    return _slice(_ringback(), tick)


def music(tick: int) -> Frame:
    """Return the frame of ``tick`` of a simple melody without end."""
    return _slice(_music(), tick)


def _slice(loop: Pcm, tick: int) -> Frame:
    start = tick * FRAME_BYTES % len(loop)
    return loop[start : start + FRAME_BYTES]


def loudness(frame: Frame) -> float:
    """Return the root mean square of ``frame``: 0 to 32768."""
    if frame == SILENCE:
        return 0.0
    samples = np.frombuffer(frame, "<i2").astype(np.float32)
    return float(np.sqrt(np.dot(samples, samples) / FRAME_SAMPLES))
