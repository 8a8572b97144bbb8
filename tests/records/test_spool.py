"""What waits on disk survives whatever happens."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.records.telling import a_call, entries, final
from voicebot.errors import RecordsUnavailableError
from voicebot.records.entry import Entry
from voicebot.records.spool import Spool


def numbers(spool: Spool, limit: int = 1000) -> list[int]:
    return [entry.number for entry in spool.head(limit)]


def test_entries_come_back_as_they_were_and_in_order(tmp_path):
    told = entries(a_call())
    with Spool(tmp_path, "test") as spool:
        spool.append(told)

    with Spool(tmp_path, "test") as spool:
        assert spool.head(1000) == told
        assert len(spool) == len(told)


def test_what_is_removed_does_not_come_back(tmp_path):
    told = entries(a_call())
    with Spool(tmp_path, "test") as spool:
        spool.append(told)
        spool.remove(entry.key for entry in told[:3])

    with Spool(tmp_path, "test") as spool:
        assert spool.head(1000) == told[3:]


def test_entries_that_come_again_are_there_once(tmp_path):
    told = entries(a_call())
    with Spool(tmp_path, "test") as spool:
        spool.append(told)
        spool.append(told)

        assert len(spool) == len(told)


@settings(deadline=None, max_examples=30)
@given(steps=st.lists(st.one_of(st.integers(1, 4), st.sampled_from(["take", "reopen"]))))
def test_the_order_holds_whatever_is_done(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("spool")
    added, taken = 0, []
    spool = Spool(folder, "test").__enter__()
    for step in steps:
        if step == "take":
            first = spool.head(2)
            spool.remove(entry.key for entry in first)
            taken += [entry.number for entry in first]
        elif step == "reopen":
            spool.__exit__(None, None, None)
            spool = Spool(folder, "test").__enter__()
        else:
            spool.append(entries([final("x")] * step, first=added + 1))
            added += step
    taken += numbers(spool)
    spool.__exit__(None, None, None)

    assert taken == list(range(1, added + 1))


def test_two_programs_have_a_file_each(tmp_path):
    with Spool(tmp_path, "test") as one, Spool(tmp_path, "test") as other:
        one.append(entries([final("one")]))
        other.append(entries([final("other")], run="other"))

        assert one.path != other.path
        assert len(one) == len(other) == 1


def test_what_another_program_left_is_taken_over(tmp_path):
    with Spool(tmp_path, "test") as one, Spool(tmp_path, "test") as other:
        one.append(entries([final("one")]))
        other.append(entries([final("other")], run="other"))

    with Spool(tmp_path, "test") as spool:
        assert [entry.run for entry in spool.head(9)] == ["run", "other"]
    assert len(list(tmp_path.glob("*.db"))) == 1


def test_what_waits_for_another_destination_is_told_and_left_to_it(tmp_path):
    with Spool(tmp_path, "test", "https://one/") as one:
        one.append(entries([final("for one")]))

    with capture_logs() as log, Spool(tmp_path, "test", "https://other/") as other:
        assert other.head(9) == []
    with Spool(tmp_path, "test", "https://one/") as one:
        assert len(one.head(9)) == 1

    (told,) = log
    assert told["event"] == "events wait for another destination"
    assert told["waiting"] == 1


WRITER = """
import sys, itertools
from pathlib import Path
from tests.records.telling import entries, final
from voicebot.records.spool import Spool

with Spool(Path(sys.argv[1]), "test") as spool:
    for number in itertools.count(1):
        spool.append(entries([final("x")], first=number))
        print(number, flush=True)
"""


def test_nothing_that_was_taken_is_lost_by_a_kill(tmp_path):
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [int(writer.stdout.readline()) for _ in range(20)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in writer.stdout]

    with Spool(tmp_path, "test") as spool:
        kept = numbers(spool)

    assert kept == list(range(1, kept[-1] + 1))
    assert kept[-1] >= told[-1]


def test_the_file_can_be_read_by_nobody_else(tmp_path):
    with Spool(tmp_path / "new", "test") as spool:
        spool.open()
        assert stat.S_IMODE(spool.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(spool.folder.stat().st_mode) == 0o700


def test_a_damaged_file_is_kept_aside_and_a_new_one_begun(tmp_path):
    with Spool(tmp_path, "test") as spool:
        spool.path.write_bytes(os.urandom(8192))
        spool.append(entries([final("x")]))

        assert len(spool) == 1
    assert len(list(tmp_path.glob("*broken*"))) == 1


def test_a_folder_that_cannot_be_written_is_named_with_its_key(tmp_path):
    (tmp_path / "file").write_text("")

    with Spool(tmp_path / "file" / "spool", "test") as spool:
        with pytest.raises(RecordsUnavailableError, match=r"records\.spool"):
            spool.open()
        (tmp_path / "file").unlink()
        spool.append(entries([final("x")]))

        assert len(spool) == 1, "it is used as soon as it can be"


def test_an_event_that_this_version_does_not_know_is_set_aside(tmp_path):
    told = entries([final("one"), final("two")])
    with Spool(tmp_path, "test") as spool:
        spool.append(told)
        path = spool.path
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE waiting SET body = ? WHERE number = 1", [b'{"event": "dream"}'])
    connection.close()

    with Spool(tmp_path, "test") as spool:
        assert spool.head(9) == told[1:]
        assert len(spool) == 1
    assert "dream" in (tmp_path / "test-refused.jsonl").read_text()


def test_a_refused_event_can_be_read_by_people(tmp_path):
    entry = Entry("run", 7, final("Hello."))
    with Spool(tmp_path, "test") as spool:
        path = spool.set_aside(entry, "400 Bad Request")

    line = path.read_text()

    assert '"id":"run-7"' in line
    assert "400 Bad Request" in line
    assert "Hello." in line


def test_a_spool_that_is_full_refuses_more_and_takes_more_once_something_has_left(tmp_path):
    told = entries([final("word " * 200, number=number) for number in range(80)])
    with Spool(tmp_path, "test", limit_mb=1) as spool:
        spool.append(told[:50])
        with pytest.raises(RecordsUnavailableError, match=r"full.*records\.spool_mb"):
            spool.append(told[50:])
        assert spool.head(1000) == told[:50]

        spool.remove(entry.key for entry in told[:40])
        spool.append(told[50:80])
        assert spool.head(1000) == told[40:80]
        assert spool.path.stat().st_size <= 1 << 20
