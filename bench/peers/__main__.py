"""voicebot beside its peers: the same call, in memory, on one core, in one run."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench import peers
from bench.capacity import WIDTH, describe
from bench.compiled import measured
from bench.latency_machine import machine
from bench.load_errors import LoadError
from bench.peers.engines import ENGINES, FEED, EngineKind, Studio, over_sockets
from bench.peers.environments import PeerMissingError
from bench.peers.report import Row, draw, show

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALLS = (1, 5, 10, 20, 50)
SECONDS = 30.0
INTERRUPTED_CALLS = 5
SOCKETS = "sockets"

EXAMPLES = """\
examples:
  python -m bench.peers --calls 1 5 10 20 50 --seconds 30 --plot peers.png
      everything, about a quarter of an hour after the peers have been installed
  python -m bench.peers --only voicebot pipecat --calls 1 20 --seconds 12 --json > pipecat.json
      some of it
  python -m bench.peers --only livekit livekit-cheap --with pipecat.json --plot peers.png
      the rest, shown and drawn together with what was measured before"""


def main() -> None:
    """Measure, print, draw."""
    options = parse(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else WIDTH + 40)
    facts = machine()
    console.print(describe(facts), highlight=False)
    try:
        earlier = [_read(path) for path in options.earlier]
        rows, sockets, missing = run(console, options)
    except LoadError as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(1) from error
    before = [row for found in earlier for row in map(Row.parse, found["engines"])]
    rows = [*(row for row in before if row.key not in {new.key for new in rows}), *rows]
    sockets = [*(step for found in earlier for step in found["sockets"]), *sockets]
    show(console, rows, sockets)
    for name, reason in missing.items():
        console.print(f"[red]{name} is missing:[/] {reason}", highlight=False)
    if options.plot is not None:
        draw(options.plot, rows)
        console.print(f"written: {options.plot}")
    if options.json:
        found = {"engines": [row.as_json() for row in rows], "sockets": sockets}
        print(json.dumps({"machine": facts, **found, "missing": missing}))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.peers",
        description=peers.__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    keys = [FEED.key, *(kind.key for kind in ENGINES), SOCKETS]
    parser.add_argument("--calls", type=int, nargs="+", default=CALLS, help="calls at once")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each is measured")
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, help="who is measured")
    parser.add_argument(
        "--with", dest="earlier", type=Path, nargs="+", default=(), help="JSON of earlier runs"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, help="write a picture")
    return parser.parse_args(arguments)


def run(
    console: Console, options: argparse.Namespace
) -> tuple[list[Row], list[Mapping[str, Any]], dict[str, str]]:
    """Measure one engine after the other.

    Returns the rows, what was measured over sockets, and who is missing with the reason. Raises
    ``LoadError`` when an engine of ours gives no figures.
    """
    rows: list[Row] = []
    missing: dict[str, str] = {}
    kinds = [kind for kind in (FEED, *ENGINES) if kind.key in options.only]
    wanted = any(kind.compiled for kind in kinds)
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-peers-") as folder,
        measured(source=not wanted) as compiled,
    ):
        studio = Studio(Path(folder), _core(), compiled)
        for kind in kinds:
            row = Row(kind.key, kind.name, kind.version, kind.about)
            try:
                _measure(console, studio, kind, row, options)
            except PeerMissingError as error:
                missing[kind.name] = str(error)
            if row.steps:
                rows.append(row)
    sockets = []
    if SOCKETS in options.only:
        for calls in options.calls:
            console.print(f"voicebot, sockets: {calls} calls …", highlight=False)
            sockets.append(over_sockets(calls, options.seconds))
    return rows, sockets, missing


def _measure(
    console: Console, studio: Studio, kind: EngineKind, row: Row, options: argparse.Namespace
) -> None:
    """Run one engine with more and more calls until the core is full, then with interruptions."""
    for calls in options.calls:
        if row.full:
            console.print(f"{kind.name}: the core is full, {calls} calls are left out")
            continue
        console.print(f"{kind.name}: {calls} calls, {options.seconds:g} s …", highlight=False)
        row.steps.append(studio.run(kind, calls, options.seconds))
    if kind is not FEED:
        console.print(f"{kind.name}: interruptions …", highlight=False)
        row.interrupted = studio.run(
            kind, INTERRUPTED_CALLS, max(options.seconds, 24.0), interrupting=True
        )


def _core() -> int | None:
    """Return the core that the engines run on, ``None`` where there is only one."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[0] if len(allowed) > 1 else None


def _read(path: Path) -> Mapping[str, Any]:
    """Return the figures in the last line of an earlier run. Raises ``LoadError``."""
    try:
        found: Mapping[str, Any] = json.loads(path.read_text().splitlines()[-1])
    except (OSError, ValueError, IndexError) as error:
        raise LoadError(f"{path} holds no figures of bench.peers: {error}") from error
    return found


if __name__ == "__main__":
    main()
