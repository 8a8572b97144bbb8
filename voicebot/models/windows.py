"""Long audio in windows that Whisper can take, cut where it is quietest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicebot.models.seams import WHISPER_RATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.models.seams import Samples

WINDOW_SECONDS = 30
"""The most that Whisper was trained to see at once."""

_LONGEST = 28 * WHISPER_RATE
_SEARCHED = 8 * WHISPER_RATE
_BLOCK = WHISPER_RATE // 10


def windows(samples: Samples) -> Iterator[Samples]:
    """Yield ``samples`` in order, in windows of at most 28 s.

    A cut is made in the quietest tenth of a second among a window's last eight seconds.
    """
    while len(samples) > _LONGEST:
        searched = samples[_LONGEST - _SEARCHED : _LONGEST]
        levels = np.square(searched).reshape(-1, _BLOCK).mean(axis=1)
        cut = _LONGEST - _SEARCHED + int(levels.argmin()) * _BLOCK + _BLOCK // 2
        yield samples[:cut]
        samples = samples[cut:]
    yield samples
