"""The instruments themselves: real Asterisk, real phones, and what their recordings tell."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.microphone import SPEECH_RATE
from bench.phone import (
    A_LAW,
    MU_LAW,
    WIDEBAND,
    Account,
    Answering,
    CallFailedError,
    Phone,
    PhoneError,
)
from bench.prompts import prompts
from bench.waveform import loudest_frequency, segments, tone_share
from tests.asterisk.helpers import ari, hear, leftovers
from tests.asterisk.server import AsteriskServer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.waveform import Samples
    from tests.asterisk.conftest import Phones


def tone(frequency: float, seconds: float = 1.0) -> Samples:
    phase = 2 * np.pi * frequency * np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    return (8000 * np.sin(phase)).astype(np.int16)


async def test_asterisk_answers_on_its_own_ports(pbx: AsteriskServer) -> None:
    status, answer = await ari(pbx, "GET", "/asterisk/ping")

    assert status == 200
    assert answer["ping"] == "pong"
    assert "No such command" not in await pbx.cli("core show channels")


async def test_two_servers_share_nothing(pbx: AsteriskServer) -> None:
    async with AsteriskServer(profile="mikopbx") as other:
        # given a variable and an AstDB entry in one of them
        await ari(pbx, "POST", "/asterisk/variable", variable="OWNER", value="first")
        await pbx.cli("database put voicebot owner first")

        _, own = await ari(pbx, "GET", "/asterisk/variable", variable="OWNER")
        _, foreign = await ari(other, "GET", "/asterisk/variable", variable="OWNER")

        assert own["value"] == "first"
        assert foreign["value"] == ""
        assert "first" in await pbx.cli("database get voicebot owner")
        assert "not found" in await other.cli("database get voicebot owner")
        # and when one of them stops, the other goes on
        await other.stop()
        assert (await ari(pbx, "GET", "/asterisk/ping"))[0] == 200


async def test_a_stock_mikopbx_has_no_external_media(asterisk_available: None) -> None:
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as pbx:
        status, module = await ari(pbx, "GET", "/asterisk/modules/chan_rtp.so")

        assert status == 404, module
        assert (await ari(pbx, "POST", "/asterisk/modules/res_rtp_multicast.so"))[0] == 204
        assert (await ari(pbx, "POST", "/asterisk/modules/chan_rtp.so"))[0] == 204


async def test_a_restarted_server_keeps_its_ports(asterisk_available: None) -> None:
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as pbx:
        before = pbx.ari_url
        await pbx.restart()

        assert pbx.ari_url == before
        assert (await ari(pbx, "GET", "/asterisk/ping"))[0] == 200


@pytest.mark.parametrize(
    ("codecs", "rate", "wide"),
    [(WIDEBAND, 16000, True), (MU_LAW, 8000, False), (A_LAW, 8000, False)],
)
async def test_a_phone_hears_its_own_echo(
    pbx: AsteriskServer, phones: Phones, codecs: Sequence[str], rate: int, wide: bool
) -> None:
    phone = await phones("201", codecs=codecs)
    call = await phone.dial("echo")

    await asyncio.sleep(0.2)
    await call.say(tone(1000))
    await call.say(tone(5000))
    await asyncio.sleep(0.1)
    await call.hang_up()
    recording = call.recording()

    assert recording.rate == rate
    said = segments(recording.said, rate)[0]
    heard = segments(recording.heard, rate)[0]
    # a packet of 20 ms out and back again, on one clock
    assert 0.015 <= heard.start - said.start <= 0.06
    assert heard.length == pytest.approx(said.length, abs=0.01)
    first = recording.heard[round(heard.start * rate) :][: round(0.95 * rate)]
    assert loudest_frequency(first, rate) == pytest.approx(1000, abs=2)
    assert tone_share(first, rate, 1000) >= 0.995
    last = heard.end > said.start + 1.5
    assert last == wide, "only a wide band carries 5 kHz"
    assert await leftovers(pbx) == []


async def test_two_phones_hear_each_other(pbx: AsteriskServer, phones: Phones) -> None:
    caller, colleague = await phones("201"), await phones("202", codecs=MU_LAW)

    call = await caller.dial("202")
    answer = await colleague.called()
    await answer.answered()
    await asyncio.sleep(0.2)
    await asyncio.gather(call.say(tone(700)), answer.say(tone(1300)))
    await asyncio.sleep(0.2)
    await call.hang_up()
    await answer.closed()

    at_caller, at_colleague = call.recording(), answer.recording()
    assert loudest_frequency(at_caller.heard, at_caller.rate) == pytest.approx(1300, abs=3)
    assert loudest_frequency(at_colleague.heard, at_colleague.rate) == pytest.approx(700, abs=3)
    assert await leftovers(pbx) == []


async def test_a_conversation_is_on_one_time_line(pbx: AsteriskServer, phones: Phones) -> None:
    caller, colleague = await phones("201"), await phones("202")
    call = await caller.dial("202")
    answer = await colleague.called()
    await answer.answered()

    # when each waits for the other before speaking
    for _ in range(2):
        await call.say(tone(700, 0.5))
        await answer.listen(quiet=0.3)
        await answer.say(tone(1300, 0.5))
        await call.listen(quiet=0.3)
    await call.hang_up()

    recording = call.recording()
    said = segments(recording.said, recording.rate)
    heard = segments(recording.heard, recording.rate)
    assert len(said) == len(heard) == 2
    for question, reply in zip(said, heard, strict=True):
        assert 0.3 <= reply.start - question.end <= 0.6
    await answer.closed()
    assert await leftovers(pbx) == []


@pytest.mark.local
@pytest.mark.parametrize("codecs", [WIDEBAND, MU_LAW])
async def test_human_speech_is_understood_from_the_recording(
    phones: Phones, codecs: Sequence[str]
) -> None:
    phone = await phones("201", codecs=codecs)
    call = await phone.dial("echo")
    prompt = prompts("en")["all-circuits-busy-now"]

    await call.say(prompt.samples())
    stretch = await call.listen()
    recording = call.recording()

    words = await hear(stretch.of(recording.heard, recording.rate), recording.rate)
    assert words.lower().rstrip(".") == prompt.text.lower().rstrip(".")


async def test_a_refused_call_says_why(pbx: AsteriskServer, phones: Phones) -> None:
    caller = await phones("201")
    await phones("202", answering=Answering("busy"))

    with pytest.raises(CallFailedError, match="486"):
        await caller.dial("202")
    with pytest.raises(CallFailedError, match="404"):
        await caller.dial("nobody")
    with pytest.raises(CallFailedError, match=r"no answer in 0\.5 s"):
        await caller.dial("206", within=0.5)
    assert await leftovers(pbx) == []


async def test_a_phone_answers_late_or_never(pbx: AsteriskServer, phones: Phones) -> None:
    caller = await phones("201")
    colleague = await phones("202", answering=Answering("answer", after=0.5))

    call = await caller.ring("202")
    incoming = await colleague.called()
    assert not incoming.is_up
    await call.answered(within=2)
    assert call.is_up
    await call.hang_up()
    await incoming.closed()

    colleague.answering = Answering("ring")
    with pytest.raises(CallFailedError, match="no answer"):
        await caller.dial("202", within=1)
    assert await leftovers(pbx) == []


async def test_keys_arrive(pbx: AsteriskServer, phones: Phones) -> None:
    caller, colleague = await phones("201"), await phones("202")
    call = await caller.dial("202")
    answer = await colleague.called()
    await answer.answered()
    await asyncio.sleep(0.2)

    await call.press("5")
    assert await answer.key(within=2) == "5"

    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_an_anonymous_caller_gets_through(pbx: AsteriskServer, phones: Phones) -> None:
    stranger = await phones("stranger")
    call = await stranger.dial("echo")

    assert call.is_up
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_wrong_password_is_named(pbx: AsteriskServer) -> None:
    with pytest.raises(PhoneError, match=r"201@127.0.0.1.*401"):
        async with Phone(Account("201", f"127.0.0.1:{pbx.sip_port}", "wrong")):
            pass
