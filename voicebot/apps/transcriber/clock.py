"""The time of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.records.events import SAMPLE_RATE

if TYPE_CHECKING:
    from datetime import datetime


class CallClock:
    """Counts samples since ``at``, the time of day at the monotonic time ``zero``."""

    def __init__(self, zero: float, at: datetime) -> None:
        self.at: Final = at
        self._zero = zero

    def position(self, now: float) -> int:
        """Return the position in the call at the monotonic time ``now``."""
        return max(0, round((now - self._zero) * SAMPLE_RATE))
