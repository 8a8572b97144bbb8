"""Real calls while something is wrong: the connection, the model, the PBX's modules."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Any, ClassVar

import aiohttp
import psutil
import pytest
from aiohttp import web

from tests.asterisk.helpers import hear, hearings, leftovers
from tests.asterisk.listening import until_said
from tests.asterisk.server import AsteriskServer
from tests.asterisk.wire import Wire
from tests.speech.fake_openai import Canned, FakeOpenAi, calls, error, says

if TYPE_CHECKING:
    from bench.phone import PhoneCall
    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.programs import Program
    from tests.asterisk.voices import Voice

QUESTION = "Where is your office?"
# What a proxy's error page looks like, and a connection that breaks before the first word.
GARBAGE = Canned((b"<html><body>It works!</body></html>",), kind="text/html")
CUT_OFF = Canned((b'data: {"id": "c1", "choi',), kind="text/event-stream", cut=True)
WISH = "I would like to speak to the sales department."
INVENTED = "79161234567"


async def answer_to(call: PhoneCall) -> str:
    """Return the next thing that the phone hears, in lower case."""
    segment = await call.listen(quiet=1.0)
    recording = call.recording()
    return (await hear(segment.of(recording.heard, recording.rate), recording.rate)).lower()


# Speech by models of the receptionist's own, instead of those that the tests share.
LOCAL_SPEECH = {
    f"{stage}__{key}": value
    for stage in ("STT", "TTS")
    for key, value in (("PROVIDER", "local"), ("BASE_URL", ""), ("MODEL", ""), ("VOICE", ""))
    if (stage, key) != ("STT", "VOICE")
}


class Replies(deque[Any]):
    """A model that dials a number it made up, and speaks once it is told that it may not.

    A queue of answers would be used up by drafts that are dropped.
    """

    def __init__(self, server: FakeOpenAi) -> None:
        super().__init__([None])
        self._server = server

    def popleft(self) -> Canned:
        last = self._server.requests[-1].body["messages"][-1]
        if last["role"] == "tool":
            return says("I am sorry, I can only connect you with our own people.")
        return calls(("c1", "transfer", f'{{"destination": "+{INVENTED}"}}'))


async def connected_again(bot: Program, app: str, *, within: float) -> None:
    """Wait until ``bot`` has connected to the events of ``app`` a second time."""
    await bot.shows(event="ari events connected", app=app, count=2, within=within)


async def test_a_call_goes_on_when_the_events_connection_is_cut(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    async with Wire(pbx.ari_url) as wire:
        bot = await receptionists(ARI__URL=wire.url)
        phone = await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        wire.cut()
        await call.say(voice(QUESTION))

        assert "central station" in await answer_to(call)
        await connected_again(bot, "voicebot", within=10)
        await call.hang_up()
        assert await leftovers(pbx) == []


async def test_a_hang_up_during_a_gap_is_noticed_afterwards(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    async with Wire(pbx.ari_url) as wire:
        bot = await receptionists(ARI__URL=wire.url)
        phone = await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        wire.cut()
        await call.hang_up()

        await connected_again(bot, "voicebot", within=10)
        assert await leftovers(pbx) == []


async def test_a_restarted_asterisk_is_served_again(
    phones: Phones, receptionists: Receptionists, asterisk_available: None
) -> None:
    del asterisk_available
    async with AsteriskServer() as own:
        bot = await receptionists(pbx=own)

        await own.restart()
        for app in ("voicebot", "voicebot-presence"):
            await connected_again(bot, app, within=30)

        phone = await phones("203", pbx=own)
        call = await phone.dial("bot")
        greeting, recording = await call.listen(quiet=1.0), call.recording()
        greeted = await hearings(greeting.of(recording.heard, recording.rate), recording.rate)
        assert any("how can i help" in heard for heard in greeted), greeted
        await call.hang_up()
        assert await leftovers(own) == []


async def test_a_small_language_model_on_this_machine_holds_the_conversation(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice, models: str
) -> None:
    bot = await receptionists(
        LLM__PROVIDER="openai",
        LLM__BASE_URL=models,
        LLM__MODEL="smollm2-135m-instruct",
        LLM__MAX_TOKENS="40",
    )
    phone = await phones("203")
    call = await phone.dial("bot")
    await call.listen()

    await call.say(voice(QUESTION))

    # What so small a model says is its own affair; that it is heard is ours.
    assert len((await answer_to(call)).split()) > 1
    assert not bot.said("call in trouble")
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_language_model_transfers_within_the_directory_only(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    before = pbx.log_size()
    async with FakeOpenAi() as server:
        server.chat = Replies(server)
        bot = await receptionists(
            LLM__PROVIDER="openai", LLM__BASE_URL=server.url, LLM__API_KEY="sk-test"
        )
        phone = await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        await call.say(voice(WISH))

        assert "connect you" in await answer_to(call)
        assert [line["result"] for line in bot.said("tool")] == ["unknown_destination"]
        assert INVENTED not in "".join(bot.output) + pbx.log(before)
        await call.hang_up()
        assert await leftovers(pbx) == []


FAULTS = {
    "401": error(401),
    "429": error(429),
    "500": error(500),
    "nothing": says("never", wait_s=30),
    "garbage": GARBAGE,
    "cut off": CUT_OFF,
}


class Ailing(FakeOpenAi):
    """Speaks with the voice of ``models`` until it is given other answers.

    What was spoken once is remembered: each of these servers is another voice to the receptionist,
    which wants all its fixed sentences again.
    """

    _spoken: ClassVar[dict[str, tuple[bytes, str]]] = {}

    def __init__(self, models: str) -> None:
        super().__init__()
        self._models = models

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        if self.speech:
            return await super()._speak(request)
        order = await request.json()
        if order["input"] not in self._spoken:
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"{self._models}/audio/speech", json=order) as spoken,
            ):
                self._spoken[order["input"]] = await spoken.read(), spoken.content_type
        body, kind = self._spoken[order["input"]]
        return web.Response(body=body, content_type=kind)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("stage", ["stt", "llm", "tts"])
async def test_when_a_provider_fails_the_caller_hears_an_apology_and_reaches_a_person(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    models: str,
    stage: str,
    fault: Canned,
) -> None:
    async with Ailing(models) as server:
        bot = await receptionists(**served_by(server, stage))
        # A voice fails with what it has not said before: fixed sentences come from the cache.
        server.chat += [says("That is a long story.")] * 6
        answers = {"stt": server.transcriptions, "llm": server.chat, "tts": server.speech}[stage]
        answers.clear()
        answers += [fault] * 6
        operator, phone = await phones("202"), await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        await call.say(voice(QUESTION))
        await until_said(call, "wrong on our side")
        taken = await operator.called()
        await taken.answered()

        assert bot.said("call in trouble")
        assert "sk-test" not in "".join(bot.output)
        await call.hang_up()
        await taken.closed()
        assert await leftovers(pbx) == []


def served_by(server: FakeOpenAi, stage: str) -> dict[str, str]:
    """Return the settings of a receptionist that uses ``server`` for ``stage``."""
    own = {"PROVIDER": "openai", "BASE_URL": server.url, "API_KEY": "sk-test"}
    own |= {"TIMEOUT_S": "2", "RETRIES": "0"}
    # What a voice has to say anew is written by a language model.
    stages = ("llm", "tts") if stage == "tts" else (stage,)
    return {f"{it.upper()}__{key}": value for it in stages for key, value in own.items()}


async def test_when_the_local_models_die_the_caller_is_answered_once_they_are_back(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    # How soon they are back is the machine's affair: nothing is given up meanwhile.
    patient = {"STT__TIMEOUT_S": "40", "TTS__TIMEOUT_S": "40", "RECEPTIONIST__HAND_OVER_S": "40"}
    bot = await receptionists(**LOCAL_SPEECH, **patient)
    phone = await phones("203")
    call = await phone.dial("bot")
    await call.listen()

    for child in models_of(bot):
        child.kill()
    await call.say(voice(QUESTION))

    # Past the fillers, however many there are.
    async with asyncio.timeout(60):
        while "central station" not in await answer_to(call):
            pass
    assert bot.said("model process is back")
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_when_the_local_models_stay_dead_the_caller_reaches_a_person(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    bot = await receptionists(**LOCAL_SPEECH)
    operator, phone = await phones("202"), await phones("203")
    call = await phone.dial("bot")
    await call.listen()

    killing = asyncio.create_task(keep_killing_models_of(bot))
    await call.say(voice(QUESTION))
    taken = await operator.called()
    killing.cancel()
    await taken.answered()

    assert bot.said("call in trouble")
    await bot.says("model process is back")
    await call.hang_up()
    await taken.closed()
    assert await leftovers(pbx) == []


async def keep_killing_models_of(bot: Program) -> None:
    """Let no process with the local models of ``bot`` come to serve, until cancelled."""
    while True:
        for child in models_of(bot):
            with contextlib.suppress(psutil.NoSuchProcess):
                child.kill()
        await asyncio.sleep(0.1)


def models_of(bot: Program) -> list[psutil.Process]:
    """Return the process with the local models that ``bot`` runs, if it runs now."""
    return [
        child
        for child in psutil.Process(bot.pid).children()
        if "voicebot.models" in " ".join(child.cmdline())
    ]


async def test_a_fallback_answers_in_the_place_of_a_model_that_fails(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice
) -> None:
    async with FakeOpenAi() as server:
        server.chat += [error(500)] * 6
        await receptionists(
            LLM__PROVIDER="openai",
            LLM__BASE_URL=server.url,
            LLM__API_KEY="sk-test",
            LLM__RETRIES="0",
            LLM__FALLBACK="scripted",
        )
        phone = await phones("203")
        call = await phone.dial("bot")
        await call.listen()

        await call.say(voice(QUESTION))

        assert "central station" in await answer_to(call)
        await call.hang_up()
        assert await leftovers(pbx) == []


async def test_a_media_address_that_nothing_reaches_is_told_in_the_log(
    pbx: AsteriskServer, phones: Phones, receptionists: Receptionists
) -> None:
    # An address for documentation: packets to it end nowhere.
    bot = await receptionists(MEDIA__ADVERTISE="203.0.113.7")
    phone = await phones("203")

    call = await phone.dial("bot")

    await bot.says("no audio from asterisk", within=20)
    assert "media.advertise" in bot.said("no audio from asterisk")[0]["advice"]
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_without_chan_rtp_the_caller_goes_on_and_the_log_says_what_to_do(
    phones: Phones, receptionists: Receptionists, asterisk_available: None
) -> None:
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as stock:
        bot = await receptionists(pbx=stock)
        phone = await phones("203", pbx=stock)

        call = await phone.dial("bot")
        await call.closed()

        await bot.says("call cannot be served", within=10)
        assert "doctor --fix" in bot.said("call cannot be served")[0]["advice"]
        assert await leftovers(stock) == []
