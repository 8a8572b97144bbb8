from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.call.voices import speech
from tests.turns.signals import (
    at_level,
    crowd,
    frames,
    joined,
    noise,
    samples,
    silence,
    tone,
    voice,
)
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE, Concealed
from voicebot.media.concealment import Concealer
from voicebot.turns.detector import LEAD_IN_MS, Change, SpeechDetector

if TYPE_CHECKING:
    from tests.turns.signals import Signal


@dataclass
class Heard:
    """What a detector found in a sound; positions in milliseconds."""

    starts: list[float] = field(default_factory=list)
    onsets: list[float] = field(default_factory=list)
    ends: list[float] = field(default_factory=list)
    noticed: list[float] = field(default_factory=list)


def listen(detector: SpeechDetector, signal: Signal) -> Heard:
    heard = Heard()
    for frame in frames(signal):
        change = detector.push(frame)
        now = detector.now * 1000 / SAMPLE_RATE
        if change is Change.STARTED:
            heard.starts.append(now)
            heard.onsets.append(detector.onset * 1000 / SAMPLE_RATE)
        elif change is Change.PAUSED:
            heard.ends.append(detector.ended * 1000 / SAMPLE_RATE)
            heard.noticed.append(now)
    return heard


@pytest.mark.parametrize("pitch", [90, 130, 180, 240])
@pytest.mark.parametrize("line", [None, -65, -50, -45])
def test_speech_is_found_within_100_ms_and_its_end_to_10_ms(pitch: float, line: float | None):
    signal = joined(silence(2500), voice(700, pitch=pitch), silence(500))
    if line is not None:
        signal = signal + noise(3700, line)
    heard = listen(SpeechDetector(), signal)
    assert len(heard.starts) == len(heard.ends) == 1
    assert 2540 <= heard.starts[0] <= 2600
    assert heard.onsets[0] == pytest.approx(2500, abs=20)
    assert heard.ends[0] == pytest.approx(3200, abs=10)
    assert heard.noticed[0] == pytest.approx(heard.ends[0] + 100, abs=20)


@pytest.mark.parametrize("ahead", range(0, 320, 80))
def test_who_speaks_from_the_first_frame_on_without_a_pause_is_heard(ahead: int):
    said = np.frombuffer(speech(1.0), np.int16).astype(np.float64)
    assert listen(SpeechDetector(), np.tile(said, 8)[ahead:]).starts[0] < 1000


@pytest.mark.parametrize("level", [-49, -48, -47])
def test_five_ms_are_the_end_even_where_the_frame_as_a_whole_is_too_quiet(level: float):
    said = joined(silence(500), voice(400))
    heard = listen(SpeechDetector(), joined(said, noise(5, level), silence(495)))

    assert heard.ends == [905]
    assert listen(SpeechDetector(), joined(said, silence(500))).ends == [900]


def test_the_end_is_found_within_a_frame():
    ends = []
    for extra in (0, 5, 10, 15):
        signal = joined(silence(500), voice(400), silence(extra), silence(500))
        shifted = joined(silence(extra), signal)
        ends.append(listen(SpeechDetector(), shifted).ends[0])
    assert ends == [900, 905, 910, 915]


def test_the_vad_s_hangover_does_not_delay_the_pause():
    heard = listen(SpeechDetector(pause_ms=60), joined(silence(500), voice(400), silence(300)))
    assert heard.noticed == [960]


@pytest.mark.parametrize("pause_ms", [40, 100, 200])
def test_a_pause_is_noticed_after_its_length(pause_ms: int):
    gap = joined(silence(500), voice(300), silence(pause_ms - 30), voice(300), silence(500))
    assert len(listen(SpeechDetector(pause_ms=pause_ms), gap).ends) == 1
    gap = joined(silence(500), voice(300), silence(pause_ms + 120), voice(300), silence(500))
    assert len(listen(SpeechDetector(pause_ms=pause_ms), gap).ends) == 2


