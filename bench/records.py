"""What it costs a call that it is kept, and how fast what waited is written.

A loop ticks every 20 ms, as the media clock does, while calls are told to the sinks at the pace of
real talk: each of two parties says a sentence of twelve words every six seconds, with a partial
every 0.8 s of speech. Measured are how late the ticks are, without and with the sinks, what ``put``
takes, and the CPU of the whole process. Then events that waited on disk are written at full speed.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import resource
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import uvloop
from rich.console import Console
from rich.table import Table

from bench.latency_machine import machine
from voicebot.config import RecordsSettings, WebhookSettings
from voicebot.records.database import Database
from voicebot.records.entry import Entry
from voicebot.records.events import (
    SAMPLE_RATE,
    CallEnded,
    CallEvent,
    CallStarted,
    Partial,
    PartyJoined,
    Word,
)
from voicebot.records.events import Final as FinalText
from voicebot.records.opening import open_sinks
from voicebot.records.outbox import Outbox
from voicebot.records.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.records.events import Sink

TICK_S: Final = 0.02
SENTENCE_S: Final = 6.0
PARTIAL_S: Final = 0.8
SENTENCE: Final = "so I wanted to ask you about the order of last week"
WAITED: Final = 5_000


@dataclass(slots=True)
class Pace:
    """What one run saw. Times in milliseconds."""

    calls: int
    kept: bool
    late: list[float] = field(default_factory=list)
    put: list[float] = field(default_factory=list)
    cpu_s: float = 0.0
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the figures by the names that do not change."""
        return {
            "calls": self.calls,
            "kept": self.kept,
            "late_ms": _spread(self.late),
            "put_ms": _spread(self.put) if self.put else None,
            "events_per_s": round(len(self.put) / self.seconds, 1),
            "cpu_percent": round(100 * self.cpu_s / self.seconds, 2),
        }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("--calls", type=int, nargs="+", default=[1, 20, 100])
    parser.add_argument("--seconds", type=float, default=20.0, help="of each run")
    parser.add_argument("--url", default="", help="PostgreSQL; else SQLite in a new folder")
    parser.add_argument("--json", action="store_true", help="one object, on one line")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="records-") as folder:
        url = options.url or f"sqlite:///{folder}/records.db"
        runs = [
            uvloop.run(_pace(calls, options.seconds, url if kept else "", Path(folder)))
            for calls in options.calls
            for kept in (False, True)
        ]
        replay_s = _replay(url, Path(folder))
    result = {
        "machine": machine(),
        "runs": [run.as_json() for run in runs],
        "replayed_events_per_s": round(WAITED / replay_s),
    }
    if options.json:
        print(json.dumps(result))
    else:
        _show(result)
    return 0


async def _pace(calls: int, seconds: float, url: str, folder: Path) -> Pace:
    """Tell of ``calls`` at once for ``seconds``; with an empty ``url`` of none of them."""
    seen = Pace(calls, kept=bool(url))
    settings = RecordsSettings(url=url, spool=folder / "spool")
    async with AsyncExitStack() as stack:
        sink: Sink = await stack.enter_async_context(open_sinks(settings, WebhookSettings()))
        due = sorted(
            ((moment, event) for call in range(calls) for moment, event in _talk(call, seconds)),
            key=lambda pair: pair[0],
        )
        loop, began, cpu = asyncio.get_running_loop(), time.monotonic(), _cpu()
        tick, told = 0, 0
        while tick * TICK_S < seconds:
            tick += 1
            at = began + tick * TICK_S
            await asyncio.sleep(max(0.0, at - loop.time()))
            seen.late.append((time.monotonic() - at) * 1000)
            while told < len(due) and due[told][0] <= tick * TICK_S:
                before = time.perf_counter()
                sink.put(due[told][1])
                seen.put.append((time.perf_counter() - before) * 1000)
                told += 1
        seen.seconds, seen.cpu_s = time.monotonic() - began, _cpu() - cpu
    return seen


def _talk(call: int, seconds: float) -> Iterator[tuple[float, CallEvent]]:
    """Yield the events of a call and when they come, spread so that calls do not coincide."""
    name, begun = f"{time.time_ns()}.{call}", dt.datetime.now(dt.UTC)
    yield 0.0, CallStarted(name, begun, "internal")
    for index, party in enumerate(("anna", "boris")):
        yield 0.0, PartyJoined(name, party, f"20{index}", party.title(), 0)
        first = (call * 0.37 + index * SENTENCE_S / 2) % SENTENCE_S
        for number in range(int(seconds / SENTENCE_S) + 1):
            start = first + number * SENTENCE_S
            for part in range(1, 4):
                text = SENTENCE[: 12 * part]
                moment = start + part * PARTIAL_S
                yield moment, Partial(name, party, number, _at(start), _at(moment), text)
            yield start + 4 * PARTIAL_S, _sentence(name, party, number, start)
    yield seconds, CallEnded(name, begun, _at(seconds), "hung up")


def _sentence(call: str, party: str, number: int, start: float) -> FinalText:
    said = SENTENCE.split()
    length = 3 * PARTIAL_S / len(said)
    words = tuple(
        Word(word, _at(start + length * i), _at(start + length * (i + 1)), 0.9)
        for i, word in enumerate(said)
    )
    end = words[-1].end
    return FinalText(call, party, number, words[0].start, end, SENTENCE, "en", 0.9, words, 0.4)


def _replay(url: str, folder: Path) -> float:
    """Return the seconds in which ``WAITED`` events go from the disk into the database."""
    name = f"replay {time.time_ns()}"
    told: list[CallEvent] = [CallStarted(name, dt.datetime.now(dt.UTC), "internal")]
    told += [_sentence(name, "anna", number, number) for number in range(WAITED - 1)]
    with Spool(folder / "spool", "replay") as spool:
        spool.append(Entry(name, number, event) for number, event in enumerate(told, 1))
        outbox = Outbox("replay", Database(url), spool=spool)
        began = time.monotonic()
        outbox.start()
        while outbox.waiting:
            time.sleep(0.01)
        took = time.monotonic() - began
        outbox.close(10)
    return took


def _show(result: dict[str, Any]) -> None:
    table = Table(
        "calls", "kept", "events/s", "tick late p50/p99/max ms", "put p50/p99 ms", "CPU %"
    )
    for run in result["runs"]:
        late, put = run["late_ms"], run["put_ms"]
        table.add_row(
            str(run["calls"]),
            "yes" if run["kept"] else "no",
            str(run["events_per_s"]),
            f"{late['p50']} / {late['p99']} / {late['max']}",
            f"{put['p50']} / {put['p99']}",
            str(run["cpu_percent"]),
        )
    console = Console()
    console.print(table)
    console.print(f"written after an outage: {result['replayed_events_per_s']} events/s")


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p99 = np.percentile(values, [50, 99])
    return {"p50": round(p50, 3), "p99": round(p99, 3), "max": round(max(values), 3)}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _at(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


if __name__ == "__main__":
    sys.exit(main())
