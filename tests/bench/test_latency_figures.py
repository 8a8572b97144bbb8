from __future__ import annotations

import pytest

from bench.latency_figures import Figures, spread
from bench.latency_measure import MeasuredCall, MeasuredTurn, Outcome
from bench.waveform import Segment

SAID = Segment(1.0, 2.0)


def turn(
    wait: float | None = None, outcome: Outcome = Outcome.ANSWERED, stop: float | None = None
) -> MeasuredTurn:
    return MeasuredTurn("hello", SAID, outcome, wait, stop, wait)


def test_percentiles_are_of_the_values_that_there_are():
    found = spread([*range(101), None])

    assert found is not None
    assert (found.at(50), found.at(90), found.at(95), found.at(99)) == (50, 90, 95, 99)
    assert (found.count, found.least, found.most) == (101, 0, 100)


def test_nothing_measured_has_no_percentiles():
    assert spread([None]) is None


def test_the_json_has_what_others_read():
    calls = [
        MeasuredCall(40.0, (turn(300), turn(500), turn(outcome=Outcome.MISSED))),
        MeasuredCall(None, (turn(700, stop=120), turn(outcome=Outcome.QUIET))),
    ]

    found = Figures(calls, ["bot: 486 Busy"]).as_json()

    assert (found["calls"], found["failed_calls"], found["turns"]) == (2, 1, 4)
    assert found["voice_to_voice_ms"]["p50"] == 500
    assert found["voice_to_voice_ms"]["count"] == 3
    assert set(found["voice_to_voice_ms"]) >= {"p50", "p90", "p95", "p99"}
    assert found["greeting_ms"]["p50"] == 40
    assert found["barge_in_ms"]["p95"] == 120
    assert (found["missed"], found["no_greeting"], found["cut_off"]) == (1, 1, 0)
    assert [item["call"] for item in found["each"]] == [1, 1, 1, 2, 2]


def test_figures_without_samples_are_null():
    found = Figures([MeasuredCall(None, ())]).as_json()

    assert found["voice_to_voice_ms"] is None
    assert found["turns"] == 0


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        (Outcome.MISSED, "missed"),
        (Outcome.CUT_OFF, "cut_off"),
        (Outcome.NOT_YIELDED, "not_yielded"),
        (Outcome.UNEXPECTED, "unexpected"),
    ],
)
def test_each_failure_is_counted_by_its_name(outcome: Outcome, name: str):
    figures = Figures([MeasuredCall(1.0, (turn(outcome=outcome), turn(100)))])

    assert figures.as_json()[name] == 1
