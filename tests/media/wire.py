"""Packets and sounds for the tests of this room."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRAME = 0.02


def sine(
    frequency: float, seconds: float = 1.0, *, peak: float = 8000, rate: int = SAMPLE_RATE
) -> bytes:
    """Return a tone as 16-bit little-endian samples."""
    time = np.arange(round(seconds * rate)) / rate
    return (peak * np.sin(2 * np.pi * frequency * time)).astype("<i2").tobytes()


def numbered(count: int, *, first: int = 1) -> bytes:
    """Return samples that count from ``first`` on, wrapping at 30,000."""
    return ((np.arange(first, first + count) - 1) % 30_000 + 1).astype("<i2").tobytes()


def pcm(octets: bytes) -> NDArray[np.int64]:
    """Return samples as numbers that do not overflow."""
    return np.frombuffer(octets, "<i2").astype(np.int64)


def slin(
    index: int,
    *,
    samples: int = 320,
    sequence: int = 0,
    timestamp: int = 0,
    ssrc: int = 7,
    level: int | None = None,
) -> RtpPacket:
    """Return the ``index``-th packet of a stream: slin16 whose samples all are ``level``."""
    value = index % 30_000 + 1 if level is None else level
    return RtpPacket(
        118,
        sequence + index & 0xFFFF,
        timestamp + index * samples & 0xFFFF_FFFF,
        ssrc,
        np.full(samples, value, ">i2").tobytes(),
    )


def signal_to_noise(expected: NDArray[np.int64], heard: NDArray[np.int64]) -> float:
    """Return how far ``heard`` is from ``expected``, in dB."""
    noise = float(np.sum((heard - expected) ** 2))
    return 10 * float(np.log10(np.sum(expected.astype(np.float64) ** 2) / max(noise, 1e-9)))
