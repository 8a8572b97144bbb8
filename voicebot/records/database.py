"""The database as a destination of events: opened when it can be, each event kept once."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from voicebot.errors import CallUnknownError, RecordsForeignError, RecordsGoneError
from voicebot.records.engine import (
    READS,
    open_engine,
    overwrite_deleted,
    path_of,
    place_of,
    translated,
)
from voicebot.records.schema import prepare
from voicebot.records.tables import calls, runs
from voicebot.records.writer import forgets, keep, upsert

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from voicebot.records.entry import Entry

_CHUNK = 200
_RUNS_ARE_KEPT = dt.timedelta(days=400)


class Database:
    """Calls in SQLite or PostgreSQL. Raises ``ConfigError`` for a URL that cannot be used."""

    batch = _CHUNK
    # What comes in the meantime is cheaper to write at once; the media loop wants the CPU.
    pause_s = 0.25

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._opening = threading.Lock()
        self._opened = False

    @property
    def place(self) -> str:
        """The file or the URL without its password."""
        return place_of(self._engine)

    @property
    def path(self) -> Path | None:
        """The file; a server has none."""
        return path_of(self._engine)

    @property
    def missing(self) -> bool:
        """Whether there is no file yet; of a server that is not known."""
        return self.path is not None and not self.path.exists()

    def open(self) -> None:
        """Connect, and bring the tables up to date; everything else does so by itself, too.

        Raises ``RecordsForeignError`` before anything is touched, ``RecordsUnavailableError``;
        then it may be called again.
        """
        with self._opening:
            # A file that was deleted is made anew, instead of being written where nobody looks.
            if not self._opened or self.missing:
                self._engine.dispose()
                prepare(self._engine)
                self._opened = True

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Keep ``entries`` in one transaction; those that are kept already change nothing."""
        try:
            self.open()
        except RecordsForeignError as error:
            raise RecordsGoneError(str(error)) from error
        with self.writing() as connection:
            last = dict.fromkeys((entry.run for entry in entries), 0)
            known = select(runs.c.run, runs.c.number).where(runs.c.run.in_(last))
            last.update({row.run: row.number for row in connection.execute(known)})
            for entry in entries:
                if entry.number > last[entry.run]:
                    keep(connection, entry.event)
                    last[entry.run] = entry.number
            now = dt.datetime.now(dt.UTC)
            for run, number in last.items():
                upsert(connection, runs, {"run": run}, {"number": number, "at": now})
        if any(forgets(entry.event) for entry in entries):
            overwrite_deleted(self._engine)

    def prune(self, before: dt.datetime) -> int:
        """Delete the calls that began before ``before``; return how many."""
        count = 0
        while True:
            # In pieces: whoever wants to write meanwhile waits for one piece only.
            with self.writing() as connection:
                old = select(calls.c.id).where(calls.c.started_at < before).limit(_CHUNK)
                done = connection.execute(delete(calls).where(calls.c.id.in_(old))).rowcount
                forgotten = dt.datetime.now(dt.UTC) - _RUNS_ARE_KEPT
                connection.execute(delete(runs).where(runs.c.at < forgotten))
            count += done
            if done < _CHUNK:
                break
        if count:
            overwrite_deleted(self._engine)
        return count

    def delete(self, call: str) -> None:
        """Delete all that is kept of ``call``. Raises ``CallUnknownError``."""
        with self.writing() as connection:
            if not connection.execute(delete(calls).where(calls.c.id == call)).rowcount:
                raise CallUnknownError(f"{call}: no such call is kept in {self.place}")
        overwrite_deleted(self._engine)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection in a transaction. Raises ``RecordsUnavailableError``."""
        self.open()
        with translated(self._engine), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one moment. Raises ``RecordsUnavailableError``."""
        self.open()
        with translated(self._engine), self._engine.connect() as connection:
            yield connection.execution_options(
                **{READS: True},
                **({} if self.path is not None else {"isolation_level": "REPEATABLE READ"}),
            )
