"""What waits to be transcribed, by call and party: fair, and finals before everything else."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

Key: TypeAlias = "Hashable"
"""Whose turn it is: one ear."""


class Waiting(Protocol):
    """What can wait."""

    @property
    def key(self) -> Key:
        """Whose it is."""
        ...


J = TypeVar("J", bound=Waiting)


class Backlog(Generic[J]):
    """Finals wait in a queue of each party's own, looks in a single place that the newest takes.

    Parties take turns, whoever speaks most. Nobody's look is taken while any final waits: when the
    models are slower than the talk, looks go first, and finals stay.
    """

    def __init__(self) -> None:
        self._finals: OrderedDict[Key, deque[J]] = OrderedDict()
        self._looks: OrderedDict[Key, J] = OrderedDict()
        self.dropped = 0

    def __len__(self) -> int:
        """How many finals wait."""
        return sum(map(len, self._finals.values()))

    def __iter__(self) -> Iterator[J]:
        """Go through the finals that wait, those first whose party's turn comes first."""
        for queue in self._finals.values():
            yield from queue

    def heads(self) -> Iterator[J]:
        """Go through the oldest final of each party."""
        for queue in self._finals.values():
            yield queue[0]

    def put(self, job: J) -> None:
        """Add a final, behind those of its party."""
        self._finals.setdefault(job.key, deque()).append(job)

    def give_back(self, job: J) -> None:
        """Put a final back to where it was taken from: its party's turn is still to come."""
        self._finals.setdefault(job.key, deque()).appendleft(job)
        self._finals.move_to_end(job.key, last=False)

    def look(self, job: J) -> bool:
        """Add a look; return whether one of the same party's that still waited is dropped."""
        dropped = self.forget_look(job.key)
        self._looks[job.key] = job
        return dropped

    def forget_look(self, key: Key) -> bool:
        """Drop the look of a party whose final makes it useless; return whether there was one."""
        dropped = self._looks.pop(key, None) is not None
        self.dropped += dropped
        return dropped

    def clear(self, key: Key) -> Iterable[J]:
        """Take out all finals of a party."""
        return self._finals.pop(key, deque())

    def take(self) -> J | None:
        """Return the next job, ``None`` when nothing waits."""
        if self._finals:
            key, queue = next(iter(self._finals.items()))
            job = queue.popleft()
            del self._finals[key]
            if queue:
                self._finals[key] = queue
            return job
        if self._looks:
            return self._looks.popitem(last=False)[1]
        return None
