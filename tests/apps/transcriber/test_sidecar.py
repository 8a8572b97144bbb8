"""The sidecar on a simulated PBX: what faults cost, and that no call ever notices."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.apps.transcriber.sidecar import ECHO, QUIET, WORDS, at_work, until
from voicebot.media.audio import FRAME_BYTES
from voicebot.records.events import CallEnded, CallStarted, PartyJoined, PartyLeft
from voicebot.sim import RestFault, bridging, calls
from voicebot.sim.recording import SPEECH_LEVEL
from voicebot.sim.rest_system import STOCK_MODULES
from voicebot.sim.tones import loudness

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.apps.transcriber.sidecar import Sidecar
    from voicebot.sim.faults import RestAction

SNOOP = "POST /channels/{channelId}/snoop/{snoopId}"
SET_UP = [
    SNOOP,
    "POST /channels/externalMedia",
    "POST /bridges/{bridgeId}",
    "POST /bridges/{bridgeId}/addChannel",
]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sidecar listen again without a pause."""
    monkeypatch.setattr("voicebot.apps.transcriber.party._AGAIN_S", 0)


def complaints(log: list[Any]) -> list[Any]:
    """Return the lines that complain, but for those about a machine that others load."""
    loud = [line for line in log if line["log_level"] in {"warning", "error"}]
    return [line for line in loud if line["event"] != "event loop stalled"]


async def test_each_party_is_heard_by_itself_until_the_call_ends():
    async with at_work() as sidecar:
        caller = await sidecar.call(QUIET)

        caller.say(WORDS)
        await sidecar.writes("100")
        caller.hang_up()
        await sidecar.ends()

        assert sidecar.speakers().keys() == {"100"}
        (started,), (ended,) = sidecar.told(CallStarted), sidecar.told(CallEnded)
        assert started.call == ended.call == caller.channel.id
        assert (started.direction, ended.reason) == ("internal", "hung up")
        assert len(sidecar.told(PartyLeft)) == 2


async def test_the_other_one_is_heard_by_itself():
    async with at_work() as sidecar:
        caller = await sidecar.call(ECHO)

        caller.say(WORDS)
        await sidecar.writes("100", "201")

        caller.hang_up()
        await sidecar.ends()


@pytest.mark.parametrize("operation", SET_UP)
@pytest.mark.parametrize("action", ["status", "reset", "hang"])
async def test_a_set_up_that_fails_costs_one_party_and_the_call_goes_on(
    operation: str, action: RestAction
):
    with capture_logs() as log:
        async with at_work(RestFault(operation, action)) as sidecar:
            caller = await sidecar.call(ECHO, people=1)
            await until(lambda: len(sidecar.ears()) == 3, sidecar.ears)

            caller.say(WORDS)
            (heard,) = [event.number for event in sidecar.told(PartyJoined)]
            await sidecar.writes(heard)
            assert not caller.ended

            caller.hang_up()
            await sidecar.ends()
    assert [line["event"] for line in log].count("party cannot be heard") == 1


@pytest.mark.parametrize("operation", SET_UP)
async def test_who_hangs_up_while_the_set_up_is_under_way_leaves_nothing(operation: str):
    # Given answers that come long after what was asked for was done.
    slow = RestFault(operation, "slow", times=2, seconds=0.2)
    async with at_work(slow) as sidecar:
        caller = await sidecar.pbx.dial(ECHO)
        await until(sidecar.ears)

        caller.hang_up()

        await sidecar.until_empty()


async def test_who_is_gone_before_the_snoop_is_no_failure():
    gone = RestFault(SNOOP, status=404, message="Provided channel was not found")
    with capture_logs() as log:
        async with at_work(gone) as sidecar:
            caller = await sidecar.call(ECHO, people=1)
            caller.hang_up()
            await sidecar.ends()
    assert complaints(log) == []


def _end_snoop(sidecar: Sidecar, of: str) -> None:
    exchange = sidecar.pbx.exchange
    calls.hang_up(exchange, exchange.channel(sidecar.channel("Snoop", of)))


def _end_media(sidecar: Sidecar, of: str) -> None:
    exchange = sidecar.pbx.exchange
    snoop = exchange.channel(sidecar.channel("Snoop", of))
    assert snoop.bridge is not None
    (media,) = [it for it in snoop.bridge.members if it is not snoop]
    calls.hang_up(exchange, media)


def _end_bridge(sidecar: Sidecar, of: str) -> None:
    exchange = sidecar.pbx.exchange
    bridge = exchange.channel(sidecar.channel("Snoop", of)).bridge
    assert bridge is not None
    bridging.destroy(exchange, bridge)


@pytest.mark.parametrize("end", [_end_snoop, _end_media, _end_bridge])
async def test_a_capture_that_breaks_off_in_mid_call_is_made_again(
    end: Callable[[Sidecar, str], None],
):
    async with at_work() as sidecar:
        caller = await sidecar.call(ECHO)
        before = set(sidecar.ears())

        end(sidecar, caller.channel.id)
        await until(lambda: len(set(sidecar.ears()) - before) == 3, sidecar.ears)
        await until(lambda: len(sidecar.ears()) == 6, sidecar.ears)
        await _until_heard(sidecar, caller.channel.id)
        caller.say(WORDS)
        await sidecar.writes("100", "201")

        assert len(sidecar.told(PartyJoined)) == 2
        caller.hang_up()
        await sidecar.ends()


async def _until_heard(sidecar: Sidecar, of: str) -> None:
    """Wait until packets come of the party whose channel is ``of``."""
    exchange = sidecar.pbx.exchange
    snoop = exchange.channel(sidecar.channel("Snoop", of))
    await until(lambda: snoop.bridge is not None and len(snoop.bridge.members) == 2)
    assert snoop.bridge is not None
    (media,) = [it for it in snoop.bridge.members if it is not snoop]
    await until(lambda: exchange.rtp_counters(media.id).sent > 0)


