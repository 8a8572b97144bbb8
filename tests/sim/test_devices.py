"""Device states: what the PBX tells of the phones in its dialplan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.sim.conftest import Client, client_of

if TYPE_CHECKING:
    from voicebot.sim import SimulatedPbx

ONLY_STATES = {"allowed": [{"type": "DeviceStateChanged"}]}


async def state(ari: Client, number: str) -> str:
    return str((await ari.get(f"/deviceStates/PJSIP%2F{number}"))["state"])


def told(ari: Client, number: str) -> list[str]:
    return [
        event["device_state"]["state"]
        for event in ari.events
        if event["type"] == "DeviceStateChanged"
        and event["device_state"]["name"] == f"PJSIP/{number}"
    ]


async def test_who_hears_of_everything_is_told_how_a_phone_is(pbx: SimulatedPbx):
    async with client_of(pbx) as ari:
        await ari.connect("watch", subscribeAll="true")
        await pbx.dial("206")
        for _ in range(20):
            pbx.advance(0.1)
        await ari.event("ChannelDestroyed")
        await ari.get("/channels")

        device: dict[str, Any] = {"name": "PJSIP/206", "state": "NOT_INUSE"}
        await ari.event("DeviceStateChanged", device_state=device)
        assert told(ari, "206") == ["RINGING", "INUSE", "NOT_INUSE"]


async def test_a_phone_is_on_a_call_for_as_long_as_it_is_engaged(pbx: SimulatedPbx, ari: Client):
    assert await state(ari, "201") == "NOT_INUSE"

    pbx.engage("201", 2.0)
    assert await state(ari, "201") == "INUSE"
    pbx.advance(1.5)
    assert await state(ari, "201") == "INUSE"
    pbx.advance(1.0)

    assert await state(ari, "201") == "NOT_INUSE"
    assert not pbx.leftovers()


async def test_what_is_no_phone_or_not_there_has_a_state_too(ari: Client):
    assert await state(ari, "205") == "UNAVAILABLE"
    assert await state(ari, "999") == "INVALID"


async def test_an_application_may_hear_of_everything_but_devices(pbx: SimulatedPbx):
    async with client_of(pbx) as ari:
        await ari.connect("watch", subscribeAll="true")
        (everything,) = (await ari.get("/applications/watch"))["device_names"]
        gone = {"eventSource": f"deviceState:{everything}"}
        _, answer = await ari.request("DELETE", "/applications/watch/subscription", **gone)
        assert answer["device_names"] == []

        await pbx.dial("206")
        for _ in range(20):
            pbx.advance(0.1)
        await ari.event("ChannelDestroyed")

        assert "DeviceStateChanged" not in {event["type"] for event in ari.events}


async def test_an_application_is_told_only_what_it_allows(pbx: SimulatedPbx):
    async with client_of(pbx) as ari:
        await ari.connect("watch", subscribeAll="true")
        status, answer = await ari.request("PUT", "/applications/watch/eventFilter", ONLY_STATES)
        assert (status, answer["events_allowed"]) == (200, ONLY_STATES["allowed"])

        pbx.engage("201", 1.0)

        await ari.event("DeviceStateChanged")
        assert {event["type"] for event in ari.events} == {"DeviceStateChanged"}
