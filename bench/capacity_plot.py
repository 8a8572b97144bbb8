"""Pictures of capacity: what a call costs, and how late its frames are, by the number of calls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from bench.load_errors import LoadError
from bench.plots import ACCENT, BAR, INK, PALETTE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.figure import Figure

    from bench.capacity import Result

TARGET_P99_MS = 5.0
TARGET_MAX_MS = 20.0
TARGET_CPU_MS = 1.0

_APART = 1.8
"""Ratio of two numbers of calls whose labels do not touch on the logarithmic axis."""


def canvas(width: float, height: float) -> Figure:
    """Return an empty figure. Raises ``LoadError`` when matplotlib is missing."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra's library)
    except ImportError as error:
        raise LoadError("--plot needs matplotlib: pip install 'voicebot[bench]'") from error
    return Figure(figsize=(width, height), dpi=130, layout="constrained")


def save(figure: Figure, path: Path) -> None:
    """Write a figure. Raises ``LoadError`` when the file cannot be written."""
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise LoadError(f"{path}: {error}") from error


def save_capacity(path: Path, results: Sequence[Result]) -> None:
    """Draw lateness and cost of all runs. Raises ``LoadError`` as ``canvas`` and ``save``."""
    figure = canvas(9.0, 4.0)
    late, cost = figure.subplots(1, 2)
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
    cost.set_ylim(bottom=0)
    cost.set_ylabel("CPU ms for each second of a call")
    for axes in (late, cost):
        axes.set_xscale("log")
        axes.set_xticks(calls, labels(calls), fontsize=8)
        axes.minorticks_off()
        axes.set_xlabel("calls on one core")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    figure.suptitle("The media plane under load, measured by the receiver", x=0.01, ha="left")
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
