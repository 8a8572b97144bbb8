"""Pictures of capacity: what a call costs, and how late its frames are, by the number of calls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.compiled import WAYS
from bench.plots import ACCENT, BAR, INK, PALETTE, panels, save

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.capacity import Result

TARGET_P99_MS = 5.0
TARGET_MAX_MS = 20.0
TARGET_CPU_MS = 1.0

_APART = 1.8
"""Ratio of two numbers of calls whose labels do not touch on the logarithmic axis."""


def save_capacity(path: Path, results: Sequence[Result]) -> None:
    """Draw lateness and cost of all runs. Raises ``PictureError``."""
    way = WAYS[results[0].compiled]
    title = f"The media plane under load, measured by the receiver; voicebot {way}"
    figure, (late, cost) = panels((9.0, 4.0), 2, title=title)
    calls = [result.calls for result in results]
    spreads = [result.seen.lateness for result in results]
    for values, label, colour in (
        ([spread.max for spread in spreads], "max", ACCENT),
        ([spread.p999 for spread in spreads], "p99.9", PALETTE[3]),
        ([spread.p99 for spread in spreads], "p99", BAR),
        ([spread.p50 for spread in spreads], "p50", PALETTE[0]),
    ):
        late.plot(calls, values, marker="o", color=colour, label=label)
    for target in (TARGET_P99_MS, TARGET_MAX_MS):
        late.axhline(target, color=INK, linestyle=":", linewidth=1)
    late.set_yscale("log")
    late.set_ylabel("frame later than its 20 ms grid, ms")
    cost.plot(
        calls, [r.cpu_ms_per_call_s for r in results], marker="o", color=BAR, label="voicebot"
    )
    cost.plot(
        calls, [r.floor_ms_per_call_s for r in results], marker="o", color=INK, label="echo in C"
    )
    cost.axhline(TARGET_CPU_MS, color=INK, linestyle=":", linewidth=1)
    cost.set_yscale("log")
    cost.set_ylabel("CPU ms for each second of a call")
    for axes in (late, cost):
        axes.set_xscale("log")
        axes.set_xticks(calls, labels(calls), fontsize=8)
        axes.minorticks_off()
        axes.set_xlabel("calls on one core")
        axes.legend(frameon=False)
    save(figure, path)


def labels(calls: Sequence[int]) -> list[str]:
    """Return the label of each number of calls, empty where it would touch that of a larger one."""
    found: list[str] = []
    least = math.inf
    for count in sorted(calls, reverse=True):
        fits = count * _APART <= least
        found.append(str(count) if fits else "")
        least = count if fits else least
    return found[::-1]
