from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sim.conftest import APP, Client
from voicebot.sim.tones import loudness, tone

if TYPE_CHECKING:
    from voicebot.sim import SimulatedPbx

FRAME = 640
LOCAL = "Local/201@internal"


async def test_a_phone_that_answers_enters_the_application(pbx: SimulatedPbx, ari: Client):
    answer = await ari.post(
        "/channels",
        endpoint=LOCAL,
        app=APP,
        appArgs="a,b c",
        channelId="out",
        callerId="Bob <100>",
        body={"variables": {"CALL": "7"}},
    )
    assert (answer["id"], answer["state"]) == ("out", "Down")
    assert answer["caller"] == {"name": "Bob", "number": "100"}

    pbx.advance(0.1)
    await ari.event("ChannelStateChange", channel_id="out")
    assert (await ari.get("/channels/out"))["state"] == "Ringing"
    pbx.advance(0.5)

    start = await ari.event("StasisStart", channel_id="out")
    assert start["args"] == ["a", "b c"]
    assert ari.kinds("out") == [
        "Dial",
        "ChannelStateChange",
        "Dial",
        "ChannelStateChange",
        "Dial",
        "ChannelVarset",
        "StasisStart",
    ]
    statuses = [
        event["dialstatus"]
        for event in ari.events
        if event["type"] == "Dial" and event["peer"]["id"] == "out"
    ]
    assert statuses == ["", "RINGING", "ANSWER"]
    assert await ari.get("/channels/out/variable", variable="CALL") == {"value": "7"}


@pytest.mark.parametrize(
    ("endpoint", "cause", "status"),
    [
        ("Local/202@internal", 17, "BUSY"),
        ("PJSIP/202", 17, "BUSY"),
        ("Local/204@internal", 21, "NOANSWER"),
        ("PJSIP/204", 21, "NOANSWER"),
        ("Local/205@internal", 3, "CHANUNAVAIL"),
    ],
)
async def test_a_phone_that_is_not_reached_ends_the_channel_with_the_cause(
    pbx: SimulatedPbx, ari: Client, endpoint: str, cause: int, status: str
):
    await ari.post("/channels", endpoint=endpoint, app=APP, channelId="out")
    pbx.advance(1.0)
    destroyed = await ari.event("ChannelDestroyed", channel_id="out")
    assert destroyed["cause"] == cause
    await ari.event("Dial", peer_id="out", dialstatus=status)
    assert not [event for event in ari.events if event["type"] == "StasisStart"]
    assert not pbx.leftovers()


@pytest.mark.parametrize("endpoint", ["Local/203@internal", "PJSIP/203"])
async def test_a_phone_that_never_answers_rings_until_the_timeout(
    pbx: SimulatedPbx, ari: Client, endpoint: str
):
    await ari.post("/channels", endpoint=endpoint, app=APP, channelId="out", timeout="5")
    pbx.advance(4.9)
    assert (await ari.get("/channels/out"))["state"] == "Ringing"
    pbx.advance(0.2)
    destroyed = await ari.event("ChannelDestroyed", channel_id="out")
    assert (destroyed["cause"], destroyed["cause_txt"]) == (19, "User alerting, no answer")
    assert not pbx.leftovers()


@pytest.mark.parametrize("endpoint", ["Local/999@internal", "Local/201@elsewhere"])
async def test_an_extension_that_does_not_exist_ends_at_once(
    pbx: SimulatedPbx, ari: Client, endpoint: str
):
    await ari.post("/channels", endpoint=endpoint, app=APP, channelId="out")
    destroyed = await ari.event("ChannelDestroyed", channel_id="out")
    assert (destroyed["cause"], destroyed["cause_txt"]) == (0, "Unknown")
    assert not pbx.leftovers()


@pytest.mark.parametrize(
    ("query", "status", "answer"),
    [
        ({"endpoint": "nonsense"}, 400, {"message": "Invalid endpoint specified"}),
        ({"endpoint": ""}, 400, {"message": "Endpoint must be specified"}),
        ({"app": ""}, 400, {"message": "Application or extension must be specified"}),
        ({"endpoint": "PJSIP/205"}, 500, {"error": "Allocation failed"}),
        ({"endpoint": "PJSIP/999"}, 500, {"error": "Allocation failed"}),
        ({"endpoint": "Carrier/1"}, 500, {"error": "Allocation failed"}),
    ],
)
async def test_what_cannot_be_originated(
    pbx: SimulatedPbx,
    ari: Client,
    query: dict[str, str],
    status: int,
    answer: dict[str, str],
):
    good = {"endpoint": LOCAL, "app": APP}
    assert await ari.request("POST", "/channels", **(good | query)) == (status, answer)
    assert not pbx.leftovers()


async def test_a_taken_id_is_refused(pbx: SimulatedPbx, ari: Client):
    await ari.post("/channels", endpoint=LOCAL, app=APP, channelId="out")
    answer = await ari.request("POST", "/channels/out", endpoint="PJSIP/201", app=APP)
    assert answer == (409, {"message": "Channel with given unique ID already exists"})
    assert len(pbx.leftovers().channels) == 3


async def test_the_halves_of_a_local_channel_have_the_ids_that_were_chosen(
    pbx: SimulatedPbx, ari: Client
):
    await ari.post("/channels", endpoint=LOCAL, app=APP, channelId="near", otherChannelId="far")
    await ari.post("/channels", endpoint=LOCAL, app=APP, channelId="other")
    assert {"near", "far", "other", "other;2"} <= set(pbx.leftovers().channels)


