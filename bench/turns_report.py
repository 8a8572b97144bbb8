"""The figures as tables and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.plots import ACCENT, BAR, INK, PALETTE, canvas, panels, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

_SELECTED = {"interruptions": BAR, "back_channels": ACCENT}
COLOURS = {"ours": BAR, "smart-turn alone": PALETTE[2], "silence alone": ACCENT}
_NOISES = {"line noise": BAR, "babble": ACCENT}


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

    Raises ``PictureError`` as ``panels`` and ``save`` of ``plots``.
    """
    figure, axes = canvas((8.0, 4.5))
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
    save(figure, path)


def save_selectivity(
    path: Path, rows: Sequence[Mapping[str, Any]], noisy: Sequence[Mapping[str, Any]]
) -> None:
    """Draw how often the bot yields to interruptions and to back-channels.

    By their length (``rows``), and in noise (``noisy``, of all languages together). Raises
    ``PictureError`` as ``save_curve`` does.
    """
    figure, (lengths, noise) = panels((12.0, 4.5), 2)
    labels = ["{:g} to {:g} s".format(*row["seconds"]) for row in rows]
    for shift, (name, colour) in zip((-0.2, 0.2), _SELECTED.items(), strict=True):
        places = [place + shift for place in range(len(rows))]
        shares = [100 * row[f"{name}_yielded"] for row in rows]
        label = name.replace("_", "-")
        bars = lengths.bar(places, shares, 0.38, color=colour, label=label)
        lengths.bar_label(bars, [f"n={row[name]}" for row in rows], fontsize=7, color=INK)
    lengths.set_xticks(range(len(rows)), labels, fontsize=7)
    lengths.set_ylabel("yielded to, %")
    lengths.set_title("To whom the bot yields, by how long it lasts", loc="left", color=INK)
    _draw_noise(noise, noisy)
    # No bar leaves room within the axes.
    figure.legend(loc="outside upper center", ncols=len(_SELECTED) + 4, frameon=False, fontsize=8)
    save(figure, path)


def _draw_noise(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw the same against noise, at 16 kHz."""
    line = rows[0]["line"]
    levels = sorted({row["snr_db"] for row in rows if row["snr_db"] is not None}, reverse=True)
    for noise, style in zip(_NOISES, ("-", ":"), strict=True):
        for name, colour in _SELECTED.items():
            shares = []
            for snr in (None, *levels):
                beside = noise if snr is not None else None
                chosen = [
                    row
                    for row in rows
                    if (row["noise"], row["snr_db"], row["line"]) == (beside, snr, line)
                ]
                yielded = sum(row[f"{name}_yielded"] * row[name] for row in chosen)
                shares.append(100 * yielded / sum(row[name] for row in chosen))
            label = f"{name.replace('_', '-')}, {noise}"
            axes.plot(range(len(shares)), shares, style, marker="o", color=colour, label=label)
    axes.set_xticks(range(1 + len(levels)), ["none", *(f"{snr} dB" for snr in levels)])
    axes.set_xlabel("caller louder than the noise by")
    axes.set_ylim(0, 105)
    axes.set_title("and in noise, on lines of 16 kHz", loc="left", color=INK)


def save_noise(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw cut-offs and waits against noise, at 16 kHz, beside those without any.

    Raises ``PictureError`` as ``save_curve`` does.
    """
    title = "Callers in noise and among people who talk, on lines of 16 kHz"
    figure, (cuts, waits) = panels((9.0, 4.2), 2, title=title)
    quiet = next(row for row in rows if row["noise"] is None)
    for name, colour in _NOISES.items():
        chosen = [
            quiet, *(row for row in rows if row["noise"] == name and row["line"] == quiet["line"])
        ]  # fmt: skip
        places = range(len(chosen))
        shares = [100 * row["false_cut_offs"] for row in chosen]
        cuts.plot(places, shares, marker="o", color=colour, label=name)
        for style, quantile in (("-", "p50"), (":", "p95")):
            spread = [row["sentence_ms"][quantile] for row in chosen]
            waits.plot(places, spread, style, marker="o", color=colour, label=f"{name}, {quantile}")
        labels = ["none" if row["snr_db"] is None else f"{row['snr_db']} dB" for row in chosen]
        for axes in (cuts, waits):
            axes.set_xticks(places, labels)
    for axes, what in ((cuts, "turns cut off, %"), (waits, "wait after a finished sentence, ms")):
        axes.set_title(what, loc="left", color=INK)
        axes.set_xlabel("caller louder than the noise by")
        axes.set_ylim(bottom=0)
        axes.legend(frameon=False, fontsize=8)
    save(figure, path)
