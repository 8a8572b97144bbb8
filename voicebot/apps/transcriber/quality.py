"""How well one party was heard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.statistics import MediaStatistics


@dataclass(slots=True)
class Quality:
    """Sums over all captures of a party, for the log.

    ``replaced`` counts the captures that another took over from, ``longest_lag`` is how far what
    was heard was behind the clock at most (samples).
    """

    received: int = 0
    lost: int = 0
    late: int = 0
    bursts: int = 0
    concealed: float = 0.0
    jitter: float = 0.0
    replaced: int = 0
    longest_lag: int = 0

    def add(self, statistics: MediaStatistics | None) -> None:
        """Take a capture that is over into account; ``None`` for one that never began."""
        if statistics is None:
            return
        self.received += statistics.received
        self.lost += statistics.lost
        self.late += statistics.late
        self.bursts += statistics.bursts
        self.concealed += statistics.concealed
        self.jitter = max(self.jitter, statistics.jitter)

    def summary(self) -> dict[str, Any]:
        """Return the fields of a log line."""
        heard = MediaStatistics(
            received=self.received,
            lost=self.lost,
            late=self.late,
            bursts=self.bursts,
            jitter=self.jitter,
            concealed=self.concealed,
        )
        return heard.summary() | {
            "lag_ms": round(self.longest_lag * 1000 / SAMPLE_RATE),
            "replaced": self.replaced,
        }
