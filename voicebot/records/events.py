"""What is told of a transcribed call, in the order in which it happens.

Positions are samples at 16 kHz since ``CallStarted.at``, the same count for all parties of a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from datetime import datetime

Direction: TypeAlias = Literal["internal", "incoming", "outgoing"]


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it was said. ``confidence`` is between 0 and 1, or ``None`` if unknown."""

    text: str
    start: int
    end: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class CallStarted:
    """The transcription of ``call`` begins. ``at`` is the time of day, with its zone."""

    call: str
    at: datetime
    direction: Direction


@dataclass(frozen=True, slots=True)
class PartyJoined:
    """Somebody can be heard from ``position`` on. ``party`` is unique within the call."""

    call: str
    party: str
    number: str
    name: str
    position: int


@dataclass(frozen=True, slots=True)
class Partial:
    """What has been understood of an utterance while it is still being said: may change."""

    call: str
    party: str
    utterance: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """An utterance as it is kept. ``utterance`` counts those of the party, from 1.

    ``lag_s`` is the time from the end of the speech to this text.
    """

    call: str
    party: str
    utterance: int
    start: int
    end: int
    text: str
    language: str
    confidence: float | None
    words: tuple[Word, ...]
    lag_s: float


@dataclass(frozen=True, slots=True)
class PartyLeft:
    """Nothing more is heard of ``party``."""

    call: str
    party: str
    position: int


@dataclass(frozen=True, slots=True)
class CallEnded:
    """The transcription is complete: no event of ``call`` follows. ``reason`` says why it ended."""

    call: str
    at: datetime
    position: int
    reason: Literal["hung up", "opted out", "stopped", "lost"]


CallEvent: TypeAlias = CallStarted | PartyJoined | Partial | Final | PartyLeft | CallEnded


class Sink(Protocol):
    """Takes the events of all calls."""

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once and keep it safe in one's own time. Never raises, never blocks."""
        ...
