from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.wire import numbered, pcm, sine
from voicebot.media.audio import FRAME_BYTES, SILENCE, Frame
from voicebot.media.playout import Playout


def pull(playout: Playout, frames: int, *, now: float = 0.0) -> list[Frame | None]:
    return [playout.pull(now + i * 0.02) for i in range(frames)]


def sound(frames: list[Frame | None]) -> bytes:
    return b"".join(SILENCE if frame is None else frame for frame in frames)


def words() -> bytes:
    """Return 300 ms of tone, 100 ms of silence, 300 ms of tone."""
    return sine(400, 0.3) + bytes(3200) + sine(500, 0.3)


def test_nothing_to_say_is_none_and_idle():
    playout = Playout()

    assert playout.pull(0.0) is None
    assert playout.idle
    assert (playout.position, playout.end, playout.sounding) == (0, 0, None)


def test_what_is_played_is_heard_sample_by_sample():
    playout = Playout()
    audio = numbered(3200)

    playout.play(audio)

    assert playout.end == 3200
    assert sound(pull(playout, 10)) == audio
    assert playout.position == 3200
    assert playout.idle
    assert playout.pull(1.0) is None


def test_pieces_of_any_length_join_without_a_gap():
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 1500), max_size=20))
    def join(lengths: list[int]) -> None:
        playout = Playout()
        audio = numbered(sum(lengths))
        at = 0
        for length in lengths:
            playout.play(audio[2 * at : 2 * (at + length)])
            at += length
        frames = pull(playout, at // 320 + 2)
        assert sound(frames)[: len(audio)] == audio
        assert playout.position == playout.end == at

    join()


def test_content_that_streams_in_just_in_time_stays_exact():
    playout = Playout()
    audio = numbered(320 * 40)
    heard = []

    for frame in range(40):
        playout.play(audio[frame * FRAME_BYTES : frame * FRAME_BYTES + 200])
        playout.play(audio[frame * FRAME_BYTES + 200 : (frame + 1) * FRAME_BYTES])
        heard.append(playout.pull(frame * 0.02))

    assert sound(heard) == audio


def test_a_tail_is_padded_and_counts_only_its_content():
    playout = Playout()
    playout.play(numbered(400))

    frames = pull(playout, 3)

    assert sound(frames) == numbered(400) + bytes(480) + SILENCE
    assert frames[2] is None
    assert playout.position == 400


def test_half_a_sample_is_refused():
    with pytest.raises(ValueError, match="3 bytes"):
        Playout().play(b"abc")


def test_a_mark_is_called_by_the_pull_that_reaches_it():
    playout = Playout()
    called: list[Any] = []
    playout.play(numbered(700))
    playout.mark(called.append)
    playout.mark(called.append, at=320)

    pull(playout, 1, now=1.0)
    assert called == [1.0]
    pull(playout, 1, now=2.0)
    assert called == [1.0]
    pull(playout, 1, now=3.0)
    assert called == [1.0, 3.0]


def test_a_mark_on_what_was_heard_is_called_by_the_next_pull():
    playout = Playout()
    called: list[Any] = []

    playout.mark(called.append)
    playout.pull(5.0)

    assert called == [5.0]


def test_marks_of_one_position_are_called_in_order_and_one_may_set_another():
    playout = Playout()
    called: list[Any] = []
    playout.mark(lambda _now: called.append("first"))
    playout.mark(lambda _now: playout.mark(lambda _now: called.append("third")))
    playout.mark(lambda _now: called.append("second"))

    pull(playout, 2)

    assert called == ["first", "second", "third"]


def test_a_mark_that_raises_stops_neither_audio_nor_other_marks(capsys: pytest.CaptureFixture[str]):
    playout = Playout()
    called: list[Any] = []
    playout.play(numbered(640))
    playout.mark(lambda _now: 1 / 0, at=320)
    playout.mark(called.append, at=320)

    assert sound(pull(playout, 2)) == numbered(640)
    assert called == [0.0]
    assert "playout mark failed" in capsys.readouterr().out


def test_a_pause_fades_within_5_ms_and_stands_still():
    playout = Playout()
    playout.play(sine(400, 1.0))
    pull(playout, 5)

    playout.pause()
    first, *rest = pull(playout, 10)

    assert first is not None
    assert np.abs(pcm(first)[:40]).max() > 1000
    assert not pcm(first)[80:].any()
    assert rest == [None] * 9
    assert playout.paused
    assert playout.position == 5 * 320


def test_there_is_no_click_at_a_pause_nor_at_the_resumption():
    playout = Playout()
    playout.play(sine(400, 1.0))

    frames = pull(playout, 11)
    playout.pause()
    frames += pull(playout, 4)
    playout.resume()
    frames += pull(playout, 10)

    steps = np.abs(np.diff(pcm(sound(frames))))
    assert steps.max() < 1.3 * np.abs(np.diff(pcm(sine(400, 1.0)))).max()


def test_after_a_pause_the_interrupted_word_is_said_again():
    playout = Playout()
    playout.play(words())
    pull(playout, 30)  # 200 ms into the second word

    playout.pause()
    pull(playout, 5)
    playout.resume()

    assert 4800 < playout.position < 6400  # in the silence between the words
    again = playout.position
    rest = sound(pull(playout, 30))
    assert rest[: 2 * (11_200 - again)] == words()[2 * again :]
    assert playout.idle


def test_what_has_only_begun_begins_again():
    playout = Playout()
    playout.play(sine(400, 0.4))
    pull(playout, 20)
    playout.play(sine(500, 0.6))
    pull(playout, 10)

    playout.pause()
    pull(playout, 1)
    playout.resume()

    assert playout.position == 20 * 320


def test_who_knows_where_the_word_began_says_so():
    playout = Playout()
    audio = sine(400, 3.0)
    playout.play(audio)
    pull(playout, 100)

    playout.pause()
    pull(playout, 5)
    playout.resume(20_000)

    assert playout.position == 20_000
    assert sound(pull(playout, 10))[160:] == audio[2 * 20_000 + 160 : 2 * (20_000 + 3200)]


@pytest.mark.parametrize("at", [15_000, 33_000])
def test_what_is_too_far_back_or_not_heard_yet_is_no_place_to_go_on(at: int):
    playout = Playout()
    playout.play(sine(400, 3.0))
    pull(playout, 100)

    playout.pause()
    pull(playout, 1)
    playout.resume(at)

    assert 100 * 320 - 8000 <= playout.position <= 100 * 320


def test_no_more_than_half_a_second_is_said_again():
    playout = Playout()
    playout.play(sine(400, 3.0))
    pull(playout, 100)

    playout.pause()
    pull(playout, 1)
    playout.resume()

    assert 100 * 320 - 8000 <= playout.position <= 100 * 320


def test_a_pause_in_silence_repeats_nothing():
    playout = Playout()
    playout.play(sine(400, 0.2) + bytes(6400) + sine(500, 0.2))
    pull(playout, 20)

    playout.pause()
    pull(playout, 3)
    playout.resume()

    assert playout.position == 20 * 320


def test_a_pause_that_nobody_heard_leaves_no_trace():
    playout = Playout()
    audio = sine(400, 1.0)
    playout.play(audio)
    before = pull(playout, 10)

    playout.pause()
    playout.resume()

    assert sound(before + pull(playout, 40)) == audio


def test_a_mark_is_called_once_although_its_place_is_heard_twice():
    playout = Playout()
    called: list[Any] = []
    playout.play(words())
    playout.mark(called.append, at=7000)
    pull(playout, 30)
    playout.pause()
    pull(playout, 1, now=1.0)
    playout.resume()

    pull(playout, 30, now=2.0)

    assert len(called) == 1


def test_content_played_during_a_pause_waits():
    playout = Playout()
    playout.pause()
    playout.play(numbered(640))

    assert pull(playout, 3) == [None, None, None]
    playout.resume()
    assert playout.position == 0
    assert sound(pull(playout, 2))[160:] == numbered(640)[160:]


def test_dropping_forgets_what_was_not_heard_and_its_marks():
    playout = Playout()
    called: list[Any] = []
    playout.play(sine(400, 1.0))
    playout.mark(lambda _now: called.append("heard"), at=320)
    playout.mark(lambda _now: called.append("never"))
    pull(playout, 10)

    dropped = playout.drop()
    first, *rest = pull(playout, 100)

    assert dropped == 16_000 - 3200
    assert first is not None
    assert not pcm(first)[80:].any()
    assert rest == [None] * 99
    assert called == ["heard"]
    assert playout.idle
    assert playout.position == playout.end == 3200


def test_dropping_ends_a_pause_and_what_follows_is_heard():
    playout = Playout()
    playout.play(sine(400, 1.0))
    pull(playout, 10)
    playout.pause()
    pull(playout, 2)

    playout.drop()
    playout.play(numbered(640))

    assert not playout.paused
    assert sound(pull(playout, 2)) == numbered(640)


def test_what_was_dropped_is_never_said_again():
    playout = Playout()
    playout.play(sine(400, 1.0))
    pull(playout, 10)
    playout.drop()
    playout.play(sine(900, 1.0))
    pull(playout, 5)
    begun = 3200

    playout.pause()
    pull(playout, 2)
    playout.resume()

    assert playout.position == begun


def test_the_sounding_frame_is_what_was_just_sent():
    playout = Playout()
    playout.play(numbered(320))

    assert playout.pull(0.0) == playout.sounding == numbered(320)
    playout.pull(0.02)
    assert playout.sounding is None


class TestPullingAhead:
    """A transport with a queue of its own pulls ahead and confirms later."""

    def test_only_what_is_confirmed_was_heard(self):
        playout = Playout(ahead=True)
        called: list[float] = []
        playout.play(numbered(3200))
        playout.mark(called.append, at=1600)

        pull(playout, 8)
        assert (playout.position, playout.pulled) == (0, 2560)
        playout.confirm(960, 1.0)
        assert (playout.position, called) == (960, [])
        playout.confirm(1600, 2.0)
        assert (playout.position, called) == (1600, [2.0])
        assert not playout.idle

    def test_confirmations_go_forward_and_not_beyond_what_was_pulled(self):
        playout = Playout(ahead=True)
        playout.play(numbered(3200))
        pull(playout, 5)

        playout.confirm(1000, 0.0)
        playout.confirm(500, 0.0)
        assert playout.position == 1000
        playout.confirm(9999, 0.0)
        assert playout.position == 1600

    def test_a_pause_flushes_and_takes_back_what_was_not_heard(self):
        flushed = []
        playout = Playout(ahead=True, flush=lambda: flushed.append(True))
        playout.play(words())
        pull(playout, 30)
        playout.confirm(20 * 320, 0.0)

        playout.pause()

        assert flushed == [True]
        assert playout.pulled == playout.position == 20 * 320

    def test_dropping_counts_from_what_was_heard(self):
        flushed = []
        playout = Playout(ahead=True, flush=lambda: flushed.append(True))
        playout.play(numbered(3200))
        pull(playout, 8)
        playout.confirm(640, 0.0)

        assert playout.drop() == 3200 - 640
        assert flushed == [True]

    def test_nothing_is_flushed_when_all_was_heard(self):
        flushed = []
        playout = Playout(ahead=True, flush=lambda: flushed.append(True))
        playout.play(numbered(640))
        pull(playout, 2)
        playout.confirm(640, 0.0)

        playout.drop()

        assert not flushed

    def test_it_goes_on_where_the_word_that_was_heard_began(self):
        playout = Playout(ahead=True)
        audio = sine(400, 4.0)
        for at in range(0, len(audio), 640):
            playout.play(audio[at : at + 640])
        pull(playout, 110)
        playout.confirm(100 * 320, 0.0)

        playout.pause()
        pull(playout, 1)
        playout.resume(100 * 320 - 16_000)

        again = sound(pull(playout, 60))
        assert playout.position == 100 * 320 - 16_000
        assert again[160:] == audio[2 * playout.position + 160 : 2 * playout.position + len(again)]


def test_a_long_speech_keeps_no_more_than_it_needs():
    """Memory stays flat: what was heard long ago is forgotten."""

    playout = Playout()
    tracemalloc.start()
    for i in range(3000):
        playout.play(bytes(FRAME_BYTES))
        playout.pull(i * 0.02)
        if i == 300:
            early = tracemalloc.get_traced_memory()[0]
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()

    assert late - early < 50_000
