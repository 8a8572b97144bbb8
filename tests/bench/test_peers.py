from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from bench import peers
from bench.load_errors import LoadError
from bench.peers.__main__ import SOCKETS, parse
from bench.peers.engines import ENGINES, Studio
from bench.peers.environments import LIVEKIT, PIPECAT, Environment, PeerMissingError, variables
from bench.peers.outcome import Outcome, Spread, judge
from bench.peers.report import Row, cost_ms, draw, share, show
from bench.peers.scenario import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    FRAME_SECONDS,
    Call,
    Order,
    Recogniser,
    Said,
    Speech,
)
from bench.peers.speech import interruptions, talk
from tests.call.voices import silence, speech
from voicebot.config import TurnSettings

ROOT = Path(__file__).parents[2]

OUTCOME = Outcome(
    calls=10,
    seconds=20.0,
    cpu_s=5.0,
    waited_s=0.2,
    rss_kb=4000.0,
    turns=30,
    unanswered=1,
    wait=Spread(30, 270.0, 280.0, 290.0, 300.0),
    engine=Spread(30, 20.0, 30.0, 40.0, 50.0),
    late=Spread(4500, 0.5, 1.0, 3.0, 9.0),
    stop=Spread(8, 60.0, 66.0, 66.0, 66.0),
)


NO_LOAD = {"cpu_s": 1.0, "waited_s": 0.0, "rss_kb": 0.0}


@pytest.fixture
def order(tmp_path: Path) -> Order:
    """100 frames in a circle: the caller speaks in 10 to 19, and over the bot in 60 to 69."""
    circle = tmp_path / "speech.raw"
    circle.write_bytes(bytes(100 * FRAME_BYTES))
    said = (Said(10, 20), Said(60, 70, over_bot=True))
    return Order(1, 2.0, str(circle), "", said, settings_ms=(200.0,))


def call(order: Order, *, origin: float = 100.0) -> Call:
    made = Call(order, 0)
    made.origin = origin
    return made


def say(made: Call, *, at: float, frames: int, late: dict[int, float] | None = None) -> None:
    """Let the bot say so many frames from ``at``; some of them late."""
    for frame in range(frames):
        place = at + frame * FRAME_SECONDS
        made.hear(FRAME_BYTES, place + (late or {}).get(frame, 0.0), place)


def test_an_order_reaches_the_process_as_it_was_given(order: Order):
    assert Order.parse(order.written()) == order


def test_the_silence_that_ours_waits_is_that_of_its_default_settings():
    ours = next(kind for kind in ENGINES if kind.key == "voicebot")

    assert ours.settings_ms == (TurnSettings().sentence_ms,)
    assert f"{TurnSettings().sentence_ms} ms" in ours.about


def test_an_outcome_comes_back_as_it_was_found():
    assert Outcome.parse(OUTCOME.written()) == OUTCOME


def test_percentiles_of_nothing_are_nothing():
    assert Spread.of([]) == Spread()


def test_percentiles_are_values_that_were_measured():
    spread = Spread.of([float(value) for value in range(101)])

    assert (spread.count, spread.p50, spread.p95, spread.p99, spread.max) == (101, 50, 95, 99, 100)


def test_a_piece_is_as_late_as_it_comes_after_the_end_of_the_one_before():
    speech = Speech([1.0, 1.02, 1.055, 1.06], [7.0, 7.02, 7.04, 7.06], [0.02] * 4)

    assert list(speech.lateness()) == pytest.approx([0.0, 0.0, 0.015, 0.0])


def test_a_grid_with_a_part_left_out_makes_one_piece_late_and_no_other():
    # After a stall of 100 ms the engine goes on where its grid is by then.
    speech = Speech([1.0, 1.14, 1.16], [7.0, 7.14, 7.16], [0.02] * 3)

    assert list(speech.lateness()) == pytest.approx([0.0, 0.12, 0.0])


def test_the_recogniser_knows_the_end_of_each_utterance_once(order: Order):
    recogniser = Recogniser(order, call(order))

    ended = [frame for frame in range(1, 131) if recogniser.ended(FRAME_SAMPLES)]

    assert ended == [20, 70, 120]


def test_the_recogniser_of_a_caller_who_began_elsewhere_knows_it_too(order: Order):
    second = Call(order, 1)
    recogniser = Recogniser(order, second)

    ended = [frame for frame in range(1, 101) if recogniser.ended(FRAME_SAMPLES)]

    assert ended == [70 - second.offset, 120 - second.offset]


