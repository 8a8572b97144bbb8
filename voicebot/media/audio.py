"""The one audio format inside the house: slin16.

16,000 samples a second, signed 16-bit little-endian, one channel. A ``Frame`` is 20 ms of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE_RATE: Final = 16_000
FRAME_MS: Final = 20
FRAME_SAMPLES: Final = SAMPLE_RATE * FRAME_MS // 1000
FRAME_BYTES: Final = 2 * FRAME_SAMPLES
FRAME_SECONDS: Final = FRAME_MS / 1000

Pcm: TypeAlias = bytes
"""slin16 of any length; always whole samples, so always an even number of bytes."""

Frame: TypeAlias = bytes
"""slin16 of exactly ``FRAME_BYTES`` bytes."""

SILENCE: Final[Frame] = bytes(FRAME_BYTES)


class Concealed(bytes):
    """A ``Frame`` that was made up where no packet came."""

    __slots__ = ()


def samples(pcm: Pcm) -> int:
    """Return how many samples ``pcm`` holds."""
    return len(pcm) // 2


def seconds(pcm: Pcm) -> float:
    """Return how long ``pcm`` lasts, in seconds."""
    return len(pcm) / (2 * SAMPLE_RATE)


def energy(pcm: Pcm) -> float:
    """Return the sum of the squares of the samples: a whole number, and exact."""
    signal = np.frombuffer(pcm, "<i2").astype(np.float64)
    return float(signal.dot(signal))


def energies(frames: NDArray[np.int16]) -> list[float]:
    """Return the ``energy`` of each line of ``frames``."""
    signals = frames.astype(np.float64)
    found: list[float] = np.vecdot(signals, signals).tolist()
    return found
