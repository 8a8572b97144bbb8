from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from bench.latency_calibrate import accuracy
from bench.latency_call import FinishedCall
from bench.latency_errors import UsageError
from bench.latency_figures import Figures, spread
from bench.latency_measure import MeasuredCall, MeasuredTurn, Outcome
from bench.latency_output import draw
from bench.latency_report import (
    show_accuracy,
    show_figures,
    show_speculation,
    show_timeline,
    show_turns,
    show_usage,
)
from bench.plots import save_distribution, save_shares, save_waterfall
from bench.waveform import Segment
from tests.bench.latency_calls import recording, says, spoken, track

if TYPE_CHECKING:
    from pathlib import Path

TURNS = [{"pause": 100.0, "transcript": 200.0, "first_packet": 230.0}] * 3
FIGURES = Figures(
    [
        MeasuredCall(
            45.0,
            (
                MeasuredTurn("When are you open?", Segment(1, 2), Outcome.ANSWERED, 321.0),
                MeasuredTurn("Stop [now]", Segment(5, 6), Outcome.NOT_YIELDED),
            ),
        )
    ],
    ["bot: 486 Busy Here"],
)


@pytest.fixture
def console() -> Console:
    return Console(file=StringIO(), width=120, color_system=None)


def printed(console: Console) -> str:
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_every_turn_is_shown_with_its_outcome(console: Console):
    show_turns(console, FIGURES)

    assert "When are you open?" in printed(console)
    assert "321" in printed(console)
    assert "Stop [now]" in printed(console), "what callers say is no markup"
    assert "not yielded" in printed(console)


def test_the_figures_name_failed_calls_and_what_was_not_measured(console: Console):
    show_figures(console, FIGURES)

    assert "2 turns in 1 calls: 1 answered, 1 not yielded" in printed(console)
    assert "486 Busy Here" in printed(console)
    (stops,) = [line for line in printed(console).splitlines() if "interruption" in line]
    assert "-" in stops


def test_the_engines_time_stands_beside_the_phones(console: Console):
    show_timeline(console, TURNS, spread([250.0, 260.0, 270.0]))

    assert "heard at the phone" in printed(console)
    assert "the phone, p50: 30 ms" in printed(console)


def test_a_log_without_turns_is_said_to_be_one(console: Console):
    show_timeline(console, [], None)

    assert "no timeline" in printed(console)


def test_the_processes_are_shown_by_their_share_of_a_core(console: Console):
    show_usage(console, {"main": {"cpu_s": 5.0, "rss_mb": 110.0}}, 100.0)

    assert "5% of a core" in printed(console)


def test_an_echo_tells_how_exact_the_measurement_is(console: Console):
    question = says(1.0)
    tape = recording(track(6, (1.0, question.samples)), track(6, (1.04, question.samples)))
    call = FinishedCall("echo", tape, 0.0, (spoken(question, 1.0),))

    found = accuracy([call])
    show_accuracy(console, found)

    assert found.loop is not None
    assert found.onset_error is not None
    assert found.end_error is not None
    assert found.loop.at(50) == pytest.approx(40, abs=0.1)
    assert found.onset_error.at(50) == pytest.approx(0, abs=2)
    assert found.end_error.at(50) == pytest.approx(0, abs=2)
    assert "loop: said to heard again" in printed(console)


def test_silence_is_no_echo():
    question = says(1.0)
    tape = recording(track(6, (1.0, question.samples)), track(6))

    assert accuracy([FinishedCall("echo", tape, 0.0, (spoken(question, 1.0),))]).loop is None


def test_pictures_are_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")

    save_distribution(tmp_path / "waits.png", [300.0, 320.0, 500.0], "waits")
    save_waterfall(tmp_path / "steps.png", TURNS, 250.0, "steps")

    for name in ("waits.png", "steps.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


def test_when_the_bot_stopped_is_drawn_where_callers_interrupt(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    answered = MeasuredTurn("When?", Segment(1, 2), Outcome.ANSWERED, 321.0)
    stopped = MeasuredTurn("Stop.", Segment(5, 6), Outcome.ANSWERED, 300.0, 80.0)

    draw(tmp_path / "waits.png", Figures([MeasuredCall(45.0, (answered,))], []), ())
    assert [path.name for path in tmp_path.iterdir()] == ["waits.png"]

    draw(tmp_path / "waits.png", Figures([MeasuredCall(45.0, (answered, stopped))], []), TURNS)
    assert {path.name for path in tmp_path.iterdir()} == {
        "waits.png",
        "waits-stops.png",
        "waits-timeline.png",
    }


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")

    with pytest.raises(UsageError, match="nowhere"):
        save_distribution(tmp_path / "nowhere" / "waits.png", [300.0], "waits")


def test_what_was_prepared_in_vain_is_told():
    out = StringIO()
    counts = {
        "transcripts": 9,
        "drafts": 8,
        "used": 5,
        "dropped": {"resumed": 3},
        "held_back": {},
        "wasted_ms": {"stt": 240, "llm": 0},
    }

    show_speculation(Console(file=out, width=300), counts)
    show_speculation(Console(file=out, width=300), {})

    told = out.getvalue().strip()
    assert "9 transcripts, 8 answers, of which 5 were used" in told
    assert "Dropped: resumed 3. Held back: none. Taken in vain, in ms: stt 240, llm 0." in told
    assert told.count("\n") == 0


def test_the_engines_shares_are_drawn(tmp_path: Path):
    picture = tmp_path / "shares.png"

    save_shares(picture, {1: [1.0, 2.0, 3.0], 100: [2.0, 4.0]})

    assert picture.read_bytes().startswith(b"\x89PNG")
