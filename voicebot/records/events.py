"""What is told of a call, in the order in which it happens.

Positions are samples at 16 kHz since ``CallStarted.at``, the same count for all parties of a call.
A call between people has partials and finals, a call with the receptionist turns and tools.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias

SAMPLE_RATE = 16_000

# Aliases, for the types have to be there at run time: events are read back from their JSON.
Moment: TypeAlias = dt.datetime
Steps: TypeAlias = Mapping[str, float]
Direction: TypeAlias = Literal["internal", "incoming", "outgoing"]
App: TypeAlias = Literal["transcriber", "receptionist"]
Reason: TypeAlias = Literal[
    "hung up", "opted out", "stopped", "lost", "goodbye", "transferred", "silence", "failed"
]


@dataclass(frozen=True, slots=True)
class Word:
    """A word and where it was said. ``confidence`` is between 0 and 1, or ``None`` if unknown."""

    text: str
    start: int
    end: int
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class CallStarted:
    """``call`` is listened to from now on. ``at`` is the time of day, with its zone.

    The same call again, with a later ``at``, goes on after a restart of ours: positions and numbers
    of utterances then count anew, parties of the same name are the same.
    """

    call: str
    at: Moment
    direction: Direction
    app: App = "transcriber"


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
    """The record is complete: no event of ``call`` follows. ``reason`` says why it ended.

    After ``opted out`` nothing that was said may be kept, not even what was before.
    """

    call: str
    at: Moment
    position: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class TurnTaken:
    """A turn in a talk with the receptionist; ``end`` is when it was over.

    ``turn`` counts the caller's turns, from 1; the bot's has the number of what it answers, or 0
    when it speaks of its own accord. The same turn of the caller's again replaces it. ``text`` is
    what was really heard. ``steps`` are milliseconds from the caller's last sample to each step of
    the answer.
    """

    call: str
    party: str
    turn: int
    end: int
    text: str
    interrupted: bool = False
    steps: Steps = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The receptionist did something: ``argument`` is a directory key, never a number."""

    call: str
    position: int
    name: str
    argument: str
    result: str


CallEvent: TypeAlias = (
    CallStarted | PartyJoined | Partial | Final | PartyLeft | CallEnded | TurnTaken | ToolCalled
)


class Sink(Protocol):
    """Takes the events of all calls."""

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once and keep it safe in one's own time. Never raises, never blocks."""
        ...
