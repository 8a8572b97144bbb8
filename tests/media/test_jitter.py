from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.wire import FRAME, slin
from voicebot.media.jitter import JitterBuffer
from voicebot.media.rtp import RtpPacket
from voicebot.media.timeline import MAX_LEAD, Chunk, Gap, Slip

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Arrival = tuple[float, RtpPacket]


class Line:
    """A jitter buffer at the end of a line, asked every 20 ms as the clock does."""

    def __init__(self, *, max_delay: float = 0.08) -> None:
        self.buffer = JitterBuffer(0.0, max_delay=max_delay)
        self.out: list[tuple[float, Chunk]] = []
        self.behind: list[float] = []

    def run(self, arrivals: Iterable[Arrival], *, until: float) -> Line:
        events: list[tuple[float, int, RtpPacket | None]] = [
            (arrival, 0, packet) for arrival, packet in arrivals if arrival < until
        ]
        events += [(tick * FRAME + 0.003, 1, None) for tick in range(int(until / FRAME))]
        for now, _, packet in sorted(events, key=lambda event: event[:2]):
            chunks = self.buffer.poll(now) if packet is None else self.buffer.push(packet, now)
            self.out += [(now, chunk) for chunk in chunks]
            self.behind.append(now - self.buffer.position / 16_000)
        return self

    @property
    def packets(self) -> list[int]:
        return [chunk.sequence for _, chunk in self.out if isinstance(chunk, RtpPacket)]

    @property
    def delays(self) -> dict[int, float]:
        return {c.sequence: now for now, c in self.out if isinstance(c, RtpPacket)}

    @property
    def gaps(self) -> list[int]:
        return [chunk.samples for _, chunk in self.out if isinstance(chunk, Gap)]

    @property
    def slips(self) -> list[int]:
        return [chunk.frames for _, chunk in self.out if isinstance(chunk, Slip)]

    @property
    def samples(self) -> int:
        return sum(
            len(chunk.payload) // 2
            if isinstance(chunk, RtpPacket)
            else chunk.samples
            if isinstance(chunk, Gap)
            else chunk.frames * 320
            for _, chunk in self.out
        )


def steady(count: int, *, first: int = 0, start: float = 0.02, **stream: int) -> list[Arrival]:
    """Return packets that arrive exactly when they should."""
    return [(start + i * FRAME, slin(i, **stream)) for i in range(first, first + count)]


def without(arrivals: Sequence[Arrival], *missing: int) -> list[Arrival]:
    return [arrival for i, arrival in enumerate(arrivals) if i not in missing]


def delayed(arrivals: Sequence[Arrival], delays: dict[int, float]) -> list[Arrival]:
    return [(t + delays.get(i, 0.0), packet) for i, (t, packet) in enumerate(arrivals)]


def held_up(arrivals: Sequence[Arrival], since: float, seconds: float) -> list[Arrival]:
    """Let nothing come for ``seconds``, and then at once what was to come."""
    until = since + seconds
    return [(until if since <= t < until else t, packet) for t, packet in arrivals]


def test_packets_in_order_go_on_at_once():
    line = Line().run(steady(50), until=1.01)

    assert line.packets == list(range(50))
    assert line.delays == pytest.approx({i: 0.02 + i * FRAME for i in range(50)})
    assert not line.gaps


def test_two_packets_that_changed_places_are_put_in_order():
    line = Line().run(delayed(steady(50), {10: 0.021}), until=1.01)

    assert line.packets == list(range(50))
    assert not line.gaps
    assert line.buffer.reception.late == line.buffer.reception.bursts == 0


def test_a_lost_packet_is_a_gap_of_its_length_and_delays_the_others_by_30_ms():
    line = Line().run(without(steady(50), 10), until=1.01)

    assert line.packets == [*range(10), *range(11, 50)]
    assert line.gaps == [320]
    assert line.delays[11] == pytest.approx(0.02 + 11 * FRAME + 0.03, abs=FRAME)
    assert line.delays[14] == pytest.approx(0.02 + 14 * FRAME)
    assert line.buffer.reception.lost == 1


@pytest.mark.parametrize("burst", [2, 3, 5, 8, 30, 63, 64, 65, 200])
def test_a_burst_of_losses_takes_the_time_it_takes(burst: int):
    line = Line().run(without(steady(300), *range(10, 10 + burst)), until=6.001)

    assert line.packets == [*range(10), *range(10 + burst, 300)]
    assert sum(line.gaps) == burst * 320
    assert line.samples == line.buffer.position == 300 * 320
    assert line.buffer.reception.lost == burst
    assert line.buffer.reception.bursts == 1


