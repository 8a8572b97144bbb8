"""What is done to a voice's samples before they leave: silence cut, level, rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import soxr

from voicebot.models.seams import SPEECH_RATE

if TYPE_CHECKING:
    import numpy.typing as npt

_AUDIBLE = 0.02
"""Of the loudest sample: 34 dB below it."""

_SILENT = 1e-3

_LEAD_S = 0.008
"""Left before the first audible sample: the caller waits for it, and plosives need a little."""

_TRAIL_S = 0.15
"""Left after the last one: the pause between two clauses."""

_PEAK = 0.7
_FULL = 32767.0


def finished(samples: npt.NDArray[np.float32], rate: int) -> bytes:
    """Return ``samples`` (-1 to 1, at ``rate``) as 24 kHz s16le without the silence around them."""
    levels = np.abs(samples)
    peak = float(levels.max(initial=0.0))
    if peak < _SILENT:
        return b""
    audible = np.flatnonzero(levels > _AUDIBLE * peak)
    start = max(0, int(audible[0]) - int(_LEAD_S * rate))
    end = int(audible[-1]) + int(_TRAIL_S * rate)
    spoken = samples[start:end]
    if rate != SPEECH_RATE:
        spoken = soxr.resample(spoken, rate, SPEECH_RATE, quality="HQ")
    spoken = spoken * (_PEAK / float(np.abs(spoken).max()))
    return (spoken * _FULL).astype("<i2").tobytes()
