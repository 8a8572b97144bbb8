"""Where a bot went on, by a recording whose bot says noise."""

from __future__ import annotations

import numpy as np
import pytest

from bench.resume_calls import Resumption, inside, resumptions, summary
from bench.waveform import Samples, Segment
from tests.bench.latency_calls import RATE, noise, silence

QUIET = 0.6
STOPPED = 2.1


def call(*, again: float, murmur: float = 2.0) -> list[Resumption]:
    """What is found where the bot speaks from 1 s on and is stopped 0.1 s after 2 s."""
    speech = noise(3.0, 1)
    stop = round((STOPPED - 1) * RATE)
    rest = speech[stop - round(again * RATE) :]
    heard = np.concatenate([silence(1.0), speech[:stop], silence(QUIET), rest, silence(1.0)])
    said = np.concatenate([silence(murmur), noise(0.3, 2), silence(4.0)])
    return resumptions(padded(said, len(heard)), heard, RATE)


def padded(samples: Samples, length: int) -> Samples:
    return np.concatenate([samples, silence(10)])[:length]


@pytest.mark.parametrize("again", [0.05, 0.2, 0.9])
def test_what_is_said_twice_tells_where_the_bot_went_on(again: float):
    (found,) = call(again=again)

    assert found.stopped == pytest.approx(STOPPED, abs=0.005)
    assert found.resumed - found.stopped == pytest.approx(QUIET, abs=0.005)
    assert found.again == pytest.approx(again, abs=0.005)
    assert found.place == pytest.approx(STOPPED - again, abs=0.01)


def test_a_bot_that_goes_on_where_it_stopped_says_nothing_twice():
    (found,) = call(again=0)

    assert found.again == 0
    assert found.place == found.stopped


def test_what_the_caller_says_while_the_bot_is_silent_stops_nobody():
    assert call(again=0.2, murmur=0.2) == []


@pytest.mark.parametrize(
    ("place", "within"), [(0.9, False), (1.05, False), (1.2, True), (1.45, False), (1.6, False)]
)
def test_inside_a_word_is_what_is_not_near_its_ends(place: float, within: bool):
    assert inside(place, [Segment(1.0, 1.5), Segment(1.7, 2.0)]) is within


def test_the_shares_are_of_all_resumptions():
    row = {"stopped_inside": True, "quiet_after_ms": 50, "quiet_for_ms": 600, "again_ms": 100}

    found = summary([{**row, "inside": True}, {**row, "inside": False}])

    assert (found["count"], found["stopped_inside"], found["inside"]) == (2, 1, 0.5)
    assert found["again_ms"]["p50"] == 100


def test_of_no_resumption_nothing_is_told():
    assert summary([])["inside"] is None