def test_a_packet_later_than_its_gap_is_dropped_and_counted():
    line = Line().run(delayed(steady(50), {10: 0.15}), until=1.01)

    assert line.packets == [*range(10), *range(11, 50)]
    assert line.buffer.reception.late == 1
    assert line.buffer.reception.lost == 0


def test_duplicates_are_dropped_and_counted():
    arrivals = steady(50)
    line = Line().run(arrivals + [(t + 0.001, p) for t, p in arrivals[5:25]], until=1.01)

    assert line.packets == list(range(50))
    assert line.buffer.reception.duplicates == 20
    assert line.buffer.reception.late == 0


def test_a_duplicate_of_a_packet_that_waits_is_dropped():
    arrivals = without(steady(50), 10)
    line = Line().run([*arrivals, (arrivals[10][0] + 0.001, arrivals[10][1])], until=1.01)

    assert line.packets == [*range(10), *range(11, 50)]
    assert line.buffer.reception.duplicates == 1


def test_numbers_and_timestamps_wrap_without_notice():
    line = Line().run(steady(50, sequence=65_530, timestamp=2**32 - 3000), until=1.01)

    assert len(line.packets) == 50
    assert not line.gaps
    assert line.buffer.reception.lost == 0
    assert line.buffer.reception.jitter < 0.001


def test_a_loss_across_the_wrap_is_one_loss():
    line = Line().run(without(steady(50, sequence=65_530, timestamp=2**32 - 3200), 6), until=1.01)

    assert len(line.packets) == 49
    assert line.gaps == [320]
    assert line.buffer.reception.lost == 1


@pytest.mark.parametrize("jump", [160, 5_000, 1_000_000, 2**31, 2**32 - 320])
def test_a_jump_of_the_timestamps_is_no_gap(jump: int):
    first = steady(25)
    second = steady(25, first=25, timestamp=jump)

    line = Line().run(first + second, until=1.01)

    assert line.packets == list(range(50))
    assert not line.gaps


def test_a_new_source_is_believed_with_its_second_packet():
    first = steady(25)
    second = steady(25, first=25, ssrc=8, sequence=40_000, timestamp=99)

    line = Line().run(first + second, until=1.01)

    assert len(line.packets) == 50
    assert line.buffer.reception.lost == 0
    assert line.buffer.reception.received == 50


def test_a_new_source_costs_no_time():
    second = steady(25, first=25, ssrc=8, sequence=40_000, timestamp=99)

    line = Line().run(steady(25) + second, until=1.01)

    assert not line.gaps
    assert line.buffer.position == 50 * 320
    assert line.buffer.reception.jitter == pytest.approx(0, abs=1e-6)


def test_a_packet_of_another_source_that_came_long_ago_is_not_heard_late():
    stray = (0.511, slin(0, ssrc=8, sequence=40_000))
    new = [(t, slin(i - 1, ssrc=8, sequence=40_001)) for i, (t, _) in enumerate(steady(50)) if i]

    line = Line().run([*steady(25), stray, *[(t + 1.0, packet) for t, packet in new]], until=2.01)

    assert line.packets == [*range(25), *range(40_001, 40_050)]
    assert line.buffer.reception.late == 1


def test_a_single_packet_of_another_source_does_not_interrupt():
    stray = [(0.211, slin(3, ssrc=99, sequence=12_345))]

    line = Line().run(steady(50) + stray, until=1.01)

    assert line.packets == list(range(50))
    assert line.buffer.reception.strange == 1


def test_a_restart_of_the_same_source_is_followed():
    second = [(t + 0.5, p) for t, p in steady(25, sequence=30_000, timestamp=77)]

    line = Line().run(steady(25) + second, until=1.01)

    assert line.packets == [*range(25), *range(30_000, 30_025)]


@pytest.mark.parametrize("timestamp", [50 * 320, 5_000_000, 2**31])
@pytest.mark.parametrize("back", [2, 50, 100, 101])
def test_a_restart_a_little_further_back_is_no_row_of_duplicates(back: int, timestamp: int):
    again = [
        (1.02 + i * FRAME, slin(i, sequence=1050 - back, timestamp=timestamp)) for i in range(50)
    ]

    line = Line().run(steady(50, sequence=1000) + again, until=2.01)

    assert line.packets == [*range(1000, 1050), *range(1050 - back, 1100 - back)]
    assert line.buffer.reception.lost == 0


@pytest.mark.parametrize("milliseconds", [20, 60])
@pytest.mark.parametrize("behind", [1, 50, 99])
def test_duplicates_that_come_much_later_begin_nothing(behind: int, milliseconds: int):
    seconds, samples = milliseconds / 1000, milliseconds * 16
    sent = [((i + 1) * seconds, slin(i, samples=samples)) for i in range(150)]
    again = [(t + behind * seconds + 0.001, packet) for t, packet in sent[:40]]

    line = Line().run(sent + again, until=9.1)

    assert line.packets == list(range(150))
    assert line.buffer.reception.duplicates == 40


