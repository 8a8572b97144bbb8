from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from voicebot.ari import UnknownEvent
from voicebot.ari.inbox import BACKLOG_WARNING, Inbox
from voicebot.errors import ApplicationReplacedError


def message(number: int) -> UnknownEvent:
    return UnknownEvent(type="Numbered", raw=number)


async def test_messages_come_out_in_order() -> None:
    inbox = Inbox()
    for number in range(5):
        inbox.put(message(number))
    inbox.close()

    assert [each async for each in inbox] == [message(number) for number in range(5)]


async def test_a_waiting_consumer_is_woken() -> None:
    inbox = Inbox()
    waiting = asyncio.create_task(anext(inbox))
    await asyncio.sleep(0)

    inbox.put(message(1))

    assert await waiting == message(1)


async def test_what_came_before_an_error_is_delivered_before_it() -> None:
    inbox = Inbox()
    inbox.put(message(1))
    inbox.fail(ApplicationReplacedError("taken"))

    assert await anext(inbox) == message(1)
    for _ in range(2):
        with pytest.raises(ApplicationReplacedError, match="taken"):
            await anext(inbox)


async def test_a_consumer_that_stops_and_comes_back_misses_nothing() -> None:
    inbox = Inbox()
    for number in range(3):
        inbox.put(message(number))

    async for each in inbox:
        assert each == message(0)
        break
    inbox.close()

    assert [each async for each in inbox] == [message(1), message(2)]


async def test_two_consumers_share_the_messages() -> None:
    inbox = Inbox()
    waiting = [asyncio.create_task(anext(inbox)) for _ in range(2)]
    await asyncio.sleep(0)

    inbox.put(message(1))
    inbox.put(message(2))

    assert {
        each.raw for each in await asyncio.gather(*waiting) if isinstance(each, UnknownEvent)
    } == {
        1,
        2,
    }


async def test_a_growing_backlog_is_reported_each_time_it_doubles() -> None:
    inbox = Inbox()
    with capture_logs() as logs:
        for number in range(5 * BACKLOG_WARNING):
            inbox.put(message(number))

    assert [entry["waiting"] for entry in logs] == [BACKLOG_WARNING * by for by in (1, 2, 4)]