@pytest.mark.parametrize(
    "sound",
    [
        silence(1000),
        noise(1000, -30),
        noise(200, -20),
        noise(100, -10),
        noise(5, -3),
        tone(1000, -15, 697, 1209),
        tone(1000, -15, 941, 1633),
        tone(1000, -15, 425),
        tone(1000, -15, 440, 480),
        tone(500, -10, 1100),
        tone(500, -10, 2100),
        tone(200, -10, 1000),
        voice(1000, -60),
        voice(40),
    ],
    ids=str,
)
@pytest.mark.parametrize("line", [-65, -50])
def test_what_is_no_speech_starts_nothing(sound: Signal, line: float):
    signal = joined(silence(1500), sound, silence(500), sound, silence(500))
    signal = signal + noise(len(signal) * 1000 / SAMPLE_RATE, line)
    assert listen(SpeechDetector(), signal).starts == []


@pytest.mark.parametrize("row", [697, 770, 852, 941])
@pytest.mark.parametrize("column", [1209, 1336, 1477, 1633])
@pytest.mark.parametrize("ms", [50, 70, 100])
def test_no_key_that_is_pressed_starts_speech_wherever_in_a_frame_it_begins(
    row: float, column: float, ms: float
):
    key = tone(ms, -20, row, column)
    pressed = joined(silence(500), *(joined(key, silence(83)) for _ in range(12)))
    line = noise(len(pressed) * 1000 / SAMPLE_RATE, -65)
    assert listen(SpeechDetector(), pressed + line).starts == []


def test_speech_is_found_right_after_a_key():
    speech = joined(silence(500), tone(100, -20, 697, 1209), silence(60), voice(500))
    heard = listen(SpeechDetector(), joined(speech, silence(300)))
    assert len(heard.starts) == 1
    assert 700 <= heard.starts[0] <= 760
    assert heard.onsets[0] == pytest.approx(660, abs=40)


@pytest.mark.parametrize("level", [-60, -45, -35, -28])
def test_steady_noise_starts_nothing_however_loud(level: float):
    assert listen(SpeechDetector(), noise(6000, level)).starts == []


@pytest.mark.parametrize("before", [2000, 3000])
@pytest.mark.parametrize("level", [-29, -32])
def test_a_voice_little_above_steady_noise_is_heard(level: float, before: float):
    said = joined(silence(before), voice(500, level), silence(1000))
    heard = listen(SpeechDetector(), said + noise(before + 1500, -38))
    assert heard.starts == [pytest.approx(before + 60, abs=20)]
    assert heard.ends == [pytest.approx(before + 500, abs=20)]


def test_noise_that_rises_in_mid_call_starts_nothing_and_is_got_used_to():
    line = joined(noise(4000, -60), noise(4000, -38, seed=1))
    speech = joined(silence(7000), voice(600, -20), silence(400))
    heard = listen(SpeechDetector(), line + speech)
    assert len(heard.starts) == 1
    assert heard.ends == [pytest.approx(7600, abs=15)]


@pytest.mark.parametrize(("level", "seed"), [(-40, 0), (-40, 1), (-40, 2), (-35, 2), (-32, 2)])
def test_a_caller_among_people_who_talk_is_heard_to_the_end_and_they_are_not(
    level: float, seed: int
):
    line = joined(silence(3000), voice(1500), silence(4500)) + crowd(9000, level, seed=seed)
    heard = listen(SpeechDetector(), line)
    assert heard.starts == [pytest.approx(3060, abs=20)]
    assert heard.ends == [pytest.approx(4500, abs=150)]


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_people_who_talk_are_got_used_to_while_the_caller_speaks(seed: int):
    line = joined(silence(300), voice(3000), silence(4500)) + crowd(7800, -38, seed=seed)
    heard = listen(SpeechDetector(), line)
    assert heard.ends[0] == pytest.approx(3300, abs=600)
    assert [start for start in heard.starts if start > 4500] == []


@pytest.mark.parametrize(("spoken", "level", "seed"), [(1500, -38, 3), (3000, -35, 2)])
def test_people_who_begin_to_talk_under_the_caller_s_words_do_not_hold_them_open(
    spoken: float, level: float, seed: int
):
    people = joined(noise(300, -60), crowd(spoken + 4500, level, seed=seed))
    heard = listen(SpeechDetector(), joined(silence(300), voice(spoken), silence(4500)) + people)
    assert 300 + spoken < heard.ends[0] < 300 + spoken + 3000


