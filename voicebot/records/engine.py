"""How SQLite and PostgreSQL are opened, and what their errors mean."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from sqlalchemy import create_engine, event, exc
from sqlalchemy.engine import make_url

from voicebot.errors import (
    ConfigError,
    RecordsForeignError,
    RecordsRefusedError,
    RecordsUnavailableError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL, Connection, Engine

_log = structlog.get_logger(__name__)

APPLICATION_ID: Final = 0x56424F54
"""``VBOT``: what SQLite's header says of a file of ours (offset 68)."""

BUSY_S = 5.0
"""How long SQLite waits for another program that writes."""

READS: Final = "voicebot_reads"
"""Execution option of a connection that only reads: it waits for nobody."""

_HEADER = b"SQLite format 3\0"


def open_engine(url: str) -> Engine:
    """Return the engine of ``url`` (``sqlite:///FILE`` or ``postgresql://…``), not yet connected.

    Raises ``ConfigError`` for a URL that cannot be used.
    """
    parsed = parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        return create_engine(
            parsed,
            pool_pre_ping=True,
            # A statement that hangs must not hang for ever: the network is not ours.
            connect_args={
                "connect_timeout": 5,
                "options": "-c statement_timeout=30s",
                "tcp_user_timeout": 30_000,
                "keepalives_idle": 30,
            },
        )
    except ImportError as error:
        message = "records.url: PostgreSQL needs pip install 'voicebot[postgres]'"
        raise ConfigError(message) from error


def parse_url(url: str) -> URL:
    """Return ``url`` with its driver, and the home folder in the place of ``~``."""
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise ConfigError("records.url: not the URL of a database") from error
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database:
            raise ConfigError("records.url: names no file (sqlite:///FILE)")
        return parsed.set(drivername="sqlite", database=str(Path(parsed.database).expanduser()))
    return parsed.set(drivername="postgresql+psycopg")


def path_of(engine: Engine) -> Path | None:
    """Return the file, or ``None`` for a server."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def place_of(engine: Engine) -> str:
    """Return the file or the URL without its password, for messages."""
    return str(path_of(engine) or engine.url.render_as_string(hide_password=True))


def claim_file(path: Path) -> None:
    """Make sure that ``path`` is ours, and private: made if missing, else looked at by its header.

    Raises ``RecordsForeignError`` before anything is touched, ``RecordsUnavailableError``.
    """
    try:
        header = _read_header(path)
        if not header:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            # Before WAL, so that it stands in the file itself from the first moment on.
            with contextlib.closing(sqlite3.connect(path, timeout=BUSY_S)) as connection:
                connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            return
    except (OSError, sqlite3.OperationalError) as error:
        raise _unavailable(str(path), error) from error
    if header[:16] != _HEADER or int.from_bytes(header[68:72], "big") != APPLICATION_ID:
        message = f"{path}: not a database of voicebot's; set records.url to another file"
        raise RecordsForeignError(message)


def _read_header(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(100)
    except FileNotFoundError:
        return b""


@contextlib.contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Raise what the database says as an error of the house."""
    place = place_of(engine)
    try:
        yield
    except (exc.IntegrityError, exc.DataError) as error:
        # The lines after the first show the row, with what was said.
        first = str(error.orig).partition("\n")[0]
        raise RecordsRefusedError(f"{place}: {first}") from error
    except exc.OperationalError as error:
        raise _unavailable(place, error.orig or error) from error
    except (exc.InterfaceError, exc.TimeoutError, sqlite3.OperationalError, OSError) as error:
        raise _unavailable(place, error) from error
    except (exc.DBAPIError, sqlite3.Error) as error:
        reason = getattr(error, "orig", None) or error
        message = f"{place}: damaged, or changed by somebody ({reason}); restore it from a copy"
        raise RecordsUnavailableError(message) from error


def overwrite_deleted(engine: Engine) -> None:
    """Leave nothing of what was deleted in SQLite's files: its log would keep it for weeks.

    While others read or write the file, their next such call does it. PostgreSQL's VACUUM is its
    own affair.
    """
    if path_of(engine) is None:
        return
    try:
        # Outside of a transaction, which SQLAlchemy would begin.
        with contextlib.closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (exc.DBAPIError, sqlite3.Error) as error:
        _log.info("what was deleted is overwritten later", reason=str(error))


def _unavailable(place: str, error: BaseException) -> RecordsUnavailableError:
    reason = str(error).strip()
    if "locked" in reason:
        way_out = "another program holds it: end that program"
    elif "full" in reason or "No space" in reason:
        way_out = "make room on the disk"
    elif any(sign in reason for sign in ("readonly", "unable to open", "ermission", "Errno 2]")):
        way_out = "let voicebot write there, or set records.url"
    else:
        way_out = "see that it runs, and that records.url is right"
    return RecordsUnavailableError(f"{place}: {reason}; {way_out}")


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
    # SQLAlchemy begins transactions itself, see below.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        # What is deleted is overwritten.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that begins by reading and then writes could not wait for another one's end.
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
