"""Databases that are not ours, not there, locked, full or damaged."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import sqlite3
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.conftest import unavailable
from tests.records.telling import NOON, a_call, entries, final
from voicebot.errors import ConfigError, RecordsForeignError, RecordsUnavailableError
from voicebot.records.database import Database
from voicebot.records.events import CallEnded
from voicebot.records.reading import list_calls, load_call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicebot.records.events import CallEvent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "records.db"


@pytest.fixture
def database(path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_file_can_be_read_by_nobody_else(database, path):
    database.deliver(entries(a_call()))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "forget",
    [
        lambda database: database.delete("1.1"),
        lambda database: database.prune(NOON + dt.timedelta(days=1)),
        lambda database: database.deliver(
            entries([CallEnded("1.1", NOON, 0, "opted out")], first=9)
        ),
    ],
    ids=["deleted", "too old", "opted out"],
)
@pytest.mark.parametrize("kept_by_a_former_run", [False, True])
def test_what_is_deleted_is_in_no_file_any_more(database, path, kept_by_a_former_run, forget):
    database.deliver(entries(a_call()))
    if kept_by_a_former_run:
        # Closed, the text is in the file itself, no longer in its log.
        database.close()
    database.open()
    assert any(b"Hello Boris" in content for content in contents(path.parent).values())

    forget(database)

    assert not any(b"Hello Boris" in content for content in contents(path.parent).values())


def test_who_reads_meanwhile_is_no_reason_not_to_delete(path, monkeypatch):
    monkeypatch.setattr("voicebot.records.engine.BUSY_S", 0.05)
    database = Database(f"sqlite:///{path}")
    database.deliver(entries(a_call()))
    with contextlib.closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM calls").fetchall()

        database.delete("1.1")

    assert list_calls(database, limit=9) == []
    database.close()


def make_text(path: Path) -> None:
    path.write_text("Dear diary, " * 100)


def make_short(path: Path) -> None:
    path.write_bytes(b"SQLite")


def make_other_sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE calls (id TEXT)")
    connection.close()


def make_other_wal(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA application_id=42")
    connection.close()


@pytest.mark.parametrize("make", [make_text, make_short, make_other_sqlite, make_other_wal])
def test_a_file_of_something_else_is_refused_and_not_touched(database, path, make):
    path.parent.mkdir()
    make(path)
    before = contents(path.parent)

    with pytest.raises(RecordsForeignError, match=f"{path.name}.*records.url"):
        database.open()

    assert contents(path.parent) == before


def test_tables_of_something_else_in_postgresql_are_refused(postgres):
    url = postgres.create()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE calls (id TEXT)")
    database = Database(url)

    with pytest.raises(RecordsForeignError, match="calls"):
        database.open()

    database.close()
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert found.fetchall() == [("calls",)]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    database = Database(f"sqlite:///{tmp_path}/file/records.db")

    with pytest.raises(RecordsUnavailableError, match=str(tmp_path)):
        database.open()

    database.close()


def test_a_locked_file_is_waited_for_named_and_used_when_it_is_free(monkeypatch, path):
    monkeypatch.setattr("voicebot.records.engine.BUSY_S", 0.05)
    database = Database(f"sqlite:///{path}")
    database.open()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(RecordsUnavailableError, match=r"records\.db.*locked.*another program"):
        database.deliver(entries(a_call()))
    assert list_calls(database, limit=1) == [], "reading waits for nobody"
    other.execute("ROLLBACK")
    database.deliver(entries(a_call()))

    assert load_call(database, "1.1").reason == "hung up"
    other.close()
    database.close()


def test_a_file_that_was_deleted_is_made_anew(database, path):
    database.deliver(entries(a_call()))
    for file in path.parent.iterdir():
        file.unlink()

    database.deliver(entries(a_call("1.2"), run="second"))

    another = Database(f"sqlite:///{path}")
    assert [it.call for it in list_calls(another, limit=9)] == ["1.2"]
    another.close()


def test_a_damaged_file_makes_events_wait(database, path):
    database.deliver(entries(a_call()))
    database.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))

    with pytest.raises(RecordsUnavailableError, match=r"records\.db.*damaged"):
        database.deliver(entries(a_call("1.2"), run="second"))


FILL = """
import resource, signal, sys
from tests.records.telling import a_call, entries
from voicebot.errors import RecordsUnavailableError
from voicebot.records.database import Database

database = Database(sys.argv[1])
database.open()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, hard))
kept = 0
try:
    while True:
        database.deliver(entries(a_call(f"1.{kept}"), run=str(kept)))
        kept += 1
except RecordsUnavailableError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
database.deliver(entries(a_call("after"), run="after"))
print(kept)
database.close()
"""


def test_a_disk_that_is_full_loses_nothing_that_was_kept(database):
    url = f"sqlite:///{database.place}"

    done = subprocess.run(
        [sys.executable, "-c", FILL, url], capture_output=True, text=True, check=True
    )

    *_, message, kept = done.stdout.splitlines()
    assert database.place in message
    listed = {it.call for it in list_calls(database, limit=10_000)}
    assert listed == {"after"} | {f"1.{count}" for count in range(int(kept))}
    assert int(kept) > 0


def fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


def long_call() -> list[CallEvent]:
    began, anna, *_ = a_call("2.1")
    return [began, anna, *(final("word " * 500, call="2.1", number=i) for i in range(20))]


def test_a_tmpfs_that_is_full_is_named_with_the_way_out(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        unavailable("a small file system cannot be mounted: root is needed")
    try:
        database = Database(f"sqlite:///{folder}/records.db")
        database.deliver(entries(a_call()))
        ballast = folder / "ballast"
        fill(ballast)

        with pytest.raises(RecordsUnavailableError, match="make room"):
            database.deliver(entries(long_call()))
        ballast.unlink()
        database.deliver(entries(a_call("after"), run="after"))

        assert load_call(database, "after").reason == "hung up"
        database.close()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_without_its_driver_postgresql_is_named_with_the_way_out(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(ConfigError, match=r"voicebot\[postgres\]"):
        Database("postgresql://bot@127.0.0.1:1/calls")


def test_a_server_that_is_not_there_is_named_without_its_password():
    database = Database("postgresql://bot:hunter2@127.0.0.1:1/calls")

    with pytest.raises(RecordsUnavailableError, match="127") as caught:
        database.deliver(entries(a_call()))

    assert "hunter2" not in str(caught.value)
    database.close()


def test_a_server_that_goes_and_comes_back_is_used_again(postgres):
    database = Database(postgres.create())
    told = entries(a_call())
    database.deliver(told[:4])
    postgres.stop()

    with pytest.raises(RecordsUnavailableError):
        database.deliver(told[4:])
    postgres.start()
    database.deliver(told[4:])

    assert [it.text for it in load_call(database, "1.1").utterances] == [
        "Hello Boris.",
        "Hello Anna.",
    ]
    database.close()
