from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.sim.conftest import APP, Client, until
from voicebot.media.rtp import RtpPacket
from voicebot.sim import EventFault, Faults, RestFault, SimulatedPbx
from voicebot.sim.faults import (
    LOST,
    ON_TIME,
    TWICE,
    Fate,
    duplicated,
    held_up,
    jittery,
    lossy,
    reordered,
)

if TYPE_CHECKING:
    from tests.sim.conftest import Listener

BRIDGES = "GET /bridges"


def hits(fault: RestFault, operations: list[str]) -> list[int]:
    faults = Faults(rest=(fault,))
    return [i for i, name in enumerate(operations, 1) if faults.of_request(name) is not None]


@pytest.mark.parametrize(
    ("fault", "numbers"),
    [
        (RestFault(BRIDGES), [1]),
        (RestFault(BRIDGES, first=2), [4]),
        (RestFault(BRIDGES, first=2, times=2), [4, 5]),
        (RestFault("*", first=2, times=3), [2, 3, 4]),
        (RestFault("POST /bridges"), []),
    ],
)
def test_a_rest_fault_hits_the_requests_it_counts(fault: RestFault, numbers: list[int]):
    assert hits(fault, [BRIDGES, "GET /channels", "POST /channels", BRIDGES, BRIDGES]) == numbers


def test_of_two_faults_both_count_and_the_first_wins():
    first, second = RestFault(BRIDGES, first=2), RestFault("*", first=2, times=2)
    faults = Faults(rest=(first, second))
    assert [faults.of_request(BRIDGES) for _ in range(4)] == [None, first, second, None]


async def test_a_status_is_answered_and_nothing_is_done(pbx: SimulatedPbx, ari: Client):
    pbx.faults.rest += (RestFault("POST /bridges/{bridgeId}", status=503, message="Full"),)
    assert await ari.request("POST", "/bridges/b") == (503, {"message": "Full"})
    assert not pbx.leftovers()
    await ari.post("/bridges/b")


async def test_a_reset_breaks_the_connection_and_nothing_is_done(pbx: SimulatedPbx, ari: Client):
    pbx.faults.rest += (RestFault("POST /bridges/{bridgeId}", action="reset"),)
    with pytest.raises(aiohttp.ClientError):
        await ari.post("/bridges/b")
    assert not pbx.leftovers()


async def test_a_hanging_request_is_never_answered(pbx: SimulatedPbx, ari: Client):
    pbx.faults.rest += (RestFault(BRIDGES, action="hang"),)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(ari.get("/bridges"), 0.05)
    assert await ari.get("/bridges") == []


