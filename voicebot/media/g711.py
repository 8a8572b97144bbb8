"""G.711: companded samples by table (ITU-T G.711, RFC 3551 section 4.5.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CODES: Final = np.arange(256)
_SAMPLES: Final = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32)
"""All 16-bit samples, in the order of their unsigned value."""


def _decode_ulaw() -> NDArray[np.int16]:
    inverted = ~_CODES & 0xFF
    magnitude = (((inverted & 0x0F) << 3) + 0x84 << ((inverted >> 4) & 7)) - 0x84
    return np.where(inverted & 0x80, -magnitude, magnitude).astype(np.int16)


def _decode_alaw() -> NDArray[np.int16]:
    toggled = _CODES ^ 0x55
    exponent, mantissa = (toggled >> 4) & 7, (toggled & 0x0F) << 4
    magnitude = np.where(exponent, mantissa + 0x108 << np.maximum(exponent - 1, 0), mantissa + 8)
    return np.where(toggled & 0x80, magnitude, -magnitude).astype(np.int16)


def _encode(levels: NDArray[np.int16]) -> NDArray[np.uint8]:
    """Return the code of the nearest level for each sample: the best any encoder can do."""
    order = np.argsort(levels, kind="stable")
    ordered = levels[order].astype(np.int32)
    above = np.clip(np.searchsorted(ordered, _SAMPLES), 1, 255)
    nearer_below = _SAMPLES - ordered[above - 1] <= ordered[above] - _SAMPLES
    codes: NDArray[np.uint8] = order[np.where(nearer_below, above - 1, above)].astype(np.uint8)
    return codes


ULAW_LEVELS: Final = _decode_ulaw()
ALAW_LEVELS: Final = _decode_alaw()
ULAW_CODES: Final = _encode(ULAW_LEVELS)
ALAW_CODES: Final = _encode(ALAW_LEVELS)
"""Sample by code, and code by sample read as an unsigned number."""