def test_a_wait_is_from_the_last_frame_said_to_the_first_heard(order: Order):
    made = call(order)
    say(made, at=100.0 + 19 * FRAME_SECONDS + 0.25, frames=5)

    found = judge([made], order, 99.0, 104.5, **NO_LOAD)

    assert found.wait.p50 == pytest.approx(250.0)
    assert found.engine.p50 == pytest.approx(50.0)
    assert (found.turns, found.unanswered) == (1, 1)


def test_an_engine_with_two_settings_is_taken_to_have_waited_the_longer_that_fits(order: Order):
    made = call(order)
    say(made, at=100.0 + 19 * FRAME_SECONDS + 0.75, frames=5)

    found = judge([made], replace(order, settings_ms=(200.0, 700.0)), 99.0, 104.0, **NO_LOAD)

    assert found.engine.p50 == pytest.approx(50.0)


def test_barge_in_is_what_is_heard_after_the_caller_began_to_speak_over_the_bot(order: Order):
    made = call(order)
    onset = 100.0 + 60 * FRAME_SECONDS
    say(made, at=onset - 0.2, frames=14)  # until 80 ms after the onset

    found = judge([made], order, 99.0, 106.0, **NO_LOAD)

    assert (found.stop.count, found.stop.p50) == (1, pytest.approx(80.0))


def test_who_was_silent_when_the_caller_spoke_was_not_interrupted(order: Order):
    found = judge([call(order)], order, 99.0, 106.0, **NO_LOAD)

    assert found.stop.count == 0


def test_what_was_said_before_the_measurement_does_not_count(order: Order):
    made = call(order)
    say(made, at=100.7, frames=5, late={2: 0.5})

    found = judge([made], order, 101.0, 106.0, **NO_LOAD)

    assert found.late.count == 0


def run(module: str, order: Order) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.peers.{module}", order.written()],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return Outcome.parse(done.stdout.splitlines()[-1])


def test_the_feed_alone_answers_nobody(order: Order):
    found = run("with_nothing", replace(order, calls=3, seconds=0.3, warm_s=0.1))

    assert (found.calls, found.turns, found.late.count) == (3, 0, 0)
    assert found.seconds == pytest.approx(0.3, abs=0.2)


def test_voicebot_answers_what_it_is_fed(tmp_path: Path):
    words, pause = speech(1.0), silence(4.0)
    path, reply = tmp_path / "speech.raw", tmp_path / "reply.raw"
    path.write_bytes(silence(0.5) + words + pause)
    reply.write_bytes(speech(0.5))
    order = Order(1, 5.0, str(path), str(reply), (Said(25, 75),), (250.0,), warm_s=0.0)

    found = run("with_voicebot", order)

    assert (found.turns, found.unanswered) == (1, 0)
    assert found.wait.p50 > 200
    assert found.late.count >= 20


def test_callers_speak_in_whole_frames_and_are_quiet_between():
    found = talk()

    assert len(found.samples) % FRAME_SAMPLES == 0
    assert [said.end for said in found.said] == [150, 550, 950, 1350]
    for said in found.said:
        spoken = found.samples[said.start * FRAME_SAMPLES : said.end * FRAME_SAMPLES]
        after = found.samples[said.end * FRAME_SAMPLES :][: 100 * FRAME_SAMPLES]
        assert np.abs(spoken).max() > 3000
        assert np.abs(after).max() < 200


def test_interruptions_come_while_the_bot_answers():
    found = interruptions()

    assert [said.over_bot for said in found.said] == [False, True] * 4
    for first, second in zip(found.said[::2], found.said[1::2], strict=True):
        assert (second.start - first.end) * FRAME_SECONDS == pytest.approx(1.5)


def test_what_a_core_carries_is_reckoned_from_the_largest_step_that_left_something_of_it():
    row = Row("pipecat", "pipecat")
    row.steps = [OUTCOME, replace(OUTCOME, calls=30, cpu_s=15.0), replace(OUTCOME, calls=90)]
    row.steps[-1] = replace(row.steps[-1], cpu_s=19.9)

    assert row.full
    assert row.within is row.steps[1]
    assert row.calls_per_core == pytest.approx(40.0)


