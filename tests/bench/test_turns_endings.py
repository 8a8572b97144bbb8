from __future__ import annotations

import numpy as np
import pytest

from bench.turns_endings import Heard, Pause, by_length, by_settings, figures, fixed, scaled, tune
from bench.turns_speech import Spoken
from voicebot.config import TurnSettings

MS = 16


def turn(
    *pauses: tuple[str, float], end_ms: float = 3000, gap_ms: int = 400, asked: str = ""
) -> Heard:
    """A turn with one gap of ``gap_ms``; ``pauses`` are texts and how long each pause lasted."""
    spoken = Spoken(np.zeros(MS), "", "en", ((MS * 1000, gap_ms * MS),), asked)
    found = []
    for number, (text, length) in enumerate(pauses):
        ended = end_ms if length == np.inf else 1000.0 * (number + 1)
        found.append(Pause(text, ended, ended + 150, ended + length))
    return Heard(spoken, end_ms, tuple(found))


FINISHED = turn(("I would like to", 400), ("I would like to speak to sales.", np.inf))
CUT = turn(("I would like to speak.", 400), ("I would like to speak to sales.", np.inf))


@pytest.mark.parametrize(
    ("wait_ms", "ended_ms"), [(100, 1150), (390, 1390), (410, 3410), (1000, 4000)]
)
def test_a_turn_ends_in_the_first_pause_that_is_longer_than_the_wait(
    wait_ms: float, ended_ms: float
):
    assert CUT.ended(fixed(wait_ms)) == ended_ms


def test_a_pause_without_words_ends_nothing():
    heard = turn(("", 400), ("", np.inf))
    assert heard.ended(fixed(200)) == np.inf
    assert heard.ended(by_settings(TurnSettings())) == np.inf


def test_figures_count_those_cut_off_and_how_long_the_others_wait():
    found = figures([CUT, FINISHED], by_settings(TurnSettings()))
    assert found["turns"] == 2
    assert found["cut_off"] == 0.5
    assert found["wait_ms"] == {"p5": 250, "p50": 250, "p95": 250}
    assert found["mean_wait_ms"] == 250


def test_what_the_bot_asked_for_is_known():
    dictated = turn(
        ("Five five", 900), ("Five five one nine.", np.inf), asked="Tell me your 4 digit code."
    )
    asked = figures([dictated], by_settings(TurnSettings()))
    assert asked["cut_off"] == 0.0


def test_cut_offs_are_told_by_the_longest_pause():
    rows = by_length([CUT, FINISHED], by_settings(TurnSettings()))
    assert [row["turns"] for row in rows] == [0, 2, 0, 0, 0]
    assert rows[1]["cut_off"] == 0.5


def test_the_tuned_setting_waits_no_longer_than_it_must():
    best = tune([CUT, FINISHED], 0.0, acoustics=False)
    assert best is not None
    assert best.sentence_ms == 400
    assert best.unsure_ms == 400
    assert tune([turn(("It goes.", 2500), ("It goes on.", np.inf))], 0.0, acoustics=False) is None


def test_every_silence_is_scaled():
    settings = TurnSettings(sentence_ms=200, unsure_ms=600, open_ms=1500)
    longer = scaled(settings, 1.5)
    assert (longer.sentence_ms, longer.unsure_ms, longer.open_ms) == (300, 900, 2250)
