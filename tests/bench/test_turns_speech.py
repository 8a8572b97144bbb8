from __future__ import annotations

import numpy as np
import pytest

from bench.turns_detection import auc
from bench.turns_recogniser import Understood, delay_ms
from bench.turns_speech import (
    LEVEL,
    Line,
    Room,
    Spoken,
    cough,
    frames,
    level,
    lost,
    noise,
    through,
)
from bench.turns_yielding import Outcome, ignoring, over_bot, yielding
from tests.turns.signals import silence, voice
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, Concealed


class Understands:
    """A recogniser that always hears the same."""

    def __init__(self, text: str) -> None:
        self._text = text

    def hear(self, pcm: bytes, language: str, hint: str = "") -> Understood:
        assert pcm
        assert hint, "what is said over a bot is hinted at"
        assert language == "en"
        return Understood(self._text)


def outcome_of(text: str, ms: int) -> Outcome:
    caller = np.concatenate([silence(1500), voice(ms), silence(1800)])
    bot = Spoken(voice(4000, seed=3, pitch=200), "We are open.", "en")
    return over_bot(caller, bot, Understands(text), Room(None, np.random.default_rng(0)), 1.5)


def test_who_wants_the_word_gets_it_and_who_nods_does_not():
    stop, nod = outcome_of("Stop, please", 900), outcome_of("Uh-huh", 350)
    # With its lead-in and the pause that ends it, 1.24 s are transcribed.
    assert stop.confirmed_ms == pytest.approx(1000 + delay_ms(bytes(39_680), "hint"), abs=80)
    assert nod.confirmed_ms is None
    assert nod.rejected == ["back-channel"]
    assert yielding([stop, nod])["yielded"] == 0.5
    assert ignoring([stop, nod])["ignored"] == 0.5


def test_a_line_keeps_level_and_length():
    signal = voice(1000, LEVEL)
    for line in Line:
        assert len(through(signal, line, 1)) == len(signal)
        assert level(through(signal, line, 1)) == pytest.approx(LEVEL, abs=1.5)


def test_losses_are_the_same_for_the_same_seed():
    signal = voice(3000, LEVEL)
    lossy = [through(signal, Line.LOSSY, seed) for seed in (1, 1, 2)]
    assert np.array_equal(lossy[0], lossy[1])
    assert not np.array_equal(lossy[0], lossy[2])
    assert not np.array_equal(lossy[0], through(signal, Line.G711, 1))


def test_what_is_lost_is_known_frame_by_frame():
    signal = voice(3000, LEVEL)
    clean, lossy = (through(signal, line, 1) for line in (Line.G711, Line.LOSSY))
    gaps = lost(len(signal), Line.LOSSY, 1)
    told = [isinstance(frame, Concealed) for frame in frames(lossy, gaps)]
    differs = np.any((clean != lossy).reshape(-1, FRAME_SAMPLES), axis=1)
    assert {number for number, gap in enumerate(told) if gap} == gaps
    # The frame after a gap is joined to it.
    assert set(np.flatnonzero(differs)) == gaps | {gap + 1 for gap in gaps if gap + 1 < len(told)}
    assert lost(len(signal), Line.G711, 1) == frozenset()


def test_noise_has_the_level_asked_for():
    assert level(noise(SAMPLE_RATE, -30, np.random.default_rng(0))) == pytest.approx(-30)


def test_a_cough_is_short():
    lengths = [len(cough(np.random.default_rng(seed))) / SAMPLE_RATE for seed in range(30)]
    assert min(lengths) > 0.1
    assert max(lengths) < 1.2


def test_a_transcript_of_three_seconds_takes_about_120_ms():
    assert delay_ms(bytes(3 * 32_000)) == pytest.approx(118)


@pytest.mark.parametrize(
    ("scores", "area"),
    [([0, 0, 1, 1], 1.0), ([1, 1, 0, 0], 0.0), ([0, 0, 0, 0], 0.5), ([0, 1, 0, 1], 0.5)],
)
def test_the_area_under_the_curve_counts_ties_half(scores: list[float], area: float):
    truth = np.array([0, 0, 1, 1])
    assert auc(np.array(scores, np.float64), truth) == area


def test_frames_of_both_kinds_are_left_out():
    assert auc(np.array([0.0, 9.0, 1.0]), np.array([0, -1, 1])) == 1.0
