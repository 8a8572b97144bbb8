"""The commands as a user types them: help, version, and how they end when something is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import voicebot
from tests.conftest import unavailable
from voicebot import cli
from voicebot.errors import ModelMissingError
from voicebot.models.launch import check_installed

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = sorted(get_command(cli.app).commands)


async def run(*words: str, **variables: str) -> tuple[int, str]:
    """Run ``voicebot`` with ``words``; return its exit code and what it said, on one line."""
    process = await start(*words, **variables)
    output, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, " ".join(output.decode().split())


async def start(*words: str, **variables: str) -> asyncio.subprocess.Process:
    own = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "voicebot",
        *words,
        env=own | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_the_version():
    assert await run("--version") == (0, f"voicebot {voicebot.__version__}")


async def test_without_a_command_all_commands_are_listed():
    _, said = await run()

    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str):
    result = CliRunner().invoke(cli.app, [command, "--help"], prog_name="voicebot")

    assert result.exit_code == 0
    assert f"voicebot {command}" in result.output


async def test_an_unknown_command_is_named():
    code, said = await run("recptionist")

    assert code == 2
    assert "recptionist" in said


@pytest.mark.parametrize("command", ["receptionist", "doctor", "presence", "hello", "models"])
async def test_a_wrong_key_is_named_with_file_and_key_and_nothing_is_touched(
    command: str, tmp_path: Path
):
    file = tmp_path / "voicebot.toml"
    file.write_text('[ari]\npasword = "secret-word"\n')

    code, said = await run(command, "--config", str(file))

    assert code == 2
    # A long path may be broken into lines.
    assert "voicebot.toml: ari.pasword: no such key; did you mean password?" in said
    assert "secret-word" not in said


async def test_a_wrong_value_of_the_environment_is_named_with_its_variable():
    code, said = await run("receptionist", VOICEBOT_MEDIA__PORT="many")

    assert code == 2
    assert "VOICEBOT_MEDIA__PORT" in said
    assert "many" in said


@pytest.mark.parametrize("command", ["hello", "presence"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_command_cleanly_while_it_waits_for_asterisk(
    command: str, number: signal.Signals
):
    process = await start(command, VOICEBOT_ARI__URL="http://127.0.0.1:9")
    assert process.stdout is not None
    async for line in process.stdout:
        if b"waiting for asterisk" in line:
            break

    process.send_signal(number)

    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.local
@pytest.mark.parametrize(
    ("words", "first"),
    [(["models"], b"model loaded"), (["demo", "--conversation", "hours"], b"starting")],
    ids=["models", "demo"],
)
async def test_a_signal_ends_a_command_cleanly_while_it_loads_models(
    words: list[str], first: bytes, tmp_path: Path
):
    try:
        check_installed()
    except ModelMissingError as error:
        unavailable(str(error))
    process = await start(*words, VOICEBOT_TTS__CACHE=str(tmp_path))
    assert process.stdout is not None
    async for line in process.stdout:
        if first in line:
            break

    process.send_signal(signal.SIGTERM)

    # The output ends with the last process that can write to it: none stays behind.
    await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
