"""People talk with each other through real Asterisk, and the sidecar writes it down."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.microphone import SPEECH_RATE
from bench.phone import MU_LAW, WIDEBAND
from tests.asterisk.helpers import leftovers
from tests.asterisk.listening import tone
from tests.asterisk.talks import (
    EXTENSION,
    LOGIN,
    PASSWORD,
    Listened,
    assert_said,
    calls_of,
    connect,
    heard_by,
    plain,
    speech,
    words,
)

if TYPE_CHECKING:
    from bench.phone import Phone
    from tests.asterisk.conftest import Phones, Transcribers
    from tests.asterisk.server import AsteriskServer


@pytest.mark.parametrize(
    ("codecs", "transport"),
    [(WIDEBAND, "rtp"), (MU_LAW, "rtp"), (WIDEBAND, "websocket")],
    ids=["wideband", "narrowband", "websocket"],
)
async def test_both_sides_of_a_call_are_written_down_also_where_they_overlap(
    pbx: AsteriskServer,
    phones: Phones,
    transcribers: Transcribers,
    codecs: tuple[str, ...],
    transport: str,
) -> None:
    sidecar = await transcribers(MEDIA__TRANSPORT=transport)
    a, b = await phones("203", codecs=codecs), await phones("202", codecs=codecs)
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    await call.say(speech(LOGIN))
    await asyncio.gather(call.say(speech(PASSWORD)), taken.say(speech(EXTENSION)))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    listened = Listened(sidecar.log, calls_of(sidecar)[0])
    assert_said(listened, "203", LOGIN, PASSWORD)
    assert_said(listened, "202", EXTENSION)
    assert listened.all("call_started")[0]["direction"] == "internal"
    assert listened.all("call_ended")[0]["reason"] == "hung up"
    assert listened.all("partial")
    assert await leftovers(pbx) == []


async def test_what_is_being_said_is_shown_while_it_is_said(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    saying = asyncio.create_task(call.say(speech(PASSWORD)))
    await sidecar.says("partial")
    partial = sidecar.said("partial")[0]

    assert not saying.done()
    assert set(plain(partial["text"]).split()) & set(plain(words(PASSWORD)).split())
    await saying
    await taken.hang_up()
    await sidecar.says("call_ended")
    assert await leftovers(pbx) == []


async def test_calls_that_start_and_end_at_random_leave_nothing_behind(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    chance = random.Random(7)
    pairs = [
        (await phones("203"), "202", await phones("202")),
        (await phones("201"), "204", await phones("204")),
    ]

    async def talk(caller: Phone, number: str, callee: Phone) -> None:
        for _ in range(10):
            call, taken = await connect(caller, number, callee)
            await asyncio.sleep(chance.choice((0.0, 0.02, 0.05, 0.1, 0.3, 1.0)))
            await chance.choice((call, taken)).hang_up()
            await call.closed()
            await taken.closed()

    await asyncio.gather(*(talk(*pair) for pair in pairs))

    assert await leftovers(pbx, within=8) == []
    assert not [line for line in sidecar.log if line.get("level") in {"error", "warning"}]


async def test_noise_and_tones_are_nobodys_words(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    noise = np.random.default_rng(7).normal(0, 1500, 4 * SPEECH_RATE).astype(np.int16)
    busy = np.tile(np.concatenate([tone(480, 0.5), tone(0, 0.5)]), 4)
    await asyncio.gather(call.say(noise), taken.say(busy))
    await asyncio.gather(call.say(tone(1004, 4.0)), taken.say(noise))
    await taken.say(speech(EXTENSION))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    listened = Listened(sidecar.log, calls_of(sidecar)[0])
    assert_said(listened, "202", EXTENSION)
    assert listened.said_by("203") == ""
    assert await leftovers(pbx) == []
