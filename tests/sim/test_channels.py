from __future__ import annotations

import pytest

from tests.sim.conftest import APP, Client, client_of
from voicebot.sim import SimulatedPbx
from voicebot.sim.tones import loudness, tone

FRAME = 640


async def test_a_caller_enters_the_application(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP, number="100", name="Ann")

    start = await ari.event("StasisStart", channel_id=caller.channel.id)

    assert start["args"] == []
    assert start["application"] == APP
    assert start["channel"]["state"] == "Up"
    assert start["channel"]["caller"] == {"name": "Ann", "number": "100"}
    assert start["channel"]["dialplan"]["app_name"] == "Stasis"
    assert await ari.get(f"/channels/{caller.channel.id}") == start["channel"]


async def test_an_extension_hands_its_arguments_to_the_application(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.dial("bot")
    start = await ari.event("StasisStart", channel_id=caller.channel.id)
    assert start["args"] == ["sales", "en"]
    assert start["channel"]["dialplan"]["exten"] == "bot"


async def test_the_bot_hangs_up_and_the_events_come_in_asterisks_order(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.delete(f"/channels/{caller.channel.id}")

    destroyed = await ari.event("ChannelDestroyed", channel_id=caller.channel.id)

    assert (destroyed["cause"], destroyed["cause_txt"]) == (16, "Normal Clearing")
    assert ari.kinds(caller.channel.id) == [
        "ChannelVarset",
        "StasisStart",
        "ChannelHangupRequest",
        "StasisEnd",
        "ChannelVarset",
        "ChannelDestroyed",
    ]
    assert await caller.wait_for_end() == 16
    assert not pbx.leftovers()


async def test_the_caller_hangs_up_and_a_second_time_does_nothing(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    caller.hang_up()
    caller.hang_up()
    assert caller.ended
    await ari.event("StasisEnd", channel_id=caller.channel.id)
    status, _ = await ari.request("DELETE", f"/channels/{caller.channel.id}")
    assert status == 404


@pytest.mark.parametrize(
    ("query", "cause"),
    [({"reason": "busy"}, 17), ({"reason": "no_answer"}, 19), ({"reason_code": "34"}, 34)],
)
async def test_a_reason_becomes_the_cause(
    pbx: SimulatedPbx, ari: Client, query: dict[str, str], cause: int
):
    caller = await pbx.call(APP)
    await ari.delete(f"/channels/{caller.channel.id}", **query)
    assert await caller.wait_for_end() == cause


@pytest.mark.parametrize("query", [{"reason": "boredom"}, {"reason_code": "x"}])
async def test_an_unknown_reason_is_refused_and_the_call_goes_on(
    pbx: SimulatedPbx, ari: Client, query: dict[str, str]
):
    caller = await pbx.call(APP)
    status, _ = await ari.request("DELETE", f"/channels/{caller.channel.id}", **query)
    assert status == 400
    assert not caller.ended


async def test_without_a_listening_application_the_call_fails_over(pbx: SimulatedPbx):
    caller = await pbx.call("absent")
    assert caller.ended
    assert caller.channel.variables["STASISSTATUS"] == "FAILED"


async def test_the_dialplan_goes_on_to_the_fallback(pbx: SimulatedPbx):
    caller = await pbx.dial("bot")
    assert not caller.ended
    pbx.advance(1.0)
    assert any(channel.name.startswith("PJSIP/201-") for channel in pbx.exchange.channels.values())
    assert pbx.exchange.bridges


async def test_an_unknown_extension_ends_the_call(pbx: SimulatedPbx):
    caller = await pbx.dial("999")
    assert await caller.wait_for_end() == 0


async def test_variables_are_set_read_and_reported(pbx: SimulatedPbx, ari: Client):
    channel = f"/channels/{(await pbx.call(APP)).channel.id}"
    await ari.post(f"{channel}/variable", variable="MOOD", value="good")
    assert await ari.get(f"{channel}/variable", variable="MOOD") == {"value": "good"}
    await ari.event("ChannelVarset", variable="MOOD", value="good")


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"variable": "NONE"}, 404, "Provided variable was not found"),
        ({}, 400, "Variable name is required"),
    ],
)
async def test_a_variable_that_is_not_there(
    pbx: SimulatedPbx, ari: Client, query: dict[str, str], status: int, message: str
):
    channel = f"/channels/{(await pbx.call(APP)).channel.id}"
    answer = await ari.request("GET", f"{channel}/variable", **query)
    assert answer == (status, {"message": message})


@pytest.mark.parametrize(("wideband", "codec"), [(True, "(g722)"), (False, "(alaw)")])
async def test_the_dialplan_functions_tell_the_callers_codec(
    pbx: SimulatedPbx, ari: Client, *, wideband: bool, codec: str
):
    channel = f"/channels/{(await pbx.call(APP, wideband=wideband)).channel.id}"
    answer = await ari.get(f"{channel}/variable", variable="CHANNEL(audionativeformat)")
    assert answer == {"value": codec}


