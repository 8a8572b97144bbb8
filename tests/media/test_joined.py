"""What a snoop channel gives out, with the ticks that Asterisk's timer loses on a busy machine."""

from __future__ import annotations

from tests.media.test_jitter import FRAME, Line, delayed, slin, steady, without
from voicebot.media.audio import FRAME_SAMPLES
from voicebot.media.jitter import JitterBuffer
from voicebot.media.joined import JoinedTimeline


def line() -> Line:
    """Return a line whose packets nobody waits for."""
    heard = Line()
    heard.buffer = JitterBuffer(0.0, timeline=JoinedTimeline(0.0))
    return heard


def test_packets_that_come_later_and_later_follow_each_other():
    lost_ticks = {number: FRAME * (number // 10) for number in range(100)}

    heard = line().run(delayed(steady(100), lost_ticks), until=2.3)

    assert heard.packets == list(range(100))
    assert heard.gaps == []
    assert heard.slips == []
    assert heard.buffer.position == 100 * FRAME_SAMPLES


def test_timestamps_that_jump_to_the_clock_make_no_gap():
    late = [
        (0.02 + number * FRAME + 0.06, slin(number, timestamp=number * FRAME_SAMPLES + 960))
        for number in range(50, 100)
    ]

    heard = line().run([*steady(50), *late], until=2.1)

    assert heard.packets == list(range(100))
    assert heard.gaps == []


def test_nobody_is_taken_to_be_silent_before_the_longest_break():
    heard = line().run(steady(10), until=0.67)

    assert heard.gaps == []


def test_time_goes_on_where_nothing_comes():
    heard = line().run(steady(10), until=2.0)

    assert sum(heard.gaps) >= 1.7 * 16_000
    assert max(heard.behind[-50:]) < 0.06


def test_who_speaks_after_a_silence_is_in_his_place():
    again = [(2.02 + number * FRAME, slin(10 + number)) for number in range(10)]

    heard = line().run([*steady(10), *again], until=2.21)

    assert heard.packets == list(range(20))
    assert heard.buffer.position == 2.2 * 16_000


def test_a_packet_that_is_lost_leaves_a_gap_of_its_length():
    heard = line().run(without(steady(50), 20), until=1.01)

    assert heard.gaps == [FRAME_SAMPLES]
    assert heard.buffer.position == 50 * FRAME_SAMPLES


def test_what_has_waited_in_a_stall_is_not_given_up():
    stall = {number: 0.4 - (number - 20) * FRAME for number in range(20, 40)}

    heard = line().run(delayed(steady(50), stall), until=1.1)

    assert heard.packets == list(range(50))
    assert heard.gaps == []


def test_what_has_waited_for_longer_than_the_longest_break_is_not_given_up_either():
    stall = {number: 1.4 - (number - 20) * FRAME for number in range(20, 90)}

    heard = line().run(delayed(steady(100), stall), until=2.1)

    assert heard.packets == list(range(100))
    assert heard.buffer.reception.late == 0
