from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicebot.apps.doctor.finding import Verdict
from voicebot.apps.doctor.priority import Running, asterisks, check_priority

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def asterisk(tmp_path: Path) -> Iterator[int]:
    """A process by the name of Asterisk."""
    program = shutil.copy(shutil.which("sleep") or "", tmp_path / "asterisk")
    with subprocess.Popen([program, "60"]) as process:
        # It has its name a moment after it has been started.
        while Path(f"/proc/{process.pid}/comm").read_text() != "asterisk\n":
            pass
        yield process.pid
        process.kill()


def test_an_asterisk_on_this_machine_is_found(asterisk: int):
    assert Running(asterisk, real_time=False) in asterisks()


def test_an_asterisk_with_real_time_priority_is_known(asterisk: int):
    try:
        os.sched_setscheduler(asterisk, os.SCHED_RR, os.sched_param(10))
    except PermissionError:
        pytest.skip("real-time priority may not be given here")

    assert Running(asterisk, real_time=True) in asterisks()


def test_an_asterisk_that_waits_for_the_processor_is_named_with_the_way_out():
    (finding,) = check_priority([Running(7, real_time=False)])

    assert finding.verdict is Verdict.WARNING
    assert "process 7" in finding.detail
    assert "highpriority = yes" in finding.fix
    assert "asterisk.conf" in finding.mikopbx


def test_an_asterisk_that_comes_first_is_fine():
    (finding,) = check_priority([Running(7, real_time=True)])

    assert finding.verdict is Verdict.OK


def test_an_asterisk_elsewhere_is_none_of_our_business():
    assert list(check_priority([])) == []
