from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.turns.signals import crowd, frames, joined, noise, silence, tone, voice
from voicebot.media.audio import SILENCE
from voicebot.turns.activity import NoiseFloor, Swell, VoiceActivity, last_above

if TYPE_CHECKING:
    from tests.turns.signals import Signal


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


@pytest.mark.parametrize(
    ("above", "lift"), [((0, 1), 0.0), ((1, 5, 9), 4.8), ((2, 3, 8), 1.6), ((40, 40), 8.0)]
)
def test_noise_that_swells_lifts_the_floor_within_bounds(above: tuple[float, ...], lift: float):
    swell = Swell()
    for one in above * 60:
        swell.push(one)
    assert swell.lift == pytest.approx(lift, abs=0.3)


def test_a_second_of_steady_noise_is_known():
    swell = Swell()
    for _ in range(50):
        swell.push(0.5)
    assert swell.lift == 0


@pytest.mark.parametrize(
    ("above", "margin"), [((), 8.0), ((0, 1), 4.6), ((1, 1, 2), 6.0), ((1, 5, 9), 8.0)]
)
def test_the_less_noise_swells_the_less_a_voice_must_be_above_it(
    above: tuple[float, ...], margin: float
):
    swell = Swell()
    for one in above * 60:
        swell.push(one)
    assert swell.margin == pytest.approx(margin, abs=0.3)


@pytest.mark.parametrize(("ms", "margin"), [(1980, 8.0), (2000, 5.0)])
def test_steady_noise_is_known_as_soon_as_its_floor_is(ms: float, margin: float):
    activity = VoiceActivity()
    found = [activity.push(frame, nobody=True) for frame in frames(noise(ms, -40))]
    assert found[-1].onset - found[-1].floor == pytest.approx(margin, abs=0.5)


def test_people_who_talk_are_known_as_soon_as_the_floor_is():
    activity = VoiceActivity()
    found = [activity.push(frame, nobody=True) for frame in frames(crowd(2000, -30))]
    assert found[-1].floor > found[-2].floor + 2


def test_noise_that_goes_on_where_speech_should_have_ended_is_learned_sooner():
    usual, late = Swell(), Swell()
    for number in range(65):
        usual.push(1.0 if number < 50 else 6.0)
        late.push(1.0 if number < 50 else 6.0, late=True)
    assert late.lift > usual.lift + 1


def test_people_behind_the_caller_lift_the_floor_only_while_he_is_silent():
    listening, speaking = VoiceActivity(), VoiceActivity()
    for number, frame in enumerate(frames(joined(noise(4000, -40), crowd(4000, -30)))):
        last = listening.push(frame, nobody=True), speaking.push(frame, nobody=number < 200)
    assert last[0].floor > last[1].floor + 3


@pytest.mark.parametrize(
    "sound",
    [crowd(1900, -30), joined(*[joined(noise(1000, -62), crowd(200, -25))] * 6)],
    ids=["before the floor is known", "from speech on a quiet line"],
)
def test_how_noise_swells_is_not_learned(sound: Signal):
    learning, other = VoiceActivity(), VoiceActivity()
    for frame in frames(sound):
        last = learning.push(frame, nobody=True), other.push(frame)
    assert last[0].floor == last[1].floor


def test_silence_says_nothing_of_how_noise_swells():
    activity = VoiceActivity()
    for frame in frames(crowd(4000, -40)):
        activity.push(frame, nobody=True)
    after = [activity.push(SILENCE, nobody=True).floor for _ in range(400)]
    assert after[-1] == after[100] > -64


def test_noise_that_swells_lifts_the_floor_no_higher_than_it_may_be():
    activity = VoiceActivity()
    found = [activity.push(frame, nobody=True) for frame in frames(crowd(4000, -12))]
    assert max(one.floor for one in found) == -20


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
