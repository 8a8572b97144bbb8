"""The doctor at a stock MikoPBX: finds what is missing, mends it, and sound goes there and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.asterisk.helpers import ari, leftovers
from tests.asterisk.listening import until_said
from tests.asterisk.programs import Program, variables
from tests.asterisk.server import AsteriskServer
from voicebot.apps.doctor import Finding, Verdict, examine
from voicebot.ari import AriClient
from voicebot.ari.models import StasisStart
from voicebot.config import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.voices import Voice

OK, WARNING, FAILED, SKIPPED = Verdict


@pytest.fixture
async def stock(asterisk_available: None) -> AsyncIterator[AsteriskServer]:
    """A MikoPBX fresh from its installation, with ARI switched on."""
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as server:
        yield server


def settings(pbx: AsteriskServer, **changes: Any) -> Settings:
    access = {"url": pbx.ari_url, "username": pbx.username, "password": pbx.password}
    dial = {"dial": "Local/{extension}@internal"}
    return Settings(
        **{"receptionist": dial, **changes, "ari": {**access, **changes.get("ari", {})}}
    )


async def visit(settings: Settings, *, fix: bool = False) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    async for finding in examine(settings, fix=fix):
        found.setdefault(finding.check, []).append(finding)
    return found


def failures(found: dict[str, list[Finding]]) -> set[str]:
    # Whether the weights are installed is no matter of the PBX.
    return {
        check
        for check, its in found.items()
        if check != "models" and any(it.verdict is FAILED for it in its)
    }


async def test_a_stock_mikopbx_is_found_ill_mended_and_then_well(stock: AsteriskServer):
    before = await visit(settings(stock))
    assert failures(before) == {"modules", "round trip"}
    assert [it.detail.split()[0] for it in before["modules"]] == [
        "res_rtp_multicast.so",
        "chan_rtp.so",
    ]

    mending = await visit(settings(stock), fix=True)
    assert failures(mending) == set()
    assert "chan_rtp.so" in mending["modules loaded"][0].detail

    after = await visit(settings(stock))
    assert failures(after) == set()
    assert after["round trip"][0].verdict in (OK, WARNING)
    assert "a sound came back" in after["round trip"][0].detail
    assert await leftovers(stock) == []
    assert await ari(stock, "GET", "/applications") == (200, [])


async def test_after_the_doctor_a_stock_mikopbx_has_a_receptionist(
    stock: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice, models: str
):
    environment = variables(stock, STT__BASE_URL=models, TTS__BASE_URL=models)
    assert await ended("doctor", environment) == 1
    assert await ended("doctor --fix", environment) == 0
    assert await ended("doctor --json", environment) == 0

    await receptionists(pbx=stock)
    phone = await phones("203", pbx=stock)
    call = await phone.dial("bot")
    await call.listen()
    await call.say(voice("Where is your office?"))
    await until_said(call, "central station")
    await call.hang_up()
    assert await leftovers(stock) == []


async def ended(command: str, environment: dict[str, str]) -> int:
    async with Program(command, environment) as program:
        return await program.exits()


async def test_what_mending_loaded_is_gone_after_a_restart(stock: AsteriskServer):
    await visit(settings(stock), fix=True)
    await stock.restart()

    assert failures(await visit(settings(stock))) == {"modules", "round trip"}


async def test_a_websocket_is_mended_as_well(stock: AsteriskServer):
    over_websocket = settings(stock, media={"transport": "websocket"})
    assert failures(await visit(over_websocket)) == {"modules", "round trip"}

    mended = await visit(over_websocket, fix=True)
    assert failures(mended) == set()
    assert "a sound came back" in mended["round trip"][0].detail
    assert await leftovers(stock) == []
    assert await stock.cli("module show like chan_websocket") != ""


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"password": "wrong"}, "credentials"),
    ({"username": "nobody"}, "credentials"),
    ({"username": "watcher"}, "permission"),
]


@pytest.mark.parametrize(("access", "check"), WRONG, ids=str)
async def test_who_may_not_in(pbx: AsteriskServer, access: dict[str, Any], check: str):
    found = await visit(settings(pbx, ari=access))

    assert failures(found) == {check}


async def test_a_forgotten_prefix(pbx: AsteriskServer):
    found = await visit(settings(pbx, ari={"url": pbx.ari_url.removesuffix("/asterisk")}))

    assert failures(found) == {"ari"}
    assert found["ari"][0].fix == f"set ari.url to {pbx.ari_url}"


async def test_ari_switched_off(asterisk_available: None):
    del asterisk_available
    async with AsteriskServer(ari=False) as server:
        found = await visit(settings(server))

    assert failures(found) == {"ari"}
    assert "AMI & ARI" in found["ari"][0].fix


async def test_a_running_receptionist_is_not_disturbed(pbx: AsteriskServer):
    async with AriClient(pbx.ari_url, pbx.username, pbx.password, app="voicebot") as running:
        await running.channels.originate(
            endpoint="Local/wait@internal", context="internal", extension="bot", priority=1
        )
        caller = await entered(running)
        found = await visit(settings(pbx))

        assert found["application"][0].verdict is WARNING
        assert "1 calls" in found["application"][0].detail
        # The dialplan of this PBX goes on to a ring group.
        assert found["fallback"][0].verdict is OK
        assert (await running.channels.get(caller)).state == "Up"
        await running.channels.hangup(caller)
        assert (await running.applications.get("voicebot")).name == "voicebot"
    assert await leftovers(pbx) == []


async def entered(ari: AriClient) -> str:
    async for event in ari.events():
        if isinstance(event, StasisStart):
            return event.channel.id
    raise AssertionError("the events ended")


async def test_a_directory_that_cannot_be_dialled(pbx: AsteriskServer):
    found = await visit(settings(pbx, receptionist={"dial": "Local/{extension}@from-internal"}))

    assert found["transfers"][0].verdict is WARNING


async def test_an_address_that_nobody_sends_to(pbx: AsteriskServer):
    # Addresses for documentation: packets to them end nowhere.
    found = await visit(settings(pbx, media={"advertise": "203.0.113.7"}))

    assert failures(found) == {"round trip"}
    assert "203.0.113.7" in found["round trip"][0].detail
