"""Strangers shower a media port with packets that would fit its calls, to be heard or answered.

Fifty calls share one SSRC and the same sequence numbers, each with noise of its own. After a quiet
part, eight sockets of strangers send packets of the right type, SSRC, time and sequence number.
What each call hears is compared with what its caller sent, to the bit; what the port sends is
noted by callers and strangers; and what it costs to drop a stranger's packet, and how late the
calls' own frames are meanwhile, is measured by their receivers.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench.capacity import WIDTH, Cores, describe
from bench.latency_machine import machine
from bench.load_errors import LoadError
from bench.load_generator import pinned
from bench.plots import ACCENT, BAR, INK, PALETTE, panels, save
from bench.spray_stream import Heard

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping, Sequence

CALLS = 50
SECONDS = 60.0
QUIET_S = 10.0
RATE = 20_000.0
_SPREAD = ("p50", "p99", "max")
GOING_ON = 0.95
"""Share of the callers' packets that must have been heard."""


@dataclass(frozen=True, slots=True)
class Sprayed:
    """What a port, its calls and its attackers saw.

    ``sent`` and ``answered`` are the strangers' packets, ``dropped`` what the port counted of them.
    ``cpu_ms_per_1000`` is what a thousand of them cost. Lateness is of the bot's packets, in ms.
    """

    calls: int
    seconds: float
    sent: int
    answered: int
    dropped: int
    heard: Heard
    packets: int
    core_quiet: float
    core_attacked: float
    cpu_ms_per_1000: float
    stalls: int
    late_quiet: Mapping[str, float]
    late_attacked: Mapping[str, float]

    @property
    def passed(self) -> bool:
        """Whether no stranger was heard or answered, and the calls went on.

        A caller's packet that comes too late on a busy machine is concealed: that is no failure.
        """
        went_on = self.heard.exact >= GOING_ON * self.packets
        return not self.heard.foreign and not self.answered and went_on and self.dropped > 0

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        return asdict(self) | {"passed": self.passed}


def spray(calls: int, seconds: float, rate: float, *, quiet_s: float = QUIET_S) -> Sprayed:
    """Run target and attackers in processes of their own. Raises ``LoadError``."""
    cores = Cores.choose()
    senders = [sys.executable, "-m", "bench.spray_callers"]
    senders += [str(value) for value in (calls, quiet_s, seconds, rate)]
    with (
        pinned([sys.executable, "-m", "bench.spray_target"], cores.server) as target,
        pinned([*senders], cores.callers) as outside,
    ):
        port = _ask(target, _line(outside))
        _tell(outside, f"go {port}")
        marks = []
        for expected in ("quiet", "attack", "over"):
            if _line(outside) != expected:
                raise LoadError("the callers ended early: see their message above")
            marks.append(json.loads(_ask(target, "mark")))
        seen = json.loads(_line(outside))
        told = json.loads(_ask(target, "end"))
    return _judged(calls, seconds, marks, seen, told["heard"])


def _judged(
    calls: int,
    seconds: float,
    marks: Sequence[Mapping[str, Any]],
    seen: Mapping[str, Any],
    heard: Mapping[str, int],
) -> Sprayed:
    quiet, attack, over = marks
    calm = (attack["cpu_s"] - quiet["cpu_s"]) / (attack["at"] - quiet["at"])
    attacked = (over["cpu_s"] - attack["cpu_s"]) / (over["at"] - attack["at"])
    dropped = over["foreign"] - attack["foreign"]
    cost = (attacked - calm) * (over["at"] - attack["at"])
    return Sprayed(
        calls=calls,
        seconds=seconds,
        sent=seen["sent"],
        answered=seen["answered"],
        dropped=dropped,
        heard=Heard(**heard),
        packets=seen["packets"],
        core_quiet=round(calm, 4),
        core_attacked=round(attacked, 4),
        cpu_ms_per_1000=round(1e6 * cost / dropped, 4) if dropped else 0.0,
        stalls=over["stalls"] - attack["stalls"],
        late_quiet=seen["quiet"],
        late_attacked=seen["attack"],
    )


