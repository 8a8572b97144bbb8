"""Where a bot went on, by a recording whose bot says noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.resume_calls import Resumption, quieter, resumptions, said_once, summary
from tests.bench.latency_calls import RATE, noise, silence

if TYPE_CHECKING:
    from bench.waveform import Samples

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


def test_what_was_said_twice_is_left_out_once():
    speech = noise(2.0, 1)
    stop = RATE
    heard = np.concatenate([speech[:stop], silence(QUIET), speech[stop - RATE // 5 :]])
    one = Resumption(0.9, stopped=1.0, resumed=1.0 + QUIET, again=0.2)

    assert np.array_equal(said_once(heard, RATE, one), speech)


def test_a_place_between_two_words_is_quieter_than_they_are():
    words = np.concatenate([noise(0.6, 1), noise(0.1, 2) // 20, noise(0.6, 3)])

    assert quieter(words, RATE, 0.65) == pytest.approx(26, abs=3)
    assert quieter(words, RATE, 0.3) < 6


def test_the_figures_are_of_all_resumptions():
    row = {"quiet_after_ms": 50, "quiet_for_ms": 600, "stopped_db": 5, "resumed_db": 30}

    found = summary([{**row, "again_ms": 100}, {**row, "again_ms": 200}])

    assert (found["count"], found["again_ms"]["p50"], found["resumed_db"]["p50"]) == (2, 150, 30)


def test_of_no_resumption_nothing_is_told():
    assert summary([])["count"] == 0
