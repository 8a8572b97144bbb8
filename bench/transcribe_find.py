"""How many calls at once a machine can transcribe: found by itself, in a few runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from bench.plots import ACCENT, INK, PALETTE, canvas, save
from bench.transcribe_figures import LATE_S

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FIRST: Final = 4
MOST: Final = 32
"""Calls beyond which phones and bench, not what is measured, fill a small machine."""

_NEAR: Final = 4
"""A quarter of the number: found out no more closely than that, runs differ more."""


class Search:
    """Doubles the number of calls until it is too many, then halves what is left in between."""

    def __init__(self) -> None:
        self.most = 0
        self._least_bad: int | None = None
        self._next: int | None = FIRST

    @property
    def calls(self) -> int | None:
        """How many calls are to be tried next, ``None`` when it is known."""
        return self._next

    def note(self, calls: int, *, fine: bool) -> None:
        """Take the outcome of a run into account."""
        if fine:
            self.most = max(self.most, calls)
        else:
            self._least_bad = min(calls, self._least_bad or calls)
        if self._least_bad is None:
            self._next = 2 * calls if 2 * calls <= MOST else None
            return
        gap = self._least_bad - self.most
        self._next = self.most + gap // 2 if gap > max(1, self.most // _NEAR) else None


def is_fine(report: dict[str, Any]) -> bool:
    """Return whether all finals of a run came, none later than ``LATE_S``."""
    worst = report["worst_wait_s"]
    return worst is not None and worst <= LATE_S and not report["unfinished_calls"]


def saturated(report: dict[str, Any], cores: int) -> str:
    """Return who used most of the processor in a run, and how full it was."""
    cost = report["cpu_of_a_core"]
    busiest = max(cost, key=lambda name: cost[name])
    full = sum(cost.values()) / cores
    return f"{busiest} ({cost[busiest]:.0%} of a core; all cores {full:.0%} busy)"


def save_lag(path: Path, reports: Sequence[dict[str, Any]]) -> None:
    """Draw the waits for finals over the number of calls.

    Raises ``PictureError`` as ``panels`` and ``save`` of ``plots``.
    """
    runs = sorted(
        (one for one in reports if one["worst_wait_s"] is not None), key=lambda one: one["calls"]
    )
    figure, axes = canvas((7.0, 4.2))
    calls = [one["calls"] for one in runs]
    lines = {
        "half of all finals": [one["wait_s"]["p50"] for one in runs],
        "95 % of all finals": [one["wait_s"]["p95"] for one in runs],
        "the latest final": [one["worst_wait_s"] for one in runs],
    }
    for colour, (name, waits) in zip(PALETTE, lines.items(), strict=False):
        axes.plot(calls, waits, "o-", color=colour, label=name)
    axes.axhline(LATE_S, color=ACCENT, linestyle="--", linewidth=1)
    axes.set_yscale("log")
    axes.set_xlabel("two-party calls at once")
    axes.set_ylabel("from the end of a sentence to its text, s")
    axes.set_title("What one machine transcribes live", loc="left", color=INK)
    axes.legend(frameon=False)
    save(figure, path)