@pytest.mark.parametrize(("level", "starts"), [(-24, 2), (-30, 2), (-36, 1)])
def test_the_caller_goes_on_and_not_who_is_behind_him(level: float, starts: int):
    said = joined(silence(3000), voice(900, -20), silence(900), voice(900, level), silence(500))
    heard = listen(SpeechDetector(), said + noise(6200, -50))
    assert len(heard.starts) == starts


def test_who_is_quieter_than_the_turn_before_may_begin_the_next():
    detector = SpeechDetector()
    loud, quiet = (joined(voice(900, level), silence(900)) for level in (-20, -36))
    line = noise(4800, -50)
    first = listen(detector, line[:48000] + joined(silence(1200), loud))
    detector.release()
    second = listen(detector, line[48000:] + quiet)
    assert [len(heard.starts) for heard in (first, second)] == [1, 1]


@pytest.mark.parametrize("ms", [3000, 8000])
def test_a_voice_without_gaps_is_held_to_its_end(ms: int):
    time = np.arange(samples(ms)) / SAMPLE_RATE
    vowel = at_level(sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 28)), -22)
    heard = listen(SpeechDetector(), joined(silence(2500), vowel, silence(500)))
    assert len(heard.starts) == 1
    assert heard.ends == [pytest.approx(2500 + ms, abs=15)]


def test_a_gap_of_one_frame_in_the_onset_is_tolerated():
    frame = 20
    signal = joined(silence(500), voice(2 * frame), silence(frame), voice(3 * frame))
    heard = listen(SpeechDetector(), joined(signal, silence(300)))
    assert heard.starts[0] <= 500 + 6 * frame


@pytest.mark.parametrize("closed", [20, 60, 100])
def test_a_voice_is_noticed_sooner_after_the_hiss_that_begins_the_word(closed: int):
    hiss = np.diff(noise(100, -36), prepend=0.0)
    word = joined(hiss, silence(closed), voice(400), silence(500))
    heard = listen(SpeechDetector(), joined(silence(2500), word) + noise(3500 + closed, -65))
    spoken = 2600 + closed
    assert heard.starts == [spoken + 40]
    assert heard.onsets == [spoken]


@pytest.mark.parametrize("before", [240, 600])
def test_a_hiss_by_itself_or_long_before_starts_nothing_sooner(before: int):
    hiss = np.diff(noise(100, -36), prepend=0.0)
    alone = joined(silence(2500), hiss, silence(before), voice(400), silence(500))
    heard = listen(SpeechDetector(), alone + noise(3500 + before, -65))
    assert heard.starts == [2600 + before + 60]


def test_a_hiss_before_quiet_frames_that_are_taken_at_once_starts_nothing_sooner():
    detector, quiet = SpeechDetector(), list(frames(silence(240)))
    listen(detector, joined(silence(2500), np.diff(noise(100, -36), prepend=0.0), silence(80)))
    detector.push_quiet(quiet, [0.0] * len(quiet))
    began = detector.now
    assert listen(detector, voice(400)).starts == [began * 1000 / SAMPLE_RATE + 60]


def test_a_hiss_has_led_up_to_one_word_only():
    hiss = np.diff(noise(100, -36), prepend=0.0)
    word = joined(silence(2500), hiss, voice(400), silence(160), voice(400), silence(500))
    heard = listen(SpeechDetector(), word + noise(4060, -65))
    assert heard.starts == [2600 + 40, 3160 + 60]


@pytest.mark.parametrize(("hiss", "spoken", "line"), [(-36, -38, -50), (-56, -22, -65)])
def test_no_sooner_is_believed_what_is_hardly_a_voice_or_follows_hardly_a_hiss(
    hiss: float, spoken: float, line: float
):
    led = np.diff(noise(100, hiss), prepend=0.0)
    word = joined(silence(2500), led, silence(60), voice(400, spoken), silence(500))
    assert listen(SpeechDetector(), word + noise(3560, line)).starts == [2660 + 60]


def test_a_lost_packet_does_not_lower_the_floor():
    line = noise(6000, -45)
    for start in range(1000, 6000, 500):
        line[samples(start) : samples(start + 20)] = 0
    speech = joined(silence(4000), voice(600, -22), silence(1400))
    heard = listen(SpeechDetector(), line + speech)
    assert heard.ends == [pytest.approx(4600, abs=15)]


