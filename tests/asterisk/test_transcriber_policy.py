"""Which calls the sidecar listens to, and what people are told before it does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.asterisk.helpers import hear, leftovers
from tests.asterisk.talks import (
    LOGIN,
    PASSWORD,
    Listened,
    assert_said,
    calls_of,
    connect,
    heard_by,
    plain,
    snoops,
    speech,
    words,
)

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones, Transcribers
    from tests.asterisk.server import AsteriskServer


async def test_only_what_the_policy_selects_is_listened_to(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    app = "policy"
    sidecar = await transcribers(
        TRANSCRIBE__APP=app,
        TRANSCRIBE__SELECT="listed",
        TRANSCRIBE__ALLOW='["203", "299"]',
        TRANSCRIBE__DENY='["201"]',
    )
    assert any("transcribe.allow names 299" in str(it.get("event")) for it in sidecar.log)
    a, b, c = await phones("203"), await phones("202"), await phones("201")

    for caller, number, callee in (
        (a, "201", c),
        (b, "201", c),
        (a, "secret-202", b),
        (b, "203", a),
    ):
        call, _taken = await connect(caller, number, callee)
        await asyncio.sleep(0.5)
        listening = await snoops(pbx)
        assert bool(listening) == (number == "203"), number
        await call.hang_up()

    await sidecar.says("call_ended")
    assert len(calls_of(sidecar)) == 1
    assert await leftovers(pbx) == []


async def test_a_dialplan_sends_a_call_through_and_has_it_back_at_once(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__SELECT="none")
    a, b = await phones("203"), await phones("202")
    plain, _ = await connect(a, "202", b)
    await asyncio.sleep(0.5)
    assert await snoops(pbx) == []
    await plain.hang_up()

    call, _ = await connect(a, "through-202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    assert_said(Listened(sidecar.log, name), "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_without_the_sidecar_the_dialplan_goes_on(
    pbx: AsteriskServer, phones: Phones
) -> None:
    a, b = await phones("203"), await phones("202")

    call, _ = await connect(a, "through-202", b)

    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_both_are_told_before_anybody_is_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__ANNOUNCE="sound:hello-world")
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await call.say(speech(LOGIN), wait=False)

    await taken.listen(quiet=0.5)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    recording = call.recording()
    assert "hello world" in plain(await hear(recording.heard, recording.rate))
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert words(PASSWORD).split()[-2] in listened.said_by("203")
    assert "hello" not in plain(listened.said_by("202") + listened.said_by("203"))
    assert await leftovers(pbx) == []


async def test_who_could_not_be_told_is_not_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__ANNOUNCE="sound:no-such-sound")
    a, b = await phones("203"), await phones("202")
    call, _ = await connect(a, "202", b)

    await sidecar.says("call is not transcribed: it could not be announced", within=10)
    await call.say(speech(PASSWORD))
    await call.hang_up()

    assert await leftovers(pbx) == []
    assert calls_of(sidecar) == []


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_either_party_opts_out_with_a_key(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers, who: str
) -> None:
    sidecar = await transcribers(TRANSCRIBE__OPT_OUT="9")
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD), wait=False)
    await asyncio.sleep(1)

    await (call if who == "caller" else taken).press("9")

    await sidecar.says("call_ended", within=10)
    await asyncio.sleep(0.5)
    assert await snoops(pbx) == []
    (name,) = calls_of(sidecar)
    assert Listened(sidecar.log, name).all("call_ended")[0]["reason"] == "opted out"
    # The two talk on, and a sidecar that starts now knows their wish.
    sidecar.kill()
    again = await transcribers(TRANSCRIBE__OPT_OUT="9")
    await asyncio.sleep(1)
    assert call.is_up
    assert calls_of(again) == []
    await call.hang_up()
    assert await leftovers(pbx) == []
