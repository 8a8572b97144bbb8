"""The figures of a comparison: put together, printed, drawn."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from bench.peers.outcome import Outcome
from bench.plots import ACCENT, BAR, INK, PALETTE, panels, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes
    from rich.console import Console

FULL: Final = 0.95
"""Share of a core from which on it is full: what is not done then shows as lateness, not as CPU."""

UNANSWERED: Final = 0.1
"""Share of utterances from which on an engine does not do its work any more."""

COLOURS: Final = {
    "voicebot": PALETTE[4],
    "voicebot-compiled": ACCENT,
    "pipecat": BAR,
    "pipecat-cheap": PALETTE[0],
    "livekit": PALETTE[2],
    "livekit-cheap": PALETTE[3],
}


@dataclass(slots=True)
class Row:
    """One engine: its steps by the number of calls, and the run in which callers interrupt."""

    key: str
    name: str
    version: str = ""
    about: str = ""
    steps: list[Outcome] = field(default_factory=list)
    interrupted: Outcome | None = None

    @property
    def full(self) -> bool:
        """Whether the last step has filled the core."""
        return bool(self.steps) and share(self.steps[-1]) >= FULL

    @property
    def within(self) -> Outcome | None:
        """The largest step that left something of the core, and in which callers were answered."""
        return next((step for step in reversed(self.steps) if _is_sound(step)), None)

    @property
    def calls_per_core(self) -> float | None:
        """How many calls fill a core, at the cost of one in the largest step below that."""
        step = self.within
        return None if step is None or not step.cpu_s else step.calls / share(step)

    @property
    def answered(self) -> Outcome | None:
        """The first step in which callers were answered."""
        return next((step for step in self.steps if step.wait.count), None)

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return {
            "key": self.key,
            "name": self.name,
            "version": self.version,
            "about": self.about,
            "calls_per_core": None if self.calls_per_core is None else round(self.calls_per_core),
            "steps": [_figures(step) for step in self.steps],
            "interrupted": None if self.interrupted is None else _figures(self.interrupted),
        }

    @classmethod
    def parse(cls, found: Mapping[str, Any]) -> Row:
        """Read a row that was written as JSON."""
        row = cls(found["key"], found["name"], found["version"], found["about"])
        row.steps = [_outcome(step) for step in found["steps"]]
        if found["interrupted"] is not None:
            row.interrupted = _outcome(found["interrupted"])
        return row


def share(outcome: Outcome) -> float:
    """Return how much of a core a run took, from 0 to 1."""
    return outcome.cpu_s / outcome.seconds


def _is_sound(outcome: Outcome) -> bool:
    said = outcome.turns + outcome.unanswered
    return share(outcome) < FULL and outcome.unanswered <= UNANSWERED * said


def cost_ms(outcome: Outcome) -> float:
    """Return the CPU of one call in each second, in ms."""
    return 1000 * share(outcome) / outcome.calls


def show(console: Console, rows: Sequence[Row], sockets: Sequence[Mapping[str, Any]]) -> None:
    """Print every step, then one line for each engine."""
    console.print(_steps(rows, sockets))
    console.print(_summary(rows))
    console.print(
        "wait: last speech sample in → first answer sample out; engine: less the silence that the"
        " settings have it wait.\nlate: each piece of the answer against the engine's own grid;"
        " over sockets: each packet at the receiver.\nbarge-in: the bot's last sample after the"
        " caller's onset. The feed's own cost is in every row in memory.\nkept waiting: the event"
        " loop could have run, and others had the core: its own threads, or another program, which"
        " spoils the waits and the lateness of that row.",
        highlight=False,
    )
    for row in rows:
        if row.about:
            console.print(f"[bold]{row.name}[/] {row.version}: {row.about}", highlight=False)


def _steps(rows: Sequence[Row], sockets: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title="The same call on one core", title_justify="left")
    table.add_column("engine")
    for column in (
        "calls", "core", "kept waiting", "CPU ms per call-s", "wait p50 ms", "p95",
        "engine p50 ms", "p95", "late p50 ms", "p99", "max", "kB per call", "turns", "unanswered",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    for row in rows:
        for step in row.steps:
            said = [step.wait.p50, step.wait.p95, step.engine.p50, step.engine.p95]
            late = [step.late.p50, step.late.p99, step.late.max]
            table.add_row(
                row.name,
                str(step.calls),
                f"{share(step):.0%}",
                f"{step.waited_s / step.seconds:.0%}",
                f"{cost_ms(step):.2f}",
                *(f"{value:.0f}" if step.wait.count else "" for value in said),
                *(f"{value:.1f}" if step.late.count else "" for value in late),
                f"{step.rss_kb / step.calls:.0f}",
                str(step.turns),
                str(step.unanswered) if step.wait.count else "",
            )
    for found in sockets:
        late = [found["lateness_ms"][name] for name in ("p50", "p99", "max")]
        cost = found["cpu_ms_per_call_s"]
        table.add_row(
            "voicebot, sockets",
            str(found["calls"]),
            f"{cost * found['calls'] / 1000:.0%}",
            "",
            f"{cost:.2f}",
            *[""] * 4,
            *(f"{value:.1f}" for value in late),
            f"{found['rss_kb_per_call']:.0f}",
            str(found["turns"]),
            "",
        )
    return table


def _summary(rows: Sequence[Row]) -> Table:
    table = Table(title="In short", title_justify="left")
    table.add_column("engine")
    for column in ("calls until a core is full", "seen at", "barge-in p50 ms", "p95", "of"):
        table.add_column(column, justify="right")
    for row in rows:
        calls, step, stop = row.calls_per_core, row.within, row.interrupted
        known = stop is not None and stop.stop.count
        table.add_row(
            row.name,
            "" if calls is None else f"{calls:.0f}",
            "" if step is None else f"{step.calls} calls, {share(step):.0%}",
            *(
                (f"{stop.stop.p50:.0f}", f"{stop.stop.p95:.0f}", str(stop.stop.count))
                if stop is not None and known
                else ("", "", "")
            ),
        )
    return table


def draw(path: Path, rows: Sequence[Row]) -> None:
    """Draw cost, lateness, wait and barge-in. Raises ``PictureError``."""
    rows = [row for row in rows if row.key in COLOURS and row.within is not None]
    title = "The same call through each engine, in memory, on one core"
    figure, (cost, late, said) = panels((12.0, 4.2), 3, title=title)
    for row in rows:
        calls = [step.calls for step in row.steps]
        colour = COLOURS[row.key]
        cost.plot(calls, [cost_ms(s) for s in row.steps], marker="o", color=colour, label=row.name)
        spoke = [step for step in row.steps if step.late.count]
        late.plot([s.calls for s in spoke], [s.late.p99 for s in spoke], marker="o", color=colour)
    for axes, title in (
        (cost, "CPU ms for each second of a call"),
        (late, "pieces of the answer late, p99, ms"),
    ):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("calls on one core")
        axes.set_title(title, loc="left", color=INK)
        axes.grid(visible=True, alpha=0.3)
    cost.legend(frameon=False, fontsize=8)
    _bars(said, rows)
    save(figure, path)


def _bars(axes: Axes, rows: Sequence[Row]) -> None:
    """Draw the wait, split into what is setting and what is engine, and the barge-in."""
    for place, row in enumerate(rows):
        first = row.answered
        if first is not None:
            setting = first.wait.p50 - first.engine.p50
            axes.barh(place - 0.2, setting, 0.38, color=INK, alpha=0.2)
            axes.barh(place - 0.2, first.engine.p50, 0.38, left=setting, color=COLOURS[row.key])
            text = f" {setting:.0f} + {first.engine.p50:.0f}"
            axes.text(first.wait.p50, place - 0.2, text, va="center", fontsize=8)
        if row.interrupted is not None and row.interrupted.stop.count:
            stop = row.interrupted.stop.p50
            axes.barh(place + 0.2, stop, 0.38, color=COLOURS[row.key], alpha=0.45)
            axes.text(stop, place + 0.2, f" {stop:.0f} barge-in", va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [row.name for row in rows])
    axes.invert_yaxis()
    axes.set_xlim(right=1.3 * axes.get_xlim()[1])
    axes.set_title("waits p50, ms: setting + engine", loc="left", color=INK)


def _figures(outcome: Outcome) -> dict[str, Any]:
    return asdict(outcome) | {
        "core": round(share(outcome), 4),
        "cpu_ms_per_call_s": round(cost_ms(outcome), 3),
        "rss_kb_per_call": round(outcome.rss_kb / outcome.calls, 1),
    }


def _outcome(found: Mapping[str, Any]) -> Outcome:
    derived = {"core", "cpu_ms_per_call_s", "rss_kb_per_call"}
    return Outcome.restored({key: value for key, value in found.items() if key not in derived})
