"""What the demonstration tells whoever watches it, in the order in which it happens.

Each event is one JSON object with its name under ``event``. ``at`` is seconds since the caller's
phone was answered; waits are milliseconds from the last sample of the caller's speech to the first
of the answer's, both as the caller's phone recorded them.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Base of all events."""


class Starting(Event, frozen=True, kw_only=True, tag="starting"):
    """The receptionist is starting: models are loaded, its fixed sentences are spoken to files."""


class Preparing(Event, frozen=True, kw_only=True, tag="preparing"):
    """The lines of a conversation are being spoken to a file: ``done`` of ``total``."""

    conversation: str
    done: int
    total: int


class CallStarted(Event, frozen=True, kw_only=True, tag="call_started"):
    """A call comes in."""

    conversation: str
    title: str


class CallerSpeaks(Event, frozen=True, kw_only=True, tag="caller_speaks"):
    """The caller begins to say ``text``."""

    at: float
    text: str


class Heard(Event, frozen=True, kw_only=True, tag="heard"):
    """The bot has understood ``text``."""

    at: float
    text: str


class BotSpoke(Event, frozen=True, kw_only=True, tag="bot_spoke"):
    """The bot has said ``text``; ``wait_ms`` is missing where it answers nothing."""

    at: float
    text: str
    interrupted: bool
    wait_ms: int | None = None


class BotUsedTool(Event, frozen=True, kw_only=True, tag="tool"):
    """The bot has used a tool."""

    at: float
    name: str
    argument: str
    result: str


class ColleagueSpeaks(Event, frozen=True, kw_only=True, tag="colleague_speaks"):
    """A colleague who has answered begins to say ``text``."""

    at: float
    name: str
    text: str


class Verdict(msgspec.Struct, frozen=True):
    """Something that had to come of a call, and whether it did."""

    what: str
    met: bool


class CallEnded(Event, frozen=True, kw_only=True, tag="call_ended"):
    """A call is over.

    ``waits_ms`` are those of the turns that wanted an answer, ``unanswered`` how many got none;
    ``greeting_ms`` is from the answer of the call to the greeting's first sample.
    """

    conversation: str
    seconds: float
    greeting_ms: int | None
    waits_ms: tuple[int, ...]
    unanswered: int
    transfers: tuple[str, ...]
    left_behind: int
    verdicts: tuple[Verdict, ...]
    recording: str

    @property
    def failures(self) -> tuple[str, ...]:
        """What should have come of the call and did not."""
        return tuple(verdict.what for verdict in self.verdicts if not verdict.met)


class Summary(Event, frozen=True, kw_only=True, tag="summary"):
    """Everything is over."""

    ok: bool
    turns: int
    median_ms: int | None
    worst_ms: int | None
    left_behind: int
    calls: tuple[CallEnded, ...]


DemoEvent: TypeAlias = (
    Starting
    | Preparing
    | CallStarted
    | CallerSpeaks
    | Heard
    | BotSpoke
    | BotUsedTool
    | ColleagueSpeaks
    | CallEnded
    | Summary
)
