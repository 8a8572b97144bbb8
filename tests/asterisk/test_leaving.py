"""Programs that come and go leave Asterisk as it was, whatever it tells them meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from itertools import cycle

import pytest

from tests.asterisk.server import AsteriskServer
from voicebot.ari import AriClient

DEVICES = 4
ROUNDS = 150
WITHIN_SECONDS = 90.0


@pytest.mark.usefixtures("asterisk_available")
async def test_leaving_while_devices_change_does_not_bring_ari_to_a_standstill() -> None:
    # An Asterisk of its own: should it hang, it hangs for good.
    async with (
        AsteriskServer() as pbx,
        AriClient(pbx.ari_url, pbx.username, pbx.password) as other,
    ):
        changes = [asyncio.create_task(change(other, number)) for number in range(DEVICES)]

        async with asyncio.timeout(WITHIN_SECONDS):
            for _ in range(ROUNDS):
                async with AriClient(
                    pbx.ari_url, pbx.username, pbx.password, app="leaving", subscribe_all=True
                ):
                    # Asterisk is telling of a device by now.
                    await asyncio.sleep(0.02)

        for task in changes:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert {it.name for it in await other.applications.list()} <= {"leaving"}


async def change(ari: AriClient, number: int) -> None:
    for state in cycle(("INUSE", "NOT_INUSE")):
        await ari.device_states.update(f"Stasis:leaving-{number}", device_state=state)
