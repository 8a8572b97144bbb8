from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.media.batch_fakes import FakeClock, FakeLane, FakeSenders
from voicebot.media.batch import UNEVEN, Batches, Speaker
from voicebot.media.clock import SLOTS
from voicebot.media.phases import LOOKS, MOST_LOOKS, RARE, WORTH, Phases
from voicebot.media.playout import Playout

if TYPE_CHECKING:
    from collections.abc import Sequence

ROWS = np.array([0, 1])
PLACE = 0.02 / SLOTS


def advice(waits: Sequence[float], *, row: int = 0) -> list[tuple[int, int]]:
    """What is advised after packets that came so many seconds before their ticks."""
    phases = Phases(4)
    found = []
    for number, wait in enumerate(waits):
        tick = 10.0 + number * 0.02
        phases.arrived(row, tick - wait)
        found += phases.ticked(ROWS, tick)
    return found


def test_a_tick_that_follows_its_packets_is_left_where_it_is():
    assert advice([0.0] * 3 * LOOKS) == advice([0.9 * PLACE] * 3 * LOOKS) == []


def test_a_tick_that_packets_wait_for_had_better_come_earlier():
    assert advice([3.5 * PLACE] * LOOKS) == [(0, 3)]


def test_the_packet_that_comes_last_decides():
    assert advice([3.5 * PLACE, 1.5 * PLACE] * LOOKS)[0] == (0, 1)


def test_for_little_gain_nobody_moves_except_at_first():
    little, enough = [(WORTH - 0.5) * PLACE] * 2 * LOOKS, [(WORTH + 0.5) * PLACE] * 2 * LOOKS

    assert advice(little[:LOOKS]) == [(0, WORTH - 1)]
    assert advice([0.0] * LOOKS + little) == []
    assert advice([0.0] * LOOKS + enough) == [(0, WORTH)]


def test_who_speaks_is_judged_afterwards():
    phases = Phases(4)
    ticks = [10.0 + number * 0.02 for number in range(3 * LOOKS)]
    for tick in ticks[:-1]:
        phases.arrived(0, tick - 3.5 * PLACE)
        assert phases.ticked(ROWS, tick, speaking={0}) == []

    phases.arrived(0, ticks[-1] - 3.5 * PLACE)
    assert phases.ticked(ROWS, ticks[-1], speaking={1}) == [(0, 3)]


def test_a_call_is_judged_by_ever_more_packets():
    # Nobody follows the advice, so it is the same each time.
    times = len(advice([3.5 * PLACE] * 3 * MOST_LOOKS))

    assert times == 1 + (MOST_LOOKS // LOOKS).bit_length()


def test_packets_that_come_before_and_after_the_tick_are_all_waited_for():
    # Half of them just miss it and wait for the next.
    assert advice([0.1 * PLACE, (SLOTS - 0.1) * PLACE] * LOOKS)[0] == (0, SLOTS - 1)


def test_jitter_as_long_as_a_tick_moves_nothing():
    waits = [(number % SLOTS + 0.5) * PLACE for number in range(3 * LOOKS)]

    assert advice(waits) == []


def test_a_few_packets_that_come_otherwise_do_not_count():
    rare = int(RARE * LOOKS)

    assert advice([0.5 * PLACE] * (LOOKS - rare) + [3.5 * PLACE] * rare) == []


def test_nothing_is_judged_by_a_few_packets():
    assert advice([0.017] * (LOOKS - 1)) == []


def test_a_caller_who_sends_nothing_waits_for_nothing():
    phases = Phases(4)
    phases.arrived(0, 9.0)

    assert [phases.ticked(ROWS, 10 + number * 0.02) for number in range(100)] == [[]] * 100


def test_a_new_call_begins_anew():
    phases = Phases(4)
    for number in range(LOOKS - 1):
        phases.arrived(0, 10 + number * 0.02 - 0.017)
        phases.ticked(ROWS, 10 + number * 0.02)
    phases.open(0)

    phases.arrived(0, 11 - 0.017)
    assert phases.ticked(ROWS, 11) == []


class Calls:
    """Batches without sockets, and calls in them."""

    def __init__(self, count: int) -> None:
        self.clock, self.lane = FakeClock(), FakeLane([])
        self.batches = Batches(self.clock, self.lane, FakeSenders([]), lambda _sock, _answered: 0.0)
        self.speakers = [Speaker(row, Playout(), object(), "a call") for row in range(count)]
        for speaker in self.speakers:
            self.batches.add(speaker)

    def place(self, row: int) -> int:
        batch = self.speakers[row].batch
        assert batch is not None
        return batch.place

    def pass_ticks(self, row: int, wait: float, count: int = LOOKS) -> None:
        """Tick the place of ``row``; its packets come ``wait`` seconds before."""
        for number in range(count):
            now = 10 + number * 0.02
            self.lane.phases.arrived(row, now - wait)
            self.clock.tick(self.place(row), now, number)


@pytest.mark.parametrize("earlier", [1, 2, 4])
async def test_a_silent_call_moves_to_the_place_after_its_packets(earlier: int):
    calls = Calls(1)
    before = calls.place(0)

    calls.pass_ticks(0, (earlier + 0.1) * PLACE)
    await asyncio.sleep(0.03)

    assert calls.place(0) == (before - earlier) % SLOTS
    assert [place for place, _ in calls.clock.ticks.values()] == [calls.place(0)]


async def test_a_call_that_speaks_stays_where_it_is():
    calls = Calls(1)
    before = calls.place(0)
    calls.speakers[0].playout.play(b"\1\0" * 16000)

    calls.pass_ticks(0, 0.017)

    assert calls.place(0) == before


async def test_many_calls_whose_packets_come_together_stay_spread():
    calls = Calls(400)

    for row in range(400):
        calls.pass_ticks(row, 0.017)
    await asyncio.sleep(0.03)

    places = [calls.place(row) for row in range(400)]
    most = (1 + UNEVEN) * 400 / SLOTS
    assert max(places.count(place) for place in range(SLOTS)) <= most


async def test_a_call_that_ends_on_its_way_is_not_ticked_any_more():
    calls = Calls(1)
    calls.pass_ticks(0, 0.013)

    calls.batches.remove(calls.speakers[0])
    await asyncio.sleep(0.03)

    assert calls.clock.ticks == {}
