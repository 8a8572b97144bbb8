from __future__ import annotations

import numpy as np
import pytest

from voicebot.models.seams import WHISPER_RATE
from voicebot.models.windows import windows


def noise(seconds: float) -> np.ndarray:
    samples = np.random.default_rng(1).normal(0, 0.1, int(seconds * WHISPER_RATE))
    return samples.astype(np.float32)


@pytest.mark.parametrize("seconds", [0.0, 0.02, 5.0, 28.0])
def test_audio_that_fits_is_one_window(seconds: float):
    samples = noise(seconds)

    assert [len(window) for window in windows(samples)] == [len(samples)]


def test_long_audio_is_cut_in_the_pause():
    samples = noise(40)
    samples[24 * WHISPER_RATE : 25 * WHISPER_RATE] = 0

    first, second = windows(samples)

    assert 24 <= len(first) / WHISPER_RATE <= 25
    np.testing.assert_array_equal(np.concatenate((first, second)), samples)


@pytest.mark.parametrize("seconds", [28.1, 60, 200.7])
def test_nothing_is_lost_and_no_window_is_too_long(seconds: float):
    samples = noise(seconds)

    found = list(windows(samples))

    np.testing.assert_array_equal(np.concatenate(found), samples)
    assert max(len(window) for window in found) <= 28 * WHISPER_RATE
    assert min(len(window) for window in found[:-1]) >= 20 * WHISPER_RATE
