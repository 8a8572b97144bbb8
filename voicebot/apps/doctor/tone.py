"""A sound that can be told from any other, and what became of it on its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

SECONDS: Final = 0.6
# All of it lies within what an 8 kHz codec carries.
_FROM_HZ, _TO_HZ, _LEVEL = 400.0, 3000.0, 8000.0
# A frame that is like the one sent; another one is silence, noise or a concealment.
_ALIKE: Final = 0.7
_LEAST_SHARE: Final = 0.1


@dataclass(frozen=True, slots=True)
class Arrival:
    """The sound as it arrived: ``delay_s`` after it was sent, ``share`` of its frames intact."""

    delay_s: float
    share: float


def sweep() -> Pcm:
    """Return the sound: a tone that rises, so that each moment of it is unlike any other."""
    time = np.arange(round(SECONDS * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * (_FROM_HZ * time + (_TO_HZ - _FROM_HZ) / (2 * SECONDS) * time**2)
    return (_LEVEL * np.sin(phase)).astype("<i2").tobytes()


def find(heard: Sequence[tuple[Frame, float]], sent_at: float) -> Arrival | None:
    """Look for the sound in frames and their arrival times; ``None`` if it is not among them.

    ``sent_at`` is when its first frame was sent, by the same monotonic clock.
    """
    sound = np.frombuffer(sweep(), "<i2").astype(np.float64)
    if not heard:
        return None
    track = np.frombuffer(b"".join(frame for frame, _ in heard), "<i2").astype(np.float64)
    start = _alignment(track, sound)
    share = _share(track[start:], sound)
    if share < _LEAST_SHARE:
        return None
    frame, offset = divmod(start, FRAME_SAMPLES)
    return Arrival(heard[frame][1] + offset / SAMPLE_RATE - sent_at, share)


def _alignment(track: NDArray[np.float64], sound: NDArray[np.float64]) -> int:
    """Return where in ``track`` ``sound`` most likely begins."""
    size = len(track) + len(sound)
    spectrum = np.fft.rfft(track, size) * np.conj(np.fft.rfft(sound, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(track)]))


def _share(track: NDArray[np.float64], sound: NDArray[np.float64]) -> float:
    """Return the share of the frames of ``sound`` that are in ``track``, which is aligned."""
    count = len(sound) // FRAME_SAMPLES
    padded = np.zeros(len(sound))
    padded[: len(track)] = track[: len(sound)]
    ours = sound[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
    theirs = padded[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
    power = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    likeness = (ours * theirs).sum(axis=1) / np.maximum(power, 1.0)
    return float((likeness > _ALIKE).mean())
