"""The figures as tables and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.latency_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

INK = "#1f2a44"
_SELECTED = {"interruptions": "#4c78a8", "back_channels": "#e45756"}
COLOURS = {"ours": "#4c78a8", "smart-turn alone": "#54a24b", "silence alone": "#e45756"}


def show(report: Mapping[str, Any]) -> None:
    """Print each part of ``report`` that has rows, or that is one row, as a table."""
    console = Console()
    for title, part in report.items():
        rows = part if isinstance(part, list) else [part]
        if not rows or not isinstance(rows[0], dict):
            continue
        table = Table(title=title.replace("_", " "), title_justify="left")
        for column in rows[0]:
            table.add_column(column.replace("_", " "))
        for row in rows:
            table.add_row(*(_cell(row.get(column)) for column in rows[0]))
        console.print(table)


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_cell(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " to ".join(map(_cell, value))
    return "–" if value is None else str(value)


def save_curve(
    path: Path, curves: Mapping[str, Sequence[Mapping[str, Any]]], here: Mapping[str, Any]
) -> None:
    """Draw the share of turns cut off against the mean silence waited; ``here`` is our setting.

    Raises ``UsageError`` when matplotlib is missing or the file cannot be written.
    """
    figure, axes = _figure()
    for name, rows in curves.items():
        waits = [row["mean_sentence_ms"] for row in rows]
        shares = [100 * row["false_cut_offs"] for row in rows]
        axes.plot(waits, shares, marker="o", markersize=3, color=COLOURS.get(name), label=name)
    axes.plot(
        [here["mean_sentence_ms"]], [100 * here["false_cut_offs"]], "*", color=INK, markersize=14
    )
    axes.axhline(5, color=INK, linewidth=0.8, linestyle=":")
    axes.set_xlabel("mean silence after a finished sentence until its turn is ended, ms")
    axes.set_ylabel("turns cut off within a clause or a number, %")
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.set_title("Cut-offs against latency; * is the setting we run at", loc="left", color=INK)
    _save(figure, path)


def save_selectivity(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw how often the bot yields to interruptions and to back-channels, by their length.

    Raises ``UsageError`` as ``save_curve`` does.
    """
    figure, axes = _figure()
    labels = ["{:g} to {:g} s".format(*row["seconds"]) for row in rows]
    for shift, (name, colour) in zip((-0.2, 0.2), _SELECTED.items(), strict=True):
        places = [place + shift for place in range(len(rows))]
        bars = axes.bar(
            places,
            [100 * row[f"{name}_yielded"] for row in rows],
            0.38,
            color=colour,
            label=name.replace("_", "-"),
        )
        axes.bar_label(bars, [f"n={row[name]}" for row in rows], fontsize=7, color=INK)
    axes.set_xticks(range(len(rows)), labels)
    axes.set_ylabel("yielded to, %")
    # No bar leaves room within the axes.
    figure.legend(loc="outside lower center", ncols=len(_SELECTED), frameon=False)
    axes.set_title("To whom the bot yields, by how long it lasts", loc="left", color=INK)
    _save(figure, path)


def _figure() -> tuple[Any, Any]:
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra's library)
    except ImportError as error:
        raise UsageError("--plot needs matplotlib: pip install 'voicebot[bench]'") from error
    figure = Figure(figsize=(8.0, 4.5), dpi=130, layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Any, path: Path) -> None:  # noqa: ANN401 - matplotlib has no types
    try:
        figure.savefig(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
