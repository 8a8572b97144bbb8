from __future__ import annotations

import numpy as np
import pytest

from voicebot.models.seams import SPEECH_RATE, Speech, Word
from voicebot.models.trimming import finished


def spoken(
    *, lead: float = 0.0, trail: float = 0.0, rate: int = 24000, level: float = 1.0
) -> bytes:
    """Return half a second of tone with silence around it, as it leaves."""
    time = np.arange(rate // 2) / rate
    tone = level * np.sin(2 * np.pi * 500 * time)
    samples = np.concatenate((np.zeros(int(lead * rate)), tone, np.zeros(int(trail * rate))))
    return finished(samples.astype(np.float32), rate).pcm


def samples_of(pcm: bytes) -> np.ndarray:
    return np.frombuffer(pcm, "<i2") / 32768


@pytest.mark.parametrize("lead", [0.0, 0.05, 0.5])
def test_the_caller_waits_no_more_than_10_ms_for_the_first_sound(lead: float):
    samples = samples_of(spoken(lead=lead))

    assert np.flatnonzero(np.abs(samples) > 0.05)[0] / SPEECH_RATE <= 0.010


@pytest.mark.parametrize(("trail", "kept"), [(0.0, 0.0), (0.1, 0.1), (2.0, 0.15)])
def test_the_silence_after_it_is_a_short_pause_at_most(trail: float, kept: float):
    seconds = len(spoken(trail=trail)) / 2 / SPEECH_RATE

    assert seconds == pytest.approx(0.5 + kept, abs=0.01)


@pytest.mark.parametrize("rate", [16000, 22050, 24000, 48000])
def test_every_rate_becomes_24_khz(rate: int):
    samples = samples_of(spoken(rate=rate))

    assert len(samples) / SPEECH_RATE == pytest.approx(0.5, abs=0.01)
    loudest = np.abs(np.fft.rfft(samples)).argmax() * SPEECH_RATE / len(samples)
    assert loudest == pytest.approx(500, abs=3)


@pytest.mark.parametrize("level", [0.01, 0.3, 1.0, 1.7])
def test_every_clause_is_equally_loud_and_none_is_clipped(level: float):
    assert np.abs(samples_of(spoken(level=level))).max() == pytest.approx(0.7, abs=0.01)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(5000), np.full(5000, 1e-4)])
def test_silence_is_nothing(samples: np.ndarray):
    assert finished(samples.astype(np.float32), 22050) == Speech(b"")


def test_words_stay_where_they_are_heard():
    tone = np.sin(np.arange(16000) / 5).astype(np.float32)
    samples = np.concatenate((np.zeros(8000, np.float32), tone))
    words = (Word("all", 0.45, 1.0, 1.0), Word("ours", 1.0, 9.0, 1.0))

    first, second = finished(samples, 16000, words).words

    # Half a second of silence was cut, but for 8 ms.
    assert (first.start, first.end) == (0.0, pytest.approx(0.508, abs=0.001))
    assert second.end == pytest.approx(1.008, abs=0.001)
