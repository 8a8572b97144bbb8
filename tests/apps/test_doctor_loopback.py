from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ari.fake import FakeAsterisk, channel, event
from voicebot.apps.doctor.finding import Verdict
from voicebot.apps.doctor.loopback import Loopback, Trip, judge
from voicebot.apps.doctor.tone import Arrival
from voicebot.ari import AriClient
from voicebot.errors import AriError, AriRequestError
from voicebot.media.endpoint import RtpEndpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

OK, WARNING, FAILED, SKIPPED = Verdict
APP = "doctor"


class Bridge:
    """Two externalMedia channels of a fake Asterisk: what one hears the other one says.

    ``passes(n)`` says whether the n-th packet gets through; ``astray`` lets them come from an
    address that was not named.
    """

    def __init__(
        self, passes: Callable[[int], bool] = lambda _: True, *, astray: bool = False
    ) -> None:
        self._passes = passes
        self._count = 0
        self._sockets = [_udp() for _ in range(3)]
        self._speaker = self._sockets[2 if astray else 1]
        self.ports = [sock.getsockname()[1] for sock in self._sockets[:2]]

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self._sockets[0], self._relay)

    def stop(self) -> None:
        asyncio.get_running_loop().remove_reader(self._sockets[0])
        for sock in self._sockets:
            sock.close()

    def _relay(self) -> None:
        datagram, source = self._sockets[0].recvfrom(2048)
        self._count += 1
        if self._passes(self._count):
            self._speaker.sendto(datagram, source)


def _udp() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(("127.0.0.1", 0))
    return sock


class Pbx(FakeAsterisk):
    """Makes the channels of a ``Bridge``, and lets each of them enter Stasis."""

    bridge: Bridge
    silent = False

    async def introduce(self) -> None:
        """Answer two requests for externalMedia, one after the other."""
        events = await self.socket()
        for number, port in enumerate(self.bridge.ports):
            variables = {
                "UNICASTRTP_LOCAL_ADDRESS": "127.0.0.1",
                "UNICASTRTP_LOCAL_PORT": str(port),
            }
            made = channel("made") | {"channelvars": variables}
            self.answers["POST", "/channels/externalMedia"] = 200, made
            await self.until(lambda count=number: len(self.made()) > count)  # type: ignore[misc]
            if not self.silent:
                entered = channel(self.made()[-1])
                await events.send_json(event("StasisStart", APP, args=[], channel=entered))

    def made(self) -> list[str]:
        paths = [it for it in self.requests if it.path == "/channels/externalMedia"]
        return [it.query["channelId"] for it in paths]


@pytest.fixture
async def pbx() -> AsyncIterator[Pbx]:
    fake = Pbx()
    fake.register(APP)
    await fake.start()
    yield fake
    await fake.stop()


@asynccontextmanager
async def loopback(pbx: Pbx, bridge: Bridge) -> AsyncIterator[Loopback]:
    pbx.bridge = bridge
    bridge.start()
    endpoint = RtpEndpoint()
    await endpoint.start()
    try:
        async with AriClient(pbx.url, "bot", "secret", app=APP) as ari:
            introducing = asyncio.create_task(pbx.introduce())
            trial = Loopback(ari, APP, endpoint, patience_s=0.2, entry_s=0.3)
            with_bridge(pbx, trial)
            async with trial.open(wideband=False) as opened:
                yield opened
            await introducing
    finally:
        await endpoint.close()
        bridge.stop()


def with_bridge(pbx: Pbx, trial: Loopback) -> None:
    made = {
        "id": trial.bridge,
        "technology": "simple_bridge",
        "bridge_type": "mixing",
        "bridge_class": "stasis",
        "creator": "Stasis",
        "name": "",
        "channels": [],
        "creationtime": "2026-11-22T22:31:00.000+0000",
    }
    pbx.answers["POST", f"/bridges/{trial.bridge}"] = 200, made


