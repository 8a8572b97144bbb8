"""What goes wrong at the simulated PBX, as data."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle, repeat
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from voicebot.media.audio import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

Fate: TypeAlias = tuple[float, ...]
"""What becomes of one packet: the delay of each copy in seconds. No copy: it is lost."""

ON_TIME: Final[Fate] = (0.0,)
LOST: Final[Fate] = ()
TWICE: Final[Fate] = (0.0, 0.0)

_IN_A_ROW: Final = 0.001
"""Seconds between packets that come at once: in order, however timers are rounded."""

RestAction: TypeAlias = Literal["status", "hang", "reset", "slow"]


@dataclass(frozen=True, slots=True)
class RestFault:
    """The requests to ``operation`` from number ``first`` (from 1) on, ``times`` of them, go wrong.

    ``operation`` is written as in Asterisk's description, ``POST /channels/externalMedia`` or
    ``DELETE /bridges/{bridgeId}``; ``*`` means any. The actions:

    - ``status``: do nothing and answer with ``status`` and ``message``
    - ``hang``: do nothing and never answer
    - ``reset``: do nothing and break the connection
    - ``slow``: do it at once, but answer after ``seconds``, so that its events come first
    """

    operation: str
    action: RestAction = "status"
    first: int = 1
    times: int = 1
    status: int = 500
    message: str = "Internal Server Error"
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class EventFault:
    """The events of type ``event`` from number ``first`` on, ``times`` of them, come late.

    Those behind them overtake them. ``seconds`` of ``None`` means never.
    """

    event: str
    seconds: float | None
    first: int = 1
    times: int = 1


@dataclass(slots=True)
class Faults:
    """Everything that is to go wrong; by default nothing.

    ``rtp_out`` is what becomes of the packets to the application, ``rtp_in`` of those from it: each
    externalMedia channel goes through the pattern from its start, again and again.
    ``entry_seconds`` is how long after the answer such a channel enters its application.
    """

    rest: tuple[RestFault, ...] = ()
    events: tuple[EventFault, ...] = ()
    rtp_out: tuple[Fate, ...] = (ON_TIME,)
    rtp_in: tuple[Fate, ...] = (ON_TIME,)
    entry_seconds: float = 0.0
    _counts: Counter[RestFault | EventFault] = field(default_factory=Counter)

    def of_request(self, operation: str) -> RestFault | None:
        """Count a request, and return what goes wrong with it."""
        hit = None
        for fault in self.rest:
            if fault.operation in {operation, "*"} and self._counts_in(fault):
                hit = hit or fault
        return hit

    def of_event(self, event: str) -> EventFault | None:
        """Count an event, and return what goes wrong with it."""
        hit = None
        for fault in self.events:
            if fault.event == event and self._counts_in(fault):
                hit = hit or fault
        return hit

    def _counts_in(self, fault: RestFault | EventFault) -> bool:
        self._counts[fault] += 1
        return fault.first <= self._counts[fault] < fault.first + fault.times

    def outbound(self) -> Iterator[Fate]:
        """Return the fates of one channel's packets to the application."""
        return cycle(self.rtp_out)

    def inbound(self) -> Iterator[Fate]:
        """Return the fates of one channel's packets from the application."""
        return cycle(self.rtp_in)


def lossy(share: float, *, burst: int = 1, packets: int = 1000, seed: int = 1) -> tuple[Fate, ...]:
    """Return a pattern that loses ``share`` of the packets, ``burst`` in a row."""
    dice = random.Random(seed)
    pattern: list[Fate] = []
    while len(pattern) < packets:
        pattern += [LOST] * burst if dice.random() < share / burst else [ON_TIME]
    return tuple(pattern[:packets])


def jittery(seconds: float, *, packets: int = 1000, seed: int = 1) -> tuple[Fate, ...]:
    """Return a pattern that delays each packet by 0 to ``seconds``."""
    dice = random.Random(seed)
    return tuple((dice.uniform(0.0, seconds),) for _ in range(packets))


def reordered(every: int, *, seconds: float = 0.03) -> tuple[Fate, ...]:
    """Return a pattern in which one packet of ``every`` is overtaken by those behind it."""
    return ((seconds,), *repeat(ON_TIME, every - 1))


def duplicated(every: int) -> tuple[Fate, ...]:
    """Return a pattern in which one packet of ``every`` comes twice."""
    return (TWICE, *repeat(ON_TIME, every - 1))


def held_up(seconds: float, *, every: float = 1.0) -> tuple[Fate, ...]:
    """Return a pattern of a busy machine: for ``seconds`` of ``every`` nothing leaves it.

    Then all that waits does at once, in order, before the next packet. Nothing is lost.
    """
    waiting = round(seconds / FRAME_SECONDS)
    in_time = round(every / FRAME_SECONDS) - waiting
    late = [((waiting - n) * (FRAME_SECONDS - _IN_A_ROW),) for n in range(waiting)]
    return (*repeat(ON_TIME, in_time), *late)
