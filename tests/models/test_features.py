from __future__ import annotations

import numpy as np
import pytest

from voicebot.models.features import log_mel, mel_filters

RATE = 16000


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    time = np.arange(int(seconds * RATE)) / RATE
    return (0.5 * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "frames"), [(16000, 100), (16159, 100), (16160, 100), (16320, 102), (800, 4)]
)
def test_there_is_an_even_number_of_frames_of_10_ms(samples: int, frames: int):
    features = log_mel(np.zeros(samples, np.float32))

    assert features.shape == (80, frames)
    assert features.dtype == np.float32
    assert features.flags.c_contiguous


@pytest.mark.parametrize("bands", [80, 128])
def test_every_band_hears_something_and_none_outside_itself(bands: int):
    filters = mel_filters(bands)

    assert filters.shape == (bands, 201)
    assert (filters >= 0).all()
    assert (np.diff(filters.argmax(axis=1)) >= 0).all()


@pytest.mark.parametrize(("hertz", "band"), [(300, 7), (1000, 26), (4000, 62)])
def test_a_tone_is_loudest_in_its_band(hertz: float, band: int):
    loudest = log_mel(tone(hertz)).mean(axis=1).argmax()

    assert abs(int(loudest) - band) <= 1


def test_nothing_is_more_than_80_db_below_the_loudest():
    features = log_mel(tone(1000))

    assert features.max() - features.min() <= 8.0 / 4.0 + 1e-6


@pytest.mark.local
def test_they_are_those_of_the_reference():
    reference = pytest.importorskip("faster_whisper.feature_extractor").FeatureExtractor()
    samples = np.random.default_rng(2).normal(0, 0.1, 3 * RATE).astype(np.float32) + tone(500, 3)

    np.testing.assert_allclose(log_mel(samples), reference(samples, padding=0)[:, :300], atol=1e-4)
