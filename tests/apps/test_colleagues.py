"""The receptionist's knowledge of who is free: it comes by itself, and nothing hangs on it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.ari.fake import FakeAsterisk, application, event
from voicebot.apps.colleagues import PresentColleagues
from voicebot.ari import Backoff
from voicebot.config import AriSettings
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

APP = "bot-presence"


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    """An Asterisk with a phone 201 that is on a call, and 202 that is free."""
    fake = FakeAsterisk()
    fake.register(APP)
    fake.answers["PUT", f"/applications/{APP}/eventFilter"] = 200, application(APP)
    numbers = {"201": "INUSE", "202": "NOT_INUSE", "203": "UNAVAILABLE"}
    fake.answers["GET", "/endpoints"] = (
        200,
        [
            {"technology": "PJSIP", "resource": number, "state": "online", "channel_ids": []}
            for number in numbers
        ],
    )
    for number, state in numbers.items():
        device = {"name": f"PJSIP/{number}", "state": state}
        fake.answers["GET", f"/deviceStates/PJSIP%2F{number}"] = 200, device
        path = f"/asterisk/config/dynamic/res_pjsip/endpoint/{number}"
        fake.answers["GET", path] = 200, []
    await fake.start()
    yield fake
    await fake.stop()


def colleagues(asterisk: FakeAsterisk) -> PresentColleagues:
    access = {"url": asterisk.url, "username": "bot", "password": "secret", "app": "bot"}
    backoff = Backoff(first_s=0.01, longest_s=0.01)
    settings = AriSettings.model_validate(access)
    return PresentColleagues(settings, "PJSIP/{extension}", backoff=backoff)


def changed(number: str, state: str) -> dict[str, Any]:
    device = {"name": f"PJSIP/{number}", "state": state}
    return event("DeviceStateChanged", APP, device_state=device)


async def known(who: PresentColleagues, extension: str, expected: Availability) -> None:
    async with asyncio.timeout(5):
        while who.availability(extension) is not expected:  # noqa: ASYNC110 - no event is told
            await asyncio.sleep(0.01)


async def test_before_the_first_look_nobody_is_known_and_nobody_waits(asterisk: FakeAsterisk):
    async with colleagues(asterisk) as who:
        assert who.availability("201") is Availability.UNKNOWN

        async with asyncio.timeout(1), who.turn("201"):
            pass


async def test_then_everybody_is_known_and_strangers_are_not(asterisk: FakeAsterisk):
    async with colleagues(asterisk) as who:
        await known(who, "201", Availability.BUSY)
        await known(who, "202", Availability.FREE)
        await known(who, "203", Availability.AWAY)

        assert who.availability("700") is Availability.UNKNOWN


async def test_a_turn_comes_when_the_colleague_hangs_up(asterisk: FakeAsterisk):
    came = asyncio.Event()

    async def wait(who: PresentColleagues) -> None:
        async with who.turn("201"):
            came.set()

    async with colleagues(asterisk) as who:
        await known(who, "201", Availability.BUSY)
        task = asyncio.create_task(wait(who))
        socket = await asterisk.socket()
        await socket.send_json(changed("202", "INUSE"))
        await known(who, "202", Availability.BUSY)
        assert not came.is_set()

        await socket.send_json(changed("201", "NOT_INUSE"))
        await asyncio.wait_for(came.wait(), 5)
        await task


async def test_who_came_first_has_the_first_turn_and_the_others_wait_for_its_end(
    asterisk: FakeAsterisk,
):
    order: list[str] = []
    first_over = asyncio.Event()

    async def wait(who: PresentColleagues, name: str) -> None:
        async with who.turn("201"):
            order.append(name)
            await first_over.wait()

    async with colleagues(asterisk) as who:
        await known(who, "201", Availability.BUSY)
        first = asyncio.create_task(wait(who, "first"))
        gave_up = asyncio.create_task(wait(who, "gave up"))
        last = asyncio.create_task(wait(who, "last"))
        await asyncio.sleep(0)
        gave_up.cancel()
        socket = await asterisk.socket()
        await socket.send_json(changed("201", "NOT_INUSE"))
        await known(who, "201", Availability.FREE)
        await asyncio.sleep(0)
        assert order == ["first"]

        first_over.set()
        await asyncio.gather(first, last)
        assert order == ["first", "last"]


async def test_a_lost_connection_ends_the_wait_since_nobody_knows(asterisk: FakeAsterisk):
    async with colleagues(asterisk) as who:
        await known(who, "201", Availability.BUSY)
        asterisk.answers["GET", "/events"] = 503, {"message": "booting"}
        asterisk.cut(await asterisk.socket())

        async with asyncio.timeout(5), who.turn("201"):
            assert who.availability("201") is Availability.UNKNOWN


async def test_a_first_look_that_fails_is_tried_again_and_told_once(asterisk: FakeAsterisk):
    phones = asterisk.answers["GET", "/endpoints"]
    asterisk.answers["GET", "/endpoints"] = 500, {"message": "Out of memory"}
    with capture_logs() as logs:
        async with colleagues(asterisk) as who:
            for _ in range(3):
                await asterisk.socket()
            assert who.availability("201") is Availability.UNKNOWN

            asterisk.answers["GET", "/endpoints"] = phones
            await known(who, "201", Availability.BUSY)

    told = [line for line in logs if line["event"] == "who is free is not known"]
    assert [line["log_level"] for line in told].count("warning") == 1
    assert "Out of memory" in told[0]["reason"]


async def test_without_asterisk_nothing_is_known_and_nothing_fails():
    settings = AriSettings.model_validate({"url": "http://127.0.0.1:9", "app": "bot"})

    async with PresentColleagues(settings, "PJSIP/{extension}") as who:
        await asyncio.sleep(0.05)

        assert who.availability("201") is Availability.UNKNOWN
