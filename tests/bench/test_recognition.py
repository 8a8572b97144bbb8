from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.recognition import draw, speech
from tests.conftest import unavailable
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("seconds", [1.0, 10.0])
def test_every_piece_is_as_long_as_asked_for_and_different(seconds: float):
    try:
        pieces = speech("en", seconds, 4)
    except FileNotFoundError as error:
        unavailable(str(error))

    assert [len(piece) for piece in pieces] == [int(seconds * SAMPLE_RATE)] * 4
    assert len({piece.tobytes() for piece in pieces}) == 4
    assert max(float(abs(piece).max()) for piece in pieces) <= 1.0


def test_times_are_drawn_by_the_length_of_what_was_said(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    rows = [
        {
            "model": "m",
            "threads": 1,
            "seconds": s,
            "words": words,
            "ms": {"p5": 9, "p50": 9, "p95": 9},
        }
        for s in (1.0, 3.0)
        for words in (False, True)
    ]

    draw(tmp_path / "recognition.png", rows)

    assert (tmp_path / "recognition.png").read_bytes().startswith(b"\x89PNG")
