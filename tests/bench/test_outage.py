"""What a receiver that was away missed, as the bench counts it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bench.outage import compared, draw, is_whole

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = ({"event": "final", "call": "1.1", "utterance": number} for number in (1, 2, 3))
STRANGE = {"event": "final", "call": "9.9", "utterance": 1}


@pytest.mark.parametrize(
    ("accepted", "amiss"),
    [
        ([("a", A), ("b", B), ("c", C)], {}),
        ([("a", A), ("b", B), ("b", B), ("c", C)], {"again_under_the_same_id": 1}),
        ([("a", A), ("c", C)], {"missing": 1}),
        ([("a", A), ("c", C), ("b", B)], {"out_of_order": 2}),
        ([("a", A), ("b", B), ("x", B), ("c", C)], {"twice": 1, "out_of_order": 1}),
        ([("a", A), ("b", B), ("c", C), ("x", STRANGE)], {"strange": 1}),
        ([], {"missing": 3}),
    ],
    ids=["whole", "again", "missing", "disorder", "twice", "strange", "nothing"],
)
def test_what_is_amiss_is_counted(accepted: list[tuple[str, Any]], amiss: dict[str, int]) -> None:
    report = compared([A, B, C], accepted)

    assert {name: count for name, count in report.items() if count} == {
        "told": 3,
        "sentences": 3,
        **amiss,
    }
    assert is_whole(report) == (amiss.keys() <= {"again_under_the_same_id"})


def test_where_nothing_was_told_nothing_is_proven() -> None:
    assert not is_whole(compared([], []))


def test_what_was_told_and_what_came_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    course = [[-70.0, 0, 0], [-30.0, 5, 3], [0.0, 9, 3], [8.0, 9, 9]]
    report = {"calls": 3, "down_s": 60.0, "course": course, "told": 9, "missing": 0}

    draw(tmp_path / "outage.png", report)

    assert (tmp_path / "outage.png").read_bytes().startswith(b"\x89PNG")
