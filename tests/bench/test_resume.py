"""How the bench judges where the bot goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.resume import Said, draw, history, resumptions
from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.protocols import SpokenWord

if TYPE_CHECKING:
    from pathlib import Path


def said() -> Said:
    """Four words of 300 ms, each followed by 50 ms of silence."""
    noise = np.random.default_rng(1).integers(-8000, 8000, 3 * SAMPLE_RATE // 10)
    word = noise.astype("<i2").tobytes() + bytes(2 * SAMPLE_RATE // 20)
    step, end = len(word) // 2, 3 * SAMPLE_RATE // 10
    texts = ("aaaa", "bbbb", "cccc", "dddd")
    words = (SpokenWord(text, at * step, at * step + end) for at, text in enumerate(texts))
    return Said(" ".join(texts), word * 4, tuple(words))


def test_a_word_that_begins_again_is_not_cut():
    found = resumptions([said()], lambda one: one.clause(told=True).boundary)

    assert found["stops"] == 9
    assert found["inside"] == 0.0
    assert 0 < found["again_ms"]["p95"] <= 350


def test_going_on_anywhere_cuts_words():
    found = resumptions([said()], lambda _one: lambda position: position - 1600)

    assert found["inside"] > 0.5
    assert found["again_ms"]["p50"] == 100


def test_what_is_told_by_the_voice_is_what_was_heard():
    assert history([said()], told=True)["exact"] == 1.0


def test_where_the_bot_goes_on_is_drawn(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    cut = resumptions([said()], lambda _one: lambda position: position - 1600)
    report = {
        "sentences": 1,
        "resumptions": [{"way": "anywhere", **cut}],
        "history": [{"way": "the voice's own", **history([said()], told=True)}],
    }

    draw(tmp_path / "resume.png", report)

    assert (tmp_path / "resume.png").read_bytes().startswith(b"\x89PNG")
