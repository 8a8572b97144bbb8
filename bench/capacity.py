"""How many calls one core carries: real RTP from a process of its own, measured by the receiver.

The media plane (RTP, jitter buffer, voice activity, turn taking, playout, clock) is pinned to one
core, the callers to another. Each caller speaks 3 s each 8 s and is answered with 3 s of speech;
speech and language providers take no time, so what is measured is the engine alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console
from rich.table import Table

from bench.capacity_plot import save_capacity
from bench.compiled import WAYS, compiled, serving
from bench.latency_machine import machine
from bench.load_errors import LoadError
from bench.load_generator import answer, built, callers, pinned, tell
from bench.load_speech import PERIOD_S, circle

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from bench.load_generator import Generator, Observation

CALLS = (1, 10, 100, 250, 500, 1000, 2000)
WARM_S = 2.0 * PERIOD_S
"""Half of it until all calls are there, and as long again until each caller has spoken since: in
the first silence a call may move on the clock."""

FLOOR_S = 10.0
WIDTH = 120

EXAMPLES = """\
examples:
  python -m bench.capacity
      1 to 2,000 calls, 60 s each, a table and the floor beside it
  python -m bench.capacity --calls 1000 --seconds 60 --json
      one run; the last line is one JSON object
  python -m bench.capacity --seconds 20 --plot capacity.png
      shorter, with a picture
  python -m bench.capacity --calls 500 --source
      what an installation without a C compiler carries"""


@dataclass(frozen=True, slots=True)
class Result:
    """One run. ``lost`` are packets that either side sent and the other did not get.

    Of ``calls``, ``refused`` were not taken since the core did not keep up with those before; costs
    are those of a call that was. ``compiled``: not the source of the hot modules ran.
    """

    compiled: bool
    calls: int
    refused: int
    seconds: float
    cpu_ms_per_call_s: float
    floor_ms_per_call_s: float
    rss_kb_per_call: float
    turns: int
    lost: int
    stalls: int
    seen: Observation

    def as_json(self) -> dict[str, Any]:
        """Return the figures by the names that do not change."""
        late = self.seen.lateness
        own = self.seen.own_lateness
        return {
            "compiled": self.compiled,
            "calls": self.calls,
            "refused": self.refused,
            "seconds": self.seconds,
            "cpu_ms_per_call_s": round(self.cpu_ms_per_call_s, 4),
            "floor_ms_per_call_s": round(self.floor_ms_per_call_s, 4),
            "lateness_ms": {
                "p50": late.p50,
                "p99": late.p99,
                "p999": late.p999,
                "max": late.max,
            },
            "lost": self.lost,
            "skipped": self.seen.skipped,
            "rss_kb_per_call": round(self.rss_kb_per_call, 1),
            "turns": self.turns,
            "stalls": self.stalls,
            "generator_lateness_ms": {"p99": own.p99, "max": own.max},
        }


@dataclass(frozen=True, slots=True)
class Cores:
    """Where the two processes run; ``None`` when the machine has only one core."""

    server: int | None
    callers: int | None

    @classmethod
    def choose(cls) -> Cores:
        """Take the first core for the media plane and the next for the callers."""
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            return cls(allowed[0], None)
        return cls(allowed[0], allowed[1])


class Rig:
    """Compiled programs and the callers' speech, used by all runs.

    ``folder`` is where a compiled voicebot is, ``None`` for the source.
    """

    def __init__(
        self, folder: Path | None, load: Path, floor: Path, frames: Path, cores: Cores
    ) -> None:
        self._folder = folder
        self._load = load
        self._floor = floor
        self._frames = frames
        self._cores = cores

    def measure(self, calls: int, seconds: float, codec: str) -> Result:
        """Load the media plane with so many calls, and then the floor."""
        with (
            pinned(_server(seconds, codec), self._cores.server, self._folder) as server,
            self._callers(calls, seconds) as generator,
        ):
            tell(server, " ".join(map(str, generator.ports)))
            port = answer(server, "the media plane did not start")
            seen = generator.run(int(port))
            told = json.loads(answer(server, "the media plane ended without a result"))
        # The first call is never refused.
        served = calls - told["refused"]
        return Result(
            compiled=told["compiled"],
            calls=calls,
            refused=told["refused"],
            seconds=seconds,
            cpu_ms_per_call_s=1000 * told["cpu_s"] / told["seconds"] / served,
            floor_ms_per_call_s=self._floor_cost(calls, min(seconds, FLOOR_S)),
            rss_kb_per_call=told["rss_kb"] / served,
            turns=told["turns"],
            lost=told["lost"] + told["unsent"] + seen.missing,
            stalls=told["stalls"],
            seen=seen,
        )

    def _floor_cost(self, calls: int, seconds: float) -> float:
        """Return the CPU of an echo in C, in ms for each second of a call."""
        with (
            pinned([self._floor], self._cores.server) as echo,
            self._callers(calls, seconds) as generator,
        ):
            generator.run(int(answer(echo, "the echo did not start")))
            times = psutil.Process(echo.pid).cpu_times()
        return 1000 * (times.user + times.system) / (WARM_S + seconds) / calls

    def _callers(self, calls: int, seconds: float) -> AbstractContextManager[Generator]:
        return callers(
            self._load,
            calls,
            warm_s=WARM_S,
            seconds=seconds,
            frames=self._frames,
            core=self._cores.callers,
        )


def main() -> None:
    """Measure, print, draw."""
    options = parse(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    try:
        results = run(console, options)
    except LoadError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(1) from error
    show(console, results)
    if options.plot is not None:
        save_capacity(options.plot, results)
        console.print(f"written: {options.plot}")
    if options.json:
        found = [result.as_json() for result in results]
        print(json.dumps(found[0] if len(found) == 1 else {"runs": found}))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.capacity",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=int, nargs="+", default=CALLS, help="calls at once")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long each run is measured")
    parser.add_argument("--codec", choices=("l16", "g722"), default="l16", help="what is sent")
    parser.add_argument("--source", action="store_true", help="run the source, nothing compiled")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, help="write a picture")
    return parser.parse_args(arguments)


def run(console: Console, options: argparse.Namespace) -> list[Result]:
    """Measure each number of calls in turn. Raises ``LoadError``."""
    cores = Cores.choose()
    console.print(f"{describe(machine())}; {cores}", highlight=False)
    with ExitStack() as stack:
        folder = None if options.source else stack.enter_context(compiled())
        load = stack.enter_context(built("load"))
        floor = stack.enter_context(built("floor"))
        frames = Path(stack.enter_context(tempfile.TemporaryDirectory()), "callers.raw")
        frames.write_bytes(circle().astype(">i2").tobytes())
        rig = Rig(folder, load, floor, frames, cores)
        results = []
        for calls in options.calls:
            console.print(f"{calls} calls, {options.seconds:g} s …", highlight=False)
            results.append(rig.measure(calls, options.seconds, options.codec))
        return results


def show(console: Console, results: Sequence[Result]) -> None:
    """Print one line for each run, and how far from the floor it is."""
    way = WAYS[results[0].compiled]
    table = Table(title=f"The media plane on one core, {way}", title_justify="left")
    for column in (
        "calls", "refused", "CPU ms per call-s", "floor", "distance", "late p50 ms", "p99", "p99.9",
        "max", "skipped", "lost", "kB per call", "turns", "callers' p99 / max ms",
    ):  # fmt: skip
        table.add_column(column, justify="right")
    for result in results:
        late, own = result.seen.lateness, result.seen.own_lateness
        table.add_row(
            str(result.calls),
            str(result.refused),
            f"{result.cpu_ms_per_call_s:.3f}",
            f"{result.floor_ms_per_call_s:.3f}",
            f"{result.cpu_ms_per_call_s / max(result.floor_ms_per_call_s, 1e-6):.1f}x",
            *(f"{value:.2f}" for value in (late.p50, late.p99, late.p999, late.max)),
            str(result.seen.skipped),
            str(result.lost),
            f"{result.rss_kb_per_call:.0f}",
            str(result.turns),
            f"{own.p99:.2f} / {own.max:.2f}",
        )
    console.print(table)
    console.print(
        "Lateness: each packet's arrival (the kernel's stamp) against the call's own 20 ms grid."
        "\nFloor: an echo of the same packets in C. Skipped: ticks for which nothing was sent."
    )


def describe(facts: Mapping[str, Any]) -> str:
    """Return the machine in one line, and the load that was there already."""
    return (
        f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gb']} GB,"
        f" Python {facts['python']}, load average {facts['load_1m']}"
    )


def _server(seconds: float, codec: str) -> list[str | Path]:
    return serving("bench.load_server", str(WARM_S), str(seconds), codec)


if __name__ == "__main__":
    main()
