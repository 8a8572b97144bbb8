from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.sim.conftest import APP, Client, client_of, until

if TYPE_CHECKING:
    from voicebot.sim import SimulatedPbx


async def test_an_application_is_listed_once_it_is_connected(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    application = await ari.get(f"/applications/{APP}")
    assert application["name"] == APP
    assert application["channel_ids"] == [caller.channel.id]
    assert await ari.get("/applications") == [application]


async def test_the_second_connection_takes_the_name_over(pbx: SimulatedPbx, ari: Client):
    async with client_of(pbx) as second:
        await second.connect()
        await ari.event("ApplicationReplaced", application=APP)
        caller = await pbx.call(APP)
        await second.event("StasisStart", channel_id=caller.channel.id)
        assert not ari.kinds(caller.channel.id)


async def test_the_first_going_away_after_that_changes_nothing(pbx: SimulatedPbx, ari: Client):
    async with client_of(pbx) as second:
        await second.connect()
        assert ari.socket is not None
        await ari.socket.close()
        caller = await pbx.call(APP)
        await second.event("StasisStart", channel_id=caller.channel.id)


async def test_a_broken_websocket_leaves_calls_up_and_new_ones_fail(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await ari.event("StasisStart")
    assert ari.socket is not None

    pbx.drop_websocket(APP)

    message = await ari.socket.receive()
    assert message.type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR}
    await until(lambda: not pbx.exchange.hub.is_connected(APP))
    assert not caller.ended
    assert (await ari.get(f"/applications/{APP}"))["channel_ids"] == [caller.channel.id]
    assert (await pbx.call(APP)).ended


async def test_after_a_reconnection_the_old_channels_are_watched_and_nothing_is_replayed(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.event("StasisStart")
    pbx.drop_websocket(APP)
    await until(lambda: not pbx.exchange.hub.is_connected(APP))
    caller.dtmf("1")
    async with client_of(pbx) as again:
        await again.connect()
        caller.hang_up()
        await again.event("ChannelDestroyed", channel_id=caller.channel.id)
        assert again.kinds(caller.channel.id)[0] == "ChannelHangupRequest"


async def test_dropping_what_is_not_connected_does_nothing(pbx: SimulatedPbx):
    pbx.drop_websocket("absent")
    assert not pbx.leftovers()


async def test_one_connection_may_serve_several_applications(pbx: SimulatedPbx):
    async with client_of(pbx) as client:
        await client.connect("first,second")
        for app in ("first", "second"):
            await pbx.call(app)
            await client.event("StasisStart", application=app)


async def test_whoever_subscribes_to_all_sees_foreign_calls(pbx: SimulatedPbx):
    async with client_of(pbx) as client:
        await client.connect("watcher", subscribeAll="true")
        caller = await pbx.dial("201")
        pbx.advance(1.0)
        await client.event("ChannelCreated", channel_id=caller.channel.id)
        await client.event("BridgeCreated")
        await client.event("Dial", dialstatus="ANSWER")


async def test_a_subscription_to_a_channel_shows_what_happens_to_it(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.dial("203")
    source = f"channel:{caller.channel.id}"
    answer = await ari.post(f"/applications/{APP}/subscription", eventSource=source)
    assert answer["channel_ids"] == [caller.channel.id]
    status, _ = await ari.request("DELETE", f"/applications/{APP}/subscription", eventSource=source)
    assert status == 200
    assert (await ari.get(f"/applications/{APP}"))["channel_ids"] == []
    await ari.post(f"/applications/{APP}/subscription", eventSource=source)
    caller.hang_up()
    await ari.event("ChannelDestroyed", channel_id=caller.channel.id)


async def test_a_subscription_to_a_bridge_shows_its_end(ari: Client):
    await ari.post("/bridges/b")
    await ari.post(f"/applications/{APP}/subscription", eventSource="bridge:b")
    await ari.delete("/bridges/b")
    await ari.event("BridgeDestroyed", bridge_id="b")


@pytest.mark.parametrize(
    ("source", "status", "message"),
    [
        ("channel:none", 422, "Event source does not exist"),
        ("nonsense", 400, "Invalid event source URI scheme"),
        ("", 400, "Missing parameter eventSource"),
    ],
)
async def test_what_cannot_be_subscribed_to(ari: Client, source: str, status: int, message: str):
    answer = await ari.request("POST", f"/applications/{APP}/subscription", eventSource=source)
    assert answer == (status, {"message": message})


async def test_waiting_for_an_application_ends_when_it_connects_and_not_before(
    pbx: SimulatedPbx,
):
    with pytest.raises(TimeoutError):
        await pbx.wait_for_app(APP, within=0.01)
    async with client_of(pbx) as client:
        await client.connect()
        await pbx.wait_for_app(APP)