async def test_a_sound_goes_there_and_back(pbx: Pbx):
    async with loopback(pbx, Bridge()) as trial:
        trip = await trial.travel()

    assert trip.arrival is not None
    # A machine that is held up loses frames by itself; it says so.
    assert trip.arrival.share > 0.95 or trip.stalls
    assert 0 <= trip.arrival.delay_s < 0.15
    assert trip.received > 25


async def test_nothing_is_left_behind(pbx: Pbx):
    async with loopback(pbx, Bridge()) as trial:
        bridge, channels = trial.bridge, pbx.made()

    assert sorted(pbx.asked("DELETE")) == sorted(
        [f"/bridges/{bridge}", *(f"/channels/{channel}" for channel in channels)]
    )
    assert len(channels) == 2


async def test_lost_packets_are_noticed(pbx: Pbx):
    async with loopback(pbx, Bridge(lambda number: number % 5 > 0)) as trial:
        trip = await trial.travel()

    assert trip.arrival is not None
    assert trip.arrival.share < 0.95
    assert judge(trip, "127.0.0.1:1").verdict is WARNING


async def test_a_dead_way_is_told_after_asterisk_was_asked_to_speak(pbx: Pbx):
    async with loopback(pbx, Bridge(lambda _: False)) as trial:
        trip = await trial.travel()

    assert (trip.arrival, trip.received, trip.foreign) == (None, 0, 0)
    assert f"/channels/{pbx.made()[1]}/play" in pbx.asked("POST")


async def test_packets_from_an_address_that_was_not_named_are_counted(pbx: Pbx):
    async with loopback(pbx, Bridge(astray=True)) as trial:
        trip = await trial.travel()

    assert trip.received == 0
    assert trip.foreign > 25


async def test_a_refused_channel_is_an_error_and_leaves_nothing(pbx: Pbx):
    pbx.answers["POST", "/channels/externalMedia"] = 500, {"message": "internal error"}
    endpoint = RtpEndpoint()
    await endpoint.start()
    async with AriClient(pbx.url, "bot", "secret", app=APP) as ari:
        with pytest.raises(AriRequestError, match="internal error"):
            async with Loopback(ari, APP, endpoint).open(wideband=False):
                pass
    await endpoint.close()

    assert len(pbx.asked("DELETE")) == 3


async def test_a_channel_that_never_enters_stasis_is_an_error(pbx: Pbx):
    pbx.silent = True
    with pytest.raises(AriError, match="did not enter Stasis"):
        async with loopback(pbx, Bridge()):
            pass


@pytest.mark.parametrize(("value", "there"), [("1", True), ("0", False), ("", False)])
async def test_the_dialplan_is_asked_through_a_channel(pbx: Pbx, value: str, there: bool):
    async with loopback(pbx, Bridge()) as trial:
        path = f"/channels/{pbx.made()[0]}/variable"
        pbx.answers["GET", path] = 200, {"value": value}

        assert await trial.dialplan_has("internal", "201", 2) is there
        assert pbx.requests[-1].query == {"variable": "DIALPLAN_EXISTS(internal,201,2)"}


# What became of the sound; the verdict; a word of the finding.
TRIPS = [
    (Trip(Arrival(0.03, 1.0), 90, 0, 0.001), OK, "30 ms"),
    (Trip(Arrival(0.03, 0.9), 80, 0), WARNING, "90 % intact"),
    (Trip(Arrival(0.03, 0.9), 80, 0, stalls=3), WARNING, "held up 3 times"),
    (Trip(Arrival(0.25, 1.0), 90, 0), WARNING, "nearer"),
    (Trip(None, 40, 0), FAILED, "ours does not reach Asterisk"),
    (Trip(None, 0, 60), FAILED, "address translation"),
    (Trip(None, 0, 0), FAILED, "10.0.0.9:4000"),
]


@pytest.mark.parametrize(("trip", "verdict", "word"), TRIPS)
def test_each_outcome_has_its_verdict_and_way_out(trip: Trip, verdict: Verdict, word: str):
    found = judge(trip, "10.0.0.9:4000")

    assert found.verdict is verdict
    assert word in found.detail + found.fix
