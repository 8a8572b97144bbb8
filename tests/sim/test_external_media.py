from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.sim.conftest import APP, Client, client_of, until
from voicebot.media.codecs import CODECS
from voicebot.media.rtp import RtpPacket, plain_packet
from voicebot.sim import SimCaller, SimulatedPbx
from voicebot.sim.tones import tone

if TYPE_CHECKING:
    from tests.sim.conftest import Listener

FRAME = 640


async def open_media(ari: Client, listener: Listener, **query: str) -> Any:
    query = {"channelId": "media", "format": "slin16", "external_host": listener.address} | query
    return await ari.post("/channels/externalMedia", app=APP, **query)


async def bridged_caller(pbx: SimulatedPbx, ari: Client, listener: Listener) -> SimCaller:
    """Return a caller who is alone in a bridge with the externalMedia channel ``media``."""
    await open_media(ari, listener)
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"{caller.channel.id},media")
    return caller


def send(listener: Listener, pbx: SimulatedPbx, payload_type: int, payload: bytes) -> None:
    variables = pbx.exchange.channel("media").variables
    address = (
        variables["UNICASTRTP_LOCAL_ADDRESS"],
        int(variables["UNICASTRTP_LOCAL_PORT"]),
    )
    datagram = plain_packet(payload_type, 1, 160, 7, payload, marker=False)
    listener.socket.sendto(datagram, address)


async def test_the_answer_names_the_socket_and_the_channel_enters_the_application(
    ari: Client, listener: Listener
):
    answer = await open_media(ari, listener)

    assert answer["id"] == "media"
    assert answer["name"].startswith("UnicastRTP/127.0.0.1:")
    assert set(answer["channelvars"]) == {"UNICASTRTP_LOCAL_ADDRESS", "UNICASTRTP_LOCAL_PORT"}
    start = await ari.event("StasisStart", channel_id="media")
    assert start["channel"]["state"] == "Up"
    assert "channelvars" not in start["channel"]
    assert ari.kinds("media") == [
        "Dial",
        "ChannelStateChange",
        "Dial",
        "ChannelVarset",
        "StasisStart",
    ]
    port = await ari.get("/channels/media/variable", variable="UNICASTRTP_LOCAL_PORT")
    assert port == {"value": answer["channelvars"]["UNICASTRTP_LOCAL_PORT"]}


