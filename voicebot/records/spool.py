"""Entries that wait on disk, in order, across kills and restarts.

SQLite keeps them: it survives a kill at any instruction, tells a full disk without losing what was
there, and is in Python already.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import msgspec
import structlog

from voicebot.errors import RecordsError, RecordsUnavailableError
from voicebot.records.encoding import from_json, to_json
from voicebot.records.entry import Entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_log = structlog.get_logger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS waiting (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (run, number)
)
"""
_MOST_FILES = 100


class Spool:
    """What waits for ``destination``, in a file ``NAME-DESTINATION-N.db`` of its own in ``folder``.

    Several programs may share a folder: ``N`` is the first that nobody uses. What a program that
    was killed left in its file is taken over by the next one with the same destination. Where the
    file cannot be opened at first, every use tries again. A file of ``limit_mb`` takes no more, as
    if the disk were full. Not safe for threads.
    """

    def __init__(
        self, folder: Path, name: str, destination: str = "", *, limit_mb: int = 1024
    ) -> None:
        self._limit_mb = limit_mb
        self.folder = folder
        self.name = name
        self._prefix = f"{name}-{hashlib.sha256(destination.encode()).hexdigest()[:8]}"
        self._connection: sqlite3.Connection | None = None
        self._lock: int | None = None
        self._closed = False
        self.path = folder / f"{self._prefix}-0.db"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __len__(self) -> int:
        with _translated(self.path):
            (count,) = self.open().execute("SELECT count(*) FROM waiting").fetchone()
        return int(count)

    def append(self, entries: Iterable[Entry]) -> None:
        """Add ``entries`` at the end; those that are there already are not added again.

        All are on disk when this returns, or none. Raises ``RecordsUnavailableError``.
        """
        rows = [(entry.run, entry.number, to_json(entry.event)) for entry in entries]
        with _translated(self.path), _transaction(self.open(), "FULL") as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO waiting (run, number, body) VALUES (?, ?, ?)", rows
            )

    def head(self, limit: int) -> list[Entry]:
        """Return the first ``limit`` entries, oldest first. Raises ``RecordsUnavailableError``."""
        found: list[Entry] = []
        with _translated(self.path):
            rows = (
                self.open()
                .execute("SELECT run, number, body FROM waiting ORDER BY place LIMIT ?", (limit,))
                .fetchall()
            )
        for run, number, body in rows:
            try:
                found.append(Entry(run, number, from_json(body)))
            except RecordsError as error:
                path = self._set_aside(f"{run}-{number}", repr(body), str(error))
                self.remove([(run, number)])
                _log.error("event of the spool refused", reason=str(error), set_aside=str(path))
        return found

    def remove(self, keys: Iterable[tuple[str, int]]) -> None:
        """Forget the entries of ``keys``. Raises ``RecordsUnavailableError``."""
        # What a power failure brings back is delivered twice, which is better than to wait here.
        with _translated(self.path), _transaction(self.open(), "NORMAL") as connection:
            connection.executemany("DELETE FROM waiting WHERE run = ? AND number = ?", keys)

    def set_aside(self, entry: Entry, reason: str) -> Path:
        """Write ``entry`` to the file of what nobody takes, for people to look at.

        Returns that file. Raises ``RecordsUnavailableError``.
        """
        return self._set_aside(entry.id, msgspec.Raw(to_json(entry.event)), reason)

    def _set_aside(self, name: str, body: msgspec.Raw | str, reason: str) -> Path:
        path = self.folder / f"{self.name}-refused.jsonl"
        note = {"id": name, "refused": reason, "body": body}
        with _translated(path), open(path, "ab", opener=_private) as file:
            file.write(msgspec.json.encode(note) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        return path

    def open(self) -> sqlite3.Connection:
        """Open the file, if it is not open. Raises ``RecordsUnavailableError``."""
        if self._connection is not None:
            return self._connection
        if self._closed:
            raise RecordsUnavailableError(f"{self.path}: closed")
        with _translated(self.path):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._lock is None:
                self.path, self._lock = _claim(self.folder, self._prefix)
            self._connection = _connect(self.path)
            _take_over(self._connection, self.folder, self._prefix)
            _bound(self._connection, self._limit_mb << 20)
            self._tell_of_others()
        return self._connection

    def _tell_of_others(self) -> None:
        """Say what waits for a destination that was set once, and is nobody's now."""
        for path in sorted(self.folder.glob(f"{self.name}-*-*.db")):
            if path.name.startswith(self._prefix) or (lock := _try_lock(path)) is None:
                continue
            with contextlib.closing(_connect(path)) as other:
                (count,) = other.execute("SELECT count(*) FROM waiting").fetchone()
            os.close(lock)
            if count:
                _log.warning("events wait for another destination", file=str(path), waiting=count)


def _claim(folder: Path, prefix: str) -> tuple[Path, int]:
    """Return the first file that nobody uses, and the lock that makes it ours."""
    for count in range(_MOST_FILES):
        path = folder / f"{prefix}-{count}.db"
        if (lock := _try_lock(path)) is not None:
            return path, lock
    raise RecordsUnavailableError(f"{folder}: {_MOST_FILES} spools {prefix} in use")


def _take_over(connection: sqlite3.Connection, folder: Path, prefix: str) -> None:
    """Move into ``connection`` what is in files that nobody attends to any more."""
    for path in sorted(folder.glob(f"{prefix}-*.db")):
        # Our own is locked, too.
        if (lock := _try_lock(path)) is None:
            continue
        with contextlib.closing(_connect(path)) as other, _transaction(connection, "FULL"):
            rows = other.execute("SELECT run, number, body FROM waiting ORDER BY place")
            connection.executemany(
                "INSERT OR IGNORE INTO waiting (run, number, body) VALUES (?, ?, ?)", rows
            )
        path.unlink()
        os.close(lock)


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection, synchronous: str) -> Iterator[sqlite3.Connection]:
    """Commit at the end: on disk with ``FULL``, in the kernel's hands with ``NORMAL``."""
    connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        # SQLite has rolled back already where the disk was full.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _try_lock(path: Path) -> int | None:
    """Claim ``path`` for this process, or return ``None``; the kernel gives it back at its end."""
    descriptor = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _connect(path: Path) -> sqlite3.Connection:
    """Open the file; one that is damaged is put out of the way, not deleted."""
    try:
        return _prepared(path)
    except sqlite3.OperationalError:
        raise
    except sqlite3.DatabaseError as error:
        broken = path.with_suffix(f".broken-{time.time_ns()}")
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{path}{suffix}").rename(f"{broken}{suffix}")
        _log.error("the spool is damaged; beginning a new one", kept=str(broken), reason=str(error))
        return _prepared(path)


def _prepared(path: Path) -> sqlite3.Connection:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection


def _bound(connection: sqlite3.Connection, octets: int) -> None:
    """Let the file grow to ``octets``; one that is larger already grows no further."""
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    connection.execute(f"PRAGMA max_page_count={octets // page}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        message = (
            f"{path}: cannot be written ({error}); make room, or set records.spool or "
            "records.spool_mb"
        )
        raise RecordsUnavailableError(message) from error
