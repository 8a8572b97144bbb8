"""What comes out of a latency run: tables, pictures, recordings, and one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bench.latency_calibrate import accuracy
from bench.latency_errors import MEASURED, WORSE_THAN_LIMITS
from bench.latency_figures import Figures
from bench.latency_machine import machine
from bench.latency_measure import measure
from bench.latency_report import (
    show_accuracy,
    show_figures,
    show_speculation,
    show_timeline,
    show_turns,
    show_usage,
)
from bench.latency_timeline import as_json as timeline_json
from bench.plots import save_distribution, save_waterfall
from bench.waveform import write_wav

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.latency_call import FinishedCall
    from bench.latency_options import Options
    from bench.latency_timeline import Account

WIDTH = 110

INCLUDED = """\
Included: SIP and RTP path, PBX, bot. Not included: the phone's packetisation (20 ms) and its jitter
buffer, which is switched off here; a desk phone adds 20 to 60 ms."""


@dataclass(slots=True)
class Run:
    """What all calls left, in the order in which they began."""

    calls: dict[int, FinishedCall] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    used: dict[str, dict[str, float]] = field(default_factory=dict)
    seconds: float = 0.0

    def finished(self) -> list[FinishedCall]:
        """Return the calls that came about."""
        return [self.calls[number] for number in sorted(self.calls)]


def keep(folder: Path, calls: Sequence[FinishedCall]) -> None:
    """Write each call as a stereo WAV: left what the caller said, right what he heard."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, call in enumerate(calls, 1):
        recording = call.recording
        path = folder / f"call-{number:03}.wav"
        write_wav(path, recording.rate, recording.said, recording.heard)


def report(run: Run, account: Account | None, options: Options) -> int:
    """Print and draw everything, and return the exit code."""
    console = printer()
    calls = [measure(call.recording, call.established, call.spoken) for call in run.finished()]
    figures = Figures(calls, run.failures)
    waits = figures.spreads()["voice_to_voice_ms"]
    show_turns(console, figures)
    show_figures(console, figures)
    if account is not None:
        show_timeline(console, account.turns, waits)
        show_speculation(console, account.speculation)
    if run.used:
        show_usage(console, run.used, run.seconds)
    console.print(INCLUDED, highlight=False, soft_wrap=True)
    if options.cloud is not None:
        console.print(options.cloud.describe(), highlight=False, soft_wrap=True)
    result: dict[str, Any] = figures.as_json() | {"machine": machine()}
    if account is not None:
        result["timeline"] = timeline_json(account.turns)
        result["speculation"] = account.speculation
    if options.cloud is not None:
        result["cloud"] = asdict(options.cloud)
    if run.used:
        result["bot"] = {"seconds": run.seconds, "processes": run.used}
    if options.plot is not None and waits is None:
        console.print("[yellow]no turn was answered: there is nothing to draw[/]")
    elif options.plot is not None:
        draw(options.plot, figures, () if account is None else account.turns)
    if options.json:
        print(json.dumps(result))
    within = waits is not None and all(
        limit is None or waits.at(percentile) <= limit
        for percentile, limit in ((50, options.max_p50), (95, options.max_p95))
    )
    limited = options.max_p50 is not None or options.max_p95 is not None
    return WORSE_THAN_LIMITS if limited and not within else MEASURED


def printer() -> Console:
    """Return a console for standard output, wide enough for the tables where it is no terminal."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH)


def draw(path: Path, figures: Figures, turns: Sequence[Mapping[str, float]]) -> None:
    """Write the pictures: the waits, and beside them when the bot stopped, and its timeline."""
    waits = [turn.wait_ms for turn in figures.turns if turn.wait_ms is not None]
    title = f"What callers waited: {len(waits)} turns in {len(figures.calls)} calls"
    save_distribution(path, waits, title)
    stops = [turn.barge_in_ms for turn in figures.turns if turn.barge_in_ms is not None]
    if stops:
        beside = path.with_name(f"{path.stem}-stops{path.suffix}")
        title = f"When the bot was quiet for a caller who interrupts: {len(stops)} turns"
        save_distribution(beside, stops, title, what="bot's last sound after the onset, ms")
    if turns:
        beside = path.with_name(f"{path.stem}-timeline{path.suffix}")
        median = figures.spreads()["voice_to_voice_ms"]
        heard = None if median is None else median.at(50)
        save_waterfall(beside, turns, heard, f"Where the time of a turn goes, {len(turns)} turns")


def report_accuracy(run: Run, options: Options) -> int:
    """Print how exact the figures of other runs are."""
    found = accuracy(run.finished())
    show_accuracy(printer(), found)
    if options.json:
        print(json.dumps(found.as_json() | {"machine": machine()}))
    return MEASURED
