from __future__ import annotations

import pytest

from bench.recognition import speech
from tests.conftest import unavailable
from voicebot.media.audio import SAMPLE_RATE


@pytest.mark.parametrize("seconds", [1.0, 10.0])
def test_every_piece_is_as_long_as_asked_for_and_different(seconds: float):
    try:
        pieces = speech("en", seconds, 4)
    except FileNotFoundError as error:
        unavailable(str(error))

    assert [len(piece) for piece in pieces] == [int(seconds * SAMPLE_RATE)] * 4
    assert len({piece.tobytes() for piece in pieces}) == 4
    assert max(float(abs(piece).max()) for piece in pieces) <= 1.0
