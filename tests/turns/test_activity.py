from __future__ import annotations

import pytest

from tests.turns.signals import frames, joined, noise, silence, tone, voice
from voicebot.media.audio import SILENCE
from voicebot.turns.activity import NoiseFloor, VoiceActivity, last_above


@pytest.mark.parametrize("level", [-50, -30, -10, -3])
def test_levels_are_decibels_below_full_scale(level: float):
    activity = VoiceActivity()
    found = [activity.push(frame) for frame in frames(tone(100, level, 1000))]
    assert [one.level for one in found] == [pytest.approx(level, abs=0.2)] * 5


@pytest.mark.parametrize(("before", "end"), [(0, 80), (5, 160), (10, 240), (15, 320)])
def test_the_end_of_a_sound_is_found_within_the_frame(before: float, end: int):
    frame = next(frames(joined(silence(before), noise(5, -20), silence(15 - before))))
    assert last_above(frame, -40) == end
    assert last_above(frame, -21) == end
    assert last_above(frame, -19) == 0


def test_silence_has_no_end():
    assert last_above(SILENCE, -90) == 0


def test_digital_silence_has_a_level_too():
    activity = VoiceActivity().push(SILENCE)
    assert not activity.voiced
    assert activity.level < -100


@pytest.mark.parametrize("level", [-60, -45, -30])
def test_the_floor_is_the_level_of_steady_noise(level: float):
    activity = VoiceActivity()
    found = [activity.push(frame) for frame in frames(noise(3000, level))]
    assert found[-1].floor == pytest.approx(level, abs=1.5)
    assert found[5].floor == pytest.approx(level, abs=2)


def test_speech_does_not_raise_the_floor():
    activity = VoiceActivity()
    line = noise(8000, -55) + joined(silence(2000), voice(6000, -20))
    found = [activity.push(frame) for frame in frames(line)]
    assert max(one.floor for one in found) < -40


def test_the_floor_follows_noise_upwards_within_two_seconds_and_a_half():
    floor = NoiseFloor()
    for _ in range(200):
        floor.push(-60)
    after = [floor.push(-40) for _ in range(125)]
    assert after[0] == pytest.approx(-58.5)
    assert after[-1] == pytest.approx(-38.5)


def test_a_voice_without_gaps_raises_the_floor_by_three_decibels_a_second():
    floor = NoiseFloor()
    for _ in range(200):
        floor.push(-60)
    after = [floor.push(-22, voiced=True) for _ in range(300)]
    assert -45 < after[-1] < -38
    assert after == sorted(after)


def test_a_few_voiced_frames_do_not_keep_the_floor_from_following_noise():
    floor = NoiseFloor()
    for _ in range(200):
        floor.push(-60)
    after = [floor.push(-40, voiced=number % 2 == 0) for number in range(125)]
    assert after[-1] == pytest.approx(-38.5)


def test_noise_that_begins_under_speech_becomes_the_floor_in_the_end():
    floor = NoiseFloor()
    for _ in range(200):
        floor.push(-60)
    assert [floor.push(-35, voiced=True) for _ in range(600)][-1] == pytest.approx(-33.5)


def test_the_floor_follows_noise_downwards_at_once():
    floor = NoiseFloor()
    for _ in range(200):
        floor.push(-40)
    assert floor.push(-60) == pytest.approx(-58.5)


@pytest.mark.parametrize(("gap", "floor_after"), [(1, -43.5), (2, -43.5), (3, -65)])
def test_a_gap_is_no_silence_until_it_lasts(gap: int, floor_after: float):
    floor = NoiseFloor()
    for _ in range(50):
        floor.push(-45)
    for _ in range(gap):
        floor.push(-120)
    assert floor.push(-45) == pytest.approx(floor_after)


def test_the_floor_has_bounds():
    floor = NoiseFloor()
    assert [floor.push(0) for _ in range(300)][-1] == -20
    assert [floor.push(-99) for _ in range(300)][-1] == -65
