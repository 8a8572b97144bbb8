"""How far a stream has drifted from our clock, and how to follow it."""

from __future__ import annotations

from typing import Final

from voicebot.media.audio import FRAME_SECONDS

_WINDOW: Final = 1.0
_EARLIEST: Final = -FRAME_SECONDS / 2
_LATEST: Final = 1.5 * FRAME_SECONDS


class DriftTracker:
    """Follows how late packets are against our clock, by the quickest of the last two seconds.

    Jitter only ever makes packets later, so the quickest show where the sender's clock stands.
    While they stay between half a frame early and one and a half late nothing is touched; beyond,
    one frame more or less brings them back. Clocks 200 ppm apart need that every 100 seconds.
    """

    def __init__(self) -> None:
        self.quickest = 0.0
        self._window = 0.0
        self._since = 0.0

    def restart(self, lateness: float, now: float) -> None:
        """Begin anew with the first packet after a break, ``lateness`` seconds after its time."""
        self.quickest = self._window = lateness
        self._since = now

    def update(self, lateness: float, now: float) -> int:
        """Take a packet into account; return the frames to lengthen by (-1, 0, 1)."""
        self._window = min(self._window, lateness)
        self.quickest = min(self.quickest, lateness)
        if now - self._since < _WINDOW:
            return 0
        self._since = now
        self.quickest, self._window = self._window, lateness
        if _EARLIEST <= self.quickest <= _LATEST:
            return 0
        frames = 1 if self.quickest > 0 else -1
        self.quickest -= frames * FRAME_SECONDS
        self._window -= frames * FRAME_SECONDS
        return frames
