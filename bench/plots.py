"""How pictures look, and those of latency: how waits are spread, where the time of a turn goes.

Each says at its foot which machine the figures are from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from bench.latency_errors import UsageError
from bench.latency_machine import machine
from bench.latency_timeline import STEPS, summarise
from bench.load_errors import LoadError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK = "#1f2a44"
BAR = "#4c78a8"
ACCENT = "#e45756"
PALETTE = ("#9ecae9", "#4c78a8", "#54a24b", "#f2cf5b", "#b279a2", "#e45756")

FOOT = 0.2
"""Inches below everything else, for the machine."""


class PictureError(UsageError, LoadError):
    """A picture cannot be drawn or written; any kind of bench knows it as one of its own errors."""


def save_distribution(
    path: Path, waits: Sequence[float], title: str, *, what: str = "voice to voice, ms"
) -> None:
    """Draw a histogram of ``waits`` (ms), their share below each wait, p50 and p95.

    ``what`` they are is written below. Raises ``PictureError`` as ``panels`` and ``save``.
    """
    figure, axes = canvas((8.0, 4.2))
    values = np.sort(np.asarray(waits, dtype=np.float64))
    axes.hist(values, bins=min(40, max(8, len(values) // 2)), color=BAR, alpha=0.8)
    axes.set_xlabel(what)
    axes.set_ylabel("turns")
    share = axes.twinx()
    share.step(values, np.arange(1, len(values) + 1) / len(values), where="post", color=INK)
    share.set_ylim(0, 1.02)
    share.set_ylabel("share of turns by then")
    for percentile in (50, 95):
        mark = float(np.percentile(values, percentile))
        left = mark > (values[0] + 2 * values[-1]) / 3
        axes.axvline(mark, color=ACCENT, linestyle="--", linewidth=1)
        axes.annotate(
            f"p{percentile} {mark:.0f} ms",
            (mark, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if left else 3, -2),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            color=ACCENT,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
        )
    axes.set_title(title, loc="left", color=INK)
    save(figure, path)


def save_waterfall(
    path: Path, turns: Sequence[Mapping[str, float]], heard_p50: float | None, title: str
) -> None:
    """Draw what each step of the engine adds to the median turn, up to what the phone hears.

    ``turns`` are the engine's timelines, ``heard_p50`` is the phone's median in ms. Raises
    ``PictureError`` as ``panels`` and ``save``.
    """
    steps = summarise(turns)
    figure, axes = canvas((8.0, 0.6 + 0.55 * (len(steps) + 1)))
    left = 0.0
    for row, (step, colour) in enumerate(zip(steps, PALETTE, strict=False)):
        added = step.added.at(50)
        axes.barh(row, added, left=left, color=colour)
        axes.text(left + added, row, f" {added:.0f} ms, {step.share:.0%}", va="center", color=INK)
        left += added
    names = [STEPS[step.name] for step in steps]
    if heard_p50 is not None:
        axes.barh(len(steps), heard_p50, color=INK, alpha=0.35)
        axes.text(heard_p50, len(steps), f" {heard_p50:.0f} ms", va="center", color=INK)
        names.append("heard at the phone")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlim(0, 1.25 * max(left, heard_p50 or 0.0, 1.0))
    axes.set_xlabel("ms since the caller's last sample, median of each step")
    axes.set_title(title, loc="left", color=INK)
    save(figure, path)


def save_shares(path: Path, shares: Mapping[int, Sequence[float]]) -> None:
    """Draw how the engine's own share (ms) is spread, a curve for each number of calls.

    Raises ``PictureError`` as ``panels`` and ``save``.
    """
    figure, axes = canvas((8.0, 4.2))
    for colour, (calls, values) in zip(PALETTE[1:], shares.items(), strict=False):
        ordered = np.sort(np.asarray(values, dtype=np.float64))
        label = f"{calls} call{'s' if calls > 1 else ''}: p50 {np.percentile(ordered, 50):.0f}, "
        label += f"p95 {np.percentile(ordered, 95):.0f} ms"
        share = np.arange(1, len(ordered) + 1) / len(ordered)
        axes.step(ordered, share, where="post", color=colour, label=label)
    axes.set_xlabel("first packet of the answer, ms after the silence that ends a turn")
    axes.set_ylabel("share of turns answered by then")
    axes.set_ylim(0, 1.02)
    axes.legend(loc="lower right", frameon=False)
    axes.set_title("The engine's own share, with providers that take no time", loc="left")
    save(figure, path)


def canvas(size: tuple[float, float]) -> tuple[Figure, Axes]:
    """Return an empty picture of ``size`` inches. Raises ``PictureError`` without matplotlib."""
    figure, (axes,) = panels(size, 1)
    return figure, axes


def panels(
    size: tuple[float, float], columns: int, *, title: str = "", heights: Sequence[float] = (1,)
) -> tuple[Figure, Sequence[Axes]]:
    """Return an empty picture of ``size`` inches and its parts: ``columns`` in each row.

    There is a row for each of ``heights``, as high as they are to each other. Raises
    ``PictureError`` without matplotlib.
    """
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra's library)
        from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415 (the same)
    except ImportError as error:
        raise PictureError("--plot needs matplotlib: pip install 'voicebot[bench]'") from error
    foot = FOOT / size[1]
    layout = ConstrainedLayoutEngine(rect=(0, foot, 1, 1 - foot))
    figure = Figure(figsize=size, dpi=130, layout=layout)
    if title:
        figure.suptitle(title, x=0.01, ha="left", color=INK)
    grid = figure.subplots(len(heights), columns, squeeze=False, height_ratios=heights)
    parts: list[Axes] = list(grid.flat)
    for axes in parts:
        axes.spines[["top", "right"]].set_visible(False)
    return figure, parts


def save(figure: Figure, path: Path) -> None:
    """Write the picture. Raises ``PictureError`` where that cannot be."""
    facts = machine()
    where = f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}"
    figure.text(0.995, 0.005, where, ha="right", va="bottom", fontsize=7, color=INK, alpha=0.7)
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise PictureError(f"{path}: {error}") from error
