"""Presence with real phones: they come, call, go, and Asterisk is restarted under them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.asterisk.server import AsteriskServer
from voicebot.apps.phones import Status
from voicebot.apps.presence import follow_presence
from voicebot.config import AriSettings

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones
    from voicebot.apps.presence import Presence


def settings(pbx: AsteriskServer) -> AriSettings:
    access = {"url": pbx.ari_url, "username": pbx.username, "password": pbx.password}
    return AriSettings.model_validate(access)


class Watch:
    """Waits until an extension is in a state."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def tell(self, _: object) -> None:
        self._news.set()

    async def until(self, presence: Presence, extension: str, status: Status) -> None:
        async with asyncio.timeout(10):
            while presence.state_of(extension) is not status:
                self._news.clear()
                await self._news.wait()


async def test_a_phone_is_followed_through_its_day(pbx: AsteriskServer, phones: Phones):
    watch = Watch()
    async with follow_presence(settings(pbx), tell=watch.tell) as presence:
        await watch.until(presence, "203", Status.UNAVAILABLE)
        phone = await phones("203")
        await watch.until(presence, "203", Status.NOT_INUSE)
        call = await phone.dial("echo")
        await watch.until(presence, "203", Status.INUSE)
        await call.hang_up()
        await watch.until(presence, "203", Status.NOT_INUSE)

        names = {it.number: it.name for it in presence.phones}
        assert names == {f"20{number}": f"Phone 20{number}" for number in range(1, 5)}


async def test_a_restart_is_caught_up_with(asterisk_available: None):
    del asterisk_available
    watch = Watch()
    async with (
        AsteriskServer(profile="mikopbx") as server,
        follow_presence(settings(server), tell=watch.tell) as presence,
    ):
        await watch.until(presence, "201", Status.UNAVAILABLE)
        await server.stop()
        await watch.until(presence, "201", Status.UNKNOWN)
        await server.start()
        await watch.until(presence, "201", Status.UNAVAILABLE)
