from __future__ import annotations

import pytest

from tests.apps.demo.stage import Voice
from voicebot.apps.demo.voices import speak
from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE


async def test_another_pitch_is_another_length_in_whole_frames():
    high = await speak(
        Voice(), "one two three four five six seven eight nine ten", language="en", pitch=1.25
    )
    low = await speak(
        Voice(), "one two three four five six seven eight nine ten", language="en", pitch=0.8
    )

    assert len(high) / 2 / SAMPLE_RATE == pytest.approx(0.6 / 1.25, abs=0.02)
    assert len(low) / 2 / SAMPLE_RATE == pytest.approx(0.6 / 0.8, abs=0.02)
    assert len(high) % FRAME_BYTES == len(low) % FRAME_BYTES == 0