def show(console: Console, found: Sprayed) -> None:
    """Print what was found, in sentences."""
    heard = found.heard
    console.print(
        f"{found.sent} packets of strangers in {found.seconds:g} s, {found.dropped} dropped by the"
        f" port, {found.answered} answered\n"
        f"{found.calls} calls with one SSRC sent {found.packets} packets and heard {heard.exact}"
        f" frames to the bit, {heard.altered} concealed, {heard.foreign} with a stranger's"
        f" sample, {heard.jumps} out of place\n"
        f"core {found.core_quiet:.1%} before, {found.core_attacked:.1%} meanwhile:"
        f" {found.cpu_ms_per_1000:.2f} ms of CPU for 1,000 packets dropped, {found.stalls} stalls\n"
        f"frames late p50 / p99 / max ms: {_late(found.late_quiet)} before,"
        f" {_late(found.late_attacked)} meanwhile",
        highlight=False,
    )
    console.print("[green]passed[/]" if found.passed else "[red]failed[/]")


def draw(path: Path, found: Sprayed) -> None:
    """Draw what the attack did to the calls, and what became of it. Raises ``PictureError``."""
    title = f"Strangers send for {found.seconds:g} s to the port of {found.calls} calls"
    figure, (late, count) = panels((9.0, 3.8), 2, title=title)
    for shift, label, colour, spread in (
        (-0.2, "before", PALETTE[0], found.late_quiet),
        (0.2, "meanwhile", ACCENT, found.late_attacked),
    ):
        places = [place + shift for place in range(len(_SPREAD))]
        bars = late.bar(places, [spread[name] for name in _SPREAD], 0.38, color=colour, label=label)
        late.bar_label(bars, fmt="%.1f", fontsize=8, color=INK)
    late.set_xticks(range(len(_SPREAD)), _SPREAD)
    late.set_title("the calls' own frames late, ms", loc="left", color=INK)
    late.legend(frameon=False)
    fates = {
        "sent": found.sent,
        "dropped": found.dropped,
        "answered": found.answered,
        "heard": found.heard.foreign,
    }
    bars = count.barh(range(len(fates)), list(fates.values()), color=BAR)
    count.bar_label(bars, [f" {number:,}" for number in fates.values()], color=INK)
    count.set_yticks(range(len(fates)), list(fates))
    count.invert_yaxis()
    count.set_xlim(right=1.35 * max(found.sent, 1))
    count.set_xticks([])
    count.set_title("strangers' packets", loc="left", color=INK)
    save(figure, path)


def main() -> None:
    """Spray; print what was found. The exit code is 1 when a stranger had any effect."""
    options = parse(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(describe(machine()), highlight=False)
    try:
        found = spray(options.calls, options.seconds, options.rate)
        show(console, found)
        if options.plot is not None:
            draw(options.plot, found)
    except LoadError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(2) from error
    if options.json:
        print(json.dumps(found.as_json()))
    raise SystemExit(0 if found.passed else 1)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.spray", description=__doc__)
    parser.add_argument("--calls", type=int, default=CALLS, help="calls that share one SSRC")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long to spray")
    parser.add_argument("--rate", type=float, default=RATE, help="strangers' packets a second")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    return parser.parse_args(arguments)


def _late(spread: Mapping[str, float]) -> str:
    return " / ".join(f"{spread[name]:.2f}" for name in _SPREAD)


def _tell(process: subprocess.Popen[str], line: str) -> None:
    if process.stdin is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def _ask(process: subprocess.Popen[str], line: str) -> str:
    _tell(process, line)
    return _line(process)


def _line(process: subprocess.Popen[str]) -> str:
    """Return the next line of a process. Raises ``LoadError`` when it has ended."""
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if not line:
        raise LoadError("a process of the run ended early: see its message above")
    return line


if __name__ == "__main__":
    main()
