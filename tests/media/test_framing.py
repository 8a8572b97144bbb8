from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.wire import numbered, pcm, sine
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SILENCE, Concealed
from voicebot.media.concealment import Concealer
from voicebot.media.framing import Framer


def frames_of(audio: bytes) -> list[bytes]:
    return [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]


def test_pieces_of_any_length_become_frames_sample_by_sample():
    @given(st.lists(st.integers(1, 1500), max_size=20))
    def cut(lengths: list[int]) -> None:
        framer = Framer()
        audio = numbered(sum(lengths))
        out, at = [], 0
        for length in lengths:
            out += framer.add(audio[2 * at : 2 * (at + length)])
            at += length
        assert all(len(frame) == FRAME_BYTES for frame in out)
        assert len(out) == at // FRAME_SAMPLES
        assert audio.startswith(b"".join(out))

    cut()


def test_a_gap_before_any_sound_is_silence():
    assert Framer().fill(640) == [SILENCE, SILENCE]


def test_frames_of_a_gap_are_known_and_no_others():
    framer = Framer()
    audio = frames_of(sine(200, 0.1))
    heard = [*framer.add(audio[0]), *framer.fill(640), *framer.add(audio[3])]
    assert [isinstance(frame, Concealed) for frame in heard] == [False, True, True, False]


@pytest.mark.parametrize("frequency", [110, 200, 233])
def test_a_lost_frame_of_a_voice_is_hardly_noticed(frequency: int):
    audio = frames_of(sine(frequency, 0.4))
    framer = Framer()

    heard = [frame for frame in audio[:10] for frame in framer.add(frame)]
    heard += framer.fill(FRAME_SAMPLES)
    heard += [frame for frame in audio[11:] for frame in framer.add(frame)]

    lost, made = pcm(audio[10]), pcm(heard[10])
    assert np.corrcoef(lost, made)[0, 1] > 0.95
    steps = np.abs(np.diff(pcm(b"".join(heard))))
    assert steps.max() < 1.5 * np.abs(np.diff(pcm(b"".join(audio)))).max()


@pytest.mark.parametrize("frequency", [110, 200, 233])
@pytest.mark.parametrize("milliseconds", [5, 10, 15, 20, 30, 40, 60])
def test_packets_of_any_length_are_missed_as_little(milliseconds: int, frequency: int):
    audio, size = sine(frequency, 0.6), 32 * milliseconds
    packets = [audio[at : at + size] for at in range(0, len(audio), size)]
    concealer = Concealer()
    for packet in packets[: 300 // milliseconds]:
        concealer.heard(packet)

    made = pcm(concealer.make(size // 2))

    lost = pcm(packets[300 // milliseconds])
    assert np.corrcoef(lost, made)[0, 1] > 0.85


def test_a_long_gap_fades_within_60_ms_to_silence():
    framer = Framer()
    for frame in frames_of(sine(200, 0.1)):
        framer.add(frame)

    gap = framer.fill(10 * FRAME_SAMPLES)

    loudness = [np.abs(pcm(frame)).max() for frame in gap]
    assert loudness[0] > loudness[1] > loudness[2] > 0
    assert gap[3:] == [SILENCE] * 7


def test_a_gap_made_in_steps_sounds_like_one_made_at_once():
    steps, once = Framer(), Framer()
    for frame in frames_of(sine(200, 0.1)):
        steps.add(frame)
        once.add(frame)

    assert [f for _ in range(8) for f in steps.fill(160)] == once.fill(1280)


def test_after_a_gap_the_sound_rises_from_what_was_made_up():
    framer = Framer()
    framer.fill(FRAME_SAMPLES)

    (frame,) = framer.add(np.full(FRAME_SAMPLES, 8000, "<i2").tobytes())

    assert pcm(frame)[0] == 0
    assert np.abs(np.diff(pcm(frame))).max() <= 101
    assert (pcm(frame)[80:] == 8000).all()


@pytest.mark.parametrize("slip", [-3, -1, 1, 3])
def test_a_slip_changes_the_length_by_whole_frames(slip: int):
    framer = Framer()
    framer.slip(slip)

    out = [frame for _ in range(100) for frame in framer.add(SILENCE)]

    assert len(out) == 100 + slip


@pytest.mark.parametrize("slip", [-1, 1])
def test_a_slip_waits_for_a_quiet_frame(slip: int):
    framer = Framer()
    speech = frames_of(sine(300, 0.4))
    framer.slip(slip)

    during = [frame for frame in speech for frame in framer.add(frame)]
    pause = [frame for _ in range(5) for frame in framer.add(SILENCE)]

    assert during == speech
    assert len(pause) == 5 + slip


@pytest.mark.parametrize("slip", [-1, 1])
def test_a_slip_that_finds_no_quiet_frame_comes_within_a_second_and_does_not_click(slip: int):
    framer = Framer()
    hum = frames_of(sine(300, 1.4))
    framer.slip(slip)

    out = [frame for frame in hum for frame in framer.add(frame)]

    assert len(out) == len(hum) + slip
    steps = np.abs(np.diff(pcm(b"".join(out))))
    assert steps.max() < 1.2 * np.abs(np.diff(pcm(b"".join(hum)))).max()
