"""What is kept of calls with the receptionist, from a simulated PBX to the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.apps.test_receptionist import TO_SALES, WISH, on_stage, until
from tests.call.harness import PROMPT
from voicebot.apps.minutes import Minutes
from voicebot.call.report import BotSaid, CallerSaid, CallOver, Ending
from voicebot.call.timeline import Stamp, Timeline
from voicebot.records.database import Database
from voicebot.records.entry import Entry
from voicebot.records.events import CallEnded, CallEvent, CallStarted, TurnTaken
from voicebot.records.reading import list_calls, load_call
from voicebot.server import wall_clock
from voicebot.sim import RestFault
from voicebot.sim.script import WaitForQuiet, WaitForSpeech

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from voicebot.ari.models import Channel
    from voicebot.call.report import Reporter
    from voicebot.records.reading import CallRecord


class Kept(list[CallEvent]):
    """What a sink was told."""

    put = list.append

    def watch(self, channel: Channel) -> Reporter:
        return Minutes(self, channel, company="Northwind", wall_clock=wall_clock)

    @property
    def over(self) -> bool:
        return any(isinstance(event, CallEnded) for event in self)

    @property
    def reason(self) -> str:
        (ended,) = (event for event in self if isinstance(event, CallEnded))
        return ended.reason


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/records.db")
    yield database
    database.close()


def kept_in(database: Database, kept: Kept) -> CallRecord:
    database.deliver([Entry("run", n, event) for n, event in enumerate(kept, 1)])
    (only,) = list_calls(database, limit=9)
    return load_call(database, only.call)


async def test_a_call_is_kept_with_its_turns_waits_and_tools(database):
    kept = Kept()
    async with on_stage(llm=TO_SALES, watch=kept.watch) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForSpeech(), WaitForQuiet(), WISH])
        await until(lambda: kept.over, within=15)
        caller.hang_up()
        await stage.until_empty()

    record = kept_in(database, kept)

    assert (record.app, record.direction, record.reason) == (
        "receptionist",
        "incoming",
        "transferred",
    )
    assert [it.party for it in record.parties] == ["caller", "bot"]
    assert [(it.party, it.text) for it in record.turns][:3] == [
        ("bot", PROMPT.greeting),
        ("caller", "Sales please."),
        ("bot", "Connecting."),
    ]
    answer = record.turns[2]
    assert answer.turn == record.turns[1].turn
    assert set(answer.steps) == set(Stamp)
    assert [(it.name, it.argument, it.result) for it in record.tools] == [
        ("transfer", "sales", "answered")
    ]


async def test_a_caller_who_hangs_up_ends_the_record():
    kept = Kept()
    async with on_stage(watch=kept.watch) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForSpeech()])

        caller.hang_up()
        await until(lambda: kept.over)
        await stage.until_empty()

    assert kept.reason == "hung up"


async def test_a_call_that_cannot_be_served_is_kept_as_failed():
    kept = Kept()
    fault = RestFault("POST /channels/externalMedia", action="status")
    async with on_stage(fault, watch=kept.watch) as stage:
        caller = await stage.caller()
        await until(lambda: kept.over)
        caller.hang_up()
        await stage.until_empty()

    assert [type(event) for event in kept[::3]] == [CallStarted, CallEnded]
    assert kept.reason == "failed"


async def test_a_voicebot_that_is_stopped_says_so():
    kept = Kept()
    async with on_stage(watch=kept.watch) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForSpeech()])

        stage.task.cancel()
        await asyncio.gather(stage.task, return_exceptions=True)
        caller.hang_up()
        await stage.until_empty()

    assert kept.reason == "stopped"


def a_channel() -> Channel:
    from voicebot.ari.models import CallerID, Channel, DialplanCEP  # noqa: PLC0415

    return Channel(
        id="1.1",
        name="PJSIP/300-1",
        state="Up",
        caller=CallerID(name="Carl", number="300"),
        connected=CallerID(name="", number=""),
        accountcode="",
        dialplan=DialplanCEP(
            context="internal", exten="100", priority=1, app_name="Stasis", app_data=""
        ),
        creationtime=wall_clock(),
        language="en",
    )


def test_positions_count_samples_from_the_start_whatever_the_clock_says():
    kept, now = Kept(), 1000.0
    minutes = Minutes(
        kept, a_channel(), company="Northwind", wall_clock=wall_clock, clock=lambda: now
    )
    now += 2.5

    minutes(CallerSaid("Sales please.", 1))
    minutes(BotSaid("Hello.", interrupted=True, timeline=None))

    turns = [event for event in kept if isinstance(event, TurnTaken)]
    assert [(it.end, it.turn, it.interrupted) for it in turns] == [
        (40_000, 1, False),
        (40_000, 0, True),
    ]


def test_the_steps_of_an_answer_are_milliseconds_after_the_caller():
    kept = Kept()
    minutes = Minutes(kept, a_channel(), company="Northwind", wall_clock=wall_clock)
    timeline = Timeline(3, {Stamp.SPEECH_END: 5.0, Stamp.PAUSE: 5.1, Stamp.FIRST_PACKET: 5.35})

    minutes(BotSaid("Hello.", interrupted=False, timeline=timeline))

    answer = kept[-1]
    assert isinstance(answer, TurnTaken)
    assert answer.turn == 3
    assert answer.steps == {"speech_end": 0.0, "pause": 100.0, "first_packet": 350.0}


@pytest.mark.parametrize(
    ("over", "reason"),
    [
        (CallOver(None), "stopped"),
        (CallOver(None, hung_up=True), "hung up"),
        *((CallOver(ending), ending.value) for ending in Ending),
    ],
)
def test_every_way_to_end_has_a_reason(over, reason):
    kept = Kept()
    minutes = Minutes(kept, a_channel(), company="Northwind", wall_clock=wall_clock)

    minutes(over)

    assert kept.reason == reason
