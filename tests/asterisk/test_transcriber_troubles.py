"""The sidecar is killed or stopped, loses its events or lacks a module: the call goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.asterisk.helpers import ari, leftovers
from tests.asterisk.server import AsteriskServer
from tests.asterisk.talks import (
    EXTENSION,
    LOGIN,
    PASSWORD,
    Listened,
    assert_said,
    calls_of,
    connect,
    heard_by,
    ours,
    speech,
)
from tests.asterisk.wire import Wire

if TYPE_CHECKING:
    from tests.asterisk.conftest import Phones, Transcribers


async def test_killed_in_mid_call_it_leaves_the_call_up_and_its_next_start_goes_on(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    first = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(first, 2)
    first.kill()
    await first.exits()
    before = await ours(pbx)
    assert before

    second = await transcribers()
    await heard_by(second, 2)
    await call.say(speech(PASSWORD))
    await taken.say(speech(EXTENSION))
    await asyncio.sleep(1)
    assert not before & await ours(pbx)
    await call.hang_up()

    await second.says("call_ended")
    assert calls_of(second) == calls_of(first)
    listened = Listened(second.log, calls_of(second)[0])
    assert_said(listened, "203", PASSWORD)
    assert_said(listened, "202", EXTENSION)
    assert await leftovers(pbx) == []


async def test_after_a_crash_a_call_on_hold_stays_silent(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    first = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(first, 2)
    await taken.hold()
    first.kill()
    await first.exits()

    second = await transcribers()
    await heard_by(second, 2)
    await call.say(speech(LOGIN))
    await taken.resume()
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await second.says("call_ended")
    assert_said(Listened(second.log, calls_of(second)[0]), "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_a_stock_mikopbx_is_told_what_it_lacks_and_works_once_it_has_it(
    phones: Phones, transcribers: Transcribers, asterisk_available: None
) -> None:
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as stock:
        sidecar = await transcribers(pbx=stock)
        a, b = await phones("203", pbx=stock), await phones("202", pbx=stock)
        call, _ = await connect(a, "202", b)
        await sidecar.says("party cannot be heard", count=2, within=10)
        assert "doctor --fix" in sidecar.said("party cannot be heard")[0]["advice"]
        assert call.is_up
        await call.hang_up()
        assert await leftovers(stock) == []

        for module in ("res_rtp_multicast.so", "chan_rtp.so"):
            assert await ari(stock, "POST", f"/asterisk/modules/{module}") == (204, None)
        call, _ = await connect(a, "202", b)
        await heard_by(sidecar, 2)
        await call.say(speech(PASSWORD))
        await asyncio.sleep(1)
        await call.hang_up()

        await sidecar.says("call_ended")
        assert_said(Listened(sidecar.log, calls_of(sidecar)[-1]), "203", PASSWORD)
        assert await leftovers(stock) == []


async def test_told_to_stop_it_still_writes_down_what_it_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, _ = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))

    assert await sidecar.terminate() == 0

    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert listened.all("call_ended")[0]["reason"] == "stopped"
    assert await ours(pbx) == set()
    assert call.is_up
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_hang_up_while_the_events_are_lost_is_noticed_afterwards(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    async with Wire(pbx.ari_url) as wire:
        sidecar = await transcribers(ARI__URL=wire.url)
        a, b = await phones("203"), await phones("202")
        call, _ = await connect(a, "202", b)
        await heard_by(sidecar, 2)

        wire.cut()
        await call.hang_up()
        await sidecar.says("ari events connected", count=2, within=10)
        await sidecar.says("call_ended")

        again, _ = await connect(a, "202", b)
        await heard_by(sidecar, 4)
        await again.hang_up()
        await sidecar.says("call_ended", count=2)
        assert await leftovers(pbx) == []
