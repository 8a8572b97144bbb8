from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.turns_cutoffs import noises_answered
from bench.turns_endings import Heard, Pause, fixed
from bench.turns_noise import NOISY, QUIET, Noise, Scene, babble
from bench.turns_report import save_noise
from bench.turns_speech import LEVEL, Break, Line, Spoken, level
from tests.conftest import unavailable
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

SAID = Spoken(3000 * np.ones(SAMPLE_RATE), "Hello there.", "en", kind=Break.OPEN)


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


@pytest.mark.parametrize("snr", [20, 5])
def test_noise_is_there_before_the_caller_and_after_him(snr: float):
    scene = Scene(noise=Noise.LINE, snr=snr)

    line = scene.around(SAID, 0, rng())

    before = line[: int(scene.lead_s * SAMPLE_RATE)]
    after = line[len(before) + len(SAID.signal) :]
    assert level(before) == pytest.approx(LEVEL - snr, abs=0.5)
    assert level(after) == pytest.approx(LEVEL - snr, abs=0.5)


def test_a_quiet_scene_is_the_caller_and_the_noise_of_the_line():
    line = QUIET.around(SAID, 0, rng())

    said = int(QUIET.lead_s * SAMPLE_RATE)
    assert level(line[:said]) < -60
    assert np.allclose(line[said : said + SAMPLE_RATE], 3000, atol=150)


def test_noise_goes_through_the_line_with_the_caller():
    wide, narrow = (
        Scene(line, Noise.LINE, 10).around(SAID, 0, rng()) for line in (Line.WIDE, Line.G711)
    )

    assert len(wide) == len(narrow)
    assert not np.array_equal(wide, narrow)


def test_people_talk_all_the_time_and_as_loud_as_asked_for():
    try:
        talk = babble(3 * SAMPLE_RATE, -30.0, rng())
    except FileNotFoundError as error:
        unavailable(str(error))

    assert level(talk) == pytest.approx(-30.0, abs=0.1)
    assert min(level(part) for part in np.split(talk, 30)) > -45


def test_each_noise_is_heard_at_several_levels_and_over_each_line():
    assert {(scene.noise, scene.snr) for scene in NOISY if scene.line is Line.WIDE} == {
        (kind, snr) for kind in Noise for snr in (20, 10, 5)
    }
    assert {(scene.noise, scene.line) for scene in NOISY} == {
        (kind, line) for kind in Noise for line in Line
    }


def test_a_turn_that_ends_before_the_caller_has_begun_was_noise():
    answered = Heard(SAID, 3000.0, (Pause("You", 900.0, 1000.0, 2000.0),))
    right = replace(answered, pauses=(Pause("Hello there.", 3000.0, 3100.0, np.inf),))

    assert noises_answered([answered, right], fixed(300)) == 1


def test_cut_offs_and_waits_are_drawn_against_the_noise(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    row = {"false_cut_offs": 0.02, "sentence_ms": {"p50": 330, "p95": 700}}
    rows = [
        {"noise": scene.noise, "snr_db": scene.snr, "line": str(scene.line), **row}
        for scene in (QUIET, *NOISY)
    ]

    save_noise(tmp_path / "noise.png", rows)

    assert (tmp_path / "noise.png").read_bytes().startswith(b"\x89PNG")
