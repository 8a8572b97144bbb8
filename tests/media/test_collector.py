from __future__ import annotations

import asyncio
import gc

import pytest

from voicebot.media import collector
from voicebot.media.collector import (
    LEAST_INTERVAL,
    MOST_GROWTH,
    CollectionPolicy,
    Collector,
)


def test_a_server_without_calls_is_left_alone():
    policy = CollectionPolicy(100.0, 1000)

    assert not any(policy.due(100.0 + at, idle=True, blocks=1000) for at in range(100))


def test_memory_is_collected_once_when_the_last_call_has_ended():
    policy = CollectionPolicy(100.0, 1000)
    assert not policy.due(150.0, idle=False, blocks=5000)

    assert policy.due(160.0, idle=True, blocks=5000)
    policy.collected(160.1, idle=True, blocks=1000)

    assert not any(policy.due(161.0 + at, idle=True, blocks=1000) for at in range(100))


def test_calls_that_come_one_by_one_are_not_each_followed_by_a_collection():
    policy = CollectionPolicy(100.0, 1000)
    policy.due(111.0, idle=False, blocks=2000)
    policy.collected(112.0, idle=True, blocks=1000)
    policy.due(113.0, idle=False, blocks=2000)

    assert not policy.due(114.0, idle=True, blocks=2000)
    assert policy.due(112.0 + LEAST_INTERVAL, idle=True, blocks=2000)


@pytest.mark.parametrize(
    ("blocks", "due"),
    [
        (1000, False),
        (1000 + MOST_GROWTH - 1, False),
        (1000 + MOST_GROWTH, True),
    ],
)
def test_a_busy_server_is_interrupted_only_when_memory_is_at_stake(blocks: int, due: bool):
    policy = CollectionPolicy(0.0, 1000)

    assert policy.due(3600.0, idle=False, blocks=blocks) is due


def test_growth_counts_from_the_least_since_the_last_collection():
    policy = CollectionPolicy(0.0, MOST_GROWTH)
    policy.due(1.0, idle=False, blocks=1000)

    assert policy.due(2.0, idle=False, blocks=MOST_GROWTH + 1000)


def test_what_a_collection_could_not_free_is_not_collected_again():
    policy = CollectionPolicy(0.0, 1000)
    policy.collected(1.0, idle=False, blocks=MOST_GROWTH + 1000)

    assert not policy.due(2.0, idle=False, blocks=MOST_GROWTH + 2000)
    assert policy.due(3.0, idle=False, blocks=2 * MOST_GROWTH + 1000)


async def test_while_it_runs_nothing_is_collected_in_full_by_itself():
    before = gc.get_threshold()

    async with Collector(lambda: True):
        frozen = gc.get_freeze_count()
        full = gc.get_stats()[2]["collections"]
        keep: list[list[object]] = [[] for _ in range(200_000)]
        during = gc.get_threshold()

        assert frozen > 1000
        assert during[:2] == before[:2]
        assert gc.get_stats()[2]["collections"] == full

    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
    assert len(keep) == 200_000


async def test_a_cycle_is_freed_when_the_calls_have_ended(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(collector, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(collector, "LEAST_INTERVAL", 0.0)
    calls = [1]
    async with Collector(lambda: not calls):
        full = gc.get_stats()[2]["collections"]
        await _looks(3)
        assert gc.get_stats()[2]["collections"] == full

        calls.clear()
        await _looks(3)

        assert gc.get_stats()[2]["collections"] == full + 1


async def _looks(count: int) -> None:
    """Let the collector look around so often."""
    for _ in range(count):
        await asyncio.sleep(2 * collector.LOOK_EVERY)
