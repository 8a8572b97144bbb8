from __future__ import annotations

import numpy as np
import pytest

from bench.engine_callers import UTTERANCE_FRAMES, Speech, Turn
from bench.latency_engine import SILENCE_MS, Share, measure, parse, parts
from bench.load_errors import LoadError
from tests.conftest import unavailable
from voicebot.media.audio import FRAME_SAMPLES


@pytest.fixture
def speech() -> Speech:
    try:
        return Speech()
    except LoadError as error:
        unavailable(str(error))


def test_what_is_waited_on_top_of_the_silence_is_the_packet_and_the_engine():
    turn = Turn(10.0, complete=10.0 + SILENCE_MS / 1000 + 0.012)
    turn.answered = turn.complete + 0.005

    found = parts([turn])

    assert found["share_ms"] == pytest.approx([17])
    assert found["packet_ms"] == pytest.approx([12])
    assert found["engine_ms"] == pytest.approx([5])


def test_the_figures_have_names_that_do_not_change():
    ripe = 1.0 + SILENCE_MS / 1000
    turn = Turn(1.0, complete=ripe + 0.01, answered=ripe + 0.02)
    share = Share(True, 3, missed=1, stalls=0, parts=parts([turn]))

    found = share.as_json()

    assert found["compiled"]
    assert (found["calls"], found["missed"], found["stalls"]) == (3, 1, 0)
    assert found["share_ms"]["p95"] == pytest.approx(20)


@pytest.mark.parametrize("cut", [1, 150, FRAME_SAMPLES - 1])
def test_an_utterance_ends_at_a_loud_place_to_the_sample(speech: Speech, cut: int):
    last = np.abs(speech.frame(UTTERANCE_FRAMES - 1, cut).astype(int))
    before = np.abs(speech.frame(UTTERANCE_FRAMES - 2, cut).astype(int))

    assert np.sqrt((before**2).mean()) > 1000
    assert last[cut:].max() < 100
    assert np.abs(speech.frame(UTTERANCE_FRAMES, cut)).max() < 100


def test_one_call_and_a_hundred_are_measured_unless_told_otherwise():
    assert tuple(parse([]).calls) == (1, 100)
    assert parse(["--calls", "5"]).calls == [5]


def test_whole_conversations_are_measured_on_the_wire(speech: Speech):
    del speech

    found = measure(2, 7.0, None)

    assert found.missed == 0
    assert len(found.parts["share_ms"]) >= 2
    # A silence is not over before it is complete.
    assert np.median(found.parts["engine_ms"]) > 0
