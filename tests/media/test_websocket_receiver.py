from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.wire import numbered, pcm
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.websocket_receiver import PcmReceiver


def drive(
    receiver: PcmReceiver, arrivals: list[tuple[float, bytes]], seconds: float
) -> list[tuple[float, bytes]]:
    """Let messages come at their times and the clock tick each 20 ms; return frames with times."""
    frames: list[tuple[float, bytes]] = []
    waiting = sorted(arrivals, key=lambda arrival: arrival[0])
    for tick in range(1, round(seconds / 0.02) + 1):
        now = tick * 0.02
        while waiting and waiting[0][0] <= now:
            came, message = waiting.pop(0)
            frames += [(came, frame) for frame in receiver.push(message, came)]
        frames += [(now, frame) for frame in receiver.poll(now)]
    return frames


def steadily(audio: bytes, *, octets: int = FRAME_BYTES) -> list[tuple[float, bytes]]:
    """Return messages of ``octets`` that come when what they hold has been said."""
    return [
        ((start + len(audio[start : start + octets])) / 32_000, audio[start : start + octets])
        for start in range(0, len(audio), octets)
    ]


def test_messages_of_a_frame_go_on_at_once_and_unchanged():
    audio = numbered(320 * 100)

    frames = drive(PcmReceiver(0.0), steadily(audio), 2.0)

    assert b"".join(frame for _, frame in frames) == audio
    assert all(at == pytest.approx((i + 1) * 0.02) for i, (at, _) in enumerate(frames))


@pytest.mark.parametrize("octets", [7, 320, 640, 960, 1500])
def test_messages_of_any_length_are_framed(octets: int):
    audio = numbered(320 * 100)
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, steadily(audio, octets=octets), 2.0)

    heard = b"".join(frame for _, frame in frames)
    assert {len(frame) for _, frame in frames} == {FRAME_BYTES}
    assert len(frames) == pytest.approx(100, abs=1)
    assert heard == audio[: len(heard)]


@pytest.mark.parametrize("octets", [6400, 16_000, 65_500])
def test_long_messages_are_all_heard_and_hurry_the_stream_once_by_no_more_than_they_are_long(
    octets: int,
):
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, steadily(numbered(320 * 1000), octets=octets), 20.0)

    assert receiver.reception.late == 0
    assert 1000 - octets / FRAME_BYTES <= len(frames) <= 1000 + 1.2 * octets / FRAME_BYTES


def test_any_cutting_gives_the_same_samples():
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.integers(0, 2000), min_size=1, max_size=30))
    def cut(lengths: list[int]) -> None:
        audio = numbered(sum(lengths) // 2 + 1)
        receiver = PcmReceiver(0.0)
        heard, at = b"", 0
        for length in lengths:
            piece = audio[at : at + length]
            at += length
            heard += b"".join(receiver.push(piece, at / 32_000))
        assert heard == audio[: at // FRAME_BYTES * FRAME_BYTES]

    cut()


def test_fifty_frames_a_second_of_silence_when_nothing_comes():
    frames = drive(PcmReceiver(0.0), [], 10.0)

    assert {frame for _, frame in frames} == {SILENCE}
    assert len(frames) == pytest.approx(500, abs=3)
    assert max(b - a for (a, _), (b, _) in pairwise(frames)) <= 0.041


def test_silence_suppressed_by_the_phone_passes_by_the_clock():
    speech = numbered(320 * 25)
    first = steadily(speech)
    second = [(3.0 + at, message) for at, message in first]
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, first + second, 5.0)

    assert len(frames) == pytest.approx(250, abs=3)
    # the second begins where the clock stood when it came
    loud = [i for i, (_, frame) in enumerate(frames) if max(pcm(frame)) > 4000]
    assert loud[0] < 25
    assert next(i for i in loud if i > 100) == pytest.approx(150 + loud[0], abs=2)
    assert receiver.concealed / 16_000 == pytest.approx(4.0, abs=0.1)


def hanging(audio: bytes, *, until: float) -> list[tuple[float, bytes]]:
    """Return the messages of a line that hangs after a second."""
    return [(max(at, until) if at > 1.0 else at, message) for at, message in steadily(audio)]


def test_a_line_that_hangs_in_the_middle_of_a_sound_is_waited_for():
    audio = numbered(320 * 150)

    frames = drive(PcmReceiver(0.0), hanging(audio, until=1.5), 3.0)

    assert b"".join(frame for _, frame in frames) == audio


def test_a_line_that_hangs_in_silence_is_silent_and_what_it_has_held_up_is_heard_then():
    audio = bytes(32_000) + numbered(320 * 100)
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, hanging(audio, until=1.5), 3.0)

    heard = b"".join(frame for _, frame in frames if frame != SILENCE)
    assert heard[FRAME_BYTES:] == numbered(320 * 100)[FRAME_BYTES:]
    assert len([at for at, _ in frames if 1.0 < at < 1.5]) == pytest.approx(24, abs=3)
    assert receiver.reception.late == 0


def test_messages_that_hold_nothing_are_not_waited_for_longer():
    empty = [(at, b"") for at, _ in steadily(bytes(32_000 * 4))]

    frames = drive(PcmReceiver(0.0), [*steadily(numbered(320 * 50)), *empty[50:]], 4.0)

    assert len(frames) == pytest.approx(200, abs=6)


def test_who_sends_nothing_any_more_is_silent_after_a_second_whatever_he_was_saying():
    frames = drive(PcmReceiver(0.0), steadily(numbered(320 * 50)), 5.0)

    assert len(frames) == pytest.approx(250, abs=3)
    assert not [at for at, _ in frames if 1.01 < at < 1.9]


@pytest.mark.parametrize("jitter", [0.01, 0.04])
def test_jitter_neither_adds_nor_takes_frames(jitter: float):
    random = np.random.default_rng(5)
    audio = numbered(320 * 490) + bytes(10 * FRAME_BYTES)
    arrivals, last = [], 0.0
    for at, message in steadily(audio):
        last = max(last, at + float(random.uniform(0, jitter)))  # TCP keeps the order
        arrivals.append((last, message))
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, arrivals, 10.2)

    assert len(frames) == pytest.approx(510, abs=4)
    assert 0 < receiver.reception.jitter < jitter
    if jitter < 0.02:
        assert b"".join(frame for _, frame in frames).startswith(audio[: -2 * FRAME_BYTES])


@pytest.mark.parametrize("ppm", [-300, 300])
def test_a_clock_that_differs_does_not_add_up(ppm: int):
    step = 0.02 * (1 + ppm * 1e-6)
    count = round(300 / step)
    receiver = PcmReceiver(0.0)

    frames = drive(receiver, [(i * step, SILENCE) for i in range(1, count)], 300.0)

    assert len(frames) == pytest.approx(15_000, abs=4)


def test_messages_are_counted():
    receiver = PcmReceiver(0.0)

    drive(receiver, steadily(numbered(320 * 50)), 1.0)

    assert receiver.reception.received == 50
    assert receiver.reception.lost == receiver.reception.late == 0