async def test_a_slow_request_is_answered_after_its_events(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    operation = "POST /channels/externalMedia"
    pbx.faults.rest += (RestFault(operation, action="slow", seconds=0.1),)
    query = {"app": APP, "external_host": listener.address, "format": "slin16", "channelId": "m"}
    request = asyncio.create_task(ari.post("/channels/externalMedia", **query))
    await ari.event("StasisStart", channel_id="m")
    assert not request.done()
    assert (await request)["id"] == "m"


async def test_a_late_event_is_overtaken(pbx: SimulatedPbx, ari: Client):
    pbx.faults.events += (EventFault("StasisStart", 0.05),)
    caller = await pbx.call(APP)
    caller.dtmf("1")
    await ari.event("ChannelDtmfReceived")
    assert "StasisStart" not in ari.kinds(caller.channel.id)
    await ari.event("StasisStart", channel_id=caller.channel.id)


async def test_a_lost_event_never_comes(pbx: SimulatedPbx, ari: Client):
    pbx.faults.events += (EventFault("StasisStart", None),)
    lost, heard = await pbx.call(APP), await pbx.call(APP)
    await ari.event("StasisStart", channel_id=heard.channel.id)
    assert "StasisStart" not in ari.kinds(lost.channel.id)


async def packets_of(pbx: SimulatedPbx, ari: Client, listener: Listener) -> None:
    query = {"external_host": listener.address, "format": "slin16", "channelId": "media"}
    await ari.post("/channels/externalMedia", app=APP, **query)
    caller = await pbx.call(APP)
    await ari.post("/bridges/b")
    await ari.post("/bridges/b/addChannel", channel=f"{caller.channel.id},media")


@pytest.mark.parametrize(
    ("pattern", "sequences"),
    [
        ((ON_TIME,), [0, 1, 2, 3, 4, 5]),
        ((ON_TIME, LOST, ON_TIME), [0, 2, 3, 5]),
        ((ON_TIME, TWICE), [0, 1, 1, 2, 3, 3, 4, 5, 5]),
    ],
)
async def test_packets_to_the_application_follow_the_pattern(
    pbx: SimulatedPbx,
    ari: Client,
    listener: Listener,
    pattern: tuple[Fate, ...],
    sequences: list[int],
):
    pbx.faults.rtp_out = pattern
    await packets_of(pbx, ari, listener)
    pbx.advance(0.12)
    assert [RtpPacket.parse(packet).sequence for packet in listener.received()] == sequences


async def test_a_delayed_packet_is_overtaken(pbx: SimulatedPbx, ari: Client, listener: Listener):
    pbx.faults.rtp_out = reordered(3, seconds=0.01)
    await packets_of(pbx, ari, listener)
    pbx.advance(0.06)
    received: list[bytes] = []
    await until(lambda: bool(received.extend(listener.received()) or len(received) == 3))
    assert [RtpPacket.parse(packet).sequence for packet in received] == [1, 2, 0]


async def test_a_packet_that_comes_after_the_end_is_thrown_away(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    pbx.faults.rtp_out = ((0.01,),)
    await packets_of(pbx, ari, listener)
    pbx.advance(0.04)
    await ari.delete("/channels/media")
    await asyncio.sleep(0.03)
    assert not listener.received()


async def test_packets_from_the_application_follow_their_own_pattern(
    pbx: SimulatedPbx, ari: Client, listener: Listener
):
    pbx.faults.rtp_in = (LOST, ON_TIME)
    await packets_of(pbx, ari, listener)
    port = int(pbx.exchange.channel("media").variables["UNICASTRTP_LOCAL_PORT"])
    counters = pbx.exchange.rtp_counters("media")
    for number in range(6):
        datagram = RtpPacket(11, number, 160 * number, 1, bytes(320)).serialise()
        listener.socket.sendto(datagram, ("127.0.0.1", port))
    await until(lambda: counters.received == 3)


@pytest.mark.parametrize("burst", [1, 3])
def test_losses_come_at_the_rate_and_in_the_bursts_asked_for(burst: int):
    pattern = lossy(0.1, burst=burst, packets=6000)
    assert pattern.count(LOST) / len(pattern) == pytest.approx(0.1, abs=0.02)
    runs = "".join("x" if fate == LOST else " " for fate in pattern).split()
    assert all(len(run) % burst == 0 for run in runs[:-1])
    assert lossy(0.1, burst=burst, packets=6000) == pattern, "the same seed, the same losses"


def test_what_is_held_up_comes_at_once_and_in_order():
    pattern = held_up(0.2, every=0.5)
    leaving = [20 * n + 1000 * delay for n, (delay,) in enumerate(pattern)]
    assert leaving[:15] == [20 * n for n in range(15)]
    assert leaving[15:] == pytest.approx([490 + n for n in range(10)])


def test_jitter_stays_within_its_bound():
    delays = [delay for (delay,) in jittery(0.04)]
    assert 0 <= min(delays) < 0.005
    assert 0.035 < max(delays) <= 0.04


def test_patterns_repeat_without_end():
    faults = Faults(rtp_out=duplicated(2), rtp_in=reordered(2, seconds=0.5))
    assert list(islice(faults.outbound(), 4)) == [TWICE, ON_TIME, TWICE, ON_TIME]
    assert list(islice(faults.inbound(), 3)) == [(0.5,), ON_TIME, (0.5,)]
