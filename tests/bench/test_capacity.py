from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.capacity import CALLS, Cores, Result, parse
from bench.capacity_plot import labels
from bench.load_errors import LoadError
from bench.load_generator import Lateness, Observation, built, callers, pinned
from bench.load_speech import without_pauses
from voicebot.media.audio import FRAME_SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

SEEN = Observation(
    sent=3000,
    received=2990,
    missing=2,
    skipped=8,
    silent_calls=0,
    cpu_s=0.5,
    lateness=Lateness(0.5, 2.0, 4.0, 9.0),
    own_lateness=Lateness(0.1, 0.2, 0.3, 0.4),
)
RESULT = Result(
    compiled=True,
    calls=10,
    refused=1,
    seconds=60.0,
    cpu_ms_per_call_s=1.23456,
    floor_ms_per_call_s=0.4,
    rss_kb_per_call=150.04,
    turns=70,
    lost=2,
    stalls=0,
    seen=SEEN,
)


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("load") / "frames.raw"
    path.write_bytes(bytes(640 * 10))
    return path


def run(program: Path, floor: Path, frames: Path, *, calls: int, seconds: float) -> Observation:
    """Let callers call the echo."""
    with (
        pinned([floor], None) as echo,
        callers(program, calls, warm_s=0.1, seconds=seconds, frames=frames, core=None) as generator,
    ):
        assert len(set(generator.ports)) == calls
        assert echo.stdout is not None
        return generator.run(int(echo.stdout.readline()))


def test_callers_hear_every_answer_of_an_echo(frames: Path):
    with built("load") as load, built("floor") as floor:
        seen = run(load, floor, frames, calls=5, seconds=0.5)

    # 50 packets a second for each caller; the echo answers each.
    assert seen.sent == pytest.approx(5 * 50 * 0.6, abs=10)
    assert seen.received == pytest.approx(5 * 50 * 0.5, abs=15)
    assert (seen.missing, seen.skipped, seen.silent_calls) == (0, 0, 0)
    assert 0 <= seen.lateness.p50 <= seen.lateness.p99 <= seen.lateness.max


def test_callers_nobody_answers_are_counted(frames: Path):
    with (
        built("load") as load,
        callers(load, 3, warm_s=0.0, seconds=0.2, frames=frames, core=None) as generator,
    ):
        # Nobody listens on the discard port; what the system refuses is no failure of the callers'.
        seen = generator.run(9)

    assert seen.received == 0
    assert seen.silent_calls == 3


def test_programs_are_gone_when_they_have_been_used():
    with built("floor") as floor:
        assert os.access(floor, os.X_OK)

    assert not floor.exists()


def test_a_missing_compiler_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(LoadError, match="apt-get install gcc"), built("load"):
        pass


def test_a_generator_without_a_result_is_an_error():
    with pytest.raises(LoadError, match="without a result"):
        Observation.parse("")


def test_a_generators_last_line_becomes_an_observation():
    spread = {"p50": 0.5, "p99": 2.0, "p999": 4.0, "max": 9.0}
    own = {"p50": 0.1, "p99": 0.2, "p999": 0.3, "max": 0.4}
    line = json.dumps(
        {
            "sent": 3000,
            "received": 2990,
            "missing": 2,
            "skipped": 8,
            "silent_calls": 0,
            "cpu_s": 0.5,
            "lateness_ms": spread,
            "own_lateness_ms": own,
        }
    )

    assert Observation.parse(line) == SEEN


def test_the_figures_keep_their_names():
    found = RESULT.as_json()

    assert found["compiled"] is True
    assert (found["calls"], found["refused"]) == (10, 1)
    assert found["cpu_ms_per_call_s"] == 1.2346
    assert found["lateness_ms"] == {"p50": 0.5, "p99": 2.0, "p999": 4.0, "max": 9.0}
    assert found["lost"] == 2
    assert found["skipped"] == 8
    assert found["rss_kb_per_call"] == 150.0
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("allowed", "cores"),
    [({0, 1}, Cores(0, 1)), ({3, 5, 7}, Cores(3, 5)), ({2}, Cores(2, None))],
)
def test_media_plane_and_callers_have_a_core_each(
    allowed: set[int], cores: Cores, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: allowed)

    assert Cores.choose() == cores


def test_without_options_all_numbers_of_calls_are_measured_for_a_minute():
    options = parse([])

    assert (tuple(options.calls), options.seconds, options.json) == (CALLS, 60.0, False)


def test_one_number_of_calls_can_be_asked_for():
    options = parse(["--calls", "1000", "--seconds", "5", "--json", "--codec", "g722"])

    assert (options.calls, options.seconds, options.json) == ([1000], 5.0, True)
    assert options.codec == "g722"


def test_labels_of_the_picture_do_not_touch():
    found = labels([1, 10, 100, 250, 500, 750, 1000, 2000])

    assert found == ["1", "10", "100", "250", "500", "", "1000", "2000"]


def test_pauses_are_shortened_and_words_stay():
    word = np.full(10 * FRAME_SAMPLES, 5000, np.int16)
    pause = np.zeros(50 * FRAME_SAMPLES, np.int16)

    spoken = without_pauses(np.concatenate((pause, word, pause, word, pause)))

    assert (spoken != 0).sum() >= 19 * FRAME_SAMPLES
    assert (spoken == 0).sum() <= 3 * FRAME_SAMPLES
