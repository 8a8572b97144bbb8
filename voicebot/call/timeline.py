"""Where the time of a turn goes, from the caller's last sample to the bot's first packet."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Stamp(StrEnum):
    """The steps of a turn, in the order in which they usually happen."""

    SPEECH_END = "speech_end"
    PAUSE = "pause"
    TRANSCRIPT = "transcript"
    FIRST_TOKEN = "first_token"  # noqa: S105 - of a language model
    FIRST_AUDIO = "first_audio"
    TURN_END = "turn_end"
    FIRST_PACKET = "first_packet"


@dataclass(slots=True)
class Timeline:
    """The stamps of one turn, in monotonic seconds.

    With speculation, transcript, token and audio may come before the end of the turn.
    """

    number: int
    stamps: dict[Stamp, float] = field(default_factory=dict)

    def stamp(self, step: Stamp, now: float) -> None:
        """Keep the moment of ``step``; a step that happened already keeps its first moment."""
        self.stamps.setdefault(step, now)

    def since_speech_end(self) -> dict[Stamp, float]:
        """Return the milliseconds from the caller's last sample to each step that happened."""
        start = self.stamps.get(Stamp.SPEECH_END)
        if start is None:
            return {}
        return {
            step: round((self.stamps[step] - start) * 1000, 1)
            for step in Stamp
            if step in self.stamps
        }

    def wait_ms(self) -> float | None:
        """Return what the caller waited for the first packet, or ``None`` if none was sent."""
        return self.since_speech_end().get(Stamp.FIRST_PACKET)
