"""What goes wrong with requests, and what is said about it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.ari.fake import PASSWORD, USER, FakeAsterisk
from voicebot.ari import AriClient
from voicebot.errors import (
    AriAuthenticationError,
    AriConflictError,
    AriConnectionError,
    AriNotFoundError,
    AriRequestError,
    AriSetupError,
    ConfigError,
)

if TYPE_CHECKING:
    from pathlib import Path

STATUSES: list[tuple[int, type[AriRequestError]]] = [
    (400, AriRequestError),
    (403, AriAuthenticationError),
    (404, AriNotFoundError),
    (409, AriConflictError),
    (412, AriConflictError),
    (422, AriRequestError),
    (500, AriRequestError),
]


def client(asterisk: FakeAsterisk, *, timeout_s: float = 5.0) -> AriClient:
    return AriClient(asterisk.url, USER, PASSWORD, timeout_s=timeout_s)


@pytest.mark.parametrize(("status", "kind"), STATUSES)
async def test_an_error_status_is_an_exception_with_asterisks_own_words(
    asterisk: FakeAsterisk, status: int, kind: type[AriRequestError]
) -> None:
    asterisk.answers["POST", "/channels/a%2Fb/answer"] = status, {"message": "In Asterisk's words"}

    async with client(asterisk) as ari:
        with pytest.raises(AriRequestError) as caught:
            await ari.channels.answer("a/b")

    assert type(caught.value) is kind
    assert caught.value.method == "POST"
    assert caught.value.path == "/channels/a%2Fb/answer"
    assert caught.value.status == status
    assert caught.value.message == "In Asterisk's words"


async def test_a_wrong_password_names_the_user(asterisk: FakeAsterisk) -> None:
    async with AriClient(asterisk.url, USER, "guess") as ari:
        with pytest.raises(
            AriAuthenticationError, match=r"Authentication required.*'bot'"
        ) as caught:
            await ari.channels.list()

    assert caught.value.status == 401
    assert "guess" not in str(caught.value)


async def test_a_wrong_prefix_is_told_from_a_channel_that_is_gone(asterisk: FakeAsterisk) -> None:
    wrong = asterisk.url.removesuffix("/asterisk")

    async with AriClient(wrong, USER, PASSWORD) as ari:
        with pytest.raises(AriSetupError, match=r"prefix.*http://PBX:8088/asterisk") as caught:
            await ari.channels.get("one")

    assert wrong in str(caught.value)


@pytest.mark.parametrize("ending", ["", "/", "/ari", "/ari/"])
async def test_any_way_to_write_the_base_url_is_accepted(
    asterisk: FakeAsterisk, ending: str
) -> None:
    async with AriClient(f"{asterisk.url}{ending}", USER, PASSWORD) as ari:
        await ari.channels.answer("one")

    assert asterisk.asked("POST") == ["/channels/one/answer"]


@pytest.mark.parametrize("url", ["", "pbx:8088", "ftp://pbx", "http://", "/asterisk"])
def test_a_url_that_is_none_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(ConfigError, match="ARI URL"):
        AriClient(url, USER, PASSWORD)


async def test_an_error_without_json_is_shown_in_one_line(asterisk: FakeAsterisk) -> None:
    asterisk.answers["GET", "/channels"] = 502, "<html>\n bad   gateway\n</html>" + "x" * 1000

    async with client(asterisk) as ari:
        with pytest.raises(AriRequestError) as caught:
            await ari.channels.list()

    assert caught.value.message.startswith("<html> bad gateway </html>x")
    assert len(caught.value.message) <= 200


@pytest.mark.parametrize("answer", ["<html>fine</html>", "[{}]", '{"channels": []}', ""])
async def test_an_answer_that_is_not_as_described_is_an_error(
    asterisk: FakeAsterisk, answer: str
) -> None:
    asterisk.answers["GET", "/channels"] = 200, answer

    async with client(asterisk) as ari:
        with pytest.raises(AriRequestError, match="the answer is not"):
            await ari.channels.list()


async def test_a_redirection_is_not_followed_with_the_password(asterisk: FakeAsterisk) -> None:
    asterisk.answers["GET", "/channels"] = 302, {"message": "elsewhere"}

    async with client(asterisk) as ari:
        with pytest.raises(AriRequestError, match="302 elsewhere"):
            await ari.channels.list()


async def test_an_answer_that_does_not_come_in_time_is_a_connection_error(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.delay_s = 0.3

    async with client(asterisk, timeout_s=0.05) as ari:
        with pytest.raises(AriConnectionError, match=r"/ari/channels: no answer within 0\.05 s"):
            await ari.channels.list()


async def test_a_closed_port_names_the_url_and_what_to_look_at() -> None:
    gone = FakeAsterisk()
    await gone.start()
    await gone.stop()

    async with client(gone) as ari:
        with pytest.raises(AriConnectionError, match=r"is Asterisk running.*http\.conf") as caught:
            await ari.channels.list()

    assert gone.url in str(caught.value)
    assert not isinstance(caught.value, AriSetupError)


async def test_a_host_that_nobody_knows_is_named() -> None:
    async with AriClient("http://pbx.invalid:8088", USER, PASSWORD) as ari:
        with pytest.raises(AriConnectionError, match=r"'pbx\.invalid' is not known"):
            await ari.channels.list()


async def test_a_server_that_hangs_up_is_a_connection_error() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, AriClient(f"http://127.0.0.1:{port}", USER, PASSWORD) as ari:
        with pytest.raises(AriConnectionError, match="the connection broke"):
            await ari.channels.answer("one")


async def test_a_server_that_speaks_another_protocol_is_a_connection_error() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, AriClient(f"http://127.0.0.1:{port}", USER, PASSWORD) as ari:
        with pytest.raises(AriConnectionError, match=f"127.0.0.1:{port}"):
            await ari.channels.answer("one")


async def test_a_client_that_is_not_open_says_how_to_open_it() -> None:
    ari = AriClient("http://pbx:8088", USER, PASSWORD)

    with pytest.raises(AriConnectionError, match="async with AriClient"):
        await ari.channels.list()


def test_an_authority_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"ca_file .*absent\.pem"):
        AriClient("https://pbx", USER, PASSWORD, ca_file=tmp_path / "absent.pem")


def test_an_authority_file_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")

    with pytest.raises(ConfigError, match=r"ca_file .*ca\.pem"):
        AriClient("https://pbx", USER, PASSWORD, ca_file=tmp_path / "ca.pem")
