"""An event on its way, with the name by which it is known again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.records.events import CallEvent


@dataclass(frozen=True, slots=True)
class Entry:
    """An event, the ``number``-th (from 1) that a run of voicebot had for one destination.

    ``run`` is unique for each destination and start of the program, so that an event that comes
    again after a crash is recognised.
    """

    run: str
    number: int
    event: CallEvent

    @property
    def key(self) -> tuple[str, int]:
        """What tells this entry from all others."""
        return self.run, self.number

    @property
    def id(self) -> str:
        """The same, as a text."""
        return f"{self.run}-{self.number}"


class Delivery(Protocol):
    """Where entries end up."""

    batch: int
    """How many are welcome at once."""

    pause_s: float
    """How long to gather more after a delivery of fewer."""

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Take all of ``entries``, or none. May block; is called by one thread.

        The same entries come again when the program was killed before it noted their delivery.
        Raises ``RecordsUnavailableError`` when they should be brought again later,
        ``RecordsRefusedError`` when one of them never can be taken, and ``RecordsGoneError`` when
        nothing more is wanted.
        """
        ...

    def close(self) -> None:
        """Let go of everything. Called by the thread that delivers, when it has ended."""
        ...