async def test_the_caller_arrives_as_big_endian_slin16_of_type_118(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    caller = await bridged_caller(pbx, ari, listener)
    caller.say(tone(1000, 0.1))

    pbx.advance(0.1)

    packets = [RtpPacket.parse(datagram) for datagram in listener.received()]
    assert [packet.payload_type for packet in packets] == [118] * 5
    assert [packet.sequence for packet in packets] == list(range(5))
    assert {b.timestamp - a.timestamp for a, b in pairwise(packets)} == {320}
    assert len({packet.ssrc for packet in packets}) == 1
    assert [packet.marker for packet in packets] == [True, False, False, False, False]
    heard = b"".join(packet.payload for packet in packets)
    assert np.frombuffer(heard, ">i2").astype("<i2").tobytes() == tone(1000, 0.1)


async def test_a_caller_on_hold_sends_no_packet_and_time_goes_on(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    caller = await bridged_caller(pbx, ari, listener)
    pbx.advance(0.1)
    before = RtpPacket.parse(listener.received()[-1])
    caller.hold()
    pbx.advance(1.0)
    assert not listener.received()
    caller.hold(on=False)
    pbx.advance(0.02)
    after = RtpPacket.parse(listener.received()[0])
    assert after.sequence == before.sequence + 1
    assert after.timestamp == before.timestamp + 51 * 320
    assert after.marker


@pytest.mark.parametrize("payload_type", [0, 8, 9, 10, 11])
async def test_static_types_are_heard_by_the_caller(
    pbx: SimulatedPbx, ari: Client, listener: Listener, payload_type: int
):
    caller = await bridged_caller(pbx, ari, listener)
    encoder = CODECS[payload_type].encoder
    assert encoder is not None
    encode, voice = encoder().encode, tone(1000, 0.2)
    for start in range(0, len(voice), FRAME):
        send(listener, pbx, payload_type, encode(voice[start : start + FRAME]))
    counters = pbx.exchange.rtp_counters("media")
    await until(lambda: counters.received == 10)

    pbx.advance(0.2)

    heard = np.frombuffer(caller.recording.heard, "<i2").astype(float)[800:]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    loudest = np.argmax(spectrum) * 16_000 / len(heard)
    assert loudest == pytest.approx(1000, abs=10)
    assert np.abs(heard).max() == pytest.approx(0.2 * 32767, rel=0.1)
    assert counters.dropped == 0


@pytest.mark.parametrize("payload_type", [3, 18, 96, 97, 101, 118])
async def test_every_other_type_is_dropped_without_a_word(
    pbx: SimulatedPbx, ari: Client, listener: Listener, payload_type: int
):
    caller = await bridged_caller(pbx, ari, listener)
    send(listener, pbx, payload_type, tone(1000, 0.02))
    counters = pbx.exchange.rtp_counters("media")
    await until(lambda: counters.received == 1)
    pbx.advance(0.1)
    assert caller.heard_at is None
    assert counters.dropped == 1


async def test_what_is_no_rtp_is_dropped(pbx: SimulatedPbx, ari: Client, listener: Listener):
    await bridged_caller(pbx, ari, listener)
    port = int(pbx.exchange.channel("media").variables["UNICASTRTP_LOCAL_PORT"])
    listener.socket.sendto(b"hello", ("127.0.0.1", port))
    counters = pbx.exchange.rtp_counters("media")
    await until(lambda: counters.dropped == 1)


async def test_a_burst_of_more_than_a_second_overflows_and_running_dry_is_counted(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    await bridged_caller(pbx, ari, listener)
    counters = pbx.exchange.rtp_counters("media")
    for number in range(60):
        send(listener, pbx, 11, bytes(320))
        await until(lambda count=number + 1: counters.received == count)
    assert counters.overflows == 10
    pbx.advance(2.0)
    assert counters.underruns == 1


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ({"app": ""}, 400, "app cannot be empty"),
        (
            {"external_host": ""},
            400,
            "external_host is required for all but websocket server connections",
        ),
        (
            {"external_host": "nonsense"},
            400,
            "external_host must be <host>:<port> for all transports other than websocket",
        ),
        (
            {"encapsulation": "morse"},
            501,
            "The encapsulation and/or transport is not supported",
        ),
        ({"transport": "tcp"}, 400, "transport must be 'udp' for rtp encapsulation"),
        (
            {"format": "mp3"},
            500,
            "An internal error prevented this request from being handled",
        ),
    ],
)
async def test_what_asterisk_refuses(ari: Client, query: dict[str, str], status: int, message: str):
    good = {"app": APP, "external_host": "127.0.0.1:4000", "format": "slin16"}
    answer = await ari.request("POST", "/channels/externalMedia", **(good | query))
    assert answer == (status, {"message": message})
    assert await ari.get("/channels") == []


async def test_a_taken_id_is_an_internal_error(ari: Client, listener: Listener):
    await open_media(ari, listener)
    status, _ = await ari.request(
        "POST",
        "/channels/externalMedia",
        app=APP,
        channelId="media",
        external_host=listener.address,
        format="slin16",
    )
    assert status == 500


async def test_without_chan_rtp_there_is_no_external_media(listener: Listener):
    async with (
        SimulatedPbx(username="bot", modules=(), real_time=False) as pbx,
        client_of(pbx) as client,
    ):
        status, answer = await client.request(
            "POST",
            "/channels/externalMedia",
            app=APP,
            external_host=listener.address,
            format="slin16",
        )
        assert status == 500
        assert "internal error" in answer["message"]


async def test_for_an_application_that_nobody_listens_to_the_channel_ends_at_once(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    answer = await ari.post(
        "/channels/externalMedia",
        app="absent",
        channelId="lost",
        external_host=listener.address,
        format="slin16",
    )
    assert answer["id"] == "lost"
    assert not pbx.leftovers()


async def test_the_answer_comes_before_the_channel_enters_its_application(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    pbx.faults.entry_seconds = 0.1
    answer = await open_media(ari, listener)
    assert answer["state"] == "Down"
    await ari.post("/bridges/b")
    too_early = await ari.request("POST", "/bridges/b/addChannel", channel="media")
    assert too_early == (422, {"message": "Channel not in Stasis application"})

    pbx.advance(0.1)

    await ari.event("StasisStart", channel_id="media")
    await ari.post("/bridges/b/addChannel", channel="media")


async def test_a_media_channel_that_ends_before_it_enters_never_enters(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    pbx.faults.entry_seconds = 0.1
    await open_media(ari, listener)
    await ari.delete("/channels/media")
    pbx.advance(0.2)
    await ari.event("ChannelDestroyed", channel_id="media")
    assert "StasisStart" not in ari.kinds("media")
    assert not pbx.leftovers()


async def test_the_media_channel_stays_when_the_caller_goes(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    caller = await bridged_caller(pbx, ari, listener)
    caller.hang_up()
    assert pbx.leftovers().channels == ("media",)
    assert pbx.leftovers().bridges == ("b",)

    await ari.delete("/channels/media")
    await ari.delete("/bridges/b")

    assert not pbx.leftovers()


@pytest.mark.parametrize(("format_", "payload_type"), [("ulaw", 0), ("alaw", 8), ("g722", 9)])
async def test_other_formats_are_sent_as_they_are_asked_for(
    pbx: SimulatedPbx, ari: Client, listener: Listener, format_: str, payload_type: int
):
    await open_media(ari, listener, format=format_)
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"{caller.channel.id},media")
    pbx.advance(0.04)
    first, second = (RtpPacket.parse(datagram) for datagram in listener.received())
    assert first.payload_type == payload_type
    assert len(first.payload) == 160
    assert second.timestamp - first.timestamp == 160