@pytest.mark.parametrize("lost", [2, 3])
def test_a_cough_is_no_voice_for_what_was_made_up_of_it(lost: int):
    concealer, cough = Concealer(), noise(160, -25, seed=1)
    line = joined(noise(2000, -62), cough, noise(500, -62))
    heard, plain = SpeechDetector(), SpeechDetector()
    found = []
    for number, frame in enumerate(frames(line)):
        if number == 100 + lost:
            made = concealer.make(FRAME_SAMPLES)
            found.append((heard.push(Concealed(made)), plain.push(made)))
        else:
            came = concealer.heard(frame)
            found.append((heard.push(came), plain.push(came)))
    assert [told for told, _ in found if told] == []
    assert any(told for _, told in found)


@pytest.mark.parametrize("tones", [(770, 1336), (440,), (350, 440), (425,)])
@pytest.mark.parametrize("lost", [104, 120])
def test_a_tone_of_which_a_packet_is_lost_is_no_voice(tones: tuple[float, ...], lost: int):
    concealer, detector = Concealer(), SpeechDetector()
    line = joined(silence(2000), tone(600, -20, *tones), silence(400)) + noise(3000, -62)
    for number, frame in enumerate(frames(line)):
        gap = number == lost
        came = Concealed(concealer.make(FRAME_SAMPLES)) if gap else concealer.heard(frame)
        assert detector.push(came) is None


@pytest.mark.parametrize("lost", [100, 101, 102])
def test_a_lost_packet_delays_the_onset_of_a_voice_by_a_frame_at_most(lost: int):
    detector = SpeechDetector()
    line = joined(noise(2000, -62), voice(500, -20))
    starts = [
        number
        for number, frame in enumerate(frames(line))
        if detector.push(Concealed(frame) if number == lost else frame) is Change.STARTED
    ]
    assert starts in ([102], [103])


def test_audio_has_the_lead_in_and_every_sample_from_there():
    signal = joined(noise(1000, -60), voice(500), noise(300, -60))
    detector = SpeechDetector()
    listen(detector, signal)
    everything = b"".join(frames(signal))
    assert everything.endswith(detector.pcm)
    lead_in = len(detector.pcm) // 2 - (detector.now - detector.started)
    assert samples(LEAD_IN_MS - 80) <= lead_in <= samples(LEAD_IN_MS)


def test_nothing_but_the_lead_in_is_kept_of_silence():
    detector = SpeechDetector()
    listen(detector, noise(5000, -60))
    assert len(detector.pcm) == 2 * samples(LEAD_IN_MS)


def test_pauses_are_held_until_release():
    detector = SpeechDetector()
    listen(detector, joined(silence(500), voice(300), silence(2000)))
    assert len(detector.pcm) >= 2 * samples(2300)
    detector.release()
    listen(detector, silence(100))
    assert len(detector.pcm) == 2 * samples(LEAD_IN_MS)


def test_spoken_leaves_out_the_pauses():
    detector = SpeechDetector()
    listen(detector, joined(silence(500), voice(300), silence(1000), voice(300), silence(300)))
    assert detector.spoken == pytest.approx(samples(600), abs=samples(40))
    assert detector.ended - detector.started == pytest.approx(samples(1600), abs=samples(40))


@pytest.mark.parametrize(
    ("line", "knock", "level"), [(-50, -6, -30), (-45, -10, -30), (-40, -10, -26)]
)
def test_a_knock_in_a_word_hides_nothing_of_what_follows_a_pause(
    line: float, knock: float, level: float
):
    word = voice(700, level)
    word[5000:5640] += at_level(noise(40, -10), knock)
    said = joined(silence(3000), word, silence(500), voice(1000, level), silence(500))

    heard = listen(SpeechDetector(), said + noise(5700, line))

    # What is heard late is within the lead-in.
    assert heard.onsets[-1] == pytest.approx(4200, abs=LEAD_IN_MS - 80)
    assert heard.ends[-1] == pytest.approx(5200, abs=60)


