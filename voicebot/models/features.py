"""Whisper's log-mel features, for exactly as much audio as there is.

The reference pads every utterance to 30 s first; the features of the utterance itself are the same
as here, except for the last 20 ms, where the reference sees silence.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from voicebot.models.seams import Samples

WINDOW = 400
HOP = 160
_RATE = 16_000
_FLOOR = 1e-10
# Slaney's mel scale: linear up to 1 kHz (mel 15), then 27 steps for a factor of 6.4.
_LINEAR_HZ = 200.0 / 3
_KNEE_MEL = 15.0
_STEP = np.log(6.4) / 27.0
_TOP_MEL = 45.245640471924965


@cache
def mel_filters(bands: int) -> npt.NDArray[np.float32]:
    """Return the triangular filters, ``[bands, WINDOW // 2 + 1]``, each of the same area."""
    mels = np.linspace(0.0, _TOP_MEL, bands + 2)
    edges = np.where(
        mels < _KNEE_MEL,
        _LINEAR_HZ * mels,
        _LINEAR_HZ * _KNEE_MEL * np.exp(_STEP * (mels - _KNEE_MEL)),
    )
    bins = np.fft.rfftfreq(WINDOW, 1.0 / _RATE)
    widths = np.diff(edges)[:, None]
    rising = (bins[None, :] - edges[:-2, None]) / widths[:-1]
    falling = (edges[2:, None] - bins[None, :]) / widths[1:]
    area = 2.0 / (edges[2:] - edges[:-2])[:, None]
    filters: npt.NDArray[np.float32] = (np.maximum(0.0, np.minimum(rising, falling)) * area).astype(
        np.float32
    )
    return filters


@cache
def _hann() -> npt.NDArray[np.float32]:
    return np.hanning(WINDOW + 1)[:-1].astype(np.float32)


def log_mel(samples: Samples, bands: int = 80) -> npt.NDArray[np.float32]:
    """Return the features of ``samples``, ``[bands, frames]`` with an even number of frames.

    There is a frame each 10 ms; the encoder halves them, so an odd last one is left out.
    """
    padded = np.pad(samples, WINDOW // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    count = len(samples) // HOP // 2 * 2
    spectrum = np.fft.rfft(frames[:count] * _hann(), axis=1)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    mel = mel_filters(bands) @ power.T
    log = np.log10(np.maximum(mel, _FLOOR))
    log = np.maximum(log, log.max() - 8.0)
    features: npt.NDArray[np.float32] = np.ascontiguousarray((log + 4.0) / 4.0, dtype=np.float32)
    return features
