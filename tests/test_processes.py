"""How tests are shared out between processes."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.conftest import CORES, HERE, take_turn

if TYPE_CHECKING:
    import pytest

TOGETHER = """
import os
from pathlib import Path
import pytest

@pytest.mark.xdist_group("together")
@pytest.mark.parametrize("number", range(8))
def test_is_run_somewhere(number):
    with (Path(__file__).parent / "where").open("a") as where:
        print(os.environ["PYTEST_XDIST_WORKER"], file=where)
"""


def test_what_is_dear_to_make_is_made_in_one_process(tmp_path):
    (tmp_path / "test_together.py").write_text(TOGETHER)

    arguments = ["-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(tmp_path)]
    run = subprocess.run(
        [sys.executable, *arguments, "-n", "2", "--dist=loadgroup", str(tmp_path)],
        cwd=HERE.parent,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert len(set((tmp_path / "where").read_text().split())) == 1


def test_as_many_tests_run_at_once_as_there_are_cores_and_calls_beside_them(
    monkeypatch: pytest.MonkeyPatch,
):
    # As if it were another run: this one's turns are in use.
    monkeypatch.setenv("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    with ExitStack() as running, ThreadPoolExecutor(1) as pool:
        tests = [running.enter_context(take_turn(alone=False, core=True)) for _ in range(CORES)]
        take_turn(alone=False, core=False).close()
        another = pool.submit(take_turn, alone=False, core=True)
        assert not wait([another], timeout=0.1).done

        tests[0].close()

        another.result(timeout=10).close()
