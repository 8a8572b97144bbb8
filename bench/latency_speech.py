"""Where speech begins and ends: one rule for what the caller says and for what the bot answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.waveform import levels, segments, speech_threshold

if TYPE_CHECKING:
    from bench.waveform import Samples, Segment

# Speech ends with the last millisecond that is not this far below its loud ones.
RANGE_DB = 35.0
LOUD_PERCENTILE = 95
# Pauses shorter than this lie inside words; clicks are shorter than the other.
GAP_SECONDS = 0.15
SHORTEST_SECONDS = 0.03


def speech(samples: Samples, rate: int, *, gap: float = GAP_SECONDS) -> list[Segment]:
    """Return the stretches of speech, exact to a millisecond; shorter pauses belong to them.

    The threshold lies ``RANGE_DB`` below the loud parts of the speech, or above the noise floor,
    whichever is higher: the same speech has the same ends at any volume.
    """
    level = levels(samples, rate)
    threshold = speech_threshold(level)
    active = level[level > threshold]
    if len(active):
        loud = float(np.percentile(active, LOUD_PERCENTILE))
        threshold = max(threshold, loud - RANGE_DB)
    return segments(samples, rate, gap=gap, shortest=SHORTEST_SECONDS, threshold=threshold)
