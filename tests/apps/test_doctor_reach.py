from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from tests.apps.doctor_facts import answer_healthily, settings
from tests.ari.fake import PREFIX, FakeAsterisk
from voicebot.apps.doctor.advice import advice_for
from voicebot.apps.doctor.finding import Verdict
from voicebot.apps.doctor.reach import check_permission, check_reach, client
from voicebot.errors import (
    ApplicationReplacedError,
    AriAuthenticationError,
    AriConflictError,
    AriConnectionError,
    AriError,
    AriRequestError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK, WARNING, FAILED, SKIPPED = Verdict


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk()
    answer_healthily(fake)
    await fake.start()
    yield fake
    await fake.stop()


async def test_everything_is_reached(asterisk: FakeAsterisk):
    found = await check_reach(settings(asterisk.url).ari)

    assert [(it.check, it.verdict) for it in found] == [
        ("asterisk", OK),
        ("ari", OK),
        ("credentials", OK),
    ]
    assert "/events" not in asterisk.asked("GET")


async def test_a_wrong_password_is_the_last_step(asterisk: FakeAsterisk):
    found = await check_reach(settings(asterisk.url, ari={"password": "wrong"}).ari)

    assert [it.verdict for it in found] == [OK, OK, FAILED]
    assert "ari.password" in found[-1].fix
    assert "ARI Access" in found[-1].fix


async def test_a_forgotten_prefix_is_found(asterisk: FakeAsterisk):
    found = await check_reach(settings(asterisk.url.removesuffix(PREFIX)).ari)

    assert [it.verdict for it in found] == [OK, FAILED]
    assert found[-1].fix == f"set ari.url to {asterisk.url}"


async def test_a_wrong_prefix_is_put_right_even_with_a_wrong_password(asterisk: FakeAsterisk):
    wrong = asterisk.url.replace(PREFIX, "/pbx")
    found = await check_reach(settings(wrong, ari={"password": "wrong"}).ari)

    assert found[-1].fix == f"set ari.url to {asterisk.url}"


async def test_ari_switched_off_is_told_with_the_place_in_mikopbx(asterisk: FakeAsterisk):
    page = "<html>404 Not Found</html>"
    asterisk.answers["GET", "/asterisk/ping"] = 404, page

    found = await check_reach(settings(asterisk.url).ari)

    assert [it.verdict for it in found] == [OK, FAILED]
    assert "AMI & ARI" in found[-1].fix


async def test_nobody_there(asterisk: FakeAsterisk):
    await asterisk.stop()

    (found,) = await check_reach(settings(asterisk.url).ari)

    assert (found.check, found.verdict) == ("asterisk", FAILED)
    assert "http.conf" in found.fix


async def test_an_asterisk_in_trouble(asterisk: FakeAsterisk):
    asterisk.answers["GET", "/asterisk/ping"] = 500, {"message": "Out of memory"}

    found = await check_reach(settings(asterisk.url).ari)

    assert [it.verdict for it in found] == [OK, FAILED]
    assert "Out of memory" in found[-1].detail


# The answer to removing a bridge that is not there, the verdict, a word of the fix.
WRITES = [(404, OK, ""), (403, FAILED, "read_only = no")]


@pytest.mark.parametrize(("status", "verdict", "word"), WRITES)
async def test_a_user_that_may_only_read(
    asterisk: FakeAsterisk,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    verdict: Verdict,
    word: str,
):
    monkeypatch.setattr("voicebot.apps.doctor.reach.uuid4", lambda: FixedId)
    path = f"/bridges/voicebot-doctor-{FixedId.hex}"
    asterisk.answers["DELETE", path] = status, {"message": "as Asterisk says it"}
    async with client(settings(asterisk.url).ari) as ari:
        found = await check_permission(ari)

    assert found.verdict is verdict
    assert word in found.fix


class FixedId:
    hex = "0" * 32


MEDIA = "/channels/externalMedia"
CERTIFICATE = AriSetupError("the certificate is not accepted")
CERTIFICATE.__cause__ = aiohttp.ClientError()
ADVICE: list[tuple[AriError, str]] = [
    (AriRequestError("POST", MEDIA, 500, "internal error"), "voicebot doctor --fix"),
    (AriRequestError("POST", MEDIA, 400, "external_host"), "media.advertise"),
    (AriConflictError("POST", "/asterisk/modules/chan_rtp.so", 409, "declined"), "depends on"),
    (AriAuthenticationError("POST", MEDIA, 403, "Write access denied"), "read_only = no"),
    (AriAuthenticationError("GET", "/asterisk/ping", 401, ""), "ari.username"),
    (ApplicationReplacedError("taken over"), "another program"),
    (CERTIFICATE, "ari.ca_file"),
    (AriSetupError("not ARI"), "AMI & ARI"),
    (AriConnectionError("no answer"), "start Asterisk"),
    (AriRequestError("GET", "/channels", 500, "internal error"), "Asterisk's log"),
    (AriError("anything"), "voicebot doctor"),
]


@pytest.mark.parametrize(("error", "word"), ADVICE, ids=lambda value: str(value)[:40])
def test_every_error_has_its_advice(error: AriError, word: str):
    assert word in advice_for(error)