def test_memory_is_bounded_by_the_longest_turn():
    detector = SpeechDetector(longest_s=1.5)
    changes = [detector.push(frame) for frame in frames(joined(silence(500), voice(4000)))]
    assert Change.FULL in changes
    assert len(detector.pcm) == int(1.5 * SAMPLE_RATE) * 2


def test_after_a_release_until_quiet_the_same_speech_does_not_start_again():
    detector = SpeechDetector(longest_s=1.5)
    speech = list(frames(joined(silence(500), voice(3000), silence(300), voice(300, seed=2))))
    starts = []
    for frame in speech:
        change = detector.push(frame)
        if change is Change.FULL:
            detector.release(until_quiet=True)
        elif change is Change.STARTED:
            starts.append(detector.now * 1000 // SAMPLE_RATE)
    assert len(starts) == 2
    assert starts[1] >= 3800


class Refusal:
    """An opinion that refuses until it has been asked a number of times."""

    def __init__(self, times: int) -> None:
        self.times = times
        self.asked: list[int] = []

    def is_speech(self, pcm: bytes) -> bool:
        self.asked.append(len(pcm))
        return len(self.asked) > self.times


def test_a_second_opinion_delays_the_start_as_long_as_it_refuses():
    signal = joined(silence(500), voice(600), silence(300))
    first = listen(SpeechDetector(opinions=[]), signal).starts
    opinion = Refusal(3)
    later = listen(SpeechDetector(opinions=[opinion]), signal).starts
    assert later == [first[0] + 60]
    assert max(opinion.asked) <= 15 * FRAME_BYTES


@pytest.mark.parametrize(("line", "level"), [(-60, -40), (-50, -38), (-50, -35), (-45, -33)])
def test_a_voice_that_was_refused_does_not_hide_the_caller(line: float, level: float):
    opinion = Refusal(1000)
    detector = SpeechDetector(opinions=[opinion])
    speech = joined(silence(1000), voice(3000, -25), voice(1200, level, seed=5), silence(300))
    signal = speech + noise(5500, line)
    assert listen(detector, signal[: samples(4000)]).starts == []
    opinion.times = 0
    heard = listen(detector, signal[samples(4000) :])
    assert heard.starts == [4020]
    assert len(heard.ends) == 1


@pytest.mark.parametrize(("line", "level"), [(-60, -40), (-50, -38), (-45, -33)])
def test_speech_that_was_let_go_does_not_hide_what_comes_next(line: float, level: float):
    detector = SpeechDetector(opinions=[])
    caller = joined(silence(140), voice(1200, level, seed=5), silence(300))
    signal = joined(silence(1000), voice(3000, -25), caller) + noise(5640, line)
    assert len(listen(detector, signal[: samples(1100)]).starts) == 1
    detector.release(until_quiet=True)
    heard = listen(detector, signal[samples(1100) :])
    assert heard.starts == [pytest.approx(4200, abs=40)]
    assert len(heard.ends) == 1


def test_a_second_opinion_is_not_asked_about_silence():
    opinion = Refusal(1000)
    listen(SpeechDetector(opinions=[opinion]), joined(noise(3000, -50), silence(1000)))
    assert opinion.asked == []


def test_stirring_tells_that_speech_may_start():
    detector = SpeechDetector()
    listen(detector, silence(500))
    assert not detector.stirring
    listen(detector, voice(40))
    assert detector.stirring
    assert not detector.speaking


def test_speech_can_have_paused_when_its_last_loud_frame_and_silence_after_it_are_a_pause_long():
    detector = SpeechDetector(pause_ms=100)
    assert detector.unbroken == 0

    listen(detector, joined(silence(500), voice(300)))
    assert detector.unbroken == 4

    left = []
    for frame in frames(silence(100)):
        detector.push(frame)
        left.append(detector.unbroken)
    assert left == [4, 3, 2, 1, 0]


def test_speech_can_be_too_long_with_the_frame_that_makes_it_so():
    detector = SpeechDetector(longest_s=0.5)

    listen(detector, joined(silence(500), voice(280)))

    # The lead-in of 240 ms holds the 60 ms by which the speech was noticed; 220 more came.
    assert detector.unbroken == 2
