"""Everything together, as a command opens it."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import signal
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.records.receiver import Receiver
from tests.records.telling import a_call, entries, final
from voicebot.config import RecordsSettings, WebhookSettings
from voicebot.errors import RecordsForeignError
from voicebot.records.database import Database
from voicebot.records.events import Partial
from voicebot.records.opening import open_sinks
from voicebot.records.reading import list_calls, load_call

if TYPE_CHECKING:
    from pathlib import Path

CARD = "4111 1111 1111 1111"
NOTHING = WebhookSettings()


@pytest.fixture
def records(tmp_path: Path) -> RecordsSettings:
    return RecordsSettings(
        url=f"sqlite:///{tmp_path}/records.db", spool=tmp_path / "spool", keep_days=0
    )


def kept(records: RecordsSettings, call: str = "1.1") -> list[str]:
    database = Database(records.url)
    texts = [it.text for it in load_call(database, call).utterances]
    database.close()
    return texts


async def test_everybody_who_is_set_is_told_everything_without_numbers(records, tmp_path):
    began, anna, *_, ended = a_call()
    jsonl = tmp_path / "calls.jsonl"
    with Receiver() as receiver:
        async with open_sinks(records, WebhookSettings(url=receiver.url), jsonl=jsonl) as sink:
            for event in (began, anna, Partial("1.1", "anna", 1, 0, 1, CARD), final(CARD), ended):
                sink.put(event)

    assert kept(records) == ["[card]"]
    lines = [json.loads(line) for line in jsonl.read_text().splitlines()]
    names = ["call_started", "party_joined", "partial", "final", "call_ended"]
    assert [line["event"] for line in lines] == names
    told = [event["event"] for event in receiver.events]
    assert [name for name in told if name != "partial"] == [n for n in names if n != "partial"]
    everything = jsonl.read_bytes() + b"".join(body for _headers, body in receiver.requests)
    everything += b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"4111" not in everything


async def test_what_waits_has_no_numbers_and_nothing_that_was_said_is_logged(records):
    away = records.model_copy(update={"url": "postgresql://bot@127.0.0.1:1/calls"})
    with Receiver(200, 200, 400, 503) as receiver, capture_logs() as log:
        async with open_sinks(away, WebhookSettings(url=receiver.url)) as sink:
            for event in [*a_call()[:2], final(f"Buttercup {CARD}"), final("Buttercup.", number=2)]:
                sink.put(event)
            await asyncio.to_thread(receiver.asked, 4)

    waiting = b"".join(path.read_bytes() for path in records.spool.iterdir())
    assert b"Buttercup [card]" in waiting
    assert b"4111" not in waiting
    assert {"event refused", "events wait"} <= {line["event"] for line in log}
    assert "4111" not in repr(log)
    assert "Buttercup" not in repr(log)


async def test_numbers_are_kept_where_that_is_wanted(records):
    async with open_sinks(records.model_copy(update={"mask": False}), NOTHING) as sink:
        for event in [*a_call()[:2], final(CARD)]:
            sink.put(event)

    assert kept(records) == [CARD]


async def test_nothing_is_kept_where_nothing_is_set(tmp_path):
    spool = tmp_path / "spool"
    async with open_sinks(RecordsSettings(url="", spool=spool), NOTHING) as sink:
        for event in a_call():
            sink.put(event)

    assert list(tmp_path.iterdir()) == []


async def test_a_foreign_database_is_refused_before_anything_is_touched(records, tmp_path):
    (tmp_path / "records.db").write_text("Dear diary")

    with pytest.raises(RecordsForeignError, match=r"records\.url"):
        async with open_sinks(records, NOTHING):
            pass

    assert [path.name for path in tmp_path.iterdir()] == ["records.db"]
    assert (tmp_path / "records.db").read_text() == "Dear diary"


async def test_a_database_that_is_locked_gets_its_calls_after_the_next_start(
    records, tmp_path, monkeypatch
):
    monkeypatch.setattr("voicebot.records.engine.BUSY_S", 0.05)
    Database(records.url).open()
    other = sqlite3.connect(tmp_path / "records.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with capture_logs() as log:
        async with open_sinks(records, NOTHING) as sink:
            for event in a_call()[:4]:
                sink.put(event)
    other.execute("ROLLBACK")
    other.close()
    assert [line for line in log if line["event"] == "events are not delivered yet"]

    async with open_sinks(records, NOTHING) as sink:
        for event in a_call()[4:]:
            sink.put(event)

    assert kept(records) == ["Hello Boris.", "Hello Anna."]


async def test_a_server_that_is_away_is_no_reason_not_to_start(records):
    away = records.model_copy(update={"url": "postgresql://bot@127.0.0.1:1/calls"})

    with capture_logs() as log:
        async with open_sinks(away, NOTHING) as sink:
            sink.put(final("x"))

    assert log[0]["event"] == "records wait for their database"
    assert "127.0.0.1" in log[0]["reason"]


async def test_old_calls_are_deleted_at_the_start(records):
    now = dt.datetime.now(dt.UTC)
    database = Database(records.url)
    database.deliver(entries(a_call("old", begun=now - dt.timedelta(days=31)), run="a"))
    database.deliver(entries(a_call("new", begun=now - dt.timedelta(days=29)), run="b"))

    async with open_sinks(records.model_copy(update={"keep_days": 30}), NOTHING):
        await asyncio.to_thread(wait_until_one_is_left, database)

    assert [it.call for it in list_calls(database, limit=9)] == ["new"]
    database.close()


def wait_until_one_is_left(database: Database) -> None:
    while len(list_calls(database, limit=9)) > 1:
        pass


# It waits for its answer until it is killed, however long that takes.
KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.records.telling import a_call
from voicebot.config import RecordsSettings, WebhookSettings
from voicebot.records.opening import open_sinks

async def main():
    records = RecordsSettings(url=sys.argv[1], spool=Path(sys.argv[2]))
    async with open_sinks(records, WebhookSettings(url=sys.argv[3], timeout_s=60)) as sink:
        for event in a_call()[:5]:
            sink.put(event)
        print("told", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.timeout(120)
def test_a_program_that_is_killed_in_mid_call_is_carried_on_by_the_next(url, tmp_path):
    records = RecordsSettings(url=url, spool=tmp_path / "spool", keep_days=0)

    async def carry_on(receiver: Receiver) -> None:
        async with open_sinks(records, WebhookSettings(url=receiver.url)) as sink:
            for event in a_call()[5:]:
                sink.put(event)
            await asyncio.to_thread(receiver.has, len(a_call()))

    with Receiver(200, 0) as receiver:
        command = [sys.executable, "-c", KILLED, url, str(records.spool), receiver.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
            assert program.stdout is not None
            assert program.stdout.readline() == b"told\n"
            receiver.asked(2)
            wait_until_kept(url, tmp_path)
            os.kill(program.pid, signal.SIGKILL)
        asyncio.run(carry_on(receiver))

    assert kept(records) == ["Hello Boris.", "Hello Anna."]
    ids = [headers["webhook-id"] for headers, _body in receiver.taken]
    assert len(ids) == len(set(ids)) == len(a_call())


def wait_until_kept(url: str, folder: Path) -> None:
    """Wait until both destinations have what the killed program had told: on disk, or kept."""
    database = Database(url)
    while not list_calls(database, limit=1) or len(load_call(database, "1.1").utterances) < 2:
        pass
    database.close()
    while True:
        (path,) = folder.glob("spool/webhook-*-0.db")
        spool = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        (waiting,) = spool.execute("SELECT count(*) FROM waiting").fetchone()
        spool.close()
        if waiting == 4:
            return
