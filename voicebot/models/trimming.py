"""What is done to a voice's samples before they leave: silence cut, level, rate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import soxr

from voicebot.models.seams import SPEECH_RATE, Speech

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from voicebot.models.seams import Word

_AUDIBLE = 0.02
"""Of the loudest sample: 34 dB below it."""

_SILENT = 1e-3

_LEAD_S = 0.008
"""Left before the first audible sample: the caller waits for it, and plosives need a little."""

_TRAIL_S = 0.15
"""Left after the last one: the pause between two clauses."""

_PEAK = 0.7
_FULL = 32767.0


def finished(samples: npt.NDArray[np.float32], rate: int, words: Iterable[Word] = ()) -> Speech:
    """Return ``samples`` (-1 to 1, at ``rate``) at 24 kHz without the silence around them.

    ``words`` are where they are in ``samples``, and stay where they are heard.
    """
    levels = np.abs(samples)
    peak = float(levels.max(initial=0.0))
    if peak < _SILENT:
        return Speech(b"")
    audible = np.flatnonzero(levels > _AUDIBLE * peak)
    start = max(0, int(audible[0]) - int(_LEAD_S * rate))
    end = int(audible[-1]) + int(_TRAIL_S * rate)
    spoken = samples[start:end]
    if rate != SPEECH_RATE:
        spoken = soxr.resample(spoken, rate, SPEECH_RATE, quality="HQ")
    spoken = spoken * (_PEAK / float(np.abs(spoken).max()))
    pcm = (spoken * _FULL).astype("<i2").tobytes()
    longest = len(pcm) / 2 / SPEECH_RATE
    return Speech(pcm, tuple(_moved(word, start / rate, longest) for word in words))


def _moved(word: Word, by: float, longest: float) -> Word:
    """Return ``word`` earlier ``by`` seconds, within an audio that is as long as ``longest``."""
    start, end = (min(max(at - by, 0.0), longest) for at in (word.start, word.end))
    return replace(word, start=start, end=end)