def test_an_engine_that_filled_the_core_at_once_has_no_such_figure():
    row = Row("pipecat", "pipecat", steps=[replace(OUTCOME, cpu_s=20.0)])

    assert row.calls_per_core is None


def test_a_step_in_which_callers_were_not_answered_tells_nothing_of_what_a_core_carries():
    starved = replace(OUTCOME, calls=50, turns=3, unanswered=20)

    assert Row("pipecat", "pipecat", steps=[OUTCOME, starved]).within is OUTCOME


def test_a_row_is_read_back_from_its_json():
    row = Row("pipecat", "pipecat", "1.0", "defaults", [OUTCOME], OUTCOME)

    found = json.loads(json.dumps(row.as_json()))

    assert Row.parse(found) == row
    assert found["steps"][0]["cpu_ms_per_call_s"] == 25.0
    assert found["calls_per_core"] == 40


def test_cost_is_that_of_one_call_in_one_second():
    assert share(OUTCOME) == 0.25
    assert cost_ms(OUTCOME) == 25.0


def test_every_engine_and_how_it_is_configured_is_printed():
    console = Console(file=io.StringIO(), width=200)
    rows = [Row(kind.key, kind.name, "1.0", kind.about, [OUTCOME], OUTCOME) for kind in ENGINES]
    sockets = {
        "calls": 50,
        "cpu_ms_per_call_s": 1.5,
        "lateness_ms": {"p50": 0.5, "p99": 2.5, "max": 9.0},
        "rss_kb_per_call": 180.0,
        "turns": 100,
    }

    show(console, rows, [sockets])

    printed = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(kind.name in printed for kind in ENGINES)
    assert "Smart Turn" in printed
    assert "voicebot, sockets" in printed


def test_a_picture_is_drawn(tmp_path: Path):
    path = tmp_path / "peers.png"

    draw(path, [Row(kind.key, kind.name, "", "", [OUTCOME], OUTCOME) for kind in ENGINES])

    assert path.read_bytes().startswith(b"\x89PNG")


def test_waits_are_of_the_first_step_in_which_callers_were_answered():
    silent = replace(OUTCOME, turns=0, wait=Spread.of([]))
    spoken = replace(OUTCOME, calls=OUTCOME.calls + 1)

    assert Row("voicebot", "voicebot", steps=[silent, spoken, OUTCOME]).answered is spoken
    assert Row("voicebot", "voicebot", steps=[silent]).answered is None


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(LoadError, match="nowhere"):
        draw(tmp_path / "nowhere" / "peers.png", [Row("voicebot", "voicebot", steps=[OUTCOME])])


def test_peers_are_pinned_to_the_versions_that_the_description_names():
    for environment in (PIPECAT, LIVEKIT):
        assert all("==" in requirement for requirement in environment.requirements)
        assert environment.version == environment.requirements[0].partition("==")[2]
        assert environment.version in (peers.__doc__ or "")


def test_a_peer_that_cannot_be_installed_is_told_with_its_reason(tmp_path: Path):
    nowhere = Environment("nowhere", (f"{tmp_path}/nowhere-1.0-py3-none-any.whl",))

    with pytest.raises(PeerMissingError, match=r"nowhere: .*nowhere-1\.0"):
        nowhere.python(tmp_path / "cache")

    assert not any((tmp_path / "cache").iterdir())


def test_an_environment_that_is_there_is_not_made_again(tmp_path: Path):
    python = tmp_path / "peer-1.0" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()

    assert Environment("peer", ("peer==1.0",)).python(tmp_path) == python


def test_an_engines_process_finds_the_bench_and_nothing_of_our_interpreter(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")

    found = variables()

    assert found["PYTHONPATH"] == str(ROOT)
    assert "PYTHONHOME" not in found


def test_what_is_compiled_runs_in_its_own_copy(tmp_path: Path):
    package = tmp_path / "copy" / "bench" / "peers"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "with_voicebot.py").write_text(f"print({OUTCOME.written()!r})")
    compiled = next(kind for kind in ENGINES if kind.compiled)

    found = Studio(tmp_path, None, tmp_path / "copy").run(compiled, 1, 1.0)

    assert found == OUTCOME


def test_without_options_everybody_is_measured():
    options = parse([])

    assert tuple(options.calls) == (1, 5, 10, 20, 50)
    assert options.only == ["feed", *(kind.key for kind in ENGINES), SOCKETS]
