"""A colleague's line is dead: the caller is back with the bot at once, on real Asterisk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.asterisk.helpers import ari, leftovers
from tests.asterisk.listening import until_said
from tests.asterisk.server import AsteriskServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.asterisk.conftest import Phones, Receptionists
    from tests.asterisk.voices import Voice

SALES = "201"
DIALS = ("Local/{extension}@internal", "PJSIP/{extension}")


@pytest.fixture
async def own_pbx(asterisk_available: None) -> AsyncIterator[AsteriskServer]:
    """A PBX where no phone has ever registered, unlike the one that all tests share."""
    del asterisk_available
    async with AsteriskServer() as server:
        yield server


async def assert_told_and_served_on(
    pbx: AsteriskServer,
    phones: Phones,
    receptionists: Receptionists,
    voice: Voice,
    *,
    dial: str,
    expected: tuple[str, str],
) -> None:
    """A caller who wants sales is told what became of that, and then asks something else."""
    outcome, told = expected
    bot = await receptionists(pbx=pbx, RECEPTIONIST__DIAL=dial, RECEPTIONIST__RING_S="3")
    call = await (await phones("203", pbx=pbx)).dial("bot")
    await call.listen()

    await call.say(voice("I would like to speak to the sales department."))
    await until_said(call, told)

    assert [line["result"] for line in bot.said("tool")] == [outcome]
    await call.say(voice("Where is your office?"))
    await until_said(call, "central station")
    await call.hang_up()
    assert await leftovers(pbx) == []


@pytest.mark.parametrize("dial", DIALS)
async def test_who_wants_a_colleague_without_a_registered_phone_is_told_so(
    own_pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice, dial: str
) -> None:
    _, endpoint = await ari(own_pbx, "GET", f"/endpoints/PJSIP/{SALES}")
    assert endpoint["state"] == "offline"

    await assert_told_and_served_on(
        own_pbx, phones, receptionists, voice, dial=dial, expected=("failed", "reach sales")
    )


@pytest.mark.parametrize("dial", DIALS)
async def test_who_wants_a_colleague_whose_phone_was_unplugged_is_told_so(
    own_pbx: AsteriskServer, phones: Phones, receptionists: Receptionists, voice: Voice, dial: str
) -> None:
    # Given a phone that has gone without a word: the PBX sends its calls into the void.
    (await phones(SALES, pbx=own_pbx)).unplug()
    _, endpoint = await ari(own_pbx, "GET", f"/endpoints/PJSIP/{SALES}")
    assert endpoint["state"] == "online"

    await assert_told_and_served_on(
        own_pbx, phones, receptionists, voice, dial=dial, expected=("no_answer", "no answer")
    )
