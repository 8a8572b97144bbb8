"""``voicebot presence`` with real phones: they come, call, go, and Asterisk restarts under them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.phone import Answering
from tests.asterisk.programs import Program, variables
from tests.asterisk.server import AsteriskServer

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones

NUMBERS = ("201", "202", "203", "204")


async def test_a_phone_is_followed_through_its_day(pbx: AsteriskServer, phones: Phones):
    async with Program("presence --json", variables(pbx)) as presence:
        await presence.shows(number="203", name="Phone 203", state="UNAVAILABLE")
        phone = await phones("203")
        await presence.shows(number="203", state="NOT_INUSE")
        call = await phone.dial("echo")
        await presence.shows(number="203", state="INUSE")
        await call.hang_up()
        await presence.shows(number="203", state="NOT_INUSE", count=2)
        await phone.close()
        await presence.shows(number="203", state="UNAVAILABLE", count=2)

        assert await presence.terminate() == 0


async def test_a_phone_that_rings_is_seen_ringing(pbx: AsteriskServer, phones: Phones):
    await phones("201", answering=Answering("ring"))
    caller = await phones("203")
    async with Program("presence --json", variables(pbx)) as presence:
        await presence.shows(number="201", state="NOT_INUSE")
        call = await caller.ring("201")
        await presence.shows(number="201", state="RINGING")
        await call.hang_up()
        await presence.shows(number="201", state="NOT_INUSE", count=2)


async def test_once_shows_the_table_and_ends(pbx: AsteriskServer, phones: Phones):
    await phones("203")
    for command in ("presence --once", "presence --once --json"):
        async with Program(command, variables(pbx)) as presence:
            assert await presence.exits() == 0

        shown = "\n".join(presence.output)
        assert all(number in shown for number in NUMBERS)
    assert [line["state"] for line in presence.log if line.get("number") == "203"] == ["NOT_INUSE"]


async def test_names_of_the_directory_come_first(pbx: AsteriskServer):
    async with Program("presence --once --json", variables(pbx)) as presence:
        await presence.exits()

    names = {line["number"]: line["name"] for line in presence.log if "number" in line}
    assert names == {
        "201": "sales",
        "202": "the front desk",
        "203": "Phone 203",
        "204": "Phone 204",
    }


async def test_a_restart_is_caught_up_with(asterisk_available: None):
    del asterisk_available
    async with (
        AsteriskServer(profile="mikopbx") as server,
        Program("presence --json", variables(server)) as presence,
    ):
        await presence.shows(number="201", state="UNAVAILABLE")
        await server.stop()
        await presence.shows(connected=False)
        await server.start()
        await presence.shows(connected=True, again=True)
