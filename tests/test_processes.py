"""How tests are shared out between processes."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import HERE

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
