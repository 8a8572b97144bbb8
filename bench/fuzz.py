"""Broken, forged and hostile datagrams against the media port.

Fifty calls get mutated packets through real sockets, read as production reads them, in simulated
time (``fuzz_calls``). Nothing may be raised, memory may not grow, a stranger who repeats packets
must not count, and each call must hand on the same frames as a plain receiver beside the port.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import structlog
from rich.console import Console

from bench.capacity import describe
from bench.fuzz_calls import Port
from bench.latency_machine import machine
from bench.plots import ACCENT, BAR, INK, canvas, save

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping, Sequence

STEP_S = 0.02

WARM = 200_000
"""Datagrams after which memory is measured first, or a fifth of the run if that is less."""

LOOKS = 100
"""How often memory is measured."""

MOST_GROWTH_KB = 4096


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What became of the datagrams.

    ``failures`` are exceptions, caught ones too; ``foreign`` were dropped of the ``strangers``'
    packets; ``differing`` calls did not hear what the receiver beside the port heard. ``memory`` is
    how much more there was of it (kB) after so many datagrams.
    """

    datagrams: int
    seconds: float
    failures: int
    frames: int
    malformed: int
    strange: int
    strangers: int
    foreign: int
    differing: int
    memory: tuple[tuple[int, float], ...]

    @property
    def rss_growth_kb(self) -> float:
        """How much memory was there more in the end."""
        return self.memory[-1][1] if self.memory else 0.0

    @property
    def passed(self) -> bool:
        """Whether nothing was raised, mistaken or let in, and memory stood still."""
        clean = not self.failures and not self.differing and self.foreign == self.strangers
        return clean and self.rss_growth_kb < MOST_GROWTH_KB

    def as_json(self) -> dict[str, Any]:
        """Return the figures by name."""
        growth = {"rss_growth_kb": self.rss_growth_kb, "passed": self.passed}
        return {**asdict(self), **growth}


class Memory:
    """What a process has more of than after it has warmed up."""

    def __init__(self, count: int) -> None:
        self.grown: list[tuple[int, float]] = []
        self._process = psutil.Process()
        self._step = max(count // LOOKS, 1)
        self._next = min(WARM, count // 5)
        self._before = 0.0

    def look(self, sent: int, *, last: bool = False) -> None:
        """Take a figure after ``sent`` datagrams, where one is due or it is the last."""
        if sent < self._next and not (last and self._before):
            return
        rss = self._process.memory_info().rss / 1024
        self._before = self._before or rss
        self.grown.append((sent, rss - self._before))
        self._next = sent + self._step


class Failures:
    """Counts what is logged as an error: an exception that production survives is one all the same.

    A processor of structlog's; nothing is printed but the errors.
    """

    def __init__(self) -> None:
        self.count = 0
        self.interrupted = False

    def interrupt(self, _signal: int, _frame: object) -> None:
        """Take note that no more is wanted: a step that has begun must end, or calls differ."""
        self.interrupted = True

    def __call__(
        self, _logger: object, name: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """Take a line of the log."""
        if name not in {"error", "exception", "critical"}:
            raise structlog.DropEvent
        self.count += 1
        return event


def fuzz(count: int, seed: int) -> Fuzzed:
    """Feed ``count`` datagrams to calls that last for 2,000 each; an interrupt ends it early."""
    failures = Failures()
    with watched(failures):
        return _fuzz(count, seed, failures)


@contextmanager
def watched(failures: Failures) -> Iterator[None]:
    """Let ``failures`` have the whole log, and the interrupts."""
    before = structlog.get_config()
    structlog.configure(
        processors=[failures, structlog.dev.ConsoleRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    handler = signal.signal(signal.SIGINT, failures.interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        structlog.configure(**before)


def _fuzz(count: int, seed: int, failures: Failures) -> Fuzzed:
    memory = Memory(count)
    port = Port(random.Random(seed))
    sent = raised = 0
    began = time.monotonic()
    while sent < count and not failures.interrupted:
        try:
            sent += port.step(STEP_S)
        except Exception as error:  # noqa: BLE001 - finding any is the purpose
            raised += 1
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        memory.look(sent)
    memory.look(sent, last=True)
    port.close()
    return Fuzzed(
        datagrams=sent,
        seconds=round(time.monotonic() - began, 1),
        failures=failures.count + raised,
        frames=sum(call.frames for call in port.calls),
        malformed=sum(call.malformed for call in port.calls),
        strange=sum(call.strange for call in port.calls),
        strangers=port.strange,
        foreign=port.exchange.foreign,
        differing=sum(call.differing for call in port.calls),
        memory=tuple(memory.grown),
    )


def main() -> None:
    """Fuzz; print what was found. The exit code is 1 when something was."""
    options = parse(sys.argv[1:])
    console = Console()
    console.print(describe(machine()), highlight=False)
    found = fuzz(options.count, options.seed)
    told = found.as_json()
    for name, value in told.items():
        if name != "memory":
            console.print(f"{name.replace('_', ' '):>16}: {value}")
    if options.plot is not None:
        draw(options.plot, found)
    if options.json:
        print(json.dumps(told))
    raise SystemExit(0 if found.passed else 1)


def draw(path: Path, found: Fuzzed) -> None:
    """Draw the memory against the datagrams. Raises ``PictureError``."""
    figure, axes = canvas((8.0, 3.6))
    datagrams, grown = zip(*found.memory, strict=True)
    axes.plot([number / 1e6 for number in datagrams], grown, color=BAR)
    axes.axhline(MOST_GROWTH_KB, color=ACCENT, linestyle="--", linewidth=1)
    axes.text(0, MOST_GROWTH_KB, " more fails", color=ACCENT, va="top", fontsize=8)
    axes.set_xlim(left=0)
    axes.set_xlabel("millions of datagrams")
    axes.set_ylabel("memory more than when warm, kB")
    axes.set_title(
        f"{found.datagrams:,} broken datagrams: {found.failures} raised, {found.differing} calls"
        f" misled,\n{found.foreign:,} of {found.strangers:,} of strangers dropped",
        loc="left",
        color=INK,
    )
    save(figure, path)


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000_000, help="datagrams to feed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same datagrams")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
