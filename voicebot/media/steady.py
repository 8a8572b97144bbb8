"""A stream that runs as it should: all that the next packet needs to be judged, and changes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Steady:
    """The state of a ``JitterBuffer`` whose next packet is expected to be the common one.

    That is: nothing is held back, the packets before were slin16 of 20 ms and came without a break.
    ``ssrc``, ``sequence`` and ``timestamp`` are those of the next packet. The rest are the names of
    ``Timeline``, ``DriftTracker`` and ``Reception``; ``position`` is in samples, the others are in
    seconds.
    """

    ssrc: int
    sequence: int
    timestamp: int
    position: int
    start: float
    max_lead: float
    max_delay: float
    quickest: float
    window: float
    since: float
    jitter: float
    arrival: float
