"""The quick way and the exact one: whatever comes, both lead to the same."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.media.wire import FRAME, slin
from voicebot.media import audio
from voicebot.media.datagrams import Inbox, source_key
from voicebot.media.lane import Lane
from voicebot.media.receiver import RtpReceiver
from voicebot.media.rtp import RtpPacket
from voicebot.media.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.media.audio import Frame

CALLS = 3


class Ear:
    """Hears one call, and notes what the lane says of each frame's energy."""

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self.frames: list[tuple[Frame, float]] = []
        self.measured = 0

    def __call__(self, frame: Frame, now: float) -> None:
        self.frames.append((frame, now))
        if self.lane.energy is not None:
            self.measured += 1
            assert self.lane.energy == audio.energy(frame)


class Line:
    """Some calls that arrive at one socket, and the lane that delivers them."""

    def __init__(self, *, quick: bool) -> None:
        self.quick = quick
        self.lane = Lane(CALLS + 2)
        self.inbox = Inbox()
        self.foreign = 0
        self.ours = self._socket()
        self.callers = [self._socket() for _ in range(CALLS + 1)]
        self.receivers = [RtpReceiver(0.0, name=f"call {row}") for row in range(CALLS)]
        self.ears = [Ear(self.lane) for _ in range(CALLS)]
        for row, receiver in enumerate(self.receivers):
            receiver.listen(self.ears[row])
            self.lane.open(row, source_key(self.callers[row].getsockname()), receiver)

    @staticmethod
    def _socket() -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        return sock

    def arrive(self, datagrams: Sequence[tuple[int, bytes]], now: float) -> None:
        """Let datagrams, each with the number of its caller, come at once."""
        for caller, datagram in datagrams:
            self.callers[caller].sendto(datagram, self.ours.getsockname())
        count = self.inbox.read(self.ours)
        assert count == len(datagrams)
        if count:
            self.foreign += self.lane.deliver(self.inbox, count, now, quick=self.quick)

    def tick(self, now: float) -> None:
        self.lane.poll(np.arange(CALLS), now)

    def told(self) -> list[object]:
        """Return all that can be known of the calls."""
        for row in range(CALLS):
            self.lane.settle(row)
        return [
            (
                ear.frames,
                receiver.concealed,
                receiver.next_deadline(),
                {**vars(receiver.reception), "lost": receiver.reception.lost},
            )
            for ear, receiver in zip(self.ears, self.receivers, strict=True)
        ]

    def close(self) -> None:
        for sock in (self.ours, *self.callers):
            sock.close()


@pytest.fixture
def lines() -> Iterator[list[Line]]:
    pair = [Line(quick=True), Line(quick=False)]
    yield pair
    for line in pair:
        line.close()


def test_what_is_expected_takes_the_quick_way_and_leads_to_the_same(lines: list[Line]):
    quick, exact = lines

    for line in lines:
        for number in range(200):
            now = (number + 1) * FRAME + 0.003 * (number % 3)
            line.arrive([(row, slin(number).serialise()) for row in range(CALLS)], now)
            line.tick(now + 0.001)

    assert quick.told() == exact.told()
    assert [ear.measured for ear in quick.ears] == [199] * CALLS
    assert [len(ear.frames) for ear in exact.ears] == [200] * CALLS


def test_numbers_and_timestamps_wrap_on_the_quick_way(lines: list[Line]):
    quick, exact = lines
    start = {"sequence": 65_500, "timestamp": 2**32 - 320 * 50}

    for line in lines:
        for number in range(120):
            line.arrive([(0, slin(number, **start).serialise())], (number + 1) * FRAME)

    assert quick.told() == exact.told()
    assert quick.ears[0].measured == 119


def test_a_packet_for_each_call_may_come_several_times_in_a_batch(lines: list[Line]):
    quick, exact = lines

    for line in lines:
        for number in range(10):
            line.arrive([(0, slin(number).serialise())], (number + 1) * FRAME)
        # A stall of 100 ms, and then all at once.
        late = [(row % 2, slin(10 + n).serialise()) for n in range(5) for row in range(2)]
        line.arrive(late, 15 * FRAME)

    assert quick.told() == exact.told()
    assert [int(np.frombuffer(f, "<i2")[0]) for f, _ in quick.ears[0].frames] == list(range(1, 16))


def test_a_strangers_packets_are_counted_and_reach_nobody(lines: list[Line]):
    quick, exact = lines

    for line in lines:
        for number in range(5):
            now = (number + 1) * FRAME
            line.arrive([(0, slin(number).serialise()), (CALLS, slin(number).serialise())], now)
            line.arrive([(CALLS, slin(number + 1).serialise())], now)

    assert quick.foreign == exact.foreign == 10
    assert quick.told() == exact.told()


def test_a_call_that_was_closed_hears_no_more(lines: list[Line]):
    quick, _ = lines
    for number in range(3):
        quick.arrive([(0, slin(number).serialise())], (number + 1) * FRAME)

    quick.lane.close(0, source_key(quick.callers[0].getsockname()))
    quick.arrive([(0, slin(3).serialise())], 4 * FRAME)
    quick.tick(10.0)

    assert len(quick.ears[0].frames) == 3
    assert quick.foreign == 1
    assert quick.receivers[0].reception.received == 3


