"""How the transcription of one call went."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from voicebot.records.lag import Lag


@dataclass(slots=True)
class Tally:
    """Sums over all parties of a call, for the log.

    ``lags`` are the seconds from the end of each utterance to its text; ``partials`` were told,
    ``dropped`` ones were due, but left out.
    """

    lags: list[float] = field(default_factory=list)
    partials: int = 0
    dropped: int = 0

    def summary(self) -> dict[str, Any]:
        """Return the fields of a log line."""
        lag = Lag.of(self.lags)
        return {
            "finals": lag.count,
            "lag_p50_s": round(lag.p50_s, 2),
            "lag_p95_s": round(lag.p95_s, 2),
            "lag_worst_s": round(lag.worst_s, 2),
            "partials": self.partials,
            "dropped_partials": self.dropped,
        }
