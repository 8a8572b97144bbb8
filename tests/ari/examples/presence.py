"""Show who is free and who is on the phone, live."""

from __future__ import annotations

import asyncio

from rich.live import Live
from rich.table import Table

from voicebot.ari import AriClient
from voicebot.ari.models import DeviceStateChanged

URL, USER, PASSWORD = "http://pbx:8088/asterisk", "bot", "secret"


async def main() -> None:
    states: dict[str, str] = {}
    async with AriClient(URL, USER, PASSWORD, app="presence", subscribe_all=True) as ari:
        for phone in await ari.endpoints.list_by_tech("PJSIP"):
            device = await ari.device_states.get(f"PJSIP/{phone.resource}")
            states[device.name] = device.state
        with Live(table(states)) as live:
            async for event in ari.events():
                if isinstance(event, DeviceStateChanged):
                    states[event.device_state.name] = event.device_state.state
                    live.update(table(states), refresh=True)


def table(states: dict[str, str]) -> Table:
    grid = Table("Device", "State")
    for name in sorted(states):
        grid.add_row(name, states[name])
    return grid


if __name__ == "__main__":
    asyncio.run(main())
