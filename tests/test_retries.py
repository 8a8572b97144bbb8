"""What another try of a test does anew."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np

from tests.asterisk.voices import Callers
from tests.conftest import HERE

FAILS_ONCE = """
from pathlib import Path
from tests.conftest import try_of

def test_fails_once(request):
    with (Path(__file__).parent / "tries").open("a") as tries:
        print(try_of(request.node), file=tries)
    assert try_of(request.node) == 2
"""


def test_within_a_try_a_caller_says_the_same_thing_the_same_way():
    asked: list[str] = []
    callers = Callers(lambda text: asked.append(text) or np.array([len(asked)]))

    assert callers.of_try(1)("Hello.") is callers.of_try(1)("Hello.")
    assert asked == ["Hello."]


def test_another_try_has_it_spoken_anew():
    asked: list[str] = []
    callers = Callers(lambda text: asked.append(text) or np.array([len(asked)]))

    first, second = callers.of_try(1)("Hello."), callers.of_try(2)("Hello.")

    assert asked == ["Hello.", "Hello."]
    assert first != second


def test_each_try_knows_which_it_is(tmp_path):
    # In a run of its own: in this one the tries of this very test would be counted.
    (tmp_path / "test_fails_once.py").write_text(FAILS_ONCE)

    arguments = ["-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, *arguments, "-p", "no:cacheprovider", "--reruns", "1", str(tmp_path)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert (tmp_path / "tries").read_text().split() == ["1", "2"]
