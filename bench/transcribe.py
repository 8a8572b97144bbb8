"""How well ``voicebot transcribe`` writes down calls between people, and what it costs.

Real Asterisk, two real phones (baresip) for each call, human recordings at 8 kHz (µ-law) that
answer and overlap each other. What was said is compared with the finals: word errors of each party
(jiwer, whisper_normalizer's English rules), the time from the end of a sentence, as it left the
phone, until its final came out of the sidecar, how far the positions are off, how soon after its
begin something of a sentence is shown, and how old a partial is then. The same calls without the
sidecar give what it costs Asterisk. ``--calls`` may be repeated, and ``--repeat`` runs each number
again. ``--find`` looks by itself for the largest number of calls whose finals lag no more than 5 s
(``--seconds 20 --find`` takes about five minutes). ``--real-time`` gives Asterisk the processor
first, as Debian's unit does and ``highpriority`` in ``asterisk.conf``: where the machine is full,
what Asterisk hears late is missing from the texts otherwise.

``python -m bench.transcribe --json`` prints one JSON object as its last line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.latency_errors import LatencyError
from bench.latency_local import private_asterisk
from bench.latency_machine import machine, usage
from bench.phone import PhoneError
from bench.transcribe_calls import numbers_of, phones_of, sides
from bench.transcribe_figures import figures, liveness
from bench.transcribe_find import Search, is_fine, saturated, save_lag
from bench.transcribe_loss import losses
from bench.transcribe_plot import save_waits
from bench.transcribe_sidecar import Sidecar, sidecar
from bench.transcribe_talk import Conversation, conversation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.transcribe_calls import Pair
    from bench.transcribe_figures import Said, Written
    from bench.transcribe_loss import Heard
    from tests.asterisk.server import AsteriskServer

_CATCH_UP_S: Final = 60.0
"""How long the finals may come after the last call has ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run has given."""

    said: list[Said]
    written: list[Written]
    report: dict[str, Any]


async def measure(
    calls: int, seconds: float, *, without: bool, language: str, real_time: bool
) -> Outcome:
    """Run ``calls`` calls at once for ``seconds``.

    ``without``: first without the sidecar, too; ``real_time``: Asterisk has the processor first.
    """
    talks = [conversation(seconds, seed, language) for seed in range(calls)]
    async with (
        private_asterisk(phones=2 * calls, real_time=real_time) as pbx,
        AsyncExitStack() as stack,
    ):
        pairs = await phones_of(pbx, numbers_of(pbx), stack)
        alone = (await _talk(pbx, pairs, talks))[1] if without else None
        async with sidecar(pbx) as running:
            sentences, cost = await _talk(pbx, pairs, talks, running)
            said = [sentence.said for sentence in sentences]
            ended = await _until_written(running, calls)
            calls_of = sides([pair.numbers for pair in pairs])
            written = running.written(calls_of)
            report = {
                "calls": calls,
                "seconds": seconds,
                **figures(said, written, language),
                **liveness(said, running.partials(calls_of), written),
                "unfinished_calls": calls - ended,
                "falls_behind": len(running.log_lines("transcription falls behind the talk")),
                "stalled_ms": running.stalled_ms(),
                "heard": [_quality(line) for line in running.log_lines("party left")],
                "cpu_of_a_core": cost,
            }
    report |= losses(sentences, language)
    if alone is not None:
        report["asterisk_alone"] = alone["asterisk"]
        added = (cost["asterisk"] - alone["asterisk"]) / calls
        report["asterisk_added_per_call"] = round(added, 4)
    return Outcome(said, written, report)


async def _talk(
    pbx: AsteriskServer,
    pairs: Sequence[Pair],
    talks: Sequence[Conversation],
    running: Sidecar | None = None,
) -> tuple[list[Heard], dict[str, float]]:
    """Have all conversations at once; return what was said, and what it cost meanwhile."""
    await asyncio.gather(*(pair.connect() for pair in pairs))
    before = _cpu(pbx, running)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await asyncio.gather(*(pair.talk(one) for pair, one in zip(pairs, talks, strict=True)))
    lasted = loop.time() - began
    after = _cpu(pbx, running)
    said = [one for pair, spoken in zip(pairs, talks, strict=True) for one in pair.said(spoken)]
    await asyncio.gather(*(pair.hang_up() for pair in pairs))
    return said, {name: round((after[name] - before[name]) / lasted, 3) for name in after}


def _quality(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sidecar's log says of how it heard a party: numbers alone."""
    return {name: value for name, value in line.items() if isinstance(value, int | float)}


def _cpu(pbx: AsteriskServer, running: Sidecar | None) -> dict[str, float]:
    found = {"asterisk": usage(pbx.pid)["main"].cpu_s}
    if running is not None:
        used = usage(running.pid)
        found["sidecar"] = used["main"].cpu_s
        found["models"] = sum(one.cpu_s for name, one in used.items() if name != "main")
    everything = sum(one.cpu_s for one in usage(os.getpid()).values())
    found["phones"] = everything - sum(found.values())
    return found


