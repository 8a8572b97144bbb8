"""Channels that overhear others, as the transcriber uses them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.sim.conftest import APP, Client, until
from voicebot.media.rtp import RtpPacket
from voicebot.sim import Phone, SimCaller, SimulatedPbx
from voicebot.sim.tones import tone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.sim.conftest import Listener

LOW, HIGH = tone(400, 0.2), tone(1000, 0.2)
TALKATIVE = "301"


@pytest.fixture
async def pbx() -> AsyncIterator[SimulatedPbx]:
    """A PBX with a colleague who answers at once, and soon says something low."""
    plan = {TALKATIVE: Phone(after=0.0, says=bytes(640 * 10) + LOW)}
    pbx = SimulatedPbx(username="bot", password="secret", dialplan=plan, real_time=False)
    async with pbx:
        yield pbx


async def talking(pbx: SimulatedPbx) -> SimCaller:
    """Return somebody who talks with the colleague."""
    caller = await pbx.dial(TALKATIVE)
    pbx.advance(0.1)
    assert caller.channel.bridge is not None
    return caller


async def snoop(ari: Client, caller: SimCaller, name: str = "s", **query: str) -> Any:
    answer = await ari.post(f"/channels/{caller.channel.id}/snoop/{name}", app=APP, **query)
    await ari.event("StasisStart", channel_id=name)
    return answer


async def listen(ari: Client, listener: Listener, *channels: str) -> None:
    """Send what these channels say to ``listener``."""
    query = {"app": APP, "external_host": listener.address, "format": "slin16"}
    await ari.post("/channels/externalMedia", channelId="media", **query)
    await ari.event("StasisStart", channel_id="media")
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=",".join((*channels, "media")))


def pitches(pcm: bytes) -> set[int]:
    """Return the tones in ``pcm``, in hundreds of Hz."""
    signal = np.frombuffer(pcm, "<i2").astype(float)
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal))))
    hertz = np.fft.rfftfreq(len(signal), 1 / 16_000)
    return {pitch for pitch in (4, 10) if spectrum[np.abs(hertz - 100 * pitch) < 20].max() > 1e5}


def heard(listener: Listener) -> bytes:
    payloads = [RtpPacket.parse(datagram).payload for datagram in listener.received()]
    return np.frombuffer(b"".join(payloads), ">i2").astype("<i2").tobytes()


async def test_a_snoop_channel_enters_the_application_and_touches_nobody(
    pbx: SimulatedPbx, ari: Client
):
    caller = await talking(pbx)
    before = caller.channel.describe()

    answer = await snoop(ari, caller, spy="in", appArgs="a,b")

    assert answer["id"] == "s"
    assert answer["name"].startswith(f"Snoop/{caller.channel.id}-")
    assert answer["state"] == "Up"
    assert (await ari.event("StasisStart"))["args"] == ["a", "b"]
    assert ari.kinds("s") == ["ChannelVarset", "StasisStart"]
    assert caller.channel.describe() == before
    assert caller.channel.stasis is None


@pytest.mark.parametrize(
    ("spy", "expected"), [("in", {10}), ("out", {4}), ("both", {4, 10}), ("none", set())]
)
async def test_it_hears_the_party_or_what_the_party_hears(
    pbx: SimulatedPbx, ari: Client, listener: Listener, spy: str, expected: set[int]
):
    caller = await talking(pbx)
    await snoop(ari, caller, spy=spy, whisper="in")
    await listen(ari, listener, "s")

    caller.say(HIGH)
    pbx.advance(0.5)

    sound = heard(listener)
    assert (pitches(sound) if sound else set()) == expected


async def test_what_it_hears_is_untouched(pbx: SimulatedPbx, ari: Client, listener: Listener):
    caller = await talking(pbx)
    await snoop(ari, caller, spy="in")
    await listen(ari, listener, "s")

    caller.say(HIGH)
    pbx.advance(0.5)

    assert HIGH in heard(listener)


async def test_a_party_that_sends_nothing_is_no_packet(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    caller = await talking(pbx)
    await snoop(ari, caller, spy="in")
    await listen(ari, listener, "s")
    pbx.advance(0.1)
    listener.received()

    caller.hold()
    pbx.advance(0.02)
    listener.received()
    pbx.advance(0.2)

    assert listener.received() == []


@pytest.mark.parametrize(("way", "who"), [("out", "caller"), ("in", "other"), ("both", "all")])
async def test_a_whisper_is_heard_by_whom_it_is_meant_for(
    pbx: SimulatedPbx, ari: Client, listener: Listener, way: str, who: str
):
    caller = await talking(pbx)
    pbx.advance(0.5)
    await snoop(ari, caller, "mouth", whisper=way)
    (other,) = [it for it in pbx.exchange.channels.values() if it.name.startswith("PJSIP/301")]
    await ari.post(f"/channels/{other.id}/snoop/ear", app=APP, spy="out")
    await ari.event("StasisStart", channel_id="ear")
    await listen(ari, listener, "ear")
    begun = len(caller.recording.heard)

    await ari.post("/channels/mouth/play", media="sound:beep")
    pbx.advance(0.5)

    at_caller = 10 in pitches(caller.recording.heard[begun:])
    at_other = 10 in pitches(heard(listener))
    assert (at_caller, at_other) == (who in {"caller", "all"}, who in {"other", "all"})


async def test_a_whisper_is_not_overheard_by_others(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    caller = await talking(pbx)
    pbx.advance(0.5)
    await snoop(ari, caller, "mouth", whisper="out")
    await snoop(ari, caller, "ear", spy="both")
    await listen(ari, listener, "ear")

    await ari.post("/channels/mouth/play", media="sound:beep")
    pbx.advance(0.5)

    assert pitches(heard(listener)) == set()


async def test_it_ends_with_the_channel_it_snoops_on(pbx: SimulatedPbx, ari: Client):
    caller = await talking(pbx)
    await snoop(ari, caller, spy="in")

    caller.hang_up()
    pbx.advance(0.02)

    ended = await ari.event("ChannelDestroyed", channel_id="s")
    assert ended["cause"] == 0
    assert ari.kinds("s")[-3:] == ["StasisEnd", "ChannelVarset", "ChannelDestroyed"]
    assert not pbx.leftovers()


async def test_its_end_leaves_the_call_as_it_is(pbx: SimulatedPbx, ari: Client):
    caller = await talking(pbx)
    await snoop(ari, caller, spy="both", whisper="out")

    await ari.delete("/channels/s")
    caller.say(HIGH)
    pbx.advance(0.2)

    assert not caller.ended
    assert caller.channel.snoops == []


async def test_where_nobody_listens_it_stays_for_as_long_as_the_other_one(
    pbx: SimulatedPbx, ari: Client
):
    caller = await talking(pbx)

    await ari.post(f"/channels/{caller.channel.id}/snoop/s", app="nobody", spy="in")
    channel = pbx.exchange.channels["s"]
    await until(lambda: channel.variables.get("STASISSTATUS") == "FAILED")
    assert not caller.ended

    caller.hang_up()
    pbx.advance(0.02)
    assert not pbx.leftovers()


REFUSED: list[tuple[str, dict[str, str], int, str]] = [
    ("nope", {"app": APP, "spy": "in"}, 404, "Provided channel was not found"),
    ("", {"app": APP}, 400, "Direction must be specified for at least spy or whisper"),
    ("", {"app": APP, "spy": "sideways"}, 400, "Invalid direction specified for spy"),
    ("", {"app": APP, "whisper": "up"}, 400, "Invalid direction specified for whisper"),
    ("", {"spy": "in"}, 400, "Application name is required"),
]


@pytest.mark.parametrize(("channel_id", "query", "status", "words"), REFUSED)
async def test_what_asterisk_refuses(
    pbx: SimulatedPbx, ari: Client, channel_id: str, query: dict[str, str], status: int, words: str
):
    caller = await talking(pbx)
    path = f"/channels/{channel_id or caller.channel.id}/snoop/s"

    assert await ari.request("POST", path, **query) == (status, {"message": words})


async def test_an_id_is_given_once(pbx: SimulatedPbx, ari: Client):
    caller = await talking(pbx)
    await snoop(ari, caller, spy="in")

    path = f"/channels/{caller.channel.id}/snoop/s"
    status, answer = await ari.request("POST", path, app=APP, spy="in")

    assert (status, answer) == (500, {"message": "Snoop channel could not be created"})
