from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.sim.conftest import APP, Client
from voicebot.sim.bridge import mix
from voicebot.sim.tones import loudness, tone

if TYPE_CHECKING:
    from voicebot.sim import SimCaller, SimulatedPbx

FRAME = 640


async def bridge_of(pbx: SimulatedPbx, ari: Client, count: int) -> list[SimCaller]:
    callers = [await pbx.call(APP, number=str(100 + index)) for index in range(count)]
    await ari.post("/bridges/b", name="talk", type="mixing")
    channels = ",".join(caller.channel.id for caller in callers)
    await ari.post("/bridges/b/addChannel", channel=channels)
    return callers


async def test_the_client_chooses_the_id_once(ari: Client):
    bridge = await ari.post("/bridges/b", name="talk", type="mixing")
    assert (bridge["id"], bridge["name"], bridge["channels"]) == ("b", "talk", [])
    assert await ari.request("POST", "/bridges/b") == (
        409,
        {"message": "Bridge with id 'b' already exists"},
    )
    other = await ari.post("/bridges")
    assert other["id"] != "b"
    assert {entry["id"] for entry in await ari.get("/bridges")} == {"b", other["id"]}


async def test_two_callers_hear_each_other_and_not_themselves(pbx: SimulatedPbx, ari: Client):
    first, second = await bridge_of(pbx, ari, 2)
    first.say(tone(1000, 0.1))
    pbx.advance(0.1)
    assert second.recording.heard == tone(1000, 0.1)
    assert first.heard_at is None


async def test_three_callers_hear_the_sum_of_the_others(pbx: SimulatedPbx, ari: Client):
    first, second, third = await bridge_of(pbx, ari, 3)
    assert (await ari.get("/bridges/b"))["technology"] == "softmix"
    first.say(tone(1000, 0.02))
    second.say(tone(500, 0.02))
    pbx.advance(0.02)
    assert third.recording.heard == mix([tone(1000, 0.02), tone(500, 0.02)])
    assert first.recording.heard == tone(500, 0.02)


def test_a_sum_beyond_16_bits_is_limited():
    loud = np.full(320, 30_000, "<i2").tobytes()
    assert mix([loud, loud]) == np.full(320, 32_767, "<i2").tobytes()


@pytest.mark.parametrize(("frames", "result"), [([], None), ([b"ab"], b"ab")])
def test_nothing_and_one_voice_pass_through(frames: list[bytes], result: bytes | None):
    assert mix(frames) == result


async def test_entering_and_leaving_is_reported(pbx: SimulatedPbx, ari: Client):
    first, second = await bridge_of(pbx, ari, 2)
    entered = await ari.event("ChannelEnteredBridge", channel_id=second.channel.id)
    assert entered["bridge"]["channels"] == [first.channel.id, second.channel.id]

    await ari.post("/bridges/b/removeChannel", channel=first.channel.id)

    left = await ari.event("ChannelLeftBridge", channel_id=first.channel.id)
    assert left["bridge"]["channels"] == [second.channel.id]
    assert (await ari.get("/bridges/b"))["channels"] == [second.channel.id]


async def test_a_channel_that_enters_another_bridge_leaves_the_first(
    pbx: SimulatedPbx, ari: Client
):
    caller, _ = await bridge_of(pbx, ari, 2)
    await ari.post("/bridges/c")
    await ari.post("/bridges/c/addChannel", channel=caller.channel.id)
    await ari.event("ChannelLeftBridge", bridge_id="b")
    assert (await ari.get("/bridges/c"))["channels"] == [caller.channel.id]


async def test_a_destroyed_bridge_leaves_its_channels_in_the_application(
    pbx: SimulatedPbx, ari: Client
):
    caller, _ = await bridge_of(pbx, ari, 2)
    await ari.delete("/bridges/b")
    await ari.event("BridgeDestroyed", bridge_id="b")
    assert not caller.ended
    assert caller.channel.stasis == APP
    assert (await ari.get(f"/applications/{APP}"))["bridge_ids"] == []


async def test_a_caller_who_hangs_up_leaves_the_bridge_before_the_application(
    pbx: SimulatedPbx, ari: Client
):
    caller, other = await bridge_of(pbx, ari, 2)
    caller.hang_up()
    await ari.event("ChannelDestroyed", channel_id=caller.channel.id)
    kinds = [kind for kind in ari.kinds(caller.channel.id) if kind != "ChannelVarset"]
    assert kinds[-4:] == [
        "ChannelHangupRequest",
        "ChannelLeftBridge",
        "StasisEnd",
        "ChannelDestroyed",
    ]
    assert not other.ended


async def test_music_is_heard_by_all_in_the_bridge(pbx: SimulatedPbx, ari: Client):
    callers = await bridge_of(pbx, ari, 2)
    await ari.post("/bridges/b/moh")
    pbx.advance(0.1)
    assert all(loudness(caller.recording.heard[-FRAME:]) > 500 for caller in callers)
    await ari.delete("/bridges/b/moh")
    pbx.advance(0.1)
    assert all(loudness(caller.recording.heard[-FRAME:]) == 0 for caller in callers)


async def test_a_playback_is_heard_above_the_bridge_by_one_alone(pbx: SimulatedPbx, ari: Client):
    first, second = await bridge_of(pbx, ari, 2)
    await ari.post(f"/channels/{first.channel.id}/play", media="sound:beep")
    pbx.advance(0.2)
    assert first.recording.heard == tone(1000, 0.2)
    assert second.heard_at is None


@pytest.mark.parametrize(
    ("operation", "channel", "status", "message"),
    [
        ("addChannel", "none", 400, "Channel not found"),
        ("addChannel", "", 400, "Channel must be specified"),
        ("removeChannel", "none", 400, "Channel not found"),
    ],
)
async def test_what_cannot_be_bridged(
    ari: Client, operation: str, channel: str, status: int, message: str
):
    await ari.post("/bridges/b")
    answer = await ari.request("POST", f"/bridges/b/{operation}", channel=channel)
    assert answer == (status, {"message": message})


async def test_of_several_channels_none_is_added_when_one_is_missing(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    status, _ = await ari.request(
        "POST", "/bridges/b/addChannel", channel=f"{caller.channel.id},none"
    )
    assert status == 400
    assert (await ari.get("/bridges/b"))["channels"] == []


async def test_a_channel_outside_of_stasis_is_not_bridged(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.dial("201")
    await ari.post("/bridges/b")
    answer = await ari.request("POST", "/bridges/b/addChannel", channel=caller.channel.id)
    assert answer == (422, {"message": "Channel not in Stasis application"})


async def test_a_channel_elsewhere_is_not_removed(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    answer = await ari.request("POST", "/bridges/b/removeChannel", channel=caller.channel.id)
    assert answer == (422, {"message": "Channel not in this bridge"})