async def test_hanging_up_while_it_rings_stops_the_ringing(pbx: SimulatedPbx, ari: Client):
    await ari.post("/channels", endpoint=LOCAL, app=APP, channelId="out")
    pbx.advance(0.2)
    await ari.delete("/channels/out")
    pbx.advance(2.0)
    await ari.event("ChannelDestroyed", channel_id="out")
    assert "StasisStart" not in ari.kinds("out")
    assert not pbx.leftovers()


@pytest.mark.parametrize("endpoint", [LOCAL, "PJSIP/201"])
async def test_a_colleague_and_a_caller_talk_through_a_bridge(
    pbx: SimulatedPbx, ari: Client, endpoint: str
):
    caller = await pbx.call(APP)
    await ari.post("/channels", endpoint=endpoint, app=APP, channelId="out")
    pbx.advance(1.0)
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"out,{caller.channel.id}")
    caller.say(tone(1000, 0.5))
    pbx.advance(0.5)
    assert loudness(caller.recording.heard[-FRAME:]) > 1000, "201 echoes"


async def test_a_colleague_who_hangs_up_ends_both_halves_and_not_the_caller(
    pbx: SimulatedPbx, ari: Client
):
    caller = await pbx.call(APP)
    await ari.post("/channels", endpoint="Local/206@internal", app=APP, channelId="out")
    pbx.advance(0.5)
    await ari.event("StasisStart", channel_id="out")
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"out,{caller.channel.id}")
    pbx.advance(1.0)
    destroyed = await ari.event("ChannelDestroyed", channel_id="out")
    assert destroyed["cause"] == 16
    assert pbx.leftovers().channels == (caller.channel.id,)
    assert pbx.leftovers().bridges == ("b",)


async def test_create_puts_the_channel_into_the_application_before_it_is_dialled(
    pbx: SimulatedPbx, ari: Client
):
    await ari.post("/channels/create", endpoint=LOCAL, app=APP, channelId="out")
    start = await ari.event("StasisStart", channel_id="out")
    assert start["channel"]["state"] == "Down"
    assert await ari.request("POST", "/channels/out/answer") == (
        412,
        {"message": "Channel in invalid state"},
    )

    await ari.post("/channels/out/dial", timeout="10")
    pbx.advance(1.0)

    await ari.event("Dial", dialstatus="ANSWER", peer_id="out")
    assert (await ari.get("/channels/out"))["state"] == "Up"
    assert await ari.request("POST", "/channels/out/dial") == (
        409,
        {"message": "Channel is not in the 'Down' state"},
    )


async def test_a_created_channel_that_is_busy_leaves_the_application_and_ends(
    pbx: SimulatedPbx, ari: Client
):
    await ari.post("/channels/create", endpoint="Local/202@internal", app=APP, channelId="out")
    await ari.post("/channels/out/dial")
    pbx.advance(1.0)
    destroyed = await ari.event("ChannelDestroyed", channel_id="out")
    assert destroyed["cause"] == 17
    assert "StasisEnd" in ari.kinds("out")
    assert not pbx.leftovers()


async def test_dialling_what_is_not_in_the_application_is_refused(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.dial("201")
    answer = await ari.request("POST", f"/channels/{caller.channel.id}/dial")
    assert answer == (409, {"message": "Channel not in Stasis application"})


async def test_a_local_channel_can_lead_back_into_the_application(pbx: SimulatedPbx, ari: Client):
    """The way in which a bench calls a bot without a phone."""
    await ari.post("/channels", endpoint="Local/bot@internal", app=APP, channelId="bench")
    start = await ari.event("StasisStart", channel_id="bench;2")
    assert start["args"] == ["sales", "en"]
    await ari.event("StasisStart", channel_id="bench")
    await ari.post("/channels/bench;2/play", media="sound:hello-world")
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"bench,{caller.channel.id}")
    pbx.advance(0.2)
    assert loudness(caller.recording.heard[-FRAME:]) > 1000


async def test_originate_to_an_extension_connects_two_phones(pbx: SimulatedPbx, ari: Client):
    await ari.post("/channels", endpoint="PJSIP/206", extension="201", context="internal")
    pbx.advance(0.9)
    (bridge,) = await ari.get("/bridges")
    assert bridge["bridge_class"] == "basic"
    assert len(bridge["channels"]) == 2
    pbx.advance(1.0)
    assert not pbx.leftovers(), "206 hangs up after a second"


async def test_channels_of_a_call_know_each_other_and_its_first(pbx: SimulatedPbx, ari: Client):
    caller = await pbx.dial("201", number="100")

    listed = await ari.get("/channels")
    numbers = [(it["caller"]["number"], it["connected"]["number"]) for it in listed]
    assert numbers == [("100", "201"), ("201", "100")]
    for channel in tuple(pbx.exchange.channels):
        path = f"/channels/{channel}/variable"
        linked = await ari.get(path, variable="CHANNEL(linkedid)")
        assert linked == {"value": caller.channel.id}


@pytest.mark.parametrize(("extension", "cause"), [("202", 17), ("204", 21), ("205", 3)])
async def test_a_caller_who_dials_hears_ringing_and_is_told_the_cause(
    pbx: SimulatedPbx, extension: str, cause: int
):
    caller = await pbx.dial(extension)
    pbx.advance(1.0)
    assert await caller.wait_for_end() == cause
    assert (caller.heard_at is not None) == (extension != "205")
    assert not pbx.leftovers()


async def test_a_caller_who_gives_up_stops_the_ringing(pbx: SimulatedPbx):
    caller = await pbx.dial("203")
    pbx.advance(3.0)
    caller.hang_up()
    assert not pbx.leftovers()
