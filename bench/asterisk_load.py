"""Real calls through a real Asterisk: how many this machine carries, and who is full first.

sipp calls a private Asterisk, each caller with 3 s of speech each 8 s as RTP (µ-law). Asterisk
gives each call an externalMedia channel, and the real receptionist answers, with providers that
take no time. Asterisk has one core to itself; voicebot has another, which it shares with sipp.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from rich.console import Console

from bench.asterisk_load_callers import calling, write
from bench.asterisk_load_report import draw, judge, show, verdict
from bench.capacity import WIDTH, Cores, describe
from bench.compiled import measured, serving
from bench.latency_errors import UsageError
from bench.latency_local import private_asterisk
from bench.latency_machine import machine, usage
from bench.load_errors import LoadError
from bench.load_generator import on_core, pinned

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from bench.asterisk_load_report import Step
    from tests.asterisk.server import AsteriskServer

CALLS = (10, 25, 50, 100, 150, 200, 300)
SECONDS = 20.0
RATE = 10.0
"""New calls a second."""

SETTLE_S = 2.0
PATIENCE_S = 20.0
PORTS_PER_CALL = 4
APP = "load"


class Load:
    """One Asterisk, and the callers' scenario, for all steps.

    ``folder`` is where a compiled voicebot is, ``None`` for the source.
    """

    def __init__(
        self, pbx: AsteriskServer, scenario: Path, cores: Cores, folder: Path | None
    ) -> None:
        self._pbx = pbx
        self._folder = folder
        self._scenario = scenario
        self._cores = cores

    def run(self, calls: int, seconds: float, rate: float) -> Step:
        """Let so many calls be up at once, and measure them. Raises ``LoadError``."""
        pbx = self._pbx
        command = serving("bench.asterisk_load_bot", pbx.ari_url, pbx.username, pbx.password, APP)
        ramp = calls / rate
        with pinned(command, self._cores.callers, self._folder) as bot:
            if _line(bot) != "ready":
                raise LoadError("the receptionist did not start: see its message above")
            length = ramp + PATIENCE_S + SETTLE_S + seconds
            with calling(
                self._scenario, pbx.sip_port, f"bot-{APP}", calls=calls, rate=rate, seconds=length
            ) as sipp:
                if self._cores.callers is not None:
                    os.sched_setaffinity(sipp.pid, {self._cores.callers})
                self._await_calls(bot, sipp, calls, ramp)
                time.sleep(SETTLE_S)
                before, used = _ask(bot), self._used(sipp.pid)
                time.sleep(seconds)
                after, spent = _ask(bot), self._used(sipp.pid)
        return judge(calls, before, after, [b - a for a, b in zip(used, spent, strict=True)])

    def _await_calls(
        self,
        bot: subprocess.Popen[str],
        sipp: subprocess.Popen[str],
        calls: int,
        ramp: float,
    ) -> None:
        """Wait until all calls are answered, or for as long as they may take."""
        deadline = time.monotonic() + ramp + PATIENCE_S - 1
        while time.monotonic() < deadline and _ask(bot)["spoke"] < calls:
            if sipp.poll() is not None:
                told = "" if sipp.stderr is None else sipp.stderr.read().strip()
                raise LoadError(f"sipp ended with {sipp.returncode}: {told}")
            time.sleep(0.25)

    def _used(self, sipp: int) -> tuple[float, float]:
        """Return the CPU that Asterisk and sipp have used so far, in seconds."""
        asterisk = sum(one.cpu_s for one in usage(self._pbx.pid).values())
        times = psutil.Process(sipp).cpu_times()
        return asterisk, times.user + times.system


async def measure(console: Console, options: argparse.Namespace) -> list[Step]:
    """Run one step after the other until somebody is full. Raises ``LoadError``, ``UsageError``."""
    cores = Cores.choose()
    console.print(f"{describe(machine())}; Asterisk on core {cores.server}", highlight=False)
    steps: list[Step] = []
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-load-") as folder,
        measured(source=options.source) as voicebot,
        many_files(),
    ):
        scenario = write(Path(folder))
        ports = PORTS_PER_CALL * max(options.calls) + 400
        with on_core(cores.server):
            private = private_asterisk(rtp_ports=ports)
            pbx = await private.__aenter__()
        try:
            load = Load(pbx, scenario, cores, voicebot)
            for calls in options.calls:
                console.print(f"{calls} calls, {options.seconds:g} s …", highlight=False)
                steps.append(load.run(calls, options.seconds, options.rate))
                if steps[-1].limit:
                    break
                await clear(pbx)
        finally:
            await private.__aexit__(None, None, None)
    return steps


async def clear(pbx: AsteriskServer) -> None:
    """End all calls of a step: sipp has left without a word. Raises ``LoadError``."""
    await pbx.cli("channel request hangup all")
    deadline = time.monotonic() + PATIENCE_S
    while "0 active channels" not in await pbx.cli("core show channels count"):
        if time.monotonic() > deadline:
            raise LoadError("the calls of a step do not end")
        await asyncio.sleep(0.2)


@contextmanager
def many_files() -> Iterator[None]:
    """Allow as many open files as the system lets us: Asterisk and sipp want some for each call."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def main() -> None:
    """Measure, print, draw."""
    options = parse(sys.argv[1:])
    console = Console(width=None if sys.stdout.isatty() else WIDTH + 20)
    try:
        steps = asyncio.run(measure(console, options))
        show(console, steps)
        if options.plot is not None:
            draw(options.plot, steps)
            console.print(f"written: {options.plot}")
    except (LoadError, UsageError) as error:
        console.print(f"[red]{error}[/]", highlight=False)
        raise SystemExit(1) from error
    if options.json:
        found = [asdict(step) | {"limit": step.limit} for step in steps]
        print(json.dumps({"machine": machine(), "steps": found, "verdict": verdict(steps)}))


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.asterisk_load",
        description=f"{__doc__}\nWants root and sipp (apt-get install sip-tester).",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--calls", type=int, nargs="+", default=CALLS, help="calls at once")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each is measured")
    parser.add_argument("--rate", type=float, default=RATE, help="new calls a second")
    parser.add_argument("--source", action="store_true", help="run the source, nothing compiled")
    parser.add_argument("--json", action="store_true", help="print the figures as the last line")
    parser.add_argument("--plot", type=Path, help="write a picture")
    return parser.parse_args(arguments)


def _ask(bot: subprocess.Popen[str]) -> dict[str, Any]:
    if bot.stdin is not None:
        bot.stdin.write("mark\n")
        bot.stdin.flush()
    found: dict[str, Any] = json.loads(_line(bot))
    return found


def _line(bot: subprocess.Popen[str]) -> str:
    """Return the next line of the receptionist's. Raises ``LoadError`` when it has ended."""
    line = bot.stdout.readline().strip() if bot.stdout is not None else ""
    if not line:
        raise LoadError("the receptionist ended: see its message above")
    return line


if __name__ == "__main__":
    main()
