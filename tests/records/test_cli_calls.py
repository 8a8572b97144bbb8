"""``voicebot calls``, as a user runs it."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from typing import TYPE_CHECKING

import pytest
import structlog
from rich.console import Console

from tests.records.telling import NOON, a_call, at, entries
from voicebot import cli
from voicebot.records.database import Database
from voicebot.records.events import CallStarted, PartyJoined, ToolCalled, TurnTaken
from voicebot.records.reading import list_calls, load_call
from voicebot.records.views import show_call, show_list

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database with two calls, and the settings that lead to it."""
    url = f"sqlite:///{tmp_path}/records.db"
    monkeypatch.setenv("VOICEBOT_RECORDS__URL", url)
    database = Database(url)
    database.deliver(entries(a_call("1.1"), run="a"))
    database.deliver(entries(a_talk(), run="b"))
    yield database
    database.close()


def a_talk() -> list[object]:
    begun = NOON + dt.timedelta(days=1)
    return [
        CallStarted("2.1", begun, "incoming", "receptionist"),
        PartyJoined("2.1", "caller", "300", "Carl", 0),
        PartyJoined("2.1", "bot", "100", "Northwind", 0),
        TurnTaken("2.1", "caller", 1, at(4), "Sales [please]."),
        ToolCalled("2.1", at(5), "transfer", "sales", "busy"),
        TurnTaken("2.1", "bot", 1, at(6), "Sales is", interrupted=True, steps={"pause": 104.4}),
    ]


@pytest.fixture
def run(monkeypatch, capsys) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Run ``voicebot`` with arguments; return exit code, output and errors."""
    monkeypatch.setenv("COLUMNS", "1000")

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["voicebot", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    yield run
    # The log of the command went to where this test's output went.
    structlog.reset_defaults()


@pytest.mark.usefixtures("database")
def test_calls_are_listed_a_line_each_for_a_pipe(run):
    code, output, _ = run("calls", "list")

    first, second = (line.split("\t") for line in output.splitlines())
    assert code == 0
    assert first[1:] == ["2.1", "incoming", "300 Carl, 100 Northwind", "under way", "2", ""]
    assert second[1:] == ["1.1", "internal", "201 Anna, 202 Boris", "0:10", "2", "hung up"]
    assert second[0] == f"{NOON.astimezone():%Y-%m-%d %H:%M:%S}"


@pytest.mark.usefixtures("database")
def test_calls_are_listed_as_json_for_scripts(run):
    _, output, _ = run("calls", "list", "--json", "--limit", "1")

    assert json.loads(output) == {
        "call": "2.1",
        "app": "receptionist",
        "direction": "incoming",
        "started_at": "2026-03-02T12:00:00+00:00",
        "ended_at": None,
        "reason": None,
        "parties": [
            {"party": "caller", "number": "300", "name": "Carl"},
            {"party": "bot", "number": "100", "name": "Northwind"},
        ],
        "said": 2,
    }


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--number", "201"], ["1.1"]),
        (["--number", "3*"], ["2.1"]),
        (["--since", "2026-03-02"], ["2.1"]),
        (["--until", "2026-03-01"], ["1.1"]),
        (["--until", "2026-03-01T00:00"], []),
        (["--since", "2026-03-01T00:00", "--until", "2026-03-02"], ["2.1", "1.1"]),
        (["--limit", "1"], ["2.1"]),
    ],
)
def test_the_list_can_be_narrowed(run, options, found):
    _, output, _ = run("calls", "list", "--json", *options)

    assert [json.loads(line)["call"] for line in output.splitlines()] == found


def test_in_a_terminal_the_list_is_a_table(database):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)

    show_list(list_calls(database, limit=9), console)

    shown = console.file.getvalue()
    assert "Started" in shown
    assert "201 Anna, 202 Boris" in shown


@pytest.mark.usefixtures("database")
def test_a_call_is_shown_by_time(run):
    code, output, _ = run("calls", "show", "1.1")

    assert code == 0
    assert [line.strip() for line in output.splitlines()][-2:] == [
        "0:01.0  Anna: Hello Boris.",
        "0:03.0  Boris: Hello Anna.",
    ]
    assert "hung up" in output
    assert "texts after the speech: p50 0.4 s, p95 0.4 s, worst 0.4 s" in output


@pytest.mark.usefixtures("database")
def test_a_talk_is_shown_with_waits_and_tools(run):
    _, output, _ = run("calls", "show", "2.1")

    assert [line.strip() for line in output.splitlines()][-3:] == [
        "0:04.0  Carl: Sales [please].",
        "0:05.0  transfer sales → busy",
        "0:06.0  Northwind: Sales is  (interrupted; ms after the caller: pause 104)",
    ]


def test_what_was_said_is_never_taken_for_markup(database):
    console = Console(file=io.StringIO(), force_terminal=True, width=120)

    show_call(load_call(database, "2.1"), console)

    assert "[please]" in console.file.getvalue()


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(("form", "begins"), [("vtt", "WEBVTT"), ("txt", "1.1, "), ("json", "{")])
def test_a_call_is_exported(run, tmp_path, form, begins):
    target = tmp_path / f"call.{form}"

    _, output, _ = run("calls", "export", "1.1", "--format", form)
    code, _, _ = run("calls", "export", "1.1", "-f", form, "-o", str(target))

    assert code == 0
    assert output.startswith(begins)
    assert target.read_text() == output


def test_a_call_is_deleted(run, database):
    code, _, _ = run("calls", "delete", "1.1")

    assert code == 0
    assert [it.call for it in list_calls(database, limit=9)] == ["2.1"]


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("command", ["show", "export", "delete"])
def test_a_call_that_is_not_there_is_named(run, command):
    code, _, errors = run("calls", command, "9.9")

    assert code == 8
    assert "9.9" in errors


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_none_is_named(run, option):
    code, _, errors = run("calls", "list", option, "yesterday")

    assert code == 2
    assert f"{option} yesterday" in errors


def test_a_file_that_is_not_there_is_named_and_not_made(run, tmp_path, monkeypatch):
    monkeypatch.setenv("VOICEBOT_RECORDS__URL", f"sqlite:///{tmp_path}/none.db")

    code, _, errors = run("calls", "list")

    assert code == 8
    assert "none.db" in errors
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_something_else_is_named(run, tmp_path, monkeypatch):
    (tmp_path / "diary").write_text("Dear diary")
    monkeypatch.setenv("VOICEBOT_RECORDS__URL", f"sqlite:///{tmp_path}/diary")

    code, _, errors = run("calls", "list")

    assert code == 8
    assert "records.url" in errors


def test_where_nothing_is_kept_the_key_is_named(run, monkeypatch):
    monkeypatch.setenv("VOICEBOT_RECORDS__URL", "")

    code, _, errors = run("calls", "list")

    assert code == 2
    assert "records.url" in errors


@pytest.mark.usefixtures("database")
def test_an_output_that_cannot_be_written_is_named(run, tmp_path):
    code, _, errors = run("calls", "export", "1.1", "-o", str(tmp_path / "no" / "file"))

    assert code == 2
    assert "cannot be written" in errors
