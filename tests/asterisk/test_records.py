"""What is kept of a real call, and read back as a user does."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jiwer
import pytest
import webvtt

from tests.asterisk.helpers import leftovers
from tests.asterisk.programs import Program, variables
from tests.asterisk.talks import (
    EXTENSION,
    LOGIN,
    WRONG,
    connect,
    heard_by,
    plain,
    speech,
    words,
)
from tests.records.receiver import Receiver
from voicebot.records.database import Database
from voicebot.records.reading import list_calls

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones, Receptionists, Transcribers
    from tests.asterisk.server import AsteriskServer
    from tests.asterisk.voices import Voice


@pytest.fixture
def keeping(tmp_path: Path) -> dict[str, str]:
    """Settings that keep calls in a file of the test's own."""
    return {
        "RECORDS__URL": f"sqlite:///{tmp_path}/records.db",
        "RECORDS__SPOOL": str(tmp_path / "spool"),
    }


async def run(pbx: AsteriskServer, command: str, keeping: dict[str, str]) -> list[str]:
    """Return what ``voicebot COMMAND`` prints; it has to succeed."""
    async with Program(command, variables(pbx, **keeping)) as program:
        assert await program.exits() == 0
    return program.output


async def ended(pbx: AsteriskServer, keeping: dict[str, str]) -> dict[str, Any]:
    """Return the only call, as it is listed once it has ended."""
    await wait_for_an_end(keeping["RECORDS__URL"])
    async with Program("calls list --json", variables(pbx, **keeping)) as program:
        await program.exits()
    (call,) = program.log
    return call


async def wait_for_an_end(url: str) -> None:
    database = Database(url)
    try:
        while True:
            calls = list_calls(database, limit=9)
            if calls and calls[0].ended_at is not None:
                return
            # There is no event for it: what is kept is looked at as another program would.
            await asyncio.sleep(0.1)
    finally:
        database.close()


async def test_a_call_is_kept_and_a_kill_in_the_middle_does_not_break_its_record(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    keeping: dict[str, str],
) -> None:
    # Given a talk with a receptionist that is then killed.
    first = await receptionists(**keeping)
    phone = await phones("203")
    call = await phone.dial("bot")
    await call.listen()
    await call.say(voice("Where is your office?"))
    await call.listen()
    first.kill()
    await first.exits()

    # When the next one takes the call up again.
    await receptionists(**keeping)
    await call.listen()
    await call.hang_up()

    # Then all of it is one call, told in order, with what each answer took.
    listed = await ended(pbx, keeping)
    assert (listed["app"], listed["reason"]) == ("receptionist", "hung up")
    assert listed["parties"][0]["number"] == "203"
    shown = "\n".join(await run(pbx, f"calls show {listed['call']}", keeping)).lower()
    greeted, asked, answered = (
        shown.index(text) for text in ("how can i help", "office?", "central station")
    )
    again = shown.rindex("how can i help")
    assert greeted < asked < answered < again
    assert "first_packet" in shown
    assert await leftovers(pbx) == []


async def test_a_call_between_people_is_exported_with_their_voices(
    pbx: AsteriskServer,
    phones: Phones,
    transcribers: Transcribers,
    keeping: dict[str, str],
    tmp_path: Path,
) -> None:
    sidecar = await transcribers(**keeping)
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    await call.say(speech(LOGIN))
    await taken.say(speech(EXTENSION))
    await asyncio.sleep(1)
    await call.hang_up()

    listed = await ended(pbx, keeping)
    assert (listed["app"], listed["reason"], listed["said"]) == ("transcriber", "hung up", 2)
    numbers = {party["number"]: party["party"] for party in listed["parties"]}
    assert numbers.keys() == {"203", "202"}
    target = tmp_path / "call.vtt"
    await run(pbx, f"calls export {listed['call']} --format vtt --output {target}", keeping)
    first, second = webvtt.read(str(target)).captions
    assert jiwer.wer(plain(words(LOGIN)), plain(first.text)) <= WRONG
    assert jiwer.wer(plain(words(EXTENSION)), plain(second.text)) <= WRONG
    assert first.voice != second.voice
    assert first.start_in_seconds < first.end_in_seconds <= second.start_in_seconds + 1


async def test_a_database_that_is_away_harms_no_call(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    keeping: dict[str, str],
    tmp_path: Path,
) -> None:
    # Given a folder that cannot be made, for something else has its name.
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    keeping["RECORDS__URL"] = f"sqlite:///{blocked}/records.db"
    receptionist = await receptionists(**keeping)
    phone = await phones("203")

    call = await phone.dial("bot")
    await call.listen()
    await call.say(voice("Where is your office?"))
    await call.listen()
    await call.hang_up()
    await receptionist.says("call over")
    assert await receptionist.terminate() == 0

    # Then what waited is written by the next one.
    blocked.unlink()
    await receptionists(**keeping)
    assert (await ended(pbx, keeping))["reason"] == "hung up"


async def test_all_that_happens_while_the_webhooks_receiver_is_down_reaches_it_once_and_in_order(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers, keeping: dict[str, str]
) -> None:
    # Given a receiver that is in trouble from the first event on.
    with Receiver(*[503] * 99) as ill:
        keeping["WEBHOOK__URL"] = ill.url
        first = await transcribers(**keeping)
        a, b = await phones("203"), await phones("202")
        call, taken = await connect(a, "202", b)
        await heard_by(first, 2)
        await call.say(speech(LOGIN))
        await first.says("final")
        await asyncio.to_thread(ill.asked, 4)

    # When it is gone altogether, and the sidecar is killed and started again meanwhile.
    await asyncio.to_thread(wait_until_spooled, keeping, len(events(first)))
    first.kill()
    await first.exits()
    second = await transcribers(**keeping)
    await heard_by(second, 2)
    await taken.say(speech(EXTENSION))
    await second.says("final")
    await call.hang_up()
    await second.says("call_ended")
    await second.says("events wait")

    # Then it has everything once it is back.
    with Receiver(port=ill.port) as well:
        await second.says("delivered again", within=70)
        await asyncio.to_thread(well.has, len(events(first) + events(second)))

    assert ill.taken == []
    assert well.events == events(first) + events(second)
    ids = [headers["webhook-id"] for headers, _body in well.taken]
    assert len(set(ids)) == len(ids)
    assert {"call_started", "party_joined", "final", "call_ended"} <= {
        event["event"] for event in well.events
    }
    assert await leftovers(pbx) == []


def events(program: Program) -> list[dict[str, Any]]:
    """Return what ``program`` has told of calls and has to be delivered, in order."""
    told = [line for line in program.log if {"event", "call"} <= line.keys()]
    return [event for event in told if "level" not in event and event["event"] != "partial"]


def wait_until_spooled(keeping: dict[str, str], count: int) -> None:
    """Wait until ``count`` events wait for the webhook's receiver on disk."""
    waiting = 0
    while waiting < count:
        # As another program would: there is no event for it.
        time.sleep(0.02)
        (path,) = Path(keeping["RECORDS__SPOOL"]).glob("webhook-*-0.db")
        spool = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        (waiting,) = spool.execute("SELECT count(*) FROM waiting").fetchone()
        spool.close()
