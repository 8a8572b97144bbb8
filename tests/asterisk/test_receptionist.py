"""A caller talks with the receptionist: real phone, real Asterisk, everything local."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bench.microphone import SPEECH_RATE
from bench.phone import MU_LAW, WIDEBAND, Answering, PhoneError
from bench.waveform import segments, stop_times
from tests.asterisk.configuration import HOLD_MUSIC_HZ
from tests.asterisk.helpers import ari, hear, hearings, leftovers
from tests.asterisk.listening import assert_heard, tone, until_heard, until_said, words
from tests.asterisk.programs import Program, variables

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.server import AsteriskServer
    from tests.asterisk.voices import Voice


async def test_hello_plays_a_sound_and_hangs_up(pbx: AsteriskServer, phones: Phones) -> None:
    async with Program("hello", variables(pbx)) as hello:
        await hello.says("ari events connected")
        phone = await phones("203")

        call = await phone.dial("hello")
        heard = await call.listen()
        await call.closed()

        assert "hello" in await words(call, heard)
        assert await leftovers(pbx) == []


@pytest.mark.parametrize(
    ("transport", "codecs"),
    [("rtp", WIDEBAND), ("rtp", MU_LAW), ("websocket", WIDEBAND)],
    ids=["rtp-wideband", "rtp-narrowband", "websocket"],
)
async def test_the_caller_is_greeted_and_gets_an_answer(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    transport: str,
    codecs: tuple[str, ...],
) -> None:
    bot = await receptionists(MEDIA__TRANSPORT=transport)
    phone = await phones("203", codecs=codecs)

    call = await phone.dial("bot")
    greeting = await call.listen()
    await call.say(voice("Where is your office?"))
    answer = await call.listen()

    recording = call.recording()
    greeted = await hearings(greeting.of(recording.heard, recording.rate), recording.rate)
    assert any("how can i help you" in heard for heard in greeted), greeted
    assert "central station" in await words(call, answer)
    await call.hang_up()
    assert not bot.said("no audio from asterisk")
    assert await leftovers(pbx) == []


async def test_after_the_goodbye_the_bot_hangs_up(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    await receptionists()
    phone = await phones("203")

    call = await phone.dial("bot")
    await call.listen()
    await call.say(voice("Thank you, goodbye."))
    goodbye = await call.listen()
    await call.closed()

    # Asked for both words at once the recogniser now and then drops the second.
    last = replace(goodbye, start=(goodbye.start + goodbye.end) / 2)
    assert "thank you" in await words(call, goodbye)
    assert "bye" in await words(call, last)
    assert await leftovers(pbx) == []


@pytest.mark.parametrize("dial", ["Local/{extension}@internal", "PJSIP/{extension}"])
async def test_a_transfer_connects_the_caller_with_a_colleague(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice, dial: str
) -> None:
    bot = await receptionists(RECEPTIONIST__DIAL=dial)
    colleague, caller = await phones("201"), await phones("203")

    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("I would like to speak to the sales department."))
    taken = await colleague.called()
    await taken.answered()
    await bot.says("tool")
    await asyncio.sleep(0.5)
    await asyncio.gather(call.say(tone(700, 1.5)), taken.say(tone(1300, 1.5)))
    await asyncio.sleep(0.3)

    assert_heard(call, 1300)
    assert_heard(taken, 700)
    _, bridges = await ari(pbx, "GET", "/bridges")
    _, channels = await ari(pbx, "GET", "/channels")
    ours = [bridge for bridge in bridges if bridge["id"].startswith("voicebot-")]
    assert [len(bridge["channels"]) for bridge in ours] == [2]
    assert not [channel for channel in channels if "UnicastRTP" in channel["name"]]

    await taken.hang_up()
    await call.closed()
    assert await leftovers(pbx) == []


async def test_a_transferred_call_stays_up_when_the_bot_stops_and_is_taken_up_again(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    colleague, caller = await phones("201"), await phones("203")
    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("I would like to speak to the sales department."))
    taken = await colleague.called()
    await taken.answered()
    await bot.says("tool")

    assert await bot.terminate() == 0
    await asyncio.sleep(0.3)
    assert call.is_up
    assert taken.is_up

    await receptionists()
    await call.hang_up()
    await taken.closed()
    assert await leftovers(pbx) == []


@pytest.mark.parametrize(
    "expected",
    [
        ("Can I talk to technical support?", "busy", "busy"),
        ("The accounting department, please.", "no_answer", "no answer"),
    ],
    ids=["busy", "no-answer"],
)
async def test_when_nobody_answers_the_caller_is_back_with_the_bot(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    expected: tuple[str, str, str],
) -> None:
    whom, outcome, said = expected
    bot = await receptionists(RECEPTIONIST__RING_S="3")
    caller = await phones("203")

    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice(whom))
    await until_said(call, said)

    assert [line["result"] for line in bot.said("tool")] == [outcome]
    await call.say(voice("Where is your office?"))
    await until_said(call, "central station")
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_phone_that_declines_is_reported(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists()
    await phones("201", answering=Answering("busy", 0.5))
    caller = await phones("203")

    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("I would like to speak to the sales department."))
    await bot.says("tool", within=20)

    assert bot.said("tool")[0]["result"] in {"busy", "refused"}
    await call.hang_up()
    assert await leftovers(pbx) == []


@pytest.mark.parametrize("transport", ["rtp", "websocket"])
async def test_an_interruption_stops_the_bot_at_once(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    transport: str,
) -> None:
    await receptionists(MEDIA__TRANSPORT=transport)
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("Tell me about the company."))
    await call.listen(quiet=0)
    await asyncio.sleep(2.0)

    await call.say(voice("Stop please, where is your office?"))
    answer = await call.listen(within=10)
    answer = await call.listen(within=10)

    assert "central station" in await words(call, answer)
    recording = call.recording()
    everything = (await hear(recording.heard, recording.rate)).lower()
    assert "thirty countries" not in everything
    said = segments(recording.said, recording.rate)
    stops = stop_times(said, segments(recording.heard, recording.rate, gap=0.1))
    print(f"{transport}: last sound {[round(1000 * stop) for stop in stops]} ms after the onset")
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_zero_reaches_the_operator(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    await receptionists()
    operator, caller = await phones("202"), await phones("203")

    call = await caller.dial("bot")
    await asyncio.sleep(0.5)
    await call.press("0")
    taken = await operator.called()
    await taken.answered()

    await call.hang_up()
    await taken.closed()
    assert await leftovers(pbx) == []


async def test_a_transfer_may_be_handed_to_the_dialplan(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists(RECEPTIONIST__HAND_BACK="internal,{extension},1")
    colleague, caller = await phones("201"), await phones("203")

    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("I would like to speak to the sales department."))
    taken = await colleague.called()
    await taken.answered()
    # The dialplan's own Dial() connects the two: nothing of ours is left, nor is the bot needed.
    await bot.says("call over")
    assert await bot.terminate() == 0
    await asyncio.gather(call.say(tone(700, 1.5)), taken.say(tone(1300, 1.5)))
    await asyncio.sleep(0.3)

    assert_heard(call, 1300)
    assert_heard(taken, 700)
    assert [line["result"] for line in bot.said("tool")] == ["answered"]
    await taken.hang_up()
    await call.closed()
    assert await leftovers(pbx) == []


@pytest.mark.parametrize(
    ("kind", "frequencies"), [("ringing", (440, 480)), ("music", (HOLD_MUSIC_HZ,))]
)
async def test_while_it_rings_the_caller_hears_ringing_or_music(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    kind: str,
    frequencies: tuple[int, ...],
) -> None:
    await receptionists(RECEPTIONIST__WHILE_RINGING=kind)
    colleague = await phones("201", answering=Answering("ring"))
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen()
    await call.say(voice("I would like to speak to the sales department."))
    ringing = await colleague.called()

    await until_heard(call, *frequencies)

    await call.hang_up()
    await ringing.closed()
    assert await leftovers(pbx) == []


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3, 1.5])
async def test_a_caller_may_hang_up_at_any_moment(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, seconds: float
) -> None:
    bot = await receptionists()
    caller = await phones("203")

    call = await caller.dial("bot")
    await asyncio.sleep(seconds)
    await call.hang_up()

    await bot.says("call over", within=10)
    assert await leftovers(pbx) == []


async def test_a_caller_may_hang_up_while_being_heard_answered_and_transferred(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    await receptionists()
    await phones("201", answering=Answering("ring"))
    caller = await phones("203")
    question = voice("Where is your office?")
    wish = voice("I would like to speak to the sales department.")

    for said, wait in ((question, -0.5), (question, 0.15), (question, 0.8), (wish, 4.0)):
        call = await caller.dial("bot")
        await call.listen()
        await call.say(said, wait=False)
        await asyncio.sleep(len(said) / SPEECH_RATE + wait)
        await call.hang_up()

        assert await leftovers(pbx) == []


async def test_sigterm_gives_the_caller_back_to_the_dialplan(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    bot = await receptionists()
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen(quiet=0)

    assert await bot.terminate() == 0

    # What follows Stasis in the test's dialplan hangs up.
    await call.closed(within=5)
    assert await leftovers(pbx) == []


async def test_after_a_crash_the_next_start_tidies_up_and_serves_the_caller_again(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    first = await receptionists()
    caller = await phones("203")
    call = await caller.dial("bot")
    await call.listen()
    first.kill()
    await first.exits()

    await receptionists()
    assert "how can i help" in await words(call, await call.listen())
    await call.say(voice("Where is your office?"))
    assert "central station" in await words(call, await call.listen())

    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_name_that_another_program_takes_over_ends_the_bot(
    receptionists: Receptionists,
) -> None:
    first = await receptionists()

    await receptionists()

    assert await first.exits(within=10) == 4
    assert "taken over" in "\n".join(first.output)


async def test_without_the_bot_the_dialplan_goes_on(pbx: AsteriskServer, phones: Phones) -> None:
    await phones("201", answering=Answering("answer", 0.2))
    caller = await phones("203")

    call = await caller.dial("bot")

    # The ring group took the call.
    _, channels = await ari(pbx, "GET", "/channels")
    assert any("PJSIP/201" in channel["name"] for channel in channels)
    await call.hang_up()
    assert await leftovers(pbx) == []
    with pytest.raises(PhoneError):
        await call.say(tone(500, 0.1))