async def test_continue_without_extension_ends_the_call_as_the_dialplan_does(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/continue")
    await ari.event("StasisEnd", channel_id=caller.channel.id)
    assert caller.ended


async def test_continue_without_extension_goes_on_to_what_follows_stasis(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP, fallback="201")
    await ari.post(f"/channels/{caller.channel.id}/continue")
    pbx.advance(1.0)
    assert caller.channel.position.exten == "201"
    assert len(pbx.leftovers().channels) == 2


async def test_continue_to_an_extension_dials_it_outside_of_stasis(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    path = f"/channels/{caller.channel.id}"
    await ari.post(f"{path}/continue", context="internal", extension="201", priority="1")
    await ari.event("StasisEnd", channel_id=caller.channel.id)
    pbx.advance(1.0)

    assert await ari.request("POST", f"{path}/answer") == (
        409,
        {"message": "Channel not in Stasis application"},
    )
    caller.say(tone(1000, 0.5))
    pbx.advance(0.5)
    assert loudness(caller.recording.heard[-FRAME:]) > 1000, "201 echoes"


async def test_ringing_and_music_are_heard_until_they_are_stopped(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    path = f"/channels/{caller.channel.id}"
    for what in ("moh", "ring"):
        await ari.post(f"{path}/{what}")
        pbx.advance(5.0)
        assert caller.heard_at == pytest.approx(caller.now, abs=5.0)
        await ari.delete(f"{path}/{what}")
        silent_since = caller.heard_at
        pbx.advance(5.0)
        assert caller.heard_at == silent_since


async def test_a_muted_channel_hears_nothing_until_it_is_unmuted(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    path = f"/channels/{caller.channel.id}"
    await ari.post(f"{path}/moh")
    await ari.post(f"{path}/mute", direction="out")
    pbx.advance(0.5)
    assert caller.heard_at is None
    await ari.delete(f"{path}/mute", direction="out")
    pbx.advance(0.5)
    assert caller.heard_at is not None


async def test_a_sound_is_played_to_its_end(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    path = f"/channels/{caller.channel.id}"
    playback = await ari.post(f"{path}/play/p1", media="sound:hello-world")
    assert playback["state"] == "queued"
    pbx.advance(0.5)
    assert (await ari.get("/playbacks/p1"))["state"] == "playing"
    pbx.advance(0.6)

    finished = await ari.event("PlaybackFinished")

    assert finished["playback"] == {**playback, "state": "done"}
    assert [kind["type"] for kind in ari.events if "Playback" in kind["type"]] == [
        "PlaybackStarted",
        "PlaybackFinished",
    ]
    assert caller.recording.heard[: 50 * FRAME] == tone(440, 1.0)


async def test_sounds_are_queued_and_a_stopped_one_gives_way(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    path = f"/channels/{caller.channel.id}"
    await ari.post(f"{path}/play", media="sound:hello-world", playbackId="first")
    await ari.post(f"{path}/play", media="sound:beep", playbackId="second")
    pbx.advance(0.1)
    await ari.delete("/playbacks/first")
    pbx.advance(0.1)
    assert (await ari.get("/playbacks/second"))["state"] == "playing"
    assert caller.recording.heard[5 * FRAME : 10 * FRAME] == tone(1000, 0.2)[: 5 * FRAME]


async def test_a_playback_can_be_paused_and_started_again(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/play/p", media="sound:hello-world")
    pbx.advance(0.2)
    await ari.post("/playbacks/p/control", operation="pause")
    pbx.advance(0.2)
    await ari.post("/playbacks/p/control", operation="unpause")
    pbx.advance(0.2)
    heard = caller.recording.heard
    assert heard[10 * FRAME : 20 * FRAME] == bytes(10 * FRAME)
    assert heard[20 * FRAME : 30 * FRAME] == tone(440, 1.0)[10 * FRAME : 20 * FRAME]
    status, _ = await ari.request("POST", "/playbacks/p/control", operation="dance")
    assert status == 400


async def test_a_sound_that_is_not_there_fails(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/play/p", media="sound:none")
    pbx.advance(0.1)
    finished = await ari.event("PlaybackFinished")
    assert finished["playback"]["state"] == "failed"


async def test_a_hangup_ends_the_playback_first(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    await ari.post(f"/channels/{caller.channel.id}/play/p", media="sound:hello-world")
    pbx.advance(0.1)
    caller.hang_up()
    await ari.event("ChannelDestroyed")
    kinds = [event["type"] for event in ari.events]
    assert kinds.index("PlaybackFinished") < kinds.index("StasisEnd")
    assert not pbx.leftovers()


async def test_keys_are_reported_one_by_one(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)
    caller.dtmf("10")
    await ari.event("ChannelDtmfReceived", digit="0")
    pressed = [event["digit"] for event in ari.events if event["type"] == "ChannelDtmfReceived"]
    assert pressed == ["1", "0"]


async def test_hold_is_reported_and_its_end(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.call(APP)

    caller.hold()
    await ari.event("ChannelHold", channel_id=caller.channel.id)
    caller.hold(on=False)
    await ari.event("ChannelUnhold", channel_id=caller.channel.id)


async def test_the_list_holds_every_channel(pbx: SimulatedPbx, ari: Client):
    ids = {(await pbx.call(APP)).channel.id for _ in range(3)}
    assert {channel["id"] for channel in await ari.get("/channels")} == ids


async def test_the_end_of_the_pbx_ends_the_calls():
    async with SimulatedPbx(username="bot", real_time=False) as pbx, client_of(pbx) as client:
        await client.connect()
        caller = await pbx.call(APP)
    assert caller.ended
