"""How far a stream has drifted from our clock, and how to follow it."""

from __future__ import annotations

from typing import Final

from voicebot.media.audio import FRAME_SECONDS

WINDOW: Final = 1.0
"""Seconds after which the quickest packets are looked at anew."""

EARLIEST: Final = -FRAME_SECONDS / 2
LATEST: Final = 1.5 * FRAME_SECONDS
"""Between these, in seconds, the quickest packets may lie without a correction."""


class DriftTracker:
    """Follows how late packets are against our clock, by the quickest of the last two seconds.

    Jitter only ever makes packets later, so the quickest show where the sender's clock stands.
    While they stay between half a frame early and one and a half late nothing is touched; beyond,
    one frame more or less brings them back. Clocks 200 ppm apart need that every 100 seconds.
    """

    def __init__(self) -> None:
        self.quickest = 0.0
        self.window = 0.0
        self.since = 0.0

    def restart(self, lateness: float, now: float) -> None:
        """Begin anew with the first packet after a break, ``lateness`` seconds after its time."""
        self.quickest = self.window = lateness
        self.since = now

    def update(self, lateness: float, now: float) -> int:
        """Take a packet into account; return the frames to lengthen by (-1, 0, 1)."""
        self.window = min(self.window, lateness)
        self.quickest = min(self.quickest, lateness)
        if now - self.since < WINDOW:
            return 0
        self.since = now
        self.quickest, self.window = self.window, lateness
        if EARLIEST <= self.quickest <= LATEST:
            return 0
        frames = 1 if self.quickest > 0 else -1
        self.quickest -= frames * FRAME_SECONDS
        self.window -= frames * FRAME_SECONDS
        return frames
