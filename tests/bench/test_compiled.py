from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench.compiled import TUNABLES, serving

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("told", ["Dockerfile", "README.md"])
def test_what_is_measured_runs_as_the_image_does_and_as_users_are_told(told: str):
    assert TUNABLES in (ROOT / told).read_text()


def test_a_module_is_run_with_its_arguments_and_an_allocator_that_keeps_what_frames_need():
    command = serving("this", "argument")

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert "Beautiful is better than ugly." in done.stdout
    assert command[-1] == "argument"
    assert TUNABLES in command
