from __future__ import annotations

import os
import resource
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.asterisk_load import many_files, parse
from bench.asterisk_load_bot import set_up
from bench.asterisk_load_callers import SCENARIO, ulaw, write
from bench.asterisk_load_report import Step, draw, judge, verdict
from bench.load_errors import LoadError
from bench.load_generator import on_core
from voicebot.media.codecs import CODECS

if TYPE_CHECKING:
    from pathlib import Path

SET_UP = {"p50": 20.0, "p95": 30.0, "max": 50.0}
BEFORE = {
    "compiled": True,
    "at": 100.0,
    "cpu_s": 1.0,
    "received": 1000,
    "lost": 1,
    "late": 2,
    "unsent": 0,
    "stalls": 0,
    "concealed_s": 1.0,
    "spoke": 10,
    "set_up_ms": SET_UP,
}
AFTER = BEFORE | {
    "at": 110.0,
    "cpu_s": 3.0,
    "received": 5950,
    "lost": 4,
    "late": 7,
    "concealed_s": 2.0,
}
STEP = judge(10, BEFORE, AFTER, [4.0, 0.5])


def test_a_step_is_what_happened_between_its_two_marks():
    assert (
        Step(
            compiled=True,
            calls=10,
            seconds=10.0,
            answered=10,
            asterisk=0.4,
            voicebot=0.2,
            sipp=0.05,
            set_up_ms=SET_UP,
            received=0.99,
            lost=3,
            late=5,
            unsent=0,
            stalls=0,
            concealed=0.01,
        )
        == STEP
    )


@pytest.mark.parametrize(
    ("step", "limit"),
    [
        (STEP, ""),
        (replace(STEP, asterisk=0.97), "Asterisk's core is full"),
        (replace(STEP, voicebot=0.7, sipp=0.3), "voicebot's core is full (with sipp on it)"),
        (replace(STEP, answered=7), "3 calls were not answered"),
        (replace(STEP, received=0.8), "20% of the packets did not come"),
        (replace(STEP, concealed=0.03), "3.0% of what callers said came too late"),
    ],
)
def test_who_is_full_is_named(step: Step, limit: str):
    assert step.limit == limit


def test_the_verdict_names_what_was_carried_and_what_stopped_it():
    full = replace(STEP, calls=50, asterisk=0.99)

    assert verdict([STEP, full]).startswith("10 calls were carried; at 50 Asterisk's core is full")
    assert verdict([full]).startswith("no step went well")
    assert "at 10 nobody was full" in verdict([STEP])


def test_the_verdict_says_whose_core_is_nearer_to_being_full():
    step = replace(STEP, asterisk=0.5, voicebot=0.3, sipp=0.1)

    assert "Asterisk's core is 50% busy, voicebot's with sipp 40%" in verdict([step])
    step = replace(step, voicebot=0.6)
    assert "voicebot's core is 70% busy with sipp, Asterisk's 50%" in verdict([step])


def test_set_up_is_from_entering_stasis_to_the_first_sample():
    found = set_up([10.0, 11.0, 12.0], [10.02, 11.03])

    assert (found.count, found.max) == (2, pytest.approx(30.0))


def test_speech_is_written_as_phones_understand_it():
    tone = (8000 * np.sin(np.arange(800) / 5)).astype(np.int16)

    heard = np.frombuffer(CODECS[0].decoder().decode(ulaw(tone)), "<i2")

    assert np.abs(heard).max() == pytest.approx(8000, rel=0.15)


def test_the_scenario_is_one_that_speaks_until_it_hangs_up():
    steps = [step.tag for step in ET.fromstring(SCENARIO.encode())]  # noqa: S314 - our own

    assert steps[0] == "send"
    assert steps[-4:] == ["nop", "pause", "send", "recv"]


def test_without_sipp_the_package_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LoadError, match="apt-get install sip-tester"):
        write(tmp_path)


def test_scenario_and_speech_are_written_side_by_side(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    sipp = tmp_path / "sipp"
    sipp.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    scenario = write(tmp_path)

    assert f'rtp_stream="{tmp_path}/speech.ulaw,' in scenario.read_text()
    assert (tmp_path / "speech.ulaw").stat().st_size == 32 * 8000


def test_what_is_started_on_a_core_leaves_us_where_we_were():
    allowed = os.sched_getaffinity(0)
    core = min(allowed)

    with on_core(core):
        assert os.sched_getaffinity(0) == {core}

    assert os.sched_getaffinity(0) == allowed


def test_as_many_files_are_allowed_as_the_system_lets_us():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)

    with many_files():
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == before[1]

    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


def test_a_picture_is_drawn(tmp_path: Path):
    path = tmp_path / "load.png"

    draw(path, [STEP, replace(STEP, calls=50)])

    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_steps_can_be_chosen():
    options = parse(["--calls", "5", "50", "--seconds", "3", "--json"])

    assert (options.calls, options.seconds, options.json) == ([5, 50], 3.0, True)
