"""The sidecar as a whole, with a PBX that is told what to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import structlog

from tests.apps.transcriber.fakes import FRAME, FakePbx
from tests.apps.transcriber.pbx import MIDNIGHT, channel
from tests.apps.transcriber.test_transcription import settled
from tests.ari.fake import application
from voicebot.apps import names
from voicebot.apps.transcriber.consent import Discretion
from voicebot.apps.transcriber.transcriber import Transcriber
from voicebot.ari.messages import Connected
from voicebot.ari.models import (
    Application,
    ChannelDestroyed,
    ChannelDtmfReceived,
    ChannelUnhold,
    ChannelVarset,
    StasisStart,
)
from voicebot.config import TranscribeSettings
from voicebot.errors import AriConnectionError, AriRequestError
from voicebot.media.audio import SILENCE
from voicebot.records.events import CallEnded, CallStarted, PartyJoined

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

A, B = channel(1), channel(2)
LOST = AriConnectionError("connection lost")
EVENT: dict[str, Any] = {"application": "app", "timestamp": MIDNIGHT}
GONE = {"cause": 16, "cause_txt": "", **EVENT}


@pytest.fixture
def pbx() -> FakePbx:
    return FakePbx(channels={it.id: it for it in (A, B)}, talking=["c1", "c2"])


def connected(*, again: bool = False) -> Connected:
    return Connected(application=Application(**application("app")), again=again)


@asynccontextmanager
async def transcriber(pbx: FakePbx, **settings: object) -> AsyncIterator[asyncio.Task[None]]:
    """Run a sidecar; at the end it is told to stop, if it still runs."""
    own = TranscribeSettings(**settings)
    sink = Discretion(pbx)
    task = asyncio.create_task(Transcriber(pbx.studio(), own, sink).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def tell(pbx: FakePbx, *events) -> None:
    for event in events:
        pbx.inbox.put_nowait(event)
    await settled()


def told(pbx: FakePbx, kind: type) -> list:
    return [event for event in pbx.events if isinstance(event, kind)]


async def test_a_call_that_is_up_already_is_taken_up(pbx: FakePbx):
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()

    assert [event.call for event in told(pbx, CallStarted)] == ["call"]
    assert [event.party for event in told(pbx, PartyJoined)] == ["c1", "c2"]


async def test_told_to_stop_it_leaves_nothing_and_ends_its_calls(pbx: FakePbx):
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()

    assert told(pbx, CallEnded)[0].reason == "stopped"
    assert pbx.left == set()
    assert all(ear.finished for ear in pbx.ears)


async def test_what_a_killed_sidecar_left_is_removed_and_only_that(pbx: FakePbx):
    ours, others = names.ear("app"), names.ear("app2")
    pbx.bridges = {f"{ours}1": "call heard c1", f"{others}1": "", "voicebot-call-1": ""}
    left = msgspec.structs.replace(channel(9, name="UnicastRTP/1"), id=f"{ours}2")
    pbx.channels[left.id] = left

    async with transcriber(pbx):
        await tell(pbx, connected())
        assert f"{ours}1" not in pbx.bridges
        assert left.id not in pbx.channels
        assert len(pbx.bridges) == 4

    assert pbx.bridges.keys() == {f"{others}1", "voicebot-call-1"}


async def test_a_look_after_a_gap_leaves_what_is_in_use(pbx: FakePbx):
    async with transcriber(pbx):
        await tell(pbx, connected())
        before = pbx.left

        await tell(pbx, connected(again=True))

        assert pbx.left == before


async def test_who_hung_up_in_a_gap_is_gone_afterwards(pbx: FakePbx):
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()
        pbx.hang_up("c1")
        pbx.hang_up("c2")

        await tell(pbx, connected(again=True))

        assert told(pbx, CallEnded)[0].reason == "hung up"
        assert pbx.left == set()


async def test_a_call_that_is_on_hold_already_is_silent_until_it_is_taken_off(pbx: FakePbx):
    # Phone 202 pressed the key: Asterisk has the other one's device on hold.
    pbx.on_hold = {"PJSIP/201"}
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()
        await tell(pbx, ChannelUnhold(channel=B, **EVENT))
        pbx.speak()

        assert [ear.frames for ear in pbx.ears] == [[SILENCE, FRAME]] * 2


async def test_where_nobody_knows_who_is_on_hold_everybody_is_heard(pbx: FakePbx):
    pbx.broken.add("device")
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()

        assert [ear.frames for ear in pbx.ears] == [[FRAME]] * 2


@pytest.mark.parametrize("request_", ["devices", "filter", "channels", "bridges"])
async def test_a_first_look_that_fails_ends_the_program(pbx: FakePbx, request_: str):
    pbx.faults[request_] = LOST
    async with transcriber(pbx) as task:
        await tell(pbx, connected())

        assert task.exception() is LOST


async def test_a_later_look_that_fails_waits_for_the_next_connection(pbx: FakePbx):
    async with transcriber(pbx) as task:
        await tell(pbx, connected())
        pbx.faults["channels"] = LOST

        await tell(pbx, connected(again=True))

        assert not task.done()


async def test_a_pbx_that_lists_no_endpoints_is_no_reason_to_stop(pbx: FakePbx):
    pbx.faults["endpoints"] = AriRequestError("GET", "/endpoints", 404, "Not Found")
    async with transcriber(pbx) as task:
        await tell(pbx, connected())

        assert not task.done()
        assert len(pbx.transport.streams) == 2


async def test_settings_that_fit_nothing_are_told(pbx: FakePbx):
    with structlog.testing.capture_logs() as log:
        async with transcriber(pbx, allow=("299",)):
            await tell(pbx, connected())

    assert any("transcribe.allow names 299" in line["event"] for line in log)


async def test_while_nobody_knows_whether_somebody_said_no_nobody_is_heard(pbx: FakePbx):
    pbx.broken.add("variable")
    async with transcriber(pbx):
        await tell(pbx, connected())
        assert pbx.transport.streams == []

        pbx.broken.clear()
        await tell(pbx, connected(again=True))
        assert len(pbx.transport.streams) == 2


async def test_a_key_opts_out_and_a_later_run_knows(pbx: FakePbx):
    async with transcriber(pbx, opt_out="9"):
        await tell(pbx, connected())
        pbx.speak()
        key = ChannelDtmfReceived(digit="9", duration_ms=100, channel=B, **EVENT)

        await tell(pbx, key, key)

        assert [event.reason for event in told(pbx, CallEnded)] == ["opted out"]
        assert list(pbx.bridges.values()) == ["call off c1 c2"]
        pbx.inbox = asyncio.Queue()
    streams = len(pbx.transport.streams)
    async with transcriber(pbx, opt_out="9"):
        await tell(pbx, connected())
        assert len(pbx.transport.streams) == streams

        for one in (A, B):
            del pbx.channels[one.id]
            await tell(pbx, ChannelDestroyed(channel=one, **GONE))

        assert pbx.left == set()


async def test_another_key_does_not_opt_out(pbx: FakePbx):
    async with transcriber(pbx, opt_out="9"):
        await tell(pbx, connected())
        pbx.speak()

        await tell(pbx, ChannelDtmfReceived(digit="8", duration_ms=100, channel=B, **EVENT))

        assert told(pbx, CallEnded) == []


@pytest.mark.parametrize("name", ["VOICEBOT_TRANSCRIBE", "__VOICEBOT_TRANSCRIBE"])
async def test_a_variable_ends_it_in_mid_call(pbx: FakePbx, name: str):
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()

        await tell(pbx, ChannelVarset(variable=name, value="no", channel=A, **EVENT))

        assert [event.reason for event in told(pbx, CallEnded)] == ["stopped"]


async def test_other_variables_and_global_ones_mean_nothing(pbx: FakePbx):
    async with transcriber(pbx):
        await tell(pbx, connected())
        pbx.speak()

        await tell(
            pbx,
            ChannelVarset(variable="OTHER", value="no", channel=A, **EVENT),
            ChannelVarset(variable="VOICEBOT_TRANSCRIBE", value="no", **EVENT),
        )

        assert told(pbx, CallEnded) == []


async def test_a_channel_that_the_dialplan_sends_is_marked_and_given_back(pbx: FakePbx):
    pbx.talking = []
    async with transcriber(pbx, select="none"):
        await tell(pbx, connected())

        await tell(pbx, StasisStart(args=(), channel=A, **EVENT))

    assert pbx.variables == {("c1", "VOICEBOT_TRANSCRIBE"): "yes"}
    assert pbx.continued == ["c1"]
