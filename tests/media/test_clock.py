from __future__ import annotations

import asyncio
from functools import partial
from itertools import pairwise

import pytest

from tests.virtual_time import in_virtual_time, loop_time, stall
from voicebot.media.clock import SLOTS, MediaClock, SlotSchedule

SLOT = 0.02 / SLOTS


def test_each_slot_is_due_once_and_in_its_time():
    schedule = SlotSchedule(100.0)

    runs = [list(schedule.due(100.0 + slot * SLOT)) for slot in range(200)]

    assert runs == [[slot] for slot in range(200)]
    assert schedule.stalls == 0


def test_a_timer_that_comes_a_little_early_runs_its_slot():
    schedule = SlotSchedule(0.0)
    schedule.due(SLOT)

    assert list(schedule.due(2 * SLOT - 0.0005)) == [2]
    assert list(schedule.due(3 * SLOT - 0.001)) == []


def test_after_a_stall_every_place_is_due_once():
    schedule = SlotSchedule(0.0)
    for slot in range(2 * SLOTS):
        schedule.due(slot * SLOT)

    late = list(schedule.due(14 * SLOTS * SLOT))

    assert len(late) == SLOTS
    assert sorted(number % SLOTS for number in late) == list(range(SLOTS))
    assert late[-1] == 14 * SLOTS
    assert schedule.stalls == 1
    assert list(schedule.due((14 * SLOTS + 1) * SLOT)) == [14 * SLOTS + 1]


def test_slots_left_out_on_purpose_are_no_stall():
    schedule = SlotSchedule(0.0)

    schedule.skip(60.0)

    assert list(schedule.due(60.0 + SLOT)) == [3000 * SLOTS + 1]
    assert schedule.stalls == 0


@in_virtual_time
async def test_calls_are_spread_over_the_tick():
    clock = MediaClock(time_source=loop_time)
    phases = [1.0e9] * 10

    def note(index: int, now: float, number: int) -> None:
        phases[index] = min(phases[index], now - number * 0.02)

    for index in range(10):
        clock.add(partial(note, index))
    await asyncio.sleep(0.2)
    clock.stop()

    assert len({round(1000 * (phase - min(phases))) for phase in phases}) >= SLOTS
    assert 0.004 < max(phases) - min(phases) < 0.02


@in_virtual_time
async def test_a_call_is_ticked_50_times_a_second_against_absolute_deadlines():
    clock = MediaClock(time_source=loop_time)
    ticks: list[tuple[float, int]] = []
    clock.add(lambda now, number: ticks.append((now, number)))

    await asyncio.sleep(0.5)
    clock.stop()

    numbers = [number for _, number in ticks]
    lateness = sorted(now - number * 0.02 for now, number in ticks)
    assert 18 <= len(ticks) <= 27
    assert numbers == sorted(set(numbers))
    assert lateness[len(ticks) // 2] - lateness[0] < 0.005  # no drift from tick to tick


@in_virtual_time
async def test_a_stall_skips_ticks_and_is_counted(capsys: pytest.CaptureFixture[str]):
    clock = MediaClock(time_source=loop_time)
    ticks: list[tuple[float, int]] = []
    clock.add(lambda now, number: ticks.append((now, number)))
    await asyncio.sleep(0.1)
    before = len(ticks)

    stall(0.25)
    await asyncio.sleep(0.1)
    clock.stop()

    after = ticks[before:]
    assert len(after) <= 7
    assert after[0][1] - ticks[before - 1][1] > 10
    assert all(later > sooner for (_, sooner), (_, later) in pairwise(after))
    assert clock.stalls >= 1
    assert "event loop stalled" in capsys.readouterr().out


@in_virtual_time
async def test_a_tick_that_raises_is_removed_and_the_others_go_on(
    capsys: pytest.CaptureFixture[str],
):
    clock = MediaClock(time_source=loop_time)
    good: list[int] = []
    bad: list[int] = []

    def fail(_now: float, number: int) -> None:
        bad.append(number)
        raise RuntimeError("broken call")

    clock.add(fail)
    clock.add(lambda _now, number: good.append(number))
    await asyncio.sleep(0.4)
    clock.stop()

    assert len(bad) == 1
    assert len(good) >= 3
    assert "broken call" in capsys.readouterr().out


@in_virtual_time
async def test_a_clock_without_calls_stands_still_and_starts_again():
    clock = MediaClock(time_source=loop_time)
    key = clock.add(lambda _now, _number: None)
    clock.remove(key)
    clock.remove(key)
    await asyncio.sleep(0.06)

    ticks: list[int] = []
    clock.add(lambda _now, number: ticks.append(number))
    await asyncio.sleep(0.07)
    clock.stop()

    assert ticks
    assert clock.stalls == 0


@in_virtual_time
async def test_a_tick_knows_when_the_next_one_is_due_also_when_it_is_late():
    clock = MediaClock(time_source=loop_time)
    left: list[float] = []
    for place in range(SLOTS):
        clock.add(lambda _now, _number: left.append(clock.next_due - loop_time()), place)

    await asyncio.sleep(0.05)
    assert left == pytest.approx([SLOT] * len(left), abs=SLOT / 4)

    left.clear()
    stall(2 * SLOT)
    await asyncio.sleep(SLOT / 4)
    clock.stop()

    assert left[0] < 0 < left[-1] <= SLOT


@in_virtual_time
async def test_the_log_tells_of_stalls_once_a_second(capsys: pytest.CaptureFixture[str]):
    clock = MediaClock(time_source=loop_time)
    clock.add(lambda _now, _number: None)
    await asyncio.sleep(0.05)

    for _ in range(3):
        stall(0.12)
        await asyncio.sleep(0.03)
    clock.stop()

    assert clock.stalls == 3
    assert capsys.readouterr().out.count("event loop stalled") == 1


@in_virtual_time
async def test_lateness_that_nobody_hears_is_counted_but_not_logged(
    capsys: pytest.CaptureFixture[str],
):
    clock = MediaClock(time_source=loop_time)
    clock.add(lambda _now, _number: None)
    await asyncio.sleep(0.05)

    stall(0.06)
    await asyncio.sleep(0.03)
    clock.stop()

    assert clock.stalls == 1
    assert "event loop stalled" not in capsys.readouterr().out
