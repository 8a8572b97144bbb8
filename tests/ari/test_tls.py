from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.ari.fake import PASSWORD, USER, FakeAsterisk
from voicebot.ari import AriClient, Connected
from voicebot.errors import AriSetupError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return file


@pytest.fixture
async def secured(authority: trustme.CA) -> AsyncIterator[FakeAsterisk]:
    """A PBX on 127.0.0.1 whose certificate is for ``localhost``."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    fake = FakeAsterisk()
    fake.register("bot")
    await fake.start(tls=context)
    yield fake
    await fake.stop()


def address(fake: FakeAsterisk, host: str) -> str:
    return f"https://{host}:{fake.port}/asterisk"


async def test_requests_and_events_travel_over_tls_with_a_private_authority(
    secured: FakeAsterisk, ca_file: Path
) -> None:
    url = address(secured, "localhost")

    async with AriClient(url, USER, PASSWORD, app="bot", ca_file=ca_file) as ari:
        await ari.channels.answer("one")
        assert isinstance(await anext(ari.events()), Connected)

    assert secured.asked("POST") == ["/channels/one/answer"]


async def test_a_certificate_for_another_host_is_refused_by_name(
    secured: FakeAsterisk, ca_file: Path
) -> None:
    url = address(secured, "127.0.0.1")

    with pytest.raises(AriSetupError, match=r"not accepted for host '127\.0\.0\.1'.*ca_file"):
        async with AriClient(url, USER, PASSWORD, app="bot", ca_file=ca_file):
            pass

    assert secured.requests == []


async def test_a_certificate_of_an_unknown_authority_is_refused(
    secured: FakeAsterisk, tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))

    for file in (None, other):
        with pytest.raises(AriSetupError, match=r"'localhost'.*issuer"):
            async with AriClient(
                address(secured, "localhost"), USER, PASSWORD, app="bot", ca_file=file
            ):
                pass

    assert secured.requests == []


async def test_https_to_a_plain_port_says_so(asterisk: FakeAsterisk) -> None:
    async with AriClient(address(asterisk, "127.0.0.1"), USER, PASSWORD) as ari:
        with pytest.raises(AriSetupError, match=r"no TLS there.*8089"):
            await ari.channels.list()
