"""More calls than the core carries: the newest are not heard for a while, the others as ever."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicebot.media.audio import FRAME_SECONDS, SILENCE
from voicebot.media.datagrams import source_key
from voicebot.media.lane import Lane
from voicebot.media.overload import (
    BETWEEN,
    CALM,
    LONGEST_CALM,
    LONGEST_WAIT,
    LOOK,
    MARGIN,
    MOST,
    Overload,
)
from voicebot.media.receiver import RtpReceiver

if TYPE_CHECKING:
    from voicebot.media.address import Address
    from voicebot.media.audio import Frame

CALLS = 40
CALMED = int((1 - MARGIN) * CALLS)
"""Calls that are heard after the first look that finds the core behind, but no more than before."""


def address(call: int) -> Address:
    return ("127.0.0.1", 20_000 + call)


@pytest.fixture
def lane() -> Lane:
    lane = Lane(CALLS)
    for call in range(CALLS):
        lane.open(call, source_key(address(call)), RtpReceiver(0.0))
    return lane


def heard(lane: Lane) -> list[int]:
    """Return which calls are heard."""
    sources = lane.heard()
    return [call for call in range(CALLS) if source_key(address(call)) in sources]


def fall_behind(overload: Overload, now: float) -> None:
    """Let what waits be too old, and no younger at ``now`` than at the look before."""
    overload.relieve(LONGEST_WAIT, now - 1.5 * LOOK)
    overload.relieve(LONGEST_WAIT, now)


def test_the_newest_calls_are_not_heard(lane: Lane):
    overload = Overload(lane)

    fall_behind(overload, 0.0)

    assert heard(lane) == list(range(CALMED))
    assert overload.unheard == CALLS - CALMED


@pytest.mark.parametrize("grown", [0.0, 0.05, 0.3])
def test_as_many_are_not_heard_as_the_core_carries_too_little_for_but_not_all_at_once(
    lane: Lane, grown: float
):
    overload = Overload(lane)

    overload.relieve(LONGEST_WAIT, 0.0)
    overload.relieve(LONGEST_WAIT + grown * LOOK, LOOK)

    share = min(grown + MARGIN, MOST)
    assert overload.unheard / CALLS == pytest.approx(share, abs=1 / CALLS)


def test_what_was_decided_has_time_to_show(lane: Lane):
    overload = Overload(lane)
    fall_behind(overload, 0.0)
    before = overload.unheard

    for number in range(9):
        overload.relieve(2 * LONGEST_WAIT, number * LOOK / 10)
    overload.relieve(LONGEST_WAIT * 0.99, LOOK)

    assert overload.unheard == before


@pytest.mark.parametrize("stall", [0.25, 3.0])
def test_after_a_stall_that_is_being_made_up_for_all_are_heard(lane: Lane, stall: float):
    overload = Overload(lane)

    for number in range(3):
        waited, now = stall, 10.0 * number
        while waited > 0:
            overload.relieve(waited, now)
            waited -= LOOK / 10
            now += LOOK / 4
        overload.recover(now)

    assert overload.unheard == 0


def test_what_has_hardly_waited_is_no_reason_to_hear_fewer(lane: Lane):
    overload = Overload(lane)

    for number in range(10):
        overload.relieve(LONGEST_WAIT * (0.9 + number / 1000), number * 2 * LOOK)

    assert overload.unheard == 0


def test_whether_what_waits_becomes_younger_is_judged_after_a_while(lane: Lane):
    overload = Overload(lane)

    for number in range(9):
        overload.relieve(LONGEST_WAIT, number * LOOK / 10)
    assert overload.unheard == 0
    overload.relieve(LONGEST_WAIT, 1.1 * LOOK)

    assert overload.unheard == CALLS - CALMED


def test_one_call_is_always_heard(lane: Lane):
    overload = Overload(lane)

    for second in range(100):
        overload.relieve(LONGEST_WAIT, float(second))

    assert heard(lane) == [0]


def test_once_there_is_room_the_oldest_comes_back_first_one_by_one(lane: Lane):
    overload = Overload(lane)
    fall_behind(overload, 0.0)
    before = heard(lane)

    overload.recover(CALM - 0.01)
    assert heard(lane) == before
    overload.recover(CALM)
    overload.recover(CALM + BETWEEN / 2)
    assert heard(lane) == [*before, len(before)]
    for number in range(1, CALLS):
        overload.recover(CALM + number * BETWEEN)
    assert heard(lane) == list(range(CALLS))
    assert overload.unheard == 0


def test_what_was_tried_in_vain_is_tried_after_twice_the_time(lane: Lane):
    overload = Overload(lane)
    fall_behind(overload, 0.0)
    now, waits = 0.0, []

    for _ in range(8):
        began, before = now, overload.unheard
        while overload.unheard == before:
            now += 0.01
            overload.recover(now)
        waits.append(now - began)
        fall_behind(overload, now)

    assert waits[:3] == pytest.approx([CALM, 2 * CALM, 4 * CALM], abs=0.05)
    assert max(waits) == pytest.approx(LONGEST_CALM, abs=0.05)


def test_a_core_with_one_call_too_many_tries_less_and_less_often(lane: Lane):
    overload, tries = Overload(lane), []
    fall_behind(overload, 0.0)

    for step in range(20 * 300):
        overload.recover(step / 20)
        if not overload.unheard:
            tries.append(step / 20)
            fall_behind(overload, step / 20)

    waits = [after - before for before, after in pairwise([0.0, *tries])]
    assert len(waits) >= 5
    assert waits[:-1] == sorted(waits[:-1])
    assert waits[4] > 8 * waits[0]


def test_what_went_well_for_a_minute_is_forgiven(lane: Lane):
    overload = Overload(lane)
    fall_behind(overload, 0.0)
    now = 0.0
    while overload.unheard:
        now += 0.01
        overload.recover(now)

    overload.recover(now + LONGEST_CALM)
    fall_behind(overload, now + LONGEST_CALM)
    before = overload.unheard
    overload.recover(now + LONGEST_CALM + CALM)

    assert overload.unheard == before - 1


def test_a_core_with_half_too_many_calls_serves_the_rest_and_all_again_once_some_have_ended(
    lane: Lane,
):
    carries, overload, served = 2 * CALLS // 3, Overload(lane), []
    waited, waits = 0.0, []

    for step in range(1200):
        # What is too much waits, and is made up for where there is room.
        waited = max(0.0, waited + (1 - carries / len(lane.heard())) / 20)
        if waited:
            overload.relieve(waited, step / 20)
        else:
            overload.recover(step / 20)
        served.append(len(lane.heard()))
        waits.append(waited)

    settled = served[40:]
    assert min(settled) >= carries * 3 // 4
    assert max(waits) <= 2 * LONGEST_WAIT
    for call in range(carries, CALLS):
        lane.close(call, source_key(address(call)))
    for step in range(1200, 3000):
        overload.recover(step / 20)
    assert heard(lane) == list(range(carries))


def test_time_stands_still_for_who_is_not_heard_and_is_made_up_for_after(lane: Lane):
    receiver = RtpReceiver(0.0)
    frames: list[Frame] = []
    receiver.listen(lambda frame, _now: frames.append(frame))
    lane.close(3, source_key(address(3)))
    lane.open(3, source_key(address(3)), receiver)
    rows = np.arange(CALLS)
    lane.heed(source_key(address(3)), heard=False)

    lane.poll(rows, 10.0)
    assert not frames
    lane.heed(source_key(address(3)), heard=True)
    lane.poll(rows, 10.0)

    assert len(frames) * FRAME_SECONDS == pytest.approx(10.0, abs=0.1)
    assert set(frames) == {SILENCE}