async def test_audio_that_stops_in_mid_call_costs_nobody_else():
    async with at_work() as sidecar:
        caller = await sidecar.call(ECHO)

        # When no packet of the caller's comes any more.
        sidecar.pbx.exchange.channel(sidecar.channel("Snoop", caller.channel.id)).muted.add("in")
        caller.say(WORDS)

        await sidecar.writes("201")
        assert not caller.ended
        caller.hang_up()
        await sidecar.ends()
        assert sidecar.speakers().keys() == {"201"}


async def test_a_quarter_of_all_packets_lost_is_told_and_does_not_end_the_transcription():
    with capture_logs() as log:
        async with at_work() as sidecar:
            sidecar.pbx.faults.rtp_out = ((0.0,), (0.0,), (0.0,), ())
            caller = await sidecar.call(QUIET)
            caller.say(WORDS)
            await sidecar.writes("100")
            caller.hang_up()
            await sidecar.ends()
    left = [line for line in log if line["event"] == "party left"]
    assert len(left) == 2
    assert all(line["lost"] > 0 for line in left)
    assert all(line["mos"] < 4 for line in left)


async def test_a_hang_up_while_the_events_are_lost_is_noticed_afterwards():
    async with at_work() as sidecar:
        caller = await sidecar.call(ECHO)

        sidecar.pbx.drop_websocket(sidecar.app)
        caller.hang_up()
        await sidecar.ends()

        caller = await sidecar.call(ECHO, people=4)
        caller.hang_up()
        await sidecar.ends(2)


@pytest.mark.parametrize(
    "operation", ["DELETE /channels/{channelId}", "DELETE /bridges/{bridgeId}"]
)
async def test_what_could_not_be_removed_is_removed_with_the_next_connection(operation: str):
    async with at_work(RestFault(operation, times=4)) as sidecar:
        caller = await sidecar.call(ECHO)
        caller.hang_up()
        await until(lambda: sidecar.told(CallEnded))
        assert sidecar.ears()

        sidecar.pbx.faults.rest = ()
        sidecar.pbx.drop_websocket(sidecar.app)

        await sidecar.until_empty()


async def test_what_is_said_to_who_holds_is_not_written_down():
    async with at_work() as sidecar:
        caller = await sidecar.call(ECHO)
        exchange = sidecar.pbx.exchange
        assert caller.channel.bridge is not None
        (other,) = [it for it in caller.channel.bridge.members if it is not caller.channel]

        exchange.emit("ChannelHold", other)
        caller.say(WORDS)
        await until(lambda: not caller.speaking)
        # As long as it takes to write down what was said.
        await asyncio.sleep(0.6)
        assert not sidecar.speakers()
        exchange.emit("ChannelUnhold", other)
        caller.say(WORDS)

        await sidecar.writes("100", "201")
        caller.hang_up()
        await sidecar.ends()


async def test_a_party_is_told_and_the_announcement_is_nobodys_text():
    async with at_work(announce="sound:hello-world") as sidecar:
        caller = await sidecar.call(QUIET)

        # A second of it, where ringing was short.
        heard = caller.recording.heard
        frames = [heard[at : at + FRAME_BYTES] for at in range(0, len(heard), FRAME_BYTES)]
        assert sum(loudness(frame) > SPEECH_LEVEL for frame in frames) > 25
        caller.say(WORDS)
        await sidecar.writes("100")
        caller.hang_up()
        await sidecar.ends()
        assert sidecar.speakers().keys() == {"100"}


async def test_where_nobody_can_be_told_nobody_is_heard():
    with capture_logs() as log:
        async with at_work(announce="sound:nothing") as sidecar:
            caller = await sidecar.pbx.dial(ECHO)
            await until(lambda: len(complaints(log)) == 2)
            assert sidecar.ears() == []
            caller.hang_up()
            await sidecar.until_empty()
            assert sidecar.told(CallStarted) == []


async def test_a_key_ends_it_for_good_and_nothing_of_it_stays():
    async with at_work(opt_out="9") as sidecar:
        caller = await sidecar.call(ECHO)

        caller.dtmf("9")

        await until(lambda: sidecar.told(CallEnded))
        assert sidecar.told(CallEnded)[0].reason == "opted out"
        caller.hang_up()
        await sidecar.until_empty()


async def test_a_pbx_that_lacks_the_driver_of_media_is_told_with_the_way_out():
    with capture_logs() as log:
        async with at_work() as sidecar:
            sidecar.pbx.exchange.modules = set(STOCK_MODULES)
            caller = await sidecar.pbx.dial(ECHO)
            await until(lambda: len(complaints(log)) == 2)

            assert not caller.ended
            caller.hang_up()
            await sidecar.until_empty()
    assert all("doctor --fix" in line["advice"] for line in complaints(log))


async def test_many_calls_that_start_and_end_at_random_leave_nothing_behind():
    chance = random.Random(5)
    with capture_logs() as log:
        async with at_work() as sidecar:

            async def talk(number: str) -> None:
                for _ in range(5):
                    await asyncio.sleep(chance.random() / 2)
                    caller = await sidecar.pbx.dial(chance.choice((ECHO, QUIET)), number=number)
                    await asyncio.sleep(chance.choice((0.0, 0.01, 0.03, 0.1, 0.4)))
                    caller.hang_up()

            await asyncio.gather(*(talk(str(300 + each)) for each in range(8)))

            await sidecar.until_empty()
            begun = {event.call for event in sidecar.told(CallStarted)}
            await until(lambda: {event.call for event in sidecar.told(CallEnded)} == begun)
    assert complaints(log) == []
