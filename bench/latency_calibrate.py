"""Measuring the measurement: a call to an echo, where every answer's place is known.

What comes back is what was said, later by the loop alone. Correlation tells that delay to the
sample; what the detector finds in the returned sound can then be compared with the labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bench.latency_figures import Spread, spread
from bench.latency_measure import PATTERN_SECONDS, find, locate
from bench.latency_speech import speech

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.latency_call import FinishedCall
    from bench.latency_measure import Spoken
    from bench.recording import Recording

LONGEST_LOOP_SECONDS = 1.0
NEAR_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Milliseconds. An error is positive where the detector is late.

    A voice-to-voice time is off by ``onset_error`` alone: the end of the caller's speech is not
    detected but labelled. ``end_error`` concerns barge-in and dead air.
    """

    loop: Spread | None
    onset_error: Spread | None
    end_error: Spread | None

    def as_json(self) -> dict[str, Any]:
        """Return ``loop_ms``, ``onset_error_ms`` and ``end_error_ms``."""
        named = {
            "loop_ms": self.loop,
            "onset_error_ms": self.onset_error,
            "end_error_ms": self.end_error,
        }
        return {key: None if value is None else value.as_json() for key, value in named.items()}


@dataclass(frozen=True, slots=True)
class _Echo:
    loop: float
    onset_error: float
    end_error: float


def accuracy(calls: Iterable[FinishedCall]) -> Accuracy:
    """Return what the echoed utterances of all calls tell."""
    found = [echo for call in calls for item in call.spoken for echo in _echo(call.recording, item)]
    return Accuracy(
        loop=spread(round(1000 * echo.loop, 1) for echo in found),
        onset_error=spread(round(1000 * echo.onset_error, 1) for echo in found),
        end_error=spread(round(1000 * echo.end_error, 1) for echo in found),
    )


def _echo(recording: Recording, item: Spoken) -> list[_Echo]:
    said = locate(recording, item.utterance, item.ordered)
    if said is None:
        return []
    rate = recording.rate
    samples, label = item.utterance.at(rate)
    pattern = samples[round(label.start * rate) :][: round(PATTERN_SECONDS * rate)]
    back = find(recording.heard, rate, pattern, said.start, said.start + LONGEST_LOOP_SECONDS)
    if back is None:
        return []
    loop = back - said.start
    heard = speech(recording.heard, rate)
    onset = _nearest([segment.start for segment in heard], said.start + loop)
    end = _nearest([segment.end for segment in heard], said.end + loop)
    if onset is None or end is None:
        return []
    return [_Echo(loop, onset - said.start - loop, end - said.end - loop)]


def _nearest(moments: list[float], wanted: float) -> float | None:
    best = min(moments, key=lambda moment: abs(moment - wanted), default=None)
    return None if best is None or abs(best - wanted) > NEAR_SECONDS else best
