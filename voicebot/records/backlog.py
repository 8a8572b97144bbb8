"""What one destination has not taken yet: on disk, and in memory while there is no disk."""

from __future__ import annotations

import contextlib
import threading
import time
from typing import TYPE_CHECKING

import structlog

from voicebot.errors import RecordsUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicebot.records.entry import Entry
    from voicebot.records.spool import Spool

_log = structlog.get_logger(__name__)


class Backlog:
    """Entries in order. Safe for threads: one adds, another takes.

    What the disk does not take stays in memory, ``limit`` entries at most, and goes to disk when it
    can, which is tried every ``retry_s``; beyond the limit the newest are lost, and counted in
    ``lost``.
    """

    def __init__(
        self,
        name: str,
        spool: Spool | None,
        *,
        limit: int,
        retry_s: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.lost = 0
        self.closed = False
        self._name = name
        self._spool = spool
        self._limit = limit
        self._retry_s = retry_s
        self._clock = clock
        self._lock = threading.Lock()
        # Newer than anything in the spool.
        self._held: list[Entry] = []
        # In the spool still, since it could not be written when they were delivered.
        self._delivered: set[tuple[str, int]] = set()
        self._worked = False
        self._retry_at: float | None = None

    def __len__(self) -> int:
        with self._lock:
            spooled = 0
            if self._spool is not None:
                with contextlib.suppress(RecordsUnavailableError):
                    spooled = len(self._spool)
            return max(0, spooled - len(self._delivered)) + len(self._held)

    @property
    def held(self) -> int:
        """How many entries are in memory only."""
        with self._lock:
            return len(self._held)

    def add(self, entries: Sequence[Entry]) -> None:
        """Keep ``entries`` behind all others. Never raises."""
        with self._lock:
            self._held.extend(entries)
            self._store()
            if (over := len(self._held) - self._limit) > 0:
                del self._held[-over:]
                if not self.lost:
                    _log.error("events are lost: memory is full, too", destination=self._name)
                self.lost += over

    def head(self, limit: int) -> list[Entry]:
        """Return the ``limit`` oldest entries; none while those on disk cannot be read."""
        with self._lock:
            self._store()
            if self._spool is None:
                return self._held[:limit]
            try:
                spooled = self._spool.head(limit + len(self._delivered))
            except RecordsUnavailableError as error:
                self._tell(error)
                # What a disk that never worked may have is of a former run: nobody waits for it.
                return [] if self._worked else self._held[:limit]
            waiting = [entry for entry in spooled if entry.key not in self._delivered]
            return (waiting or self._held)[:limit]

    def remove(self, entries: Sequence[Entry]) -> None:
        """Forget ``entries``, which are delivered."""
        keys = {entry.key for entry in entries}
        with self._lock:
            if self._spool is not None:
                self._delivered |= keys - {entry.key for entry in self._held}
            self._held = [entry for entry in self._held if entry.key not in keys]
            self._store()

    def set_aside(self, entry: Entry, reason: str) -> None:
        """Take ``entry`` out of the way of those behind it: nobody will ever take it."""
        where = "nowhere"
        with self._lock:
            if self._spool is not None:
                try:
                    where = str(self._spool.set_aside(entry, reason))
                except RecordsUnavailableError as error:
                    _log.error("cannot be set aside", destination=self._name, reason=str(error))
        _log.error("event refused", destination=self._name, reason=reason, set_aside=where)
        self.remove([entry])

    def close(self) -> None:
        """Touch the spool no more: what is delivered from now on will be delivered again."""
        with self._lock:
            self._retry_at = None
            self._store()
            self.closed = True
            self._spool = None

    def _store(self) -> None:
        """Bring the disk up to date, as far as it lets us."""
        if self._spool is None or not (self._held or self._delivered):
            return
        if self._retry_at is not None and self._clock() < self._retry_at:
            return
        try:
            if self._delivered:
                self._spool.remove(self._delivered)
                self._delivered.clear()
            if self._held:
                self._spool.append(self._held)
                self._held.clear()
        except RecordsUnavailableError as error:
            self._tell(error)
            return
        self._worked = True
        if self._retry_at is not None:
            self._retry_at = None
            _log.info("the spool can be written again", destination=self._name)

    def _tell(self, error: RecordsUnavailableError) -> None:
        if self._retry_at is None:
            _log.error(
                "events wait in memory: they are lost if voicebot ends",
                destination=self._name,
                reason=str(error),
            )
        self._retry_at = self._clock() + self._retry_s
