from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from bench.latency_errors import UsageError
from bench.latency_timeline import (
    Account,
    LogMark,
    additions,
    as_json,
    read_speculation,
    read_turns,
    summarise,
)

if TYPE_CHECKING:
    from pathlib import Path

# The reply was ready before the turn was over: speculation.
READY = {
    "pause": 105.0,
    "transcript": 190.0,
    "first_token": 192.0,
    "first_audio": 195.0,
    "turn_end": 205.0,
    "first_packet": 215.0,
}
# The turn was over long before there was anything to say.
SLOW = {"pause": 100.0, "turn_end": 200.0, "transcript": 400.0, "first_packet": 500.0}


def line(**fields: object) -> str:
    return json.dumps({"event": "turn", **fields})


def test_turns_are_read_from_a_log_with_other_things_in_it():
    lines = ["Loading models", "[1]", json.dumps({"event": "tool"}), line(turn=3, **READY)]

    assert read_turns(lines) == [READY]


def test_a_turn_that_was_not_answered_is_left_out():
    assert read_turns([line(pause=100.0, transcript=300.0)]) == []


@pytest.mark.parametrize("turn", [READY, SLOW])
def test_what_the_steps_add_is_the_whole_wait(turn: dict[str, float]):
    assert sum(additions(turn).values()) == pytest.approx(turn["first_packet"])


def test_a_step_adds_only_what_nothing_else_was_waited_for():
    assert additions(READY)["turn_end"] == pytest.approx(10)
    assert additions(SLOW)["transcript"] == pytest.approx(200)


def test_a_step_after_the_first_packet_adds_nothing():
    assert additions({"pause": 100.0, "first_packet": 150.0, "first_token": 300.0}) == {
        "pause": 100.0,
        "first_packet": 50.0,
        "first_token": 0.0,
    }


def test_steps_are_summarised_with_their_share():
    steps = summarise([READY, READY])

    assert [step.name for step in steps] == list(READY)
    assert sum(step.share for step in steps) == pytest.approx(1)
    assert steps[0].share == pytest.approx(105 / 215)
    assert as_json([READY])["steps"]["transcript"]["added_ms"]["p50"] == 85


def test_no_turn_has_no_steps():
    assert summarise([]) == []


def test_only_what_is_logged_after_the_mark_counts(tmp_path: Path):
    log = tmp_path / "voicebot.log"
    log.write_text(line(**SLOW) + "\n")
    mark = LogMark.now(log)
    with log.open("a") as file:
        file.write(line(**READY) + "\n")

    assert mark.read() == Account([READY], {})


def test_a_missing_log_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"none\.log"):
        LogMark.now(tmp_path / "none.log")


def test_what_became_of_drafts_is_summed_over_the_calls():
    told = [
        {"transcripts": 3, "drafts": 2, "used": 1, "dropped": {"resumed": 1}, "held_back": {}},
        {"transcripts": 4, "drafts": 4, "used": 2, "dropped": {"resumed": 1, "changed": 1}},
    ]
    lines = [json.dumps({"event": "speculation", "level": "info", **counts}) for counts in told]

    assert read_speculation([*lines, line(**READY), "no JSON"]) == {
        "transcripts": 7,
        "drafts": 6,
        "used": 3,
        "dropped": {"resumed": 2, "changed": 1},
        "held_back": {},
    }
    assert read_speculation([line(**READY)]) == {}
