"""A call is transferred, held, parked or grows while the sidecar writes it down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.asterisk.helpers import ari, leftovers
from tests.asterisk.talks import (
    EXTENSION,
    LOGIN,
    PASSWORD,
    Listened,
    assert_said,
    calls_of,
    connect,
    heard_by,
    speech,
)

if TYPE_CHECKING:
    from bench.phone import PhoneCall
    from tests.asterisk.conftest import Phones, Transcribers
    from tests.asterisk.server import AsteriskServer


async def test_after_a_blind_transfer_the_same_call_goes_on_with_somebody_else(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))

    await taken.transfer(f"sip:201@127.0.0.1:{pbx.sip_port}")
    other = await c.called()
    await other.answered()
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await call.say(speech(LOGIN))
    await asyncio.sleep(1)
    await other.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert listened.people()[-1] == "201"
    assert_said(listened, "203", PASSWORD, LOGIN)
    assert_said(listened, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def test_after_an_attended_transfer_the_older_call_goes_on(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    # Asterisk does not mind that the one who transfers has two telephones for it.
    a, first = await phones("203"), await phones("201")
    second, c = await phones("second"), await phones("202")
    call, taken = await connect(a, "201", first)
    await heard_by(sidecar, 2)
    _consultation, other = await connect(second, "202", c)
    await heard_by(sidecar, 4)
    await other.say(speech(EXTENSION))

    await taken.transfer(await replacing(pbx, "202"))
    await heard_by(sidecar, 5)
    await call.say(speech(PASSWORD))
    await other.say(speech(LOGIN))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended", count=2)
    older, consultation = (Listened(sidecar.log, name) for name in calls_of(sidecar))
    assert_said(consultation, "202", EXTENSION)
    assert_said(older, "203", PASSWORD)
    assert_said(older, "202", LOGIN)
    assert await leftovers(pbx) == []


async def test_a_second_call_of_the_same_phone_is_a_call_of_its_own(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, first = await phones("203"), await phones("201")
    call, taken = await connect(a, "201", first)
    await heard_by(sidecar, 2)
    # For Asterisk a telephone is its account: this is the other line of 201.
    line, c = await phones("201"), await phones("202")
    second, _ = await connect(line, "202", c)
    await heard_by(sidecar, 4)

    await asyncio.gather(second.say(speech(EXTENSION)), call.say(speech(PASSWORD)))
    await second.hang_up()
    await taken.say(speech(LOGIN))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended", count=2)
    older, newer = (Listened(sidecar.log, name) for name in calls_of(sidecar))
    assert_said(older, "203", PASSWORD)
    assert_said(older, "201", LOGIN)
    assert_said(newer, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def replacing(pbx: AsteriskServer, number: str) -> str:
    """Return the address that takes the place of the one who talks with ``number`` (RFC 3891)."""
    _, channels = await ari(pbx, "GET", "/channels")
    (there,) = [it["id"] for it in channels if it["connected"]["number"] == number]
    names = ("call-id", "local_tag", "remote_tag")
    answers = [
        await ari(pbx, "GET", f"/channels/{there}/variable", variable=f"CHANNEL(pjsip,{name})")
        for name in names
    ]
    call_id, to_tag, from_tag = (answer["value"] for _, answer in answers)
    replaces = quote(f"{call_id};to-tag={to_tag};from-tag={from_tag}", safe="")
    return f"sip:{number}@127.0.0.1:{pbx.sip_port}?Replaces={replaces}"


async def test_a_transfer_by_feature_code_stays_one_call(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "features-202", b)
    await heard_by(sidecar, 2)

    await press(taken, "*2")
    await asyncio.sleep(1.5)
    await press(taken, "201")
    other = await c.called()
    await other.answered()
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await taken.hang_up()
    await asyncio.sleep(1)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "201", EXTENSION)
    assert_said(listened, "203", PASSWORD)
    assert await leftovers(pbx) == []


async def press(call: PhoneCall, keys: str) -> None:
    for key in keys:
        await call.press(key)


async def test_what_is_said_on_hold_is_not_written_down(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    await taken.hold()
    await call.say(speech(LOGIN))
    await taken.resume()
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await taken.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert listened.said_by("202") == ""
    assert await leftovers(pbx) == []


async def test_a_parked_call_goes_on_with_whoever_takes_it(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "features-202", b)
    await heard_by(sidecar, 2)

    await press(taken, "#72")
    await taken.closed(within=10)
    other = await c.dial("701")
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert_said(listened, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def test_each_in_a_conference_is_a_party(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    people = [await phones(user) for user in ("201", "202", "203")]
    calls = [await person.dial("room") for person in people]
    await heard_by(sidecar, 3)

    for call, name in zip(calls, (LOGIN, EXTENSION, PASSWORD), strict=True):
        await call.say(speech(name))
    await asyncio.sleep(1)
    for call in calls:
        await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "201", LOGIN)
    assert_said(listened, "202", EXTENSION)
    assert_said(listened, "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_a_call_through_a_local_channel_is_one_call(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "local-202", b)
    await heard_by(sidecar, 2)
    await asyncio.gather(call.say(speech(PASSWORD)), taken.say(speech(EXTENSION)))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    assert_said(Listened(sidecar.log, name), "203", PASSWORD)
    assert_said(Listened(sidecar.log, name), "202", EXTENSION)
    assert await leftovers(pbx) == []
