"""Nobody is left in silence: real phones, and a model, a caller or a voice that is slow."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.latency_measure import longest_silence
from bench.latency_speech import speech
from bench.microphone import SPEECH_RATE
from tests.asterisk.helpers import hear, leftovers
from tests.speech.fake_openai import FakeOpenAi, says

if TYPE_CHECKING:
    from bench.phone import PhoneCall
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.server import AsteriskServer
    from tests.asterisk.voices import Voice

QUESTION = "Where is your office?"
FILLER_S = 1.2


async def heard_by(call: PhoneCall) -> str:
    """Return all that the phone heard, in lower case."""
    recording = call.recording()
    return (await hear(recording.heard, recording.rate)).lower()


async def test_a_late_answer_is_bridged_by_fillers_and_heard(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    async with FakeOpenAi() as server:
        server.chat += [says("The office is in Harbour Street.", wait_s=6.0)] * 4
        await receptionists(LLM__PROVIDER="openai", LLM__BASE_URL=server.url, LLM__API_KEY="any")
        phone = await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        await call.say(voice(QUESTION))
        asked = call.recording().position(time.monotonic())
        await call.listen(quiet=3.0)

        told = await heard_by(call)
        assert "one moment" in told
        assert "still looking" in told
        assert "harbour street" in told.replace("harbor", "harbour")
        recording = call.recording()
        sounds = speech(recording.heard, recording.rate)
        assert longest_silence(asked, sounds, sounds[-1].end) <= 2 * FILLER_S + 0.5
        await call.hang_up()
        assert await leftovers(pbx) == []


async def test_an_answer_that_never_comes_ends_at_a_person(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    async with FakeOpenAi() as server:
        server.chat += [says("never", wait_s=60)] * 6
        bot = await receptionists(
            LLM__PROVIDER="openai",
            LLM__BASE_URL=server.url,
            LLM__API_KEY="any",
            LLM__TIMEOUT_S="30",
            RECEPTIONIST__HAND_OVER_S="5",
        )
        operator, phone = await phones("202"), await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        await call.say(voice(QUESTION))
        asked = call.recording().position(time.monotonic())
        taken = await operator.called()
        ringing = call.recording().position(time.monotonic())
        await taken.answered()

        told = await heard_by(call)
        assert "one moment" in told
        assert "still looking" in told
        assert "something is wrong on our side" in told
        recording = call.recording()
        sounds = speech(recording.heard, recording.rate)
        assert longest_silence(asked, sounds, ringing) <= 2 * FILLER_S + 0.5
        assert "hand_over_s" in bot.said("call in trouble")[0]["error"]
        await call.hang_up()
        await taken.closed()
        assert await leftovers(pbx) == []


async def test_a_silent_caller_is_asked_twice_and_let_go(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    bot = await receptionists(TURNS__SILENCE_S="2")
    phone = await phones("203")

    call = await phone.dial("bot")
    await call.closed(within=40)

    told = await heard_by(call)
    assert "are you still there" in told
    assert "can't hear you" in told
    # Whisper writes some voices' "Goodbye" as "bye-bye".
    assert "bye" in told
    await bot.says("call over")
    assert bot.said("call over")[0]["ending"] == "silence"
    assert await leftovers(pbx) == []


async def test_a_caller_who_speaks_very_long_is_answered_all_the_same(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    await receptionists(TURNS__LONGEST_S="3")
    phone = await phones("203")
    call = await phone.dial("bot")
    await call.listen()
    # No pause in it is long enough to end a turn.
    monologue = voice(
        "I would like to know where your office is because I want to come and see you and then I"
        " want to take my old telephone with me and show it to you and ask whether it can be mended"
    )
    said = len(monologue) / SPEECH_RATE
    assert said > 7

    await call.say(monologue, wait=False)
    began = call.recording().position(time.monotonic())
    answer = await call.listen(quiet=0, within=said)

    assert answer.start - began < said - 1
    await call.hang_up()
    assert await leftovers(pbx) == []
