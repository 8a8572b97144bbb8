"""The engine's own share of what a caller waits: ``python -m bench.latency_engine --help``.

Speech recognition, language model and voice take no time here, so what is left on top of the
silence that ends a turn is the engine: RTP in, turn taking, conversation, RTP out. It is taken on
the wire, by callers in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from bench.capacity import Cores, describe
from bench.compiled import WAYS, measured, serving
from bench.engine_callers import Turn, converse, open_callers
from bench.latency_figures import spread
from bench.latency_machine import machine
from bench.load_errors import LoadError
from bench.load_generator import answer, pinned, tell
from bench.plots import save_shares
from voicebot.config import TurnSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.engine_callers import Turn
    from bench.latency_figures import Spread

SILENCE_MS = TurnSettings().sentence_ms
GRACE_S = 2.0
WIDTH = 110

PARTS = {
    "share_ms": "answer's first packet, after last sample + silence",
    "packet_ms": "of it: until the packet that completes the silence",
    "engine_ms": "of it: from that packet on",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What was waited on top of the silence in one run with ``calls`` calls, in ms.

    ``packet_ms`` is a phone's packetisation: silence is noticed with the packet that completes it,
    20 ms at most after it is complete. ``engine_ms`` is everything from that packet on.
    ``compiled``: not the source of the hot modules ran.
    """

    compiled: bool
    calls: int
    missed: int
    stalls: int
    parts: Mapping[str, Sequence[float]]

    def spreads(self) -> dict[str, Spread | None]:
        """Return how each part is spread."""
        return {name: spread(values) for name, values in self.parts.items()}

    def as_json(self) -> dict[str, Any]:
        """Return the figures by the names that do not change."""
        found = {
            name: None if value is None else value.as_json()
            for name, value in self.spreads().items()
        }
        told = {"compiled": self.compiled, "calls": self.calls, "missed": self.missed}
        return told | {"stalls": self.stalls} | found


def main() -> None:
    """Measure, print, draw."""
    options = parse(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    console.print(f"{describe(machine())}; silence waited: {SILENCE_MS} ms", highlight=False)
    try:
        with measured(source=options.source) as folder:
            shares = [measure(calls, options.seconds, folder) for calls in options.calls]
    except LoadError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(1) from error
    show(console, shares)
    if options.plot is not None:
        save_shares(options.plot, {share.calls: share.parts["share_ms"] for share in shares})
    if options.json:
        print(json.dumps({"runs": [share.as_json() for share in shares], "machine": machine()}))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.latency_engine", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=(1, 100), help="calls at once")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long each run takes")
    parser.add_argument("--source", action="store_true", help="run the source, nothing compiled")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    return parser.parse_args(arguments)


def measure(calls: int, seconds: float, folder: Path | None) -> Share:
    """Return the engine's share at so many calls. Raises ``LoadError``.

    ``folder`` is where a compiled voicebot is, ``None`` for the source.
    """
    cores = Cores.choose()
    callers = open_callers(calls)
    command = serving("bench.engine_server", str(seconds + GRACE_S))
    with pinned(command, cores.server, folder) as server:
        ports = " ".join(str(caller.sock.getsockname()[1]) for caller in callers)
        tell(server, ports)
        port = int(answer(server, "the engine did not start"))
        converse(callers, port, seconds, SILENCE_MS / 1000)
        told = json.loads(answer(server, "the engine ended without a result"))
    turns = [turn for caller in callers for turn in caller.turns]
    answered = [turn for turn in turns if turn.answered < math.inf]
    missed = len(turns) - len(answered)
    return Share(told["compiled"], calls, missed, told["stalls"], parts(answered))


def parts(turns: Sequence[Turn]) -> dict[str, list[float]]:
    """Return what was waited on top of the silence, and its two parts, in ms."""
    return {
        "share_ms": [1000 * (turn.answered - turn.speech_end) - SILENCE_MS for turn in turns],
        "packet_ms": [1000 * (turn.complete - turn.speech_end) - SILENCE_MS for turn in turns],
        "engine_ms": [1000 * (turn.answered - turn.complete) for turn in turns],
    }


def show(console: Console, shares: Sequence[Share]) -> None:
    """Print a table for each run."""
    for share in shares:
        counts = f"{share.missed} turns missed, {share.stalls} stalls"
        title = f"{share.calls} calls, {WAYS[share.compiled]}: {counts}"
        table = Table(title=title, title_justify="left")
        for column in (
            "on top of the silence, in ms",
            "n",
            "min",
            "p50",
            "p90",
            "p95",
            "p99",
            "max",
        ):
            table.add_column(column, justify="left" if not table.columns else "right")
        for name, found in share.spreads().items():
            if found is not None:
                values = (found.least, *found.percentiles, found.most)
                cells = [f"{value:.1f}" for value in values]
                table.add_row(PARTS[name], str(found.count), *cells)
        console.print(table)


if __name__ == "__main__":
    main()
