from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING

import pytest

from tests.records.receiver import Receiver
from tests.records.telling import a_call, entries
from voicebot.apps.doctor.finding import Verdict
from voicebot.apps.doctor.keeping import check_keeping, check_room
from voicebot.config import RecordsSettings, WebhookSettings
from voicebot.records.database import Database

if TYPE_CHECKING:
    from pathlib import Path

    from voicebot.apps.doctor.finding import Finding

OK, WARNING, FAILED, _ = Verdict


async def found(
    folder: Path, url: str | None = None, webhook: WebhookSettings | None = None
) -> dict[str, Finding]:
    records = RecordsSettings(
        url=f"sqlite:///{folder}/new/records.db" if url is None else url, spool=folder / "spool"
    )
    findings = check_keeping(records, webhook or WebhookSettings())
    return {it.check: it async for it in findings}


async def test_a_database_that_is_not_there_yet_is_well_and_not_made(tmp_path):
    findings = await found(tmp_path)

    checks = ("records", "spool", "disk of the records")
    assert {name: it.verdict for name, it in findings.items()} == dict.fromkeys(checks, OK)
    assert "will be made" in findings["records"].detail
    assert list(tmp_path.iterdir()) == []


async def test_a_database_that_is_used_is_well(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/records.db")
    database.deliver(entries(a_call()))
    database.close()

    finding = (await found(tmp_path, f"sqlite:///{tmp_path}/records.db"))["records"]

    assert finding.verdict is OK
    assert "up to date" in finding.detail


async def test_a_database_of_something_else_keeps_voicebot_from_starting(tmp_path):
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()

    finding = (await found(tmp_path, f"sqlite:///{tmp_path}/other.db"))["records"]

    assert finding.verdict is FAILED
    assert "records.url" in finding.fix


async def test_a_server_that_is_away_harms_no_call(tmp_path):
    finding = (await found(tmp_path, "postgresql://bot@127.0.0.1:1/calls"))["records"]

    assert finding.verdict is WARNING
    assert "127.0.0.1" in finding.detail


async def test_folders_that_cannot_be_written_are_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)

    findings = await found(tmp_path)

    assert {findings[name].verdict for name in ("records", "spool")} == {WARNING}
    assert "records.spool" in findings["spool"].fix


@pytest.mark.parametrize(("free", "verdict"), [(1 << 40, OK), (100 << 20, WARNING)])
def test_the_fullest_disk_counts(tmp_path, free, verdict):
    full = tmp_path / "full"
    full.mkdir()

    finding = check_room(
        [tmp_path / "not" / "made", full / "yet"], lambda it: free if it == full else 1 << 40
    )

    assert finding.verdict is verdict
    assert ("keep_days" in finding.fix) is (verdict is WARNING)
    assert (str(full) in finding.detail) is (verdict is WARNING)


async def test_a_url_that_names_no_file_is_named_once(tmp_path):
    findings = await found(tmp_path, "sqlite:///")

    failed = [name for name, it in findings.items() if it.verdict is FAILED]
    assert failed == ["records"]


async def test_where_nothing_is_kept_nothing_is_looked_at(tmp_path):
    findings = await found(tmp_path, "")

    assert [(it.check, it.verdict) for it in findings.values()] == [("records", OK)]


@pytest.mark.parametrize(("secret", "verdict"), [("s3cret", OK), (None, WARNING)])
async def test_a_receiver_that_answers_is_well_if_events_are_signed(tmp_path, secret, verdict):
    with Receiver() as receiver:
        webhook = WebhookSettings(url=receiver.url, secret=secret)
        finding = (await found(tmp_path, "", webhook))["webhook"]

        assert receiver.requests == [], "no event is sent"
    assert finding.verdict is verdict
    assert receiver.url in finding.detail


async def test_a_receiver_that_is_away_harms_no_call(tmp_path):
    with Receiver() as receiver:
        url = receiver.url

    finding = (await found(tmp_path, "", WebhookSettings(url=url)))["webhook"]

    assert finding.verdict is WARNING


async def test_an_authority_that_cannot_be_read_is_named(tmp_path):
    webhook = WebhookSettings(url="https://127.0.0.1:1/", ca_file=tmp_path / "none.pem")

    finding = (await found(tmp_path, "", webhook))["webhook"]

    assert finding.verdict is FAILED
    assert "webhook.ca_file" in finding.fix