def test_who_is_not_heard_for_a_while_is_no_stranger_and_is_heard_after(lines: list[Line]):
    quick, exact = lines

    for line in lines:
        source = source_key(line.callers[1].getsockname())
        for number in range(100):
            if number in (30, 60):
                line.lane.heed(source, heard=number == 60)
            now = (number + 1) * FRAME
            line.arrive([(row, slin(number).serialise()) for row in range(CALLS)], now)
            line.tick(now + 0.001)
        assert line.foreign == 0
        assert [len(ear.frames) for ear in line.ears] == [100] * CALLS
        assert [receiver.concealed // 320 for receiver in line.receivers] == [0, 30, 0]

    assert quick.told() == exact.told()


def test_time_goes_on_for_the_longest_overdue_first_and_the_rest_is_left(lines: list[Line]):
    quick, _ = lines
    for row in range(CALLS):
        quick.arrive([(row, slin(0).serialise())], (row + 1) * FRAME)

    quick.lane.poll(np.arange(CALLS)[::-1], 1.0, lambda: True)
    first = [len(ear.frames) > 10 for ear in quick.ears]
    quick.tick(1.0)

    assert first == [True, *[False] * (CALLS - 1)]
    assert all(len(ear.frames) > 10 for ear in quick.ears)


class Broken(Timeline):
    """What makes a receiver fail with each packet."""

    def place(self, *_arguments: object) -> bool:
        raise RuntimeError("broken timeline")


@pytest.mark.parametrize("quick", [True, False])
def test_a_call_whose_receiver_fails_is_deaf_and_harms_nobody(
    quick: bool, capsys: pytest.CaptureFixture[str]
):
    line = Line(quick=quick)
    ill = RtpReceiver(0.0, name="ill", timeline=Broken(0.0))
    line.lane.open(1, source_key(line.callers[1].getsockname()), ill)

    for number in range(3):
        now = (number + 1) * FRAME
        line.arrive([(row, slin(number).serialise()) for row in range(CALLS)], now)
        line.tick(now)
    line.close()

    assert [len(ear.frames) for ear in line.ears] == [3, 0, 3]
    shown = capsys.readouterr().out
    assert shown.count("hears no more call=ill") == 1
    assert "RuntimeError: broken timeline" in shown


@dataclass
class Sending:
    """One caller's sender, and the ways in which it goes wrong."""

    sequence: int = 65_530
    timestamp: int = 2**32 - 4000
    ssrc: int = 7
    held: list[bytes] = field(default_factory=list)

    def packets(self, fault: str, level: int) -> list[bytes]:
        samples = {"short": 160, "long": 640, "odd": 200}.get(fault, 320)
        if fault == "restart":
            self.ssrc, self.sequence, self.timestamp = self.ssrc + 1, 1000, 77
        elif fault == "jump":
            self.timestamp += 99_999
        elif fault == "skip":
            self.sequence += 2
            self.timestamp += 640
        packet = slin(0, samples=samples, ssrc=self.ssrc, level=level)
        packet.sequence, packet.timestamp = self.sequence & 0xFFFF, self.timestamp & 0xFFFF_FFFF
        self.sequence, self.timestamp = self.sequence + 1, self.timestamp + samples
        if fault == "marker":
            packet.marker = True
        elif fault == "csrc":
            packet.csrcs = (1,)
        elif fault == "padding":
            packet.padding = 4
        elif fault == "other":
            packet.payload_type, packet.payload = 0, bytes(160)
            packet.timestamp = packet.timestamp // 2
        datagram = packet.serialise()
        if fault == "lost":
            return []
        if fault == "held":
            self.held.append(datagram)
            return []
        held, self.held = self.held, []
        rubbish = [datagram[:-1], b"", b"\x80"] if fault == "rubbish" else []
        return [datagram, *held, *([datagram] if fault == "twice" else []), *rubbish]


FAULTS = (
    *[""] * 20, "lost", "held", "twice", "skip", "short", "long", "odd", "restart", "jump",
    "marker", "csrc", "padding", "other", "rubbish",
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    faults=st.lists(st.tuples(*[st.sampled_from(FAULTS)] * CALLS), min_size=5, max_size=90),
    lateness=st.lists(st.sampled_from((0.0, 0.0, 0.0, 0.002, 0.015, 0.05, 0.2, 1.3)), min_size=1),
    rate=st.sampled_from((1.0, 1.0, 0.97, 1.03)),
    merge=st.sets(st.integers(0, 89)),
    looks=st.sets(st.integers(0, 89)),
)
def test_both_ways_lead_to_the_same(
    faults: list[tuple[str, ...]],
    lateness: list[float],
    rate: float,
    merge: set[int],
    looks: set[int],
):
    lines = [Line(quick=True), Line(quick=False)]
    for line in lines:
        senders = [Sending() for _ in range(CALLS)]
        waiting: list[tuple[int, bytes]] = []
        now = 0.0
        for number, kinds in enumerate(faults):
            now = max(now, (number + 1) * FRAME * rate + lateness[number % len(lateness)])
            for row, kind in enumerate(kinds):
                level = (number * 37 + row) % 300
                waiting += [(row, octets) for octets in senders[row].packets(kind, level)]
            if number not in merge:
                line.arrive(waiting, now)
                waiting = []
            line.tick(now + 0.001)
            if number in looks:
                # Who asks for the statistics of a call changes nothing.
                line.lane.settle(number % CALLS)
        line.tick(now + 0.5)
    told = [line.told() for line in lines]
    for line in lines:
        line.close()

    assert told[0] == told[1]


def test_g711_goes_the_exact_way(lines: list[Line]):
    quick, exact = lines

    for line in lines:
        for number in range(30):
            packet = RtpPacket(0, number, 160 * number, 7, bytes([number]) * 160)
            line.arrive([(0, packet.serialise())], (number + 1) * FRAME)

    assert quick.told() == exact.told()
    assert quick.ears[0].measured == 0
