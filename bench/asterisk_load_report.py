"""What a step of ``bench.asterisk_load`` found: who is full first, as a table and a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.compiled import WAYS
from bench.plots import ACCENT, BAR, INK, PALETTE, panels, save

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from rich.console import Console

FULL = 0.95
"""Share of a core from which on it is full."""

ENOUGH = 0.97
"""Share of the packets that must come while all is well."""

MADE_UP = 0.01
"""Share of what callers say that may be made up, for packets came too late, while all is well."""


@dataclass(frozen=True, slots=True)
class Step:
    """So many calls at once. Cores are shares from 0 to 1, ``received`` that of the packets due.

    ``lost`` and ``late`` are packets of the callers as voicebot counts them, ``answered`` the calls
    whose greeting began, ``set_up_ms`` the time from StasisStart to its first sample. ``compiled``:
    not the source of voicebot's hot modules ran.
    """

    compiled: bool
    calls: int
    seconds: float
    answered: int
    asterisk: float
    voicebot: float
    sipp: float
    set_up_ms: Mapping[str, float]
    received: float
    lost: int
    late: int
    unsent: int
    stalls: int
    concealed: float

    @property
    def limit(self) -> str:
        """Who is full, or what else went wrong; empty while all is well."""
        if self.asterisk >= FULL:
            return "Asterisk's core is full"
        if self.voicebot + self.sipp >= FULL:
            return "voicebot's core is full (with sipp on it)"
        if self.answered < self.calls:
            return f"{self.calls - self.answered} calls were not answered"
        if self.received < ENOUGH:
            return f"{1 - self.received:.0%} of the packets did not come"
        if self.concealed > MADE_UP:
            return f"{self.concealed:.1%} of what callers said came too late"
        return ""

    @property
    def busier(self) -> str:
        """Whose core is nearer to being full, and how near."""
        ours = self.voicebot + self.sipp
        if self.asterisk > ours:
            return f"Asterisk's core is {self.asterisk:.0%} busy, voicebot's with sipp {ours:.0%}"
        return f"voicebot's core is {ours:.0%} busy with sipp, Asterisk's {self.asterisk:.0%}"


def judge(
    calls: int, before: Mapping[str, Any], after: Mapping[str, Any], used: Sequence[float]
) -> Step:
    """Put together what happened between two marks; ``used`` is the CPU of Asterisk and sipp."""
    seconds = after["at"] - before["at"]
    gained = {
        name: after[name] - before[name]
        for name in ("cpu_s", "received", "lost", "late", "unsent", "stalls", "concealed_s")
    }
    return Step(
        compiled=after["compiled"],
        calls=calls,
        seconds=round(seconds, 2),
        answered=after["spoke"],
        asterisk=round(used[0] / seconds, 4),
        voicebot=round(gained["cpu_s"] / seconds, 4),
        sipp=round(used[1] / seconds, 4),
        set_up_ms=after["set_up_ms"],
        received=round(gained["received"] / (50 * seconds * calls), 4),
        lost=gained["lost"],
        late=gained["late"],
        unsent=gained["unsent"],
        stalls=gained["stalls"],
        concealed=round(gained["concealed_s"] / (seconds * calls), 5),
    )


def show(console: Console, steps: Sequence[Step]) -> None:
    """Print one line for each step, and who was full first."""
    way = WAYS[steps[0].compiled]
    title = f"Real calls through a real Asterisk, voicebot {way}"
    table = Table(title=title, title_justify="left")
    for column in (
        "calls", "answered", "core: Asterisk", "voicebot", "sipp", "set-up ms p50", "p95", "max",
        "received", "lost", "late", "concealed", "unsent", "stalls",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    for step in steps:
        table.add_row(
            str(step.calls),
            str(step.answered),
            *(f"{share:.0%}" for share in (step.asterisk, step.voicebot, step.sipp)),
            *(f"{step.set_up_ms[name]:.0f}" for name in ("p50", "p95", "max")),
            f"{step.received:.1%}",
            str(step.lost),
            str(step.late),
            f"{step.concealed:.2%}",
            str(step.unsent),
            str(step.stalls),
        )
    console.print(table)
    console.print(
        "Set-up: StasisStart → first sample of the greeting sent. Received: of the packets due;"
        " sipp shares voicebot's core.",
        highlight=False,
    )
    console.print(verdict(steps), highlight=False)


def verdict(steps: Sequence[Step]) -> str:
    """Return who was full first, in a sentence."""
    good = [step.calls for step in steps if not step.limit]
    carried = f"{good[-1]} calls were carried" if good else "no step went well"
    last = steps[-1]
    limit = last.limit or "nobody was full"
    return f"{carried}; at {last.calls} {limit}: {last.busier}."


def draw(path: Path, steps: Sequence[Step]) -> None:
    """Draw both cores and the set-up. Raises ``PictureError``."""
    title = f"Real calls through a real Asterisk, one core each; voicebot {WAYS[steps[0].compiled]}"
    figure, (cores, waits) = panels((9.0, 3.8), 2, title=title)
    calls = [step.calls for step in steps]
    for values, label, colour in (
        ([step.asterisk for step in steps], "Asterisk", ACCENT),
        ([step.voicebot for step in steps], "voicebot", BAR),
        ([step.sipp for step in steps], "sipp, on voicebot's core", PALETTE[3]),
    ):
        cores.plot(calls, [100 * value for value in values], marker="o", color=colour, label=label)
    cores.axhline(100, color=INK, linestyle=":", linewidth=1)
    cores.set_title("% of a core", loc="left", color=INK)
    for name, colour in (("max", ACCENT), ("p95", PALETTE[3]), ("p50", BAR)):
        values = [step.set_up_ms[name] for step in steps]
        waits.plot(calls, values, marker="o", color=colour, label=name)
    waits.set_yscale("log")
    waits.set_title("StasisStart → first sample, ms", loc="left", color=INK)
    for axes in (cores, waits):
        axes.set_xlabel("calls at once")
        axes.legend(frameon=False)
    save(figure, path)
