from __future__ import annotations

import numpy as np
import pytest

from voicebot.apps.doctor import tone
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, SILENCE

SENT_AT = 100.0


def frames(pcm: bytes, *, start: float = SENT_AT) -> list[tuple[bytes, float]]:
    """Cut ``pcm`` into frames that arrive every 20 ms from ``start`` on."""
    whole = pcm + bytes(-len(pcm) % FRAME_BYTES)
    return [
        (whole[at : at + FRAME_BYTES], start + FRAME_SECONDS * number)
        for number, at in enumerate(range(0, len(whole), FRAME_BYTES))
    ]


def delayed(samples: int) -> bytes:
    return bytes(2 * samples) + tone.sweep() + bytes(2 * SAMPLE_RATE)


@pytest.mark.parametrize("samples", [0, 1, 320, 1234, 8000])
def test_the_delay_is_found_to_the_sample(samples: int):
    arrival = tone.find(frames(delayed(samples)), SENT_AT)

    assert arrival is not None
    assert arrival.delay_s == pytest.approx(samples / SAMPLE_RATE, abs=1e-6)
    assert arrival.share == 1.0


def test_the_delay_counts_from_when_it_was_sent():
    arrival = tone.find(frames(delayed(640), start=SENT_AT + 0.005), SENT_AT)

    assert arrival is not None
    assert arrival.delay_s == pytest.approx(0.045)


@pytest.mark.parametrize("lost", [1, 5, 15])
def test_lost_frames_lower_the_share(lost: int):
    heard = frames(delayed(FRAME_SAMPLES))
    for number in range(10, 10 + lost):
        heard[number] = (SILENCE, heard[number][1])

    arrival = tone.find(heard, SENT_AT)

    assert arrival is not None
    assert arrival.share == pytest.approx(1 - lost * FRAME_SECONDS / tone.SECONDS)


def test_a_quieter_noisier_sound_is_the_same_sound():
    noise = np.random.default_rng(7).normal(0, 60, 3 * SAMPLE_RATE)
    track = np.frombuffer(delayed(500), "<i2") * 0.1
    track = track + noise[: len(track)]

    arrival = tone.find(frames(track.astype("<i2").tobytes()), SENT_AT)

    assert arrival is not None
    assert arrival.share > 0.95


NOT_THE_SOUND = {
    "nothing": b"",
    "silence": bytes(2 * SAMPLE_RATE),
    "noise": np.random.default_rng(3).normal(0, 3000, 2 * SAMPLE_RATE).astype("<i2").tobytes(),
    "another tone": (8000 * np.sin(np.arange(32_000) * 0.4)).astype("<i2").tobytes(),
}


@pytest.mark.parametrize("pcm", NOT_THE_SOUND.values(), ids=NOT_THE_SOUND)
def test_anything_else_is_not_taken_for_it(pcm: bytes):
    assert tone.find(frames(pcm), SENT_AT) is None
