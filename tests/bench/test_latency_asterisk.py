"""The whole tool, by its command line, against real Asterisk."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from bench.baresip import installed
from bench.waveform import read_wav, write_wav
from tests.asterisk import root
from tests.asterisk.server import AsteriskServer
from tests.bench.latency_calls import RATE, noise, silence
from tests.conftest import unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[2]

pytestmark = [
    pytest.mark.asterisk,
    pytest.mark.timeout(300),
    # One Asterisk for all of them.
    pytest.mark.xdist_group("latency"),
]


@pytest.fixture(scope="module")
def pbx() -> Iterator[AsteriskServer]:
    if (reason := root.obstacle()) is not None:
        unavailable(reason)
    if not installed():
        unavailable("the phone is missing: apt-get install baresip-core")
    with AsteriskServer() as server:
        yield server


@pytest.fixture
def question(tmp_path: Path) -> str:
    path = tmp_path / "question.wav"
    write_wav(path, RATE, np.concatenate([silence(0.1), noise(0.8, 1), silence(0.1)]))
    return str(path)


async def latency(*arguments: str) -> tuple[int | None, dict[str, Any], str]:
    """Run the tool; return its exit code, the JSON of its last line, and what it complained of."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.latency", "--json", *arguments),
        cwd=PROJECT,
        env=os.environ | {"ARI_PASSWORD": AsteriskServer.password},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await process.communicate()
    last = out.decode().splitlines()[-1:]
    return process.returncode, json.loads(last[0]) if last else {}, complaint.decode()


def sip(pbx: AsteriskServer, password: str | None = None) -> list[str]:
    password = password or pbx.account("203").password
    return ["--sip", f"203:{password}@127.0.0.1:{pbx.sip_port}"]


def ari(pbx: AsteriskServer) -> list[str]:
    return ["--ari", pbx.ari_url]


@pytest.mark.parametrize(("line", "number"), [(sip, "echo"), (ari, "echo@internal")])
async def test_an_echo_shows_that_the_figures_are_exact(
    pbx: AsteriskServer, question: str, line: Any, number: str
) -> None:
    code, found, complaint = await latency(
        *line(pbx), "--dial", number, "--say", question, "--say", question, "--calibrate"
    )

    assert code == 0, complaint
    assert found["loop_ms"]["count"] == 2
    assert found["loop_ms"]["max"] < 60
    assert abs(found["onset_error_ms"]["p50"]) <= 5
    assert abs(found["end_error_ms"]["p50"]) <= 5


@pytest.mark.parametrize(("codec", "is_wide"), [("g722", True), ("ulaw", False), ("alaw", False)])
async def test_an_originated_call_sounds_as_the_codec_has_it(
    pbx: AsteriskServer, question: str, tmp_path: Path, codec: str, is_wide: bool
) -> None:
    code, _, complaint = await latency(
        *(*ari(pbx), "--codec", codec, "--dial", "echo@internal", "--say", question),
        *("--calibrate", "--keep", str(tmp_path)),
    )

    assert code == 0, complaint
    with wave.open(str(tmp_path / "call-001.wav"), "rb") as file:
        heard = np.frombuffer(file.readframes(file.getnframes()), "<i2")[1::2]
        hertz = np.fft.rfftfreq(len(heard), 1 / file.getframerate())
    power = np.abs(np.fft.rfft(heard)) ** 2
    assert (power[hertz > 4300].sum() > 0.1 * power.sum()) == is_wide


async def test_a_bot_that_never_answers_misses_every_turn_and_the_limits(
    pbx: AsteriskServer, question: str, tmp_path: Path
) -> None:
    code, found, _ = await latency(
        *sip(pbx),
        *("--dial", "wait", "--say", question, "--patience", "0.5", "--max-p50", "400"),
        *("--keep", str(tmp_path / "calls")),
    )

    assert code == 4
    assert (found["turns"], found["missed"], found["voice_to_voice_ms"]) == (1, 1, None)
    assert found["machine"]["cores"] >= 1
    said, rate = read_wav(tmp_path / "calls" / "call-001.wav")
    assert np.any(said)
    assert rate in {8000, 16000}


@pytest.mark.parametrize(("line", "number"), [(sip, "robot"), (ari, "robot@internal")])
async def test_a_bot_that_is_none_of_ours_is_measured(
    pbx: AsteriskServer, question: str, line: Any, number: str
) -> None:
    code, found, complaint = await latency(
        *line(pbx), "--dial", number, "--say", question, "--say", question
    )

    assert code == 0, complaint
    assert (found["turns"], found["missed"], found["cut_off"]) == (2, 0, 0)
    assert found["greeting_ms"]["count"] == 1
    # It waits for 600 ms of silence before it plays its answer.
    assert 550 <= found["voice_to_voice_ms"]["p50"] <= 900


async def test_a_greeting_is_measured(pbx: AsteriskServer, question: str) -> None:
    script = Path(question).with_suffix(".txt")
    script.write_text(f"interrupt 300 {question}\nsilence 0.1\n")

    code, found, _ = await latency(*sip(pbx), "--dial", "speech", "--script", str(script))

    assert code == 0
    assert 0 <= found["greeting_ms"]["p50"] < 1000


@pytest.mark.parametrize(
    ("password", "number", "ending"),
    [("wrong", "echo", (2, "401")), (None, "nobody", (2, "404")), (None, "205", (3, "486"))],
)
async def test_what_the_pbx_says_is_passed_on(
    pbx: AsteriskServer, question: str, password: str | None, number: str, ending: tuple[int, str]
) -> None:
    code, _, told = await latency(*sip(pbx, password), "--dial", number, "--say", question)

    assert code == ending[0]
    assert ending[1] in told


async def test_nothing_is_left_in_the_pbx_by_an_originated_call(
    pbx: AsteriskServer, question: str
) -> None:
    code, found, complaint = await latency(
        *ari(pbx), "--dial", "wait@internal", "--say", question, "--patience", "0.4"
    )

    assert code == 0, complaint
    assert found["missed"] == 1
    assert "0 active channels" in await pbx.cli("core show channels")
    bridges = await pbx.cli("bridge show all")
    assert "latency-" not in bridges
