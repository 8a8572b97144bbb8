"""A reply's clauses: held back, played, heard."""

from __future__ import annotations

import asyncio

import pytest

from voicebot.call.clause import Clause
from voicebot.call.delivery import Delivery
from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.media.playout import Playout

SECOND = b"\x40\x00" * SAMPLE_RATE


@pytest.fixture
def playout() -> Playout:
    return Playout()


@pytest.fixture
def delivery() -> Delivery:
    """One clause that is said in a second."""
    delivery = Delivery()
    say(delivery, "Good morning.")
    return delivery


def say(delivery: Delivery, text: str) -> None:
    clause = Clause(text, "en")
    delivery.add(clause)
    delivery.play(clause, SECOND)
    clause.complete = True


def pull(playout: Playout, seconds: float) -> None:
    for _ in range(round(seconds * SAMPLE_RATE / FRAME_SAMPLES)):
        playout.pull(0.0)


def test_nothing_is_heard_before_it_begins(delivery: Delivery, playout: Playout):
    assert delivery.held_samples == SAMPLE_RATE
    assert playout.end == 0
    assert delivery.heard() == ""
    assert delivery.boundary() is None


def test_what_was_held_back_comes_first_and_the_rest_as_it_comes(
    delivery: Delivery, playout: Playout
):
    delivery.begin(playout, lambda _now: None)
    assert playout.end == SAMPLE_RATE

    say(delivery, "How can I help?")
    assert playout.end == 2 * SAMPLE_RATE

    pull(playout, 1.0)
    assert delivery.heard() == "Good morning."
    pull(playout, 1.0)
    assert delivery.heard() == delivery.text == "Good morning. How can I help?"


def test_the_first_sample_is_told_once_and_not_that_of_a_filler(
    delivery: Delivery, playout: Playout
):
    told: list[float] = []
    playout.play(SECOND)

    delivery.begin(playout, told.append)
    say(delivery, "How can I help?")

    pull(playout, 1.0)
    assert told == []
    pull(playout, 2.0)
    assert told == [0.0]


def test_a_word_that_was_cut_begins_again(delivery: Delivery, playout: Playout):
    delivery.begin(playout, lambda _now: None)
    pull(playout, 0.7)

    boundary = delivery.boundary()

    assert boundary is not None
    assert 0 < boundary < playout.position


async def test_who_waits_goes_on_when_little_waits_to_be_heard(
    delivery: Delivery, playout: Playout
):
    delivery.begin(playout, lambda _now: None)
    waiting = asyncio.create_task(delivery.nearly_heard(SAMPLE_RATE // 2))

    await asyncio.sleep(0)
    pull(playout, 0.4)
    await asyncio.sleep(0)
    assert not waiting.done()

    pull(playout, 0.1)
    await waiting
