"""Broken, forged and hostile datagrams against the media plane.

``python -m bench.fuzz`` feeds mutated packets to the real receivers in simulated time: no exception
may come out, and memory may not grow.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import psutil
import structlog
from rich.console import Console

from bench.capacity import describe
from bench.fuzz_mutations import Mutator
from bench.latency_machine import machine
from voicebot.media.receiver import RtpReceiver

if TYPE_CHECKING:
    from voicebot.media.audio import Frame

CALL_PACKETS = 2_000
"""Packets of one call: then a new one begins, for a receiver's state decides what is broken."""

WARM = 0.2
"""Share of the run after which memory is measured for the first time."""


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What the fuzzed receivers did."""

    datagrams: int
    seconds: float
    failures: int
    frames: int
    malformed: int
    strange: int
    rss_growth_kb: float

    @property
    def passed(self) -> bool:
        """Whether nothing was raised and memory stood still."""
        return not self.failures and self.rss_growth_kb < 4096


def fuzz(count: int, seed: int) -> Fuzzed:
    """Feed ``count`` datagrams to receivers that live as long as a call each."""
    random_source = random.Random(seed)
    process = psutil.Process()
    failures = frames = malformed = strange = 0
    before = 0.0
    began = time.monotonic()

    def listen(_frame: Frame, _now: float) -> None:
        nonlocal frames
        frames += 1

    for start in range(0, count, CALL_PACKETS):
        now = random_source.random() * 1e6
        receiver = RtpReceiver(now)
        receiver.listen(listen)
        mutator = Mutator(random_source)
        for _ in range(min(CALL_PACKETS, count - start)):
            now += mutator.pause()
            datagram = mutator.datagram()
            try:
                receiver.receive(datagram, now)
                receiver.poll(now)
            except Exception as error:  # noqa: BLE001 - finding any is the purpose
                failures += 1
                print(f"{type(error).__name__}: {error}: {datagram.hex()}", file=sys.stderr)
        malformed += receiver.reception.malformed
        strange += receiver.reception.strange
        if not before and start >= WARM * count:
            before = process.memory_info().rss
    grown = process.memory_info().rss - before if before else 0.0
    seconds = time.monotonic() - began
    return Fuzzed(count, seconds, failures, frames, malformed, strange, grown / 1024)


def main() -> None:
    """Fuzz; print what was found. The exit code is 1 when something was."""
    options = parse()
    console = Console()
    console.print(describe(machine()), highlight=False)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found = fuzz(options.count, options.seed)
    told: dict[str, Any] = asdict(found) | {"passed": found.passed}
    for name, value in told.items():
        console.print(f"{name.replace('_', ' '):>16}: {value}")
    if options.json:
        print(json.dumps(told))
    raise SystemExit(0 if found.passed else 1)


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000_000, help="datagrams to feed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same datagrams")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    return parser.parse_args()


if __name__ == "__main__":
    main()
