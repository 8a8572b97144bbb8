"""The figures as tables for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from bench.latency_figures import PERCENTILES
from bench.latency_measure import Outcome
from bench.latency_timeline import LAST, STEPS, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from bench.latency_calibrate import Accuracy
    from bench.latency_figures import Figures, Spread

NAMES = {
    "voice_to_voice_ms": "voice to voice",
    "greeting_ms": "greeting after the answer",
    "barge_in_ms": "bot's last sound after an interruption",
    "dead_air_ms": "longest silence of a turn",
}

STYLES = {
    Outcome.ANSWERED: "green",
    Outcome.QUIET: "green",
    Outcome.MISSED: "red",
    Outcome.CUT_OFF: "red",
    Outcome.NOT_YIELDED: "red",
    Outcome.UNEXPECTED: "red",
}


def show_turns(console: Console, figures: Figures) -> None:
    """Print every turn."""
    table = Table(title="Turns", title_justify="left")
    table.add_column("call", justify="right")
    table.add_column("the caller said", max_width=48)
    for name in ("wait ms", "stop ms", "dead air ms"):
        table.add_column(name, justify="right")
    table.add_column("outcome")
    for call, turn in figures.numbered():
        values = (turn.wait_ms, turn.barge_in_ms, turn.dead_air_ms)
        style = STYLES[turn.outcome]
        table.add_row(
            str(call), escape(turn.text), *map(_number, values), f"[{style}]{turn.outcome.value}[/]"
        )
    console.print(table)


def show_figures(console: Console, figures: Figures) -> None:
    """Print the percentiles, and how the turns ended."""
    table = _spread_table("Heard at the phone, in ms", "measure")
    for name, found in figures.spreads().items():
        _add(table, NAMES[name], found)
    console.print(table)
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in figures.outcomes.items())
    console.print(
        f"{len(figures.all_turns)} turns in {len(figures.calls)} calls: {counts or 'none'}"
    )
    for reason in figures.failures:
        console.print(f"[red]a call failed:[/] {escape(reason)}", highlight=False)


def show_timeline(
    console: Console, turns: Sequence[Mapping[str, float]], phone: Spread | None
) -> None:
    """Print the engine's own steps beside ``phone``, the voice to voice spread."""
    if not turns:
        console.print("[yellow]the log has no turn with a first packet: no timeline[/]")
        return
    table = _spread_table("The engine's own timeline, in ms since the caller's last sample", "step")
    table.add_column("adds p50", justify="right")
    table.add_column("share", justify="right")
    for step in summarise(turns):
        cells = _cells(step.reached)
        table.add_row(STEPS[step.name], *cells, f"{step.added.at(50):.0f}", f"{step.share:.0%}")
    if phone is not None:
        table.add_section()
        table.add_row("heard at the phone", *_cells(phone), "", "")
    console.print(table)
    last = next(step for step in summarise(turns) if step.name == LAST)
    if phone is not None:
        rest = phone.at(50) - last.reached.at(50)
        console.print(f"Between the engine's first packet and the phone, p50: {rest:.0f} ms.")


def show_speculation(console: Console, counts: Mapping[str, Any]) -> None:
    """Print what became of what the engine prepared before turns had ended."""
    if not counts:
        return
    named = {
        name: ", ".join(f"{key} {count}" for key, count in counts[name].items()) or "none"
        for name in ("dropped", "held_back", "wasted_ms")
    }
    console.print(
        f"Prepared before turns had ended: {counts['transcripts']} transcripts,"
        f" {counts['drafts']} answers, of which {counts['used']} were used. Dropped:"
        f" {named['dropped']}. Held back: {named['held_back']}. Taken in vain, in ms:"
        f" {named['wasted_ms']}.",
        highlight=False,
        soft_wrap=True,
    )


def show_usage(console: Console, used: Mapping[str, Mapping[str, float]], seconds: float) -> None:
    """Print what the bot's processes used during ``seconds`` of calls."""
    for name, found in used.items():
        share = found["cpu_s"] / seconds if seconds else 0.0
        console.print(
            f"The bot's process {name}: {found['cpu_s']:.1f} s of CPU in {seconds:.0f} s "
            f"({share:.0%} of a core), {found['rss_mb']:.0f} MB",
            highlight=False,
        )


def show_accuracy(console: Console, accuracy: Accuracy) -> None:
    """Print what a run against an echo tells about the measurement itself."""
    table = _spread_table("The measurement itself, against an echo, in ms", "measure")
    _add(table, "loop: said to heard again", accuracy.loop)
    _add(table, "error of an onset: of every voice to voice", accuracy.onset_error)
    _add(table, "error of a detected end: of every stop", accuracy.end_error)
    console.print(table)


def _spread_table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for name in ("n", "min", *(f"p{p}" for p in PERCENTILES), "max"):
        table.add_column(name, justify="right")
    return table


def _add(table: Table, name: str, found: Spread | None) -> None:
    table.add_row(name, *(["0"] + ["-"] * 6 if found is None else _cells(found)))


def _cells(found: Spread) -> list[str]:
    values = (found.least, *found.percentiles, found.most)
    return [str(found.count), *(_number(value) for value in values)]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"
