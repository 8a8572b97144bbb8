"""What a command says and how it ends when it cannot start."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
import trustme

from tests.asterisk.configuration import Certificate
from tests.asterisk.programs import OFFICE, Program, variables
from tests.asterisk.server import AsteriskServer

if TYPE_CHECKING:
    from pathlib import Path

# Speech is not what these tests are about: a provider that nobody asks anything.
NO_SPEECH = {
    "STT__BASE_URL": "http://127.0.0.1:9/v1",
    "TTS__BASE_URL": "http://127.0.0.1:9/v1",
    "TTS__RETRIES": "0",
    "TTS__TIMEOUT_S": "0.2",
}


async def outcome(environment: dict[str, str], command: str = "receptionist") -> tuple[int, str]:
    """Run ``command`` until it ends by itself; return its exit code and what it said."""
    async with Program(command, environment) as program:
        code = await program.exits(within=30)
        return code, " ".join(" ".join(program.output).split())


async def test_a_wrong_password_is_told_at_once(pbx: AsteriskServer) -> None:
    code, said = await outcome(variables(pbx, **NO_SPEECH, ARI__PASSWORD="wrong"))

    assert code == 3
    assert "401" in said
    assert "password" in said
    assert '"wrong"' not in said


async def test_a_wrong_prefix_is_told_at_once(pbx: AsteriskServer) -> None:
    url = pbx.ari_url.removesuffix("/asterisk")
    code, said = await outcome(variables(pbx, **NO_SPEECH, ARI__URL=url))

    assert code == 3
    assert "prefix" in said


async def test_ari_that_is_switched_off_is_told_at_once() -> None:
    async with AsteriskServer(ari=False) as pbx:
        code, said = await outcome(variables(pbx, **NO_SPEECH))

    assert code == 3
    assert "ARI" in said


async def test_an_asterisk_that_is_not_there_yet_is_waited_for() -> None:
    async with AsteriskServer() as pbx:
        await pbx.stop()
        async with Program("receptionist", variables(pbx, **NO_SPEECH)) as program:
            await program.says("waiting for asterisk", within=30)

            await pbx.start()

            await program.says("receptionist ready", within=30)
            assert await program.terminate() == 0


async def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    issued = authority.issue_cert("pbx.example")
    certificate = Certificate(issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes())
    async with AsteriskServer(certificate=certificate) as pbx:
        secure = {"ARI__URL": pbx.secure_ari_url, "ARI__CA_FILE": str(ca_file)}
        code, said = await outcome(variables(pbx, **NO_SPEECH, **secure))

    assert code == 3
    assert "localhost" in said


async def test_a_private_authority_is_trusted_when_it_is_named(tmp_path: Path) -> None:
    authority = trustme.CA()
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    issued = authority.issue_cert("localhost")
    certificate = Certificate(issued.cert_chain_pems[0].bytes(), issued.private_key_pem.bytes())
    async with AsteriskServer(certificate=certificate) as pbx:
        secure = {"ARI__URL": pbx.secure_ari_url, "ARI__CA_FILE": str(ca_file)}
        async with Program("receptionist", variables(pbx, **NO_SPEECH, **secure)) as program:
            await program.says("receptionist ready", within=30)

        code, said = await outcome(variables(pbx, **NO_SPEECH, ARI__URL=pbx.secure_ari_url))
    assert code == 3
    assert "certificate" in said


async def test_a_media_port_that_is_taken_is_named(pbx: AsteriskServer) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])

        code, said = await outcome(variables(pbx, **NO_SPEECH, MEDIA__PORT=port))

    assert code == 5
    assert port in said
    assert "media.port" in said


@pytest.mark.parametrize("host", ["0.0.0.0", "203.0.113.7", "nonsense.invalid"])  # noqa: S104
async def test_a_media_host_that_cannot_be_used_is_named(pbx: AsteriskServer, host: str) -> None:
    code, said = await outcome(variables(pbx, **NO_SPEECH, MEDIA__HOST=host))

    assert code in {2, 5}
    assert "media.host" in said
    assert host in said


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda text: text.replace('extension: "201"', ""), ["directory.sales.extension"]),
        (lambda text: text.replace("directory:", "directory: ["), ["YAML"]),
        (lambda text: text.replace("---", "", 1), ["front matter"]),
        (lambda text: text.replace("operator: operator", "operator: nobody"), ["operator"]),
    ],
    ids=["extension", "yaml", "front-matter", "operator"],
)
async def test_a_mistake_in_the_prompt_file_is_named(
    pbx: AsteriskServer, tmp_path: Path, spoil: object, named: list[str]
) -> None:
    path = tmp_path / "office.md"
    path.write_text(spoil(OFFICE.read_text(encoding="utf-8")), encoding="utf-8")

    code, said = await outcome(
        variables(pbx, **NO_SPEECH) | {"VOICEBOT_RECEPTIONIST__PROMPT": str(path)}
    )

    assert code == 2
    for words in [path.name, *named]:
        assert words in said


async def test_a_model_file_that_is_missing_is_named(pbx: AsteriskServer, tmp_path: Path) -> None:
    missing = tmp_path / "no-whisper"

    code, said = await outcome(variables(pbx, MODELS__WHISPER_EN=str(missing)))

    assert code == 7
    assert "no-whisper" in said.replace(" ", "")
    assert "models.whisper_en" in said


async def test_a_wrong_key_of_the_environment_ends_before_anything_is_touched(
    pbx: AsteriskServer,
) -> None:
    code, said = await outcome(variables(pbx, MEDIA__PROT="1"))

    assert code == 2
    assert "VOICEBOT_MEDIA__PROT" in said


async def test_a_refused_key_of_a_provider_is_told_at_start(pbx: AsteriskServer) -> None:
    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{port}/v1"
        given = {**NO_SPEECH, "TTS__BASE_URL": url, "TTS__API_KEY": "sk-secret-key"}
        code, said = await outcome(variables(pbx, **{**given, "TTS__TIMEOUT_S": "5"}))

    assert code == 6
    assert "tts" in said
    assert "401" in said
    assert "sk-secret-key" not in said


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer any request as a provider does that does not know the key."""
    await reader.readuntil(b"\r\n\r\n")
    body = b'{"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}}'
    writer.write(
        b"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    await writer.drain()
    writer.close()
