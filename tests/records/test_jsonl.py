"""Events as lines in a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.records.telling import NOON, a_call, entries, final
from voicebot.errors import RecordsGoneError, RecordsUnavailableError
from voicebot.records.encoding import NAMES, from_json, to_json
from voicebot.records.events import CallStarted, Partial, PartyJoined, ToolCalled, TurnTaken
from voicebot.records.jsonl import JsonLines

ONE_OF_EACH = [
    *a_call(),
    Partial("1.1", "anna", 1, 0, 1, "Hel"),
    TurnTaken("2.1", "bot", 1, 9, "Hello.", steps={"pause": 104.5}),
    ToolCalled("2.1", 9, "transfer", "sales", "busy"),
]


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("event", ONE_OF_EACH, ids=lambda event: type(event).__name__)
def test_every_event_can_be_written_and_read_back(event):
    assert from_json(to_json(event)) == event


def test_every_kind_of_event_has_a_name():
    assert {type(event) for event in ONE_OF_EACH} == set(NAMES)


def test_the_names_are_those_that_others_rely_on():
    assert json.loads(to_json(final("Hello Boris."))) == {
        "event": "final",
        "call": "1.1",
        "party": "anna",
        "utterance": 1,
        "start": 16000,
        "end": 32000,
        "text": "Hello Boris.",
        "language": "en",
        "confidence": 0.9,
        "words": [
            {"text": "Hello", "start": 16000, "end": 24000, "confidence": 0.9},
            {"text": "Boris.", "start": 24000, "end": 32000, "confidence": 0.9},
        ],
        "lag_s": 0.4,
    }
    assert json.loads(to_json(CallStarted("1.1", NOON, "internal"))) == {
        "event": "call_started",
        "call": "1.1",
        "at": "2026-03-01T12:00:00Z",
        "direction": "internal",
        "app": "transcriber",
    }


def test_a_text_that_utf_8_does_not_have_is_written_all_the_same():
    line = to_json(PartyJoined("1.1", "anna", "201", "Anna \ud800", 0))

    assert json.loads(line)["name"] == "Anna \ud800"


def test_each_event_is_one_line_behind_those_that_are_there(tmp_path):
    path = tmp_path / "new" / "calls.jsonl"
    for count in range(2):
        file = JsonLines(path)
        file.deliver(entries(a_call(f"1.{count}")))
        file.close()

    assert [line["call"] for line in lines(path)] == ["1.0"] * 7 + ["1.1"] * 7


def test_the_file_is_made_anew_after_a_rotation(tmp_path):
    path = tmp_path / "calls.jsonl"
    file = JsonLines(path)
    file.deliver(entries([final("before")]))
    path.rename(tmp_path / "calls.jsonl.1")
    file.deliver(entries([final("after")]))
    file.close()

    assert [line["text"] for line in lines(tmp_path / "calls.jsonl.1")] == ["before"]
    assert [line["text"] for line in lines(path)] == ["after"]


def test_a_line_that_was_cut_off_by_a_kill_spoils_no_other(tmp_path):
    path = tmp_path / "calls.jsonl"
    path.write_text('{"event": "fin')
    file = JsonLines(path)
    file.deliver(entries([final("after")]))
    file.close()

    assert json.loads(path.read_text().splitlines()[-1])["text"] == "after"


def test_a_full_disk_is_named_with_the_way_out():
    file = JsonLines(Path("/dev/full"))

    with pytest.raises(RecordsUnavailableError, match=r"/dev/full.*make room"):
        file.deliver(entries([final("x")]))

    file.close()


def test_the_rest_of_a_line_follows_when_there_is_room_again(tmp_path, monkeypatch):
    path = tmp_path / "calls.jsonl"
    file = JsonLines(path)
    write, room = os.write, [10]

    def little_room(descriptor: int, data: bytes) -> int:
        if not room:
            return write(descriptor, data)
        if room[0] == 0:
            room.clear()
            raise OSError(28, "No space left on device")
        written = write(descriptor, data[: room[0]])
        room[0] = 0
        return written

    monkeypatch.setattr(os, "write", little_room)
    with pytest.raises(RecordsUnavailableError):
        file.deliver(entries([final("x")]))
    file.deliver(entries([final("x")]))
    file.close()

    assert [line["text"] for line in lines(path)] == ["x"]


PRINT = """
from pathlib import Path
from tests.records.telling import a_call, entries
from voicebot.records.jsonl import JsonLines

JsonLines(Path("-")).deliver(entries(a_call()))
"""


def test_a_dash_is_the_standard_output():
    done = subprocess.run([sys.executable, "-c", PRINT], capture_output=True, check=True)

    assert len([json.loads(line) for line in done.stdout.splitlines()]) == len(a_call())


def test_a_reader_that_is_gone_ends_it(monkeypatch):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)

        with pytest.raises(RecordsGoneError, match="standard output"):
            JsonLines(Path("-")).deliver(entries([final("x")]))
