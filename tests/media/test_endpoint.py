from __future__ import annotations

import asyncio
import socket
import time
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.media.wire import pcm, sine, slin
from tests.virtual_time import in_virtual_time, loop_time, stall
from voicebot.errors import ConfigError, MediaError, PortInUseError
from voicebot.media.clock import MediaClock
from voicebot.media.datagrams import BATCH
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.exchange import MANY
from voicebot.media.overload import CALM, LONGEST_WAIT
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from voicebot.media.rtp_stream import RtpStream
    from voicebot.media.stream import MediaStream, MediaTransport


class Channel:
    """Asterisk's end of one call: a socket, and what came to it."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)

    def __enter__(self) -> Channel:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    @property
    def variables(self) -> dict[str, str]:
        host, port = self.socket.getsockname()
        return {"UNICASTRTP_LOCAL_ADDRESS": host, "UNICASTRTP_LOCAL_PORT": str(port)}

    def send(self, packet: RtpPacket, port: int) -> None:
        self.socket.sendto(packet.serialise(), ("127.0.0.1", port))

    def received(self) -> list[RtpPacket]:
        packets = []
        while True:
            try:
                packets.append(RtpPacket.parse(self.socket.recv(2048)))
            except BlockingIOError:
                return packets


def free_ports(count: int) -> range:
    """Return so many UDP ports in a row that nobody has."""
    while True:
        with Channel() as probe:
            start = int(probe.variables["UNICASTRTP_LOCAL_PORT"])
        found: list[socket.socket] = []
        try:
            for port in range(start, start + count):
                found.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
                found[-1].bind(("127.0.0.1", port))
            return range(start, start + count)
        except (OSError, OverflowError):
            continue
        finally:
            for sock in found:
                sock.close()


@pytest.fixture(params=[True, False], ids=["at once", "one by one"])
async def endpoint(request: pytest.FixtureRequest) -> AsyncIterator[RtpEndpoint]:
    endpoint = RtpEndpoint(at_once=request.param)
    await endpoint.start()
    yield endpoint
    await endpoint.close()


@pytest.fixture
def channels() -> Iterator[list[Channel]]:
    channels = [Channel() for _ in range(50)]
    yield channels
    for channel in channels:
        channel.socket.close()


async def test_asterisk_is_told_where_to_send(endpoint: RtpEndpoint):
    transport: MediaTransport = endpoint

    assert transport.external_media() == {
        "external_host": f"127.0.0.1:{endpoint.port}",
        "format": "slin16",
        "encapsulation": "rtp",
        "transport": "udp",
    }


async def test_an_advertised_address_is_told_instead_of_the_bound_one():
    endpoint = RtpEndpoint(advertise="192.0.2.9")
    await endpoint.start()

    told = endpoint.external_media()["external_host"]

    await endpoint.close()
    assert told.startswith("192.0.2.9:")


async def test_a_call_hears_and_is_heard(endpoint: RtpEndpoint, channels: list[Channel]):
    channel = channels[0]
    stream: MediaStream = await endpoint.open(channel.variables, wideband=True)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))
    said = asyncio.Event()
    stream.playout.play(sine(1000, 0.2))
    stream.playout.mark(lambda _now: said.set())

    for i in range(20):
        channel.send(slin(i), endpoint.port)
        await asyncio.sleep(0.02)
    await asyncio.wait_for(said.wait(), 2)

    packets = channel.received()
    statistics = stream.statistics()
    assert {packet.payload_type for packet in packets} == {9}
    assert np.std(pcm(b"".join(heard))) > 0
    assert {int(level) for frame in heard for level in pcm(frame)[160:]} >= set(range(1, 20))
    assert statistics.received == 20
    assert statistics.sent == pytest.approx(len(packets), abs=1)
    assert (statistics.lost, statistics.foreign, statistics.malformed) == (0, 0, 0)


async def test_an_endpoint_that_only_listens_sends_nothing_and_joins_what_comes_late():
    endpoint = RtpEndpoint(listening=True)
    await endpoint.start()
    with Channel() as channel:
        stream = await endpoint.open(channel.variables, wideband=False)
        heard: list[bytes] = []
        stream.listen(lambda frame, _now: heard.append(frame))
        for i in range(5):
            channel.send(slin(i, level=1000), endpoint.port)
        await asyncio.sleep(0.15)
        for i in range(5, 10):
            channel.send(slin(i, level=1000), endpoint.port)
        await asyncio.sleep(0.05)

        assert len(heard) == 10
        assert min(pcm(b"".join(heard))) > 0
        assert channel.received() == []
        assert stream.statistics().sent == 0
    await endpoint.close()


async def test_a_narrow_band_caller_is_sent_l16(endpoint: RtpEndpoint, channels: list[Channel]):
    await endpoint.open(channels[0].variables, wideband=False)

    await asyncio.sleep(0.1)

    packets = channels[0].received()
    assert {packet.payload_type for packet in packets} == {11}
    assert {packet.payload for packet in packets} == {bytes(320)}
    assert all(b.sequence - a.sequence & 0xFFFF == 1 for a, b in pairwise(packets))


async def test_strangers_reach_no_call_and_get_nothing(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    channel, *attackers = channels[:5]
    stream = await endpoint.open(channel.variables, wideband=True)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))

    for i in range(10):
        channel.send(slin(i), endpoint.port)
        for attacker in attackers:
            for ahead in range(20):
                attacker.send(slin(i + ahead, level=30_000), endpoint.port)
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.05)

    assert not any(attacker.received() for attacker in attackers)
    assert stream.statistics().received == 10
    assert stream.statistics().foreign == endpoint.foreign == 800
    assert max(pcm(b"".join(heard))) <= 10
    assert len(channel.received()) > 5


async def test_fifty_calls_that_share_a_source_do_not_hear_each_other(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    heard: list[list[bytes]] = []
    for channel in channels:
        stream = await endpoint.open(channel.variables, wideband=False)
        frames: list[bytes] = []
        heard.append(frames)
        stream.listen(lambda frame, _now, frames=frames: frames.append(frame))

    for i in range(5):
        for number, channel in enumerate(channels):
            channel.send(slin(i, ssrc=1, level=1000 + number), endpoint.port)
        await asyncio.sleep(0.02)

    for number, frames in enumerate(heard):
        loudest = {int(pcm(frame).max()) for frame in frames}
        assert max(loudest) == 1000 + number
        assert all(level <= 1000 + number for level in loudest)


async def test_a_stall_loses_nothing_and_leaves_no_backlog(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    channel = channels[0]
    stream = await endpoint.open(channel.variables, wideband=False)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))
    await asyncio.sleep(0.05)
    channel.received()

    for i in range(5):
        channel.send(slin(i), endpoint.port)
        await asyncio.sleep(0.02)
    channel.received()

    for i in range(5, 18):
        channel.send(slin(i), endpoint.port)
        time.sleep(0.02)  # noqa: ASYNC251 - this is the stall
    await asyncio.sleep(0.1)

    levels = [level for frame in heard if (level := int(pcm(frame)[-1]))]
    assert sorted(set(levels)) == list(range(1, 19))
    assert len(channel.received()) <= 8
    assert stream.statistics().stalls >= 1
    assert stream.statistics().late == 0


async def test_a_broken_listener_leaves_other_calls_alone(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    bad = await endpoint.open(channels[0].variables, wideband=True)
    good = await endpoint.open(channels[1].variables, wideband=True)
    heard: list[bytes] = []
    bad.listen(lambda _frame, _now: 1 / 0)
    good.listen(lambda frame, _now: heard.append(frame))

    channels[0].send(slin(0), endpoint.port)
    await asyncio.sleep(0.3)  # a traceback is printed
    for i in range(1, 6):
        for channel in channels[:2]:
            channel.send(slin(i), endpoint.port)
        await asyncio.sleep(0.02)

    assert {level for frame in heard if (level := int(pcm(frame)[-1]))} >= {2, 3, 4, 5, 6}
    assert len(channels[0].received()) >= 2  # and the broken call is still spoken to


async def test_a_closed_call_is_silent_and_its_address_is_a_strangers(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    stream = await endpoint.open(channels[0].variables, wideband=True)
    await asyncio.sleep(0.05)

    await stream.close()
    await stream.close()
    channels[0].received()
    channels[0].send(slin(0), endpoint.port)
    await asyncio.sleep(0.05)

    assert not channels[0].received()
    assert endpoint.foreign == 1
    assert stream.statistics().received == 0


async def test_one_address_belongs_to_one_call(endpoint: RtpEndpoint, channels: list[Channel]):
    await endpoint.open(channels[0].variables, wideband=True)

    with pytest.raises(MediaError, match="another call"):
        await endpoint.open(channels[0].variables, wideband=True)


async def test_a_datagram_that_was_cut_off_is_dropped(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    stream = await endpoint.open(channels[0].variables, wideband=True)

    channels[0].socket.sendto(bytes(5000), ("127.0.0.1", endpoint.port))
    await asyncio.sleep(0.03)

    assert stream.statistics().received == 0
    assert endpoint.foreign == 1


async def test_an_address_that_takes_nothing_is_counted_not_raised(
    endpoint: RtpEndpoint, capsys: pytest.CaptureFixture[str]
):
    stream = await endpoint.open(
        {"UNICASTRTP_LOCAL_ADDRESS": "255.255.255.255", "UNICASTRTP_LOCAL_PORT": "9"},
        wideband=False,
    )

    await asyncio.sleep(0.1)

    assert stream.statistics().unsent >= 2
    assert stream.statistics().sent == 0
    assert capsys.readouterr().out.count("packet not sent") == 1


async def test_before_the_start_there_is_no_port_to_tell():
    with pytest.raises(MediaError, match="not been started"):
        RtpEndpoint().external_media()


async def test_a_taken_port_is_named(endpoint: RtpEndpoint):
    with pytest.raises(PortInUseError, match=rf"{endpoint.port}.*media\.port"):
        await RtpEndpoint(port=endpoint.port).start()


async def test_all_interfaces_are_bound_only_with_an_address_to_tell():
    everywhere = "0.0.0.0"  # noqa: S104 - refused, and allowed
    with pytest.raises(ConfigError, match=r"media\.advertise is missing"):
        RtpEndpoint(host=everywhere)

    endpoint = RtpEndpoint(host=everywhere, advertise="192.0.2.9")
    await endpoint.start()
    told = endpoint.external_media()["external_host"]
    await endpoint.close()

    assert told.startswith("192.0.2.9:")


def test_a_bad_host_is_told_before_anything_is_bound():
    with pytest.raises(ConfigError, match=r"media\.host"):
        RtpEndpoint(host="pbx.example")


class TestPortPerCall:
    async def test_each_call_has_its_own_port(self, channels: list[Channel]):
        endpoint = RtpEndpoint(per_call_port=True)
        await endpoint.start()
        told = [endpoint.external_media()["external_host"] for _ in range(2)]
        # The second channel is answered first.
        streams: list[RtpStream] = []
        for index in (1, 0):
            variables = channels[index].variables | {"external_host": told[index]}
            streams.insert(0, await endpoint.open(variables, wideband=False))

        await asyncio.sleep(0.05)
        sources = [channel.socket.recvfrom(2048)[1][1] for channel in channels[:2]]
        await endpoint.close()

        assert len(set(told)) == 2
        assert [f"127.0.0.1:{port}" for port in sources] == told

    async def test_a_stranger_on_a_calls_port_is_dropped(self, channels: list[Channel]):
        endpoint = RtpEndpoint(per_call_port=True)
        await endpoint.start()
        port = int(endpoint.external_media()["external_host"].rpartition(":")[2])
        stream = await endpoint.open(channels[0].variables, wideband=False)

        channels[0].send(slin(0), port)
        channels[1].send(slin(1), port)
        await asyncio.sleep(0.03)
        statistics = stream.statistics()
        await endpoint.close()

        assert (statistics.received, statistics.foreign) == (1, 1)
        assert not channels[1].received()

    async def test_ports_are_taken_from_the_range_and_given_back(self, channels: list[Channel]):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        endpoint = RtpEndpoint(per_call_port=True, ports=range(port, port + 1))
        await endpoint.start()

        first = endpoint.external_media()
        with pytest.raises(PortInUseError, match=str(port)):
            endpoint.external_media()
        stream = await endpoint.open(channels[0].variables, wideband=False)
        await stream.close()
        again = endpoint.external_media()
        await endpoint.close()

        assert first == again

    async def test_the_ports_take_turns(self):
        ports = free_ports(3)
        endpoint = RtpEndpoint(per_call_port=True, ports=ports)
        await endpoint.start()

        told = []
        for _ in range(4):
            host = endpoint.external_media()["external_host"]
            told.append(int(host.rpartition(":")[2]))
            with Channel() as channel:
                stream = await endpoint.open(channel.variables, wideband=False)
            await stream.close()
        await endpoint.close()

        assert told == [*ports, ports.start]

    async def test_a_range_that_is_used_up_names_its_setting_and_is_used_again(self):
        ports = free_ports(2)
        endpoint = RtpEndpoint(per_call_port=True, ports=ports)
        await endpoint.start()
        for _ in ports:
            endpoint.external_media()
        with Channel() as channel:
            stream = await endpoint.open(channel.variables, wideband=False)

        with pytest.raises(PortInUseError, match=rf"{ports.start} to .*media\.ports"):
            endpoint.external_media()
        await stream.close()
        again = endpoint.external_media()
        await endpoint.close()

        assert again["external_host"] == f"127.0.0.1:{ports.start}"

    async def test_without_a_port_that_waits_a_call_is_refused(self, channels: list[Channel]):
        endpoint = RtpEndpoint(per_call_port=True)
        await endpoint.start()

        with pytest.raises(MediaError, match="no port waits"):
            await endpoint.open(channels[0].variables, wideband=False)


async def test_calls_are_heard_while_they_are_many_and_when_they_are_few_again(
    endpoint: RtpEndpoint, channels: list[Channel]
):
    streams = [await endpoint.open(channel.variables, wideband=True) for channel in channels]
    assert len(streams) > MANY
    heard: list[int] = [0] * len(streams)

    def count_sound(index: int, frame: bytes, _now: float) -> None:
        heard[index] += frame != bytes(640)

    for index, stream in enumerate(streams):
        stream.listen(partial(count_sound, index))

    for channel in channels:
        channel.send(slin(0), endpoint.port)
    await asyncio.sleep(0.1)
    assert all(count >= 1 for count in heard)

    for stream in streams[1:]:
        await stream.close()
    before = heard[0]
    channels[0].send(slin(1), endpoint.port)
    await asyncio.sleep(0.1)
    assert heard[0] > before


async def test_a_receive_buffer_too_small_for_the_calls_is_told_each_time_they_double(
    channels: list[Channel],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    room = 5.0
    monkeypatch.setattr("voicebot.media.endpoint.widen", lambda _sock, calls: room / calls)
    endpoint = RtpEndpoint()
    await endpoint.start()

    for channel in channels:
        await endpoint.open(channel.variables, wideband=False)
    await endpoint.close()

    told = [line for line in capsys.readouterr().out.splitlines() if "rmem_max" in line]
    assert [line.split("calls=")[1].split()[0] for line in told] == ["62"]
    assert "milliseconds=81" in told[0]


@pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one by one"])
@in_virtual_time
async def test_many_calls_survive_a_stall_without_loss_or_backlog(
    at_once: bool, channels: list[Channel]
):
    endpoint = RtpEndpoint(
        at_once=at_once, clock=MediaClock(time_source=loop_time), measure=lambda _sock: None
    )
    await endpoint.start()
    streams = [await endpoint.open(channel.variables, wideband=False) for channel in channels]
    heard: list[list[bytes]] = [[] for _ in streams]
    for stream, frames in zip(streams, heard, strict=True):
        stream.listen(lambda frame, _now, frames=frames: frames.append(frame))
    for i in range(5):
        for channel in channels:
            channel.send(slin(i), endpoint.port)
        await asyncio.sleep(0.02)

    for i in range(5, 18):
        for channel in channels:
            channel.send(slin(i), endpoint.port)
        stall(0.015)
    for channel in channels:
        channel.received()
    await asyncio.sleep(0.2)
    await endpoint.close()

    for channel, stream, frames in zip(channels, streams, heard, strict=True):
        levels = {int(pcm(frame)[-1]) for frame in frames}
        assert levels >= set(range(1, 19))
        assert stream.statistics().lost == stream.statistics().late == 0
        assert 1 <= len(channel.received()) <= 13


@in_virtual_time
async def test_while_the_core_does_not_keep_up_a_new_call_is_refused_at_its_set_up(
    channels: list[Channel],
):
    overloaded = asyncio.Event()

    def look() -> float:
        """Look at the clock; that takes long, and many datagrams come meanwhile."""
        if overloaded.is_set():
            stall(0.02)
            for _ in range(BATCH):
                channels[-1].socket.sendto(b"x", ("127.0.0.1", endpoint.port))
        return loop_time()

    endpoint = RtpEndpoint(clock=MediaClock(time_source=look), measure=lambda _sock: None)
    await endpoint.start()
    streams = [await endpoint.open(one.variables, wideband=False) for one in channels[:MANY]]
    overloaded.set()
    await asyncio.sleep(4 * LONGEST_WAIT)
    overloaded.clear()

    with pytest.raises(MediaError, match="does not keep up"):
        endpoint.external_media()
    with pytest.raises(MediaError, match="does not keep up"):
        await endpoint.open(channels[-1].variables, wideband=False)
    assert [streams[call].statistics().unheard for call in (0, -1)] == [False, True]

    await asyncio.sleep(2 * CALM)
    assert not streams[-1].statistics().unheard
    endpoint.external_media()
    await endpoint.open(channels[-1].variables, wideband=False)
    await endpoint.close()
