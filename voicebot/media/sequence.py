"""Where a packet belongs in the order of its stream (RFC 3550 appendix A.1)."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final

MAX_DROPOUT: Final = 3000
"""So far ahead a packet is still of the same run; further away its source has started anew."""

MAX_MISORDER: Final = 100
"""So far behind a packet is late; further away its source has started anew."""

_WINDOW: Final = (1 << MAX_MISORDER) - 1


class Place(Enum):
    """What a packet is to the run of packets before it."""

    NEXT = auto()
    AHEAD = auto()
    BEHIND = auto()
    DUPLICATE = auto()
    STRANGE = auto()


class SequenceTracker:
    """Follows one source. Numbers are the 16 bits of the wire; they wrap.

    A packet that does not fit, by its source or its number, is ``STRANGE``. Two of those in a row
    that follow each other prove a new run: ``proves`` says so of the second.
    """

    def __init__(self) -> None:
        self._ssrc: int | None = None
        self._expected = 0
        self._seen = 0
        self._candidate: tuple[int, int] | None = None

    def judge(self, ssrc: int, sequence: int) -> Place:
        """Return what the packet is. The very first one starts the first run."""
        if ssrc != self._ssrc:
            if self._ssrc is not None:
                return Place.STRANGE
            self.start(ssrc, sequence)
        ahead = (sequence - self._expected) & 0xFFFF
        if ahead == 0:
            return Place.NEXT
        if ahead <= MAX_DROPOUT:
            return Place.AHEAD
        behind = 0x10000 - ahead
        if behind > MAX_MISORDER:
            return Place.STRANGE
        return Place.DUPLICATE if self._seen >> (behind - 1) & 1 else Place.BEHIND

    @property
    def ssrc(self) -> int | None:
        """The source followed, ``None`` before there is one."""
        return self._ssrc

    @property
    def expected(self) -> int:
        """The number of the packet that is next."""
        return self._expected

    def distance(self, sequence: int) -> int:
        """Return how many packets are missing before the one numbered ``sequence``."""
        return (sequence - self._expected) & 0xFFFF

    def advance(self, sequence: int) -> None:
        """Everything up to ``sequence`` is dealt with, and this one was there."""
        steps = self.distance(sequence) + 1
        self._seen = (self._seen << steps | 1) & _WINDOW if steps <= MAX_MISORDER else 1
        self._expected = (sequence + 1) & 0xFFFF
        self._candidate = None

    def advance_by(self, count: int) -> None:
        """Take note that the next ``count`` packets were there, one after the other."""
        kept = min(count, MAX_MISORDER)
        self._seen = (self._seen << kept | (1 << kept) - 1) & _WINDOW
        self._expected = (self._expected + count) & 0xFFFF
        self._candidate = None

    def note(self, sequence: int) -> None:
        """Remember a packet that is behind, so that its copy is known for a duplicate."""
        self._seen |= 1 << (0xFFFF - self.distance(sequence))

    def proves(self, ssrc: int, sequence: int) -> bool:
        """Return whether a strange packet follows the strange one before it."""
        proven = self._candidate == (ssrc, sequence)
        self._candidate = (ssrc, (sequence + 1) & 0xFFFF)
        return proven

    def start(self, ssrc: int, sequence: int) -> None:
        """Begin a new run with the packet numbered ``sequence``."""
        self._ssrc = ssrc
        self._expected = sequence
        self._seen = 0
        self._candidate = None
