from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import pytest

from tests.sim.conftest import APP, client_of, until
from voicebot.media.rtp import RtpPacket
from voicebot.sim import SimulatedPbx, mixing
from voicebot.sim.tones import tone

if TYPE_CHECKING:
    from tests.sim.conftest import Listener


async def test_time_passes_by_itself_and_the_media_flows(listener: Listener):
    async with SimulatedPbx(username="bot") as pbx, client_of(pbx) as client:
        await client.connect()
        caller = await pbx.call(APP)
        query = {"external_host": listener.address, "format": "slin16", "channelId": "m"}
        await client.post("/channels/externalMedia", app=APP, **query)
        await client.post("/bridges/b")
        await client.post("/bridges/b/addChannel", channel=f"{caller.channel.id},m")
        packets: list[bytes] = []
        begun = monotonic()

        await until(lambda: bool(packets.extend(listener.received()) or len(packets) >= 26))

        assert monotonic() - begun > 0.45, "not faster than the clock"
        sequences = [RtpPacket.parse(packet).sequence for packet in packets]
        assert sequences == list(range(len(sequences)))


async def test_of_ticks_that_were_missed_only_the_time_passes(pbx: SimulatedPbx):
    caller = await pbx.dial("203")
    caller.say(tone(500, 0.04))
    pbx.advance(0.02)

    mixing.pass_tick(pbx.exchange, missed=9)

    assert caller.now == pytest.approx(0.2)
    assert caller.recording.said == tone(500, 0.02) + bytes(9 * 640) + tone(500, 0.04)[640:]
