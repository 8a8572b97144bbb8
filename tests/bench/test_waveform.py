from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.waveform import (
    SILENCE_DBFS,
    Segment,
    Turn,
    levels,
    loudest_frequency,
    read_wav,
    segments,
    speech_threshold,
    stop_times,
    tone_level,
    tone_share,
    turns,
    write_wav,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bench.waveform import Samples

RATE = 16000


def sine(seconds: float, frequency: float = 1000, amplitude: float = 8000) -> Samples:
    phase = 2 * np.pi * frequency * np.arange(round(seconds * RATE)) / RATE
    return (amplitude * np.sin(phase)).astype(np.int16)


def quiet(seconds: float, noise: float = 0.0) -> Samples:
    generator = np.random.default_rng(7)
    return (noise * generator.standard_normal(round(seconds * RATE))).astype(np.int16)


def joined(*pieces: Samples) -> Samples:
    return np.concatenate(pieces)


def test_levels_are_relative_to_full_scale() -> None:
    full = np.full(RATE // 10, 32767, dtype=np.int16)

    assert levels(full, RATE) == pytest.approx(0, abs=0.01)
    assert levels(quiet(0.1), RATE) == pytest.approx(SILENCE_DBFS)


def test_an_onset_and_an_end_are_found_to_the_millisecond() -> None:
    found = segments(joined(quiet(0.5), sine(0.7), quiet(0.4)), RATE)

    assert len(found) == 1
    assert found[0].start == pytest.approx(0.5, abs=0.001)
    assert found[0].end == pytest.approx(1.2, abs=0.001)


@pytest.mark.parametrize("noise", [10, 100, 300])
def test_noise_is_not_speech(noise: float) -> None:
    recording = joined(quiet(1.0, noise), sine(0.5), quiet(1.0, noise))

    found = segments(recording, RATE)

    assert len(found) == 1
    assert found[0].start == pytest.approx(1.0, abs=0.003)
    assert found[0].end == pytest.approx(1.5, abs=0.003)


def test_a_pause_inside_an_utterance_does_not_split_it() -> None:
    recording = joined(sine(0.3), quiet(0.2), sine(0.3), quiet(0.5), sine(0.3), quiet(0.2))

    assert [round(found.length, 2) for found in segments(recording, RATE)] == [0.8, 0.3]
    assert len(segments(recording, RATE, gap=0.1)) == 3


def test_a_click_is_not_an_utterance() -> None:
    assert segments(joined(quiet(0.5), sine(0.01), quiet(0.5)), RATE) == []


def test_silence_and_nothing_at_all_have_no_speech() -> None:
    assert segments(quiet(1.0), RATE) == []
    assert segments(quiet(0.0), RATE) == []


def test_speech_without_a_pause_is_still_found() -> None:
    # given a recording with no quiet moment to take the floor from
    found = segments(sine(1.0), RATE)

    assert [segment.length for segment in found] == [pytest.approx(1.0, abs=0.002)]


def test_a_threshold_can_be_given() -> None:
    recording = joined(sine(0.2, amplitude=100), quiet(0.5), sine(0.2))

    assert len(segments(recording, RATE)) == 2
    assert len(segments(recording, RATE, threshold=-30)) == 1


def test_the_threshold_never_goes_below_the_quietest_speech() -> None:
    assert speech_threshold(levels(quiet(1.0), RATE)) == -55


def test_a_segment_cuts_its_samples() -> None:
    samples = np.arange(100, dtype=np.int16)

    assert Segment(0.02, 0.05).of(samples, 1000).tolist() == list(range(20, 50))


def test_the_wait_is_from_the_end_of_speech_to_the_onset_of_the_answer() -> None:
    said = [Segment(1.0, 2.0), Segment(5.0, 6.0)]
    heard = [Segment(0.1, 0.9), Segment(2.4, 4.0), Segment(4.2, 4.8), Segment(6.7, 8.0)]

    waits = [turn.wait for turn in turns(said, heard)]

    assert waits == [pytest.approx(0.4), pytest.approx(0.7)]


def test_an_utterance_without_an_answer_has_no_wait() -> None:
    said = [Segment(1.0, 2.0), Segment(3.0, 4.0)]
    heard = [Segment(4.5, 5.0)]

    assert turns(said, heard) == [Turn(said[0], None), Turn(said[1], 4.5)]
    assert turns(said, heard)[0].wait is None


def test_a_stop_time_is_measured_from_the_onset_of_the_interruption() -> None:
    heard = [Segment(0.0, 2.2), Segment(5.0, 6.0)]

    assert stop_times([Segment(2.0, 3.0)], heard) == [pytest.approx(0.2)]
    assert stop_times([Segment(3.0, 4.0)], heard) == []


def test_a_tone_has_its_level_at_its_frequency_only() -> None:
    recording = sine(1.0, 5000, amplitude=16384)

    assert tone_level(recording, RATE, 5000) == pytest.approx(-9.03, abs=0.05)
    assert tone_level(recording, RATE, 1000) < -80
    assert tone_level(quiet(0.0), RATE, 1000) == SILENCE_DBFS


def test_the_loudest_frequency_is_found() -> None:
    assert loudest_frequency(joined(sine(1.0, 440)), RATE) == pytest.approx(440, abs=1)
    assert loudest_frequency(quiet(1.0), RATE) == 0


def test_a_whole_tone_is_right_throughout() -> None:
    assert tone_share(sine(2.0), RATE, 1000) == pytest.approx(1, abs=0.001)


def test_a_tone_through_mu_law_is_right_throughout() -> None:
    recording = sine(2.0).astype(np.float64)
    step = 2 ** np.maximum(np.ceil(np.log2(np.abs(recording) + 1)) - 5, 1)

    assert tone_share((np.round(recording / step) * step).astype(np.int16), RATE, 1000) > 0.995


@pytest.mark.parametrize(("hole", "expected"), [(0.02, 0.99), (0.1, 0.95), (0.5, 0.75)])
def test_a_hole_in_a_tone_counts(hole: float, expected: float) -> None:
    recording = sine(2.0)
    recording[RATE : RATE + round(hole * RATE)] = 0

    assert tone_share(recording, RATE, 1000) == pytest.approx(expected, abs=0.002)


def test_a_break_of_phase_in_a_tone_counts() -> None:
    recording = joined(sine(1.0), sine(1.00025)[4:])

    assert tone_share(recording, RATE, 1000) < 0.9999


def test_noise_and_silence_are_no_tone() -> None:
    assert tone_share(quiet(1.0, 3000), RATE, 1000) < 0.5
    assert tone_share(quiet(1.0), RATE, 1000) == 0
    assert tone_share(quiet(0.0), RATE, 1000) == 0


def test_a_stereo_file_holds_both_channels(tmp_path: Path) -> None:
    path = tmp_path / "call.wav"

    write_wav(path, 8000, np.array([1, 2, 3], np.int16), np.array([-1], np.int16))

    left, rate = read_wav(path)
    assert left.tolist() == [1, 2, 3]
    assert rate == 8000
    assert path.read_bytes()[44:] == np.array([1, -1, 2, 0, 3, 0], "<i2").tobytes()


def test_other_sample_sizes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "byte.wav"
    write_wav(path, 8000, np.array([1], np.int16))
    data = bytearray(path.read_bytes())
    data[32], data[34] = 1, 8
    path.write_bytes(data)

    with pytest.raises(ValueError, match="8 bits a sample"):
        read_wav(path)
