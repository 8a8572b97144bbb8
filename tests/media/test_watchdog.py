from __future__ import annotations

import asyncio
import threading
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from voicebot.media.clock import MediaClock
from voicebot.media.watchdog import REPORT_EVERY, STALL, StallReport, Stalls, Watchdog

if TYPE_CHECKING:
    from collections.abc import Iterator


HELD = STALL + 0.4
"""Seconds: several looks of the watchdog, also on a busy machine."""


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    watchdog = Watchdog()
    yield watchdog
    watchdog.close()


def hold_everything_up(seconds: float) -> None:
    """Do what no callback of an event loop may do."""
    time.sleep(seconds)


def test_lateness_that_nobody_hears_is_not_reported():
    report = StallReport()

    assert all(report.push(STALL - 0.001, at / 10) is None for at in range(100))


def test_the_first_stall_is_reported_at_once():
    assert StallReport().push(0.25, 100.0) == Stalls(1, 0.25)


def test_many_stalls_are_one_report_a_second_with_their_count_and_the_worst():
    report = StallReport()
    report.push(0.15, 100.0)

    reports = [
        report.push(late, 100.0 + at)
        for at, late in ((0.2, 0.12), (0.5, 0.4), (0.8, 0.11), (REPORT_EVERY, 0.2))
    ]

    assert reports == [None, None, None, Stalls(4, 0.4)]


def test_stalls_that_are_over_are_reported_by_the_next_slot_in_time():
    report = StallReport()
    report.push(0.15, 100.0)
    report.push(0.3, 100.5)

    assert report.push(0.0, 101.1) == Stalls(1, 0.3)
    assert report.push(0.0, 103.0) is None


def test_a_stall_is_told_in_milliseconds():
    assert Stalls(3, 0.2504).as_log() == {"milliseconds": 250, "count": 3}


def test_the_watchdog_names_what_the_loop_was_doing(watchdog: Watchdog):
    watchdog.expect(time.monotonic())

    hold_everything_up(HELD)

    cause = watchdog.cause()
    assert cause is not None
    assert cause.startswith("hold_everything_up (")
    assert "test_watchdog.py:" in cause
    assert "test_the_watchdog_names_what_the_loop_was_doing" in cause


def test_a_cause_is_told_once(watchdog: Watchdog):
    watchdog.expect(time.monotonic())
    hold_everything_up(HELD)
    watchdog.rest()

    assert watchdog.cause() is not None
    assert watchdog.cause() is None


def test_a_clock_at_rest_is_not_looked_at(watchdog: Watchdog):
    watchdog.expect(time.monotonic() + 60)
    watchdog.rest()

    hold_everything_up(HELD)

    assert watchdog.cause() is None


def test_a_closed_watchdog_leaves_no_thread_and_can_begin_again(watchdog: Watchdog):
    before = threading.active_count()
    watchdog.expect(time.monotonic() + 60)
    assert threading.active_count() == before + 1

    watchdog.close()
    watchdog.close()
    assert threading.active_count() == before

    watchdog.expect(time.monotonic())
    hold_everything_up(HELD)
    assert watchdog.cause() is not None


async def test_a_loop_blocked_for_250_ms_recovers_at_once_without_a_backlog(
    watchdog: Watchdog, capsys: pytest.CaptureFixture[str]
):
    clock = MediaClock(watchdog=watchdog)
    ticks: list[tuple[float, int]] = []
    clock.add(lambda now, number: ticks.append((now, number)))
    await asyncio.sleep(0.1)

    blocked = time.monotonic()
    hold_everything_up(0.25)
    over = time.monotonic()
    # A busy machine may have stalled the loop just before: then the next report is due in a second.
    await asyncio.sleep(REPORT_EVERY + 0.2)
    clock.stop()
    ended = time.monotonic()

    during = [tick for tick in ticks if blocked <= tick[0] < over]
    after = [now for now, _ in ticks if now >= over]
    assert len(during) <= 1
    assert after[0] - over < 1.0
    # What was missed is not caught up with: neither in ticks, nor in a bunch of them.
    assert len(after) <= (ended - over) / 0.02 + 2
    assert sum(later - sooner < 0.005 for sooner, later in pairwise(after)) <= 3
    assert ticks[-1][1] - ticks[0][1] >= len(ticks) + 10
    assert clock.stalls >= 1
    logged = capsys.readouterr().out
    assert "event loop stalled" in logged
    assert "hold_everything_up" in logged