@pytest.mark.parametrize("milliseconds", [10, 20, 30, 40, 60])
def test_packets_of_any_length_make_the_same_timeline(milliseconds: int):
    count, samples = 1200 // milliseconds, milliseconds * 16
    arrivals = [((i + 1) * milliseconds / 1000, slin(i, samples=samples)) for i in range(count)]

    line = Line().run(arrivals, until=1.201)

    assert line.packets == list(range(count))
    assert not line.gaps
    assert line.samples == 1200 * 16


def test_without_any_packet_time_goes_on():
    line = Line().run([], until=60.0)

    assert line.samples == pytest.approx(60 * 16_000, abs=0.06 * 16_000)
    assert line.buffer.concealed == line.samples


@pytest.mark.parametrize("continuous", [True, False])
def test_a_pause_of_the_sender_lasts_as_long_as_it_lasts(continuous: bool):
    """Timestamps may count the time of a pause (RFC 3551) or stand still; the clock decides."""
    pause = 3.013
    second = [(t + pause, p) for t, p in steady(50, first=50)]
    if not continuous:
        second = [(t, replace(p, timestamp=p.timestamp + 48_208)) for t, p in second]

    line = Line().run(steady(50) + second, until=2.001 + pause)

    assert line.packets == list(range(100))
    assert sum(line.gaps) == pytest.approx(pause * 16_000, abs=320)
    assert line.samples == pytest.approx((2.0 + pause) * 16_000, abs=2 * 320)


def test_many_pauses_add_no_drift():
    arrivals = []
    for talk in range(60):
        arrivals += [(talk + 0.02 + i * FRAME, slin(talk * 30 + i)) for i in range(30)]

    line = Line().run(arrivals, until=60.0)

    assert len(line.packets) == 1800
    assert line.samples == pytest.approx(60 * 16_000, abs=0.08 * 16_000)
    assert not line.slips


@pytest.mark.parametrize("ppm", [-200, 200])
def test_a_senders_clock_that_is_off_is_followed(ppm: int):
    rate, seconds = FRAME * (1 - ppm * 1e-6), 900
    line = Line()

    line.run([(0.02 + i * rate, slin(i)) for i in range(45_100)], until=seconds)

    assert line.samples == pytest.approx(seconds * 16_000, abs=3 * 320)
    assert sum(line.slips) == pytest.approx(-seconds * ppm * 1e-6 / FRAME, abs=2)
    assert not line.gaps
    assert min(line.behind) > -0.03
    assert max(line.behind) < 0.06


def test_a_sender_that_is_much_too_quick_is_cut_to_the_clock_and_what_may_have_been_held_up():
    arrivals = [(0.02 + i * 0.004, slin(i)) for i in range(5000)]

    line = Line().run(arrivals, until=20.0)

    assert line.samples == pytest.approx((20 + MAX_LEAD) * 16_000, abs=0.12 * 16_000)
    assert min(line.behind) > -MAX_LEAD - 0.05


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.6, 1.2, 4.9])
def test_what_is_held_up_and_comes_at_once_is_all_heard_though_its_time_was_silence(seconds: float):
    line = Line().run(held_up(steady(400), 2.01, seconds), until=8.01)

    assert line.packets == list(range(400))
    assert line.buffer.reception.late == 0
    assert sum(line.gaps) == pytest.approx(seconds * 16_000, abs=3 * 320)


def test_what_is_held_up_for_longer_than_five_seconds_is_cut():
    line = Line().run(held_up(steady(500), 2.01, 6.0), until=10.01)

    assert len(line.packets) == 500 - line.buffer.reception.late
    assert line.buffer.reception.late == pytest.approx((6.0 - MAX_LEAD) / FRAME, abs=3)


def test_where_packets_were_held_up_they_may_be_again_without_a_gap():
    arrivals = held_up(held_up(steady(300), 2.01, 0.5), 3.01, 0.4)

    line = Line().run(arrivals, until=6.01)

    assert line.packets == list(range(300))
    assert [at for at, chunk in line.out if isinstance(chunk, Gap) and at > 2.6] == []


def test_what_being_held_up_has_added_is_taken_out_again_a_frame_a_second():
    line = Line().run(held_up(steady(2000), 2.01, 0.5), until=40.01)

    assert sum(line.slips) == pytest.approx(-0.5 / FRAME, abs=3)
    assert line.samples == pytest.approx(40 * 16_000, abs=2 * 320)


def test_nobody_is_taken_to_be_silent_who_is_only_held_up():
    line = Line().run(steady(50), until=1.01)

    assert line.buffer.poll(1.5, held_up=True) == []
    assert sum(gap.samples for gap in line.buffer.poll(1.5) if isinstance(gap, Gap)) >= 0.4 * 16_000


