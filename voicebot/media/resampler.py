"""8 kHz ↔ 16 kHz, streaming, by a half-band filter split into its two phases.

soxr is no choice here: its streaming resamplers hold back 20 to 100 ms and hand it out in lumps.
A half-band filter of 63 taps costs a few microseconds a frame and its delay is known to the sample.
It is flat to 3.4 kHz and 60 dB down from 4.6 kHz on: the telephone band.

Many streams are halved at once, by one product of matrices. Its taps are multiples of 2^-20, so
every sum is exact in double precision, and a stream sounds the same whoever is halved with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows: TypeAlias = "NDArray[np.intp]"

_TAPS: Final = 63
_CENTRE: Final = _TAPS // 2
_ECHOED: Final = _CENTRE // 2
"""By how many samples of 8 kHz the phase with the centre tap alone is delayed."""

DECIMATION_DELAY: Final = _CENTRE - 1
"""Samples of 16 kHz from the input to the output of ``Decimator``."""

INTERPOLATION_DELAY: Final = _CENTRE
"""Samples of 16 kHz from the input to the output of ``Interpolator``."""

BLOCK: Final = 32
"""Samples of 8 kHz that one line of the product makes."""

_GRAIN: Final = float(1 << 20)
_LARGEST_PRODUCT: Final = 1 << 18


def _phase() -> NDArray[np.float32]:
    """Return the filter's taps beside the centre; they sum to one half, as the centre tap does."""
    offsets = np.arange(0, _TAPS, 2) - _CENTRE
    taps = np.sinc(offsets / 2) * np.kaiser(_TAPS, 6.0)[::2]
    scaled: NDArray[np.float32] = (taps / (2 * taps.sum())).astype(np.float32)
    return scaled


# The taps are symmetric, so convolution and correlation are one; numpy's correlation is quicker.
_PHASE: Final = _phase()
_DOUBLED: Final = 2 * _PHASE
_HISTORY: Final = len(_PHASE) - 1
_ONLY: Final = np.zeros(1, np.intp)


class Decimators:
    """16 kHz to 8 kHz for many streams at once; each is a row and keeps its own history."""

    def __init__(self, rows: int) -> None:
        self._odd = np.zeros((rows, _HISTORY))
        self._even = np.zeros((rows, _ECHOED))

    def reset(self, row: int) -> None:
        """Let another stream begin in ``row``."""
        self._odd[row] = self._even[row] = 0

    def process(self, rows: Rows, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return the next samples of the streams in ``rows``, half as many as those in ``pcm``.

        ``pcm`` has a line for each of them, its length a multiple of ``2 * BLOCK``.
        """
        odd = np.concatenate((self._odd[rows], pcm[:, 1::2]), axis=1, dtype=np.float64)
        even = np.concatenate((self._even[rows], pcm[:, ::2]), axis=1, dtype=np.float64)
        self._odd[rows] = odd[:, -_HISTORY:]
        self._even[rows] = even[:, -_ECHOED:]
        out = _filtered(odd)
        even *= 0.5
        out += even[:, :-_ECHOED]
        return _to_int16(out)


class Decimator:
    """16 kHz to 8 kHz for a single stream."""

    def __init__(self) -> None:
        self._streams = Decimators(1)

    def process(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return the next ``len(pcm) / 2`` samples; ``len(pcm)`` must divide by ``2 * BLOCK``."""
        return self._streams.process(_ONLY, pcm[np.newaxis]).ravel()


class Interpolator:
    """8 kHz to 16 kHz."""

    def __init__(self) -> None:
        self._heard = np.zeros(_HISTORY, np.float32)

    def process(self, pcm: NDArray[np.int16]) -> NDArray[np.int16]:
        """Return the next ``2 * len(pcm)`` samples."""
        heard = np.concatenate((self._heard, pcm), dtype=np.float32)
        self._heard = heard[-_HISTORY:]
        out = np.empty(2 * len(pcm), np.int16)
        out[::2] = _to_int16(np.correlate(heard, _DOUBLED, "valid"))
        delayed = _HISTORY - _ECHOED
        out[1::2] = heard[delayed : delayed + len(pcm)]
        return out


def _filtered(odd: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each line, after its history, as the phase with the many taps makes it."""
    lines, blocks = len(odd), (odd.shape[1] - _HISTORY) // BLOCK
    line, item = odd.strides
    heard = as_strided(odd, (lines, blocks, BLOCK + _HISTORY), (line, BLOCK * item, item))
    out = np.empty((lines * blocks, BLOCK))
    # Small products only: for larger ones BLAS would wake other threads.
    step = max(1, _LARGEST_PRODUCT // (blocks * _BAND.size))
    for first in range(0, lines, step):
        some = heard[first : first + step].reshape(-1, BLOCK + _HISTORY)
        np.matmul(some, _BAND, out=out[first * blocks : first * blocks + len(some)])
    return out.reshape(lines, -1)


def _band() -> NDArray[np.float64]:
    """Return the matrix that filters ``BLOCK`` samples and the history before them."""
    taps = np.rint(_phase().astype(np.float64) * _GRAIN) / _GRAIN
    band = np.zeros((BLOCK + _HISTORY, BLOCK))
    for column in range(BLOCK):
        band[column : column + len(taps), column] = taps
    return band


def _to_int16(pcm: NDArray[np.float64] | NDArray[np.float32]) -> NDArray[np.int16]:
    np.rint(pcm, out=pcm)
    np.minimum(pcm, 32767.0, out=pcm)
    np.maximum(pcm, -32768.0, out=pcm)
    return pcm.astype(np.int16)


_BAND: Final = _band()
