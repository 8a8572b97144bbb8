"""A colleague is on another call: the receptionist knows before it rings, on real Asterisk."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bench.phone import Answering
from tests.asterisk.configuration import HOLD_MUSIC_HZ
from tests.asterisk.helpers import ari, hear, leftovers
from tests.asterisk.listening import until_heard, until_said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bench.phone import Phone, PhoneCall
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.programs import Program
    from tests.asterisk.server import AsteriskServer
    from tests.asterisk.voices import Voice

WISH = "I would like to speak to the sales department."
ON_CALL = "on another call"


async def states(pbx: AsteriskServer, number: str) -> str:
    _, device = await ari(pbx, "GET", f"/deviceStates/PJSIP%2F{number}")
    return str(device["state"])


@asynccontextmanager
async def sales_on_a_call(
    pbx: AsteriskServer, phones: Phones
) -> AsyncIterator[tuple[Phone, PhoneCall]]:
    """The phone 201 of sales, and the call that it is in."""
    sales = await phones("201", answering=Answering("answer", 0.3))
    other = await sales.dial("wait")
    assert await states(pbx, "201") == "INUSE"
    yield sales, other
    if other.is_up:
        await other.hang_up()


async def ask_for_sales(caller: Phone, voice: Voice) -> PhoneCall:
    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice(WISH))
    return call


def results(bot: Program) -> list[tuple[str, str]]:
    return [(line["name"], line["result"]) for line in bot.said("tool")]


async def test_a_caller_hears_it_waits_and_is_put_through_when_the_colleague_hangs_up(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    await bot.shows(event="ari events connected", app="voicebot-presence")
    async with sales_on_a_call(pbx, phones) as (sales, other):
        call = await ask_for_sales(await phones("203"), voice)
        await until_said(call, ON_CALL)
        await call.say(voice("I will wait."))
        await until_heard(call, HOLD_MUSIC_HZ)
        assert not results(bot)

        await other.hang_up()
        taken = await sales.called()
        await taken.answered()
        await bot.says("tool", count=2)

        assert results(bot) == [("wait", "free"), ("transfer", "answered")]
        await call.hang_up()
        await taken.closed()
        assert await leftovers(pbx) == []


async def test_a_caller_takes_who_is_offered_instead(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    await bot.shows(event="ari events connected", app="voicebot-presence")
    operator = await phones("202")
    async with sales_on_a_call(pbx, phones):
        call = await ask_for_sales(await phones("203"), voice)
        await until_said(call, ON_CALL)
        await call.say(voice("Put me through to the front desk, please."))
        taken = await operator.called()
        await taken.answered()
        await bot.says("tool")

        assert results(bot) == [("transfer", "answered")]
        await taken.hang_up()
        await call.closed()
    assert await leftovers(pbx) == []


async def test_who_waits_may_ask_give_up_or_be_told_at_the_end_that_it_was_in_vain(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists(RECEPTIONIST__WAIT_S="20")
    await bot.shows(event="ari events connected", app="voicebot-presence")
    async with sales_on_a_call(pbx, phones):
        call = await ask_for_sales(await phones("203"), voice)
        await until_said(call, ON_CALL)
        await call.say(voice("I will wait."))
        await until_heard(call, HOLD_MUSIC_HZ)

        asked = len(call.recording().heard)
        await call.say(voice("Where is your office?"))
        await call.listen(quiet=0.5)
        await until_heard(call, HOLD_MUSIC_HZ)
        recording = call.recording()
        answer = recording.heard[asked : -recording.rate // 2]
        assert "central station" in (await hear(answer, recording.rate)).lower()
        await call.say(voice("I don't want to wait any longer."))
        await until_said(call, "anything else")

        await call.say(voice(WISH))
        await until_said(call, ON_CALL)
        await call.say(voice("I will wait."))
        await bot.says("tool", within=40)
        assert results(bot) == [("wait", "waited_in_vain")]
        await call.hang_up()
    assert await leftovers(pbx) == []


async def test_who_hangs_up_while_waiting_leaves_nothing(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    await bot.shows(event="ari events connected", app="voicebot-presence")
    async with sales_on_a_call(pbx, phones):
        call = await ask_for_sales(await phones("203"), voice)
        await until_said(call, ON_CALL)
        await call.say(voice("I will wait."))
        await until_heard(call, HOLD_MUSIC_HZ)

        await call.hang_up()

        await bot.says("call over")
        assert not results(bot)
    assert await leftovers(pbx) == []


async def test_an_office_may_have_everybody_rung_all_the_same(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists(RECEPTIONIST__WHEN_BUSY="ring")
    async with sales_on_a_call(pbx, phones):
        call = await ask_for_sales(await phones("203"), voice)
        await bot.says("tool", within=40)

        assert results(bot) == [("transfer", "busy")]
        await call.hang_up()
    assert await leftovers(pbx) == []