async def _until_written(running: Sidecar, calls: int) -> int:
    """Wait for the texts of all calls, within bounds; return how many calls have them all."""
    for _ in range(int(_CATCH_UP_S * 10)):
        if running.ended() >= calls:
            break
        await asyncio.sleep(0.1)
    return running.ended()


def show(reports: Sequence[dict[str, Any]]) -> None:
    """Print the table."""
    print(
        "calls  sentences missed   WER  wait p50   p95  worst  late  partials"
        "  asterisk sidecar models"
    )
    for one in reports:
        wait, cpu = one["wait_s"], one["cpu_of_a_core"]
        print(
            f"{one['calls']:>5} {one['sentences']:>10} {one['missed']:>6} {one['wer']['all']:>5.1%}"
            f" {wait.get('p50', 0):>8.2f}s {wait.get('p95', 0):>4.2f}s {one['worst_wait_s']:>5}s"
            f" {one['late_share']:>5.0%} {one['partials']:>9} {cpu['asterisk']:>8.1%}"
            f" {cpu['sidecar']:>7.1%} {cpu['models']:>6.1%}"
        )
        if "asterisk_added_per_call" in one:
            print(f"      Asterisk's part of a core per call: {one['asterisk_added_per_call']:.2%}")
        starts, ends = one["start_error_ms"], one["end_error_ms"]
        print(
            f"      places: start {starts.get('p50')} ms (p95 {starts.get('p95')}), "
            f"end {ends.get('p50')} ms (p95 {ends.get('p95')}); out of order {one['out_of_order']}"
        )
        first, behind = one["first_text_s"], one["behind_s"]
        print(
            f"      first text of a sentence after {first.get('p50')} s (p95 {first.get('p95')}, "
            f"worst {one['worst_first_text_s']}; later than 1 s: {one['shown_late']}); "
            f"partials {behind.get('p50')} s behind (p95 {behind.get('p95')})"
        )
        lag = max((party["lag_ms"] for party in one["heard"]), default=0)
        replaced = sum(party["replaced"] for party in one["heard"])
        lost = sum(party["lost"] for party in one["heard"])
        silent = sum(party["concealed_s"] for party in one["heard"])
        wer = one["wer"]
        print(
            f"      words wrong: best party {wer['best_party']:.1%}, worst "
            f"{wer['worst_party']:.1%}; in what the phones sent {one['wer_sent']:.1%}, in what "
            f"they received {one['wer_received']:.1%}"
        )
        print(
            f"      capture: {lost} packets lost, {silent:.1f} s without any, Asterisk held back "
            f"{lag} ms at most, {replaced} captures replaced; the sidecar itself was held up for "
            f"{one['stalled_ms']} ms at most"
        )


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run everything that was asked for."""
    outcomes = await (_find(arguments) if arguments.find else _each(arguments))
    reports = [outcome.report for outcome in outcomes]
    show(reports)
    fine = max((one["calls"] for one in reports if is_fine(one)), default=0)
    if arguments.find:
        most = max(reports, key=lambda one: one["calls"])
        print(f"calls without a lag of more than 5 s: {fine}")
        print(f"busiest with {most['calls']}: {saturated(most, os.cpu_count() or 1)}")
    if arguments.plot and arguments.find:
        save_lag(arguments.plot, reports)
    elif arguments.plot:
        save_waits(
            arguments.plot,
            [(o.report["calls"], o.said, o.written) for o in outcomes],
        )
    return {"machine": machine(), "runs": reports, "calls_without_lag": fine}


async def _each(arguments: argparse.Namespace) -> list[Outcome]:
    """Run with the numbers of calls that were asked for."""
    return [
        await measure(
            calls,
            arguments.seconds,
            without=not arguments.quick,
            language=arguments.language,
            real_time=arguments.real_time,
        )
        for calls in arguments.calls or [1]
        for _ in range(arguments.repeat)
    ]


async def _find(arguments: argparse.Namespace) -> list[Outcome]:
    """Run with more and more calls until finals lag."""
    search, outcomes = Search(), []
    while (calls := search.calls) is not None:
        outcome = await measure(
            calls,
            arguments.seconds,
            without=False,
            language=arguments.language,
            real_time=arguments.real_time,
        )
        outcomes.append(outcome)
        report = outcome.report
        search.note(calls, fine=is_fine(report))
        worst, p50 = report["worst_wait_s"], report["wait_s"].get("p50")
        print(f"{calls} calls: p50 {p50} s, worst {worst} s", file=sys.stderr, flush=True)
    return outcomes


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, action="append", help="calls at once; repeatable")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of each call")
    parser.add_argument("--language", default="en", help="of the recordings: en or ru")
    parser.add_argument("--quick", action="store_true", help="not without the sidecar, too")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each number of calls")
    parser.add_argument(
        "--real-time", action="store_true", help="Asterisk has the processor first (asterisk -p)"
    )
    parser.add_argument("--find", action="store_true", help="find the largest number of calls")
    parser.add_argument("--plot", type=Path, help="PNG of the waits")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    try:
        report = asyncio.run(run(arguments))
    except (LatencyError, PhoneError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code if isinstance(error, LatencyError) else 1)
    if arguments.json:
        print(json.dumps(report))


if __name__ == "__main__":
    main()
