"""What people see of the calls that are transcribed."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
from dataclasses import replace

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from voicebot.apps.transcriber.consent import Discretion
from voicebot.apps.transcriber.view import Lines, LiveView, open_view
from voicebot.records.events import (
    CallEnded,
    CallStarted,
    Final,
    Partial,
    PartyJoined,
    PartyLeft,
)

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
STARTED = CallStarted("1.1", NOON, "internal")
ANNA = PartyJoined("1.1", "a", "201", "Anna [x]", 0)
BORIS = PartyJoined("1.1", "b", "", "", 16_000)
GUESS = Partial("1.1", "a", 1, 16_000, 32_000, "hello Bo")
SAID = Final("1.1", "a", 1, 16_000, 48_000, "Hello Boris.", "en", 0.9, (), 0.3)
LEFT = PartyLeft("1.1", "b", 160_000)
ENDED = CallEnded("1.1", NOON + dt.timedelta(seconds=10), 160_000, "hung up")


def clock(seconds: int) -> str:
    return f"{(NOON + dt.timedelta(seconds=seconds)).astimezone():%H:%M:%S}"


def lines(*events) -> list[str]:
    out = io.StringIO()
    view = Lines(Console(file=out, width=20))
    for event in events:
        view.put(event)
    return out.getvalue().splitlines()


def live(*events) -> str:
    """Return what a terminal shows at the end, with all that scrolled by."""
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True, color_system=None)
    with LiveView(console) as view:
        for event in events:
            view.put(event)
        out.truncate(0)
        out.seek(0)
        view.put(PartyJoined("9.9", "z", "", "", 0))
        return out.getvalue()


def test_each_line_says_when_and_who():
    assert lines(STARTED, ANNA, BORIS, GUESS, SAID, LEFT, ENDED) == [
        f"{clock(0)} call 1.1 (internal)",
        f"{clock(0)} 201 Anna [x] joins",
        f"{clock(1)} b joins",
        f"{clock(1)} 201 Anna [x]: Hello Boris.",
        f"{clock(10)} b leaves",
        f"{clock(10)} call 1.1 is over: hung up",
    ]


def test_what_could_not_be_understood_is_told():
    nothing = Final("1.1", "a", 1, 0, 16_000, "", "", None, (), 0.3)

    assert lines(STARTED, ANNA, nothing)[-1].endswith("201 Anna [x]: (not understood)")


def test_a_party_that_nobody_introduced_has_its_id():
    assert lines(SAID) == ["--:--:-- a: Hello Boris."]


def test_in_a_terminal_what_is_being_said_stands_below():
    shown = live(STARTED, ANNA, GUESS)

    assert "201 Anna [x]: hello Bo …" in shown
    assert "listening to 1 call" in shown


@pytest.mark.parametrize("over", [SAID, PartyLeft("1.1", "a", 0), ENDED])
def test_it_goes_when_it_is_final_or_over(over):
    assert "hello Bo" not in live(STARTED, ANNA, GUESS, over)


def test_what_is_said_after_a_final_stays():
    later = Partial("1.1", "a", 2, 64_000, 80_000, "how are")

    assert "how are …" in live(STARTED, ANNA, later, SAID)


def test_for_scripts_each_event_is_one_line_of_json(capfd):
    with open_view(as_json=True) as view:
        for event in (STARTED, GUESS, SAID):
            view.put(event)

    told = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [line["event"] for line in told] == ["call_started", "partial", "final"]
    assert told[2]["text"] == "Hello Boris."


def test_where_there_is_no_terminal_lines_are_printed(capsys):
    with open_view(as_json=False) as view:
        view.put(STARTED)

    assert capsys.readouterr().out == f"{clock(0)} call 1.1 (internal)\n"


class Pipe(io.TextIOWrapper):
    """A standard output that somebody reads, or no longer."""

    def __init__(self, encoding: str = "utf-8") -> None:
        self.reader, writer = os.pipe()
        super().__init__(os.fdopen(writer, "wb", buffering=0), encoding, write_through=True)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_reader_that_goes_away_ends_what_is_shown_and_nothing_else(monkeypatch, as_json):
    pipe = Pipe()
    monkeypatch.setattr("sys.stdout", pipe)
    with capture_logs() as log, open_view(as_json=as_json) as view:
        os.close(pipe.reader)
        for event in (STARTED, ANNA, SAID):
            view.put(event)

    told = log[0]
    assert told["event"] == "nothing more is delivered until voicebot is started again"
    assert told["reason"] == "standard output: nobody reads it any more"
    pipe.close()


def test_a_reader_that_does_not_read_holds_nobody_up(monkeypatch):
    pipe = Pipe()
    monkeypatch.setattr("sys.stdout", pipe)
    with open_view(as_json=False) as view:
        for _ in range(5_000):
            view.put(STARTED)
        os.close(pipe.reader)
    pipe.close()


def test_signs_that_the_reader_has_not_cost_nothing_else(monkeypatch):
    pipe = Pipe("ascii")
    monkeypatch.setattr("sys.stdout", pipe)
    with open_view(as_json=False) as view:
        for event in (STARTED, ANNA, replace(SAID, text="Привет, Boris.")):
            view.put(event)
    pipe.close()

    with os.fdopen(pipe.reader) as reader:
        assert reader.read().splitlines()[-1].endswith("??????, Boris.")


def test_of_a_call_that_somebody_opted_out_of_no_text_gets_through():
    out: list[object] = []
    sink = Discretion(type("Notes", (), {"put": lambda _, event: out.append(event)})())

    sink.put(STARTED)
    sink.keep("1.1")
    sink.put(GUESS)
    sink.put(SAID)
    sink.put(LEFT)
    sink.put(ENDED)
    sink.put(STARTED)
    sink.put(SAID)

    assert out == [STARTED, LEFT, ENDED, STARTED, SAID]