@pytest.mark.parametrize("silent", [0.0, 0.3], ids=["at once", "after silence"])
@pytest.mark.parametrize("held_up", [2, 8, 20])
def test_what_comes_at_once_as_a_call_begins_is_all_heard_and_none_is_taken_out_later(
    held_up: int, silent: float
):
    sent = steady(300, start=silent + 0.015 - held_up * FRAME)

    line = Line().run([(max(at, silent + 0.002), packet) for at, packet in sent], until=6.5)

    assert line.packets == list(range(300))
    assert line.slips == []
    assert line.buffer.reception.late == 0


def test_no_more_than_five_seconds_and_a_half_come_at_once_as_a_call_begins():
    arrivals = [(max(arrival, 8.0), packet) for arrival, packet in steady(400)]

    line = Line().run(arrivals, until=8.01)

    assert len(line.packets) == pytest.approx((MAX_LEAD + 0.5) / FRAME, abs=2)
    assert line.buffer.reception.late == 400 - len(line.packets)


def test_jitter_within_the_bound_loses_nothing():
    spread = [0.0, 0.031, 0.007, 0.052, 0.018, 0.044, 0.003, 0.06, 0.025, 0.011]
    arrivals = [(t + spread[i % 10], p) for i, (t, p) in enumerate(steady(1000))]

    line = Line().run(arrivals, until=20.5)

    assert line.packets == sorted(line.packets)
    assert len(line.packets) >= 995  # the first ones teach the buffer what to expect
    assert line.buffer.delay == pytest.approx(0.08)


def test_after_jitter_the_wait_becomes_short_again():
    arrivals = [(t + i % 2 * 0.03, p) for i, (t, p) in enumerate(steady(100))]
    buffer = Line().run(arrivals + steady(200, first=100), until=6.0).buffer

    assert buffer.delay == pytest.approx(0.03)


def test_a_lasting_longer_way_is_adopted():
    arrivals = [(t + (0.3 if i >= 50 else 0), p) for i, (t, p) in enumerate(steady(500))]

    line = Line().run(arrivals, until=10.4)

    assert len(line.packets) == 500
    assert line.samples == pytest.approx(10.4 * 16_000, abs=0.1 * 16_000)


def test_a_jam_that_dissolves_leaves_no_delay_behind():
    jam = {i: 1.25 - (0.02 + i * FRAME) for i in range(50, 61)}

    line = Line().run(delayed(steady(500), jam), until=10.01)

    assert line.samples == pytest.approx(10 * 16_000, abs=0.06 * 16_000)
    assert line.packets[-1] == 499


def test_without_a_wait_allowed_a_gap_is_given_up_at_once():
    line = Line(max_delay=0.0).run(without(steady(50), 10), until=1.01)

    assert line.delays[11] == pytest.approx(0.02 + 11 * FRAME)
    assert line.gaps == [320]


FAULTS = st.lists(
    st.tuples(
        st.sampled_from(["fine", "fine", "fine", "fine", "lost", "twice", "pause"]),
        st.floats(0, 0.12),
        st.booleans(),
    ),
    min_size=1,
    max_size=120,
)


def faulty(faults: Sequence[tuple[str, float, bool]], sequence: int, stamp: int) -> list[Arrival]:
    """Return the arrivals that a list of faults makes of a steady stream."""
    arrivals, time = [], 0.02
    for index, (kind, delay, jitters) in enumerate(faults):
        packet = slin(index, sequence=sequence, timestamp=stamp)
        arrival = time + (delay if jitters else 0.0)
        if kind != "lost":
            arrivals.append((arrival, packet))
        if kind == "twice":
            arrivals.append((arrival + delay, packet))
        time += FRAME + (delay * 5 if kind == "pause" else 0.0)
    return arrivals


def test_whatever_the_line_does_time_is_kept_and_nothing_comes_twice_or_backwards():
    @settings(max_examples=150, deadline=None)
    @given(FAULTS, st.integers(0, 0xFFFF), st.integers(0, 0xFFFF_FFFF))
    def invariants(faults: list[tuple[str, float, bool]], sequence: int, stamp: int) -> None:
        arrivals = faulty(faults, sequence, stamp)
        until = max([0.0, *(arrival for arrival, _ in arrivals)]) + 1.0

        line = Line().run(arrivals, until=until)

        places = [(number - sequence) & 0xFFFF for number in line.packets]
        assert all(before < after for before, after in pairwise(places))
        assert line.samples == line.buffer.position
        assert min(line.behind) > -0.13
        assert max(line.behind[20:], default=0) < 0.2
        assert line.samples == pytest.approx(until * 16_000, abs=0.15 * 16_000)

    invariants()
