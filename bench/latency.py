"""What does a caller wait? ``python -m bench.latency --help``.

Calls are placed, utterances spoken, both directions recorded at the phone; every figure is taken
from the two waveforms alone:

voice to voice  from the last sample of the caller's speech, as it leaves the phone, to the onset of
                the answer, as its packet arrives
greeting        from the call's answer (SIP 200) to the bot's first sound
stop            from the onset of an interruption to the bot's last sound
dead air        the longest silence while the caller waits for an answer or within it
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import Progress

from bench.baresip import PhoneError
from bench.latency_calibrate import accuracy
from bench.latency_call import FinishedCall, Line, Patience, converse
from bench.latency_errors import MEASURED, WORSE_THAN_LIMITS, LatencyError
from bench.latency_figures import Figures
from bench.latency_lines import ari_lines, explained, lines, sip_lines
from bench.latency_local import private_asterisk, receptionist
from bench.latency_machine import Usage, machine, usage
from bench.latency_measure import measure
from bench.latency_options import Options, parse
from bench.latency_report import show_accuracy, show_figures, show_timeline, show_turns, show_usage
from bench.latency_script import Conversation, asking, read_script
from bench.latency_timeline import LogMark
from bench.latency_timeline import as_json as timeline_json
from bench.latency_voice import (
    EspeakVoice,
    OpenAiVoice,
    PiperVoice,
    Utterance,
    Voice,
    prepare,
)
from bench.plots import save_distribution, save_waterfall
from bench.waveform import write_wav
from voicebot.config import LogSettings
from voicebot.log import configure_logging

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.latency_lines import OpenLine

SCRIPT = Path(__file__).with_name("latency_receptionist.txt")
LOCAL_PHONES = ("201", "202", "203", "204")
# An echo answers at once and never twice.
ECHO_PATIENCE = Patience(answer=0.7, quiet=0.3)
# Simultaneous calls are not simultaneous to the millisecond.
STAGGER_SECONDS = 0.37
WIDTH = 110

INCLUDED = """\
Included: SIP and RTP path, PBX, bot. Not included: the phone's packetisation (20 ms) and its jitter
buffer, which is switched off here; a desk phone adds 20 to 60 ms."""


@dataclass(slots=True)
class Target:
    """Whom to call and how, and what is known of the bot from outside the calls."""

    open_line: OpenLine
    number: str
    mark: LogMark | None = None
    pid: int | None = None


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


def main() -> None:
    """Run the command line and end with its exit code."""
    configure_logging(LogSettings(level="error", format="console"))
    try:
        code = asyncio.run(bench(parse()))
    except LatencyError as error:
        print(f"latency: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


async def bench(options: Options) -> int:
    """Measure, print, and return the exit code. Raises ``LatencyError``."""
    conversations = chosen(options)
    texts = itertools.chain.from_iterable(item.texts() for item in conversations)
    utterances = await asyncio.to_thread(prepare, texts, voice(options), language=options.language)
    async with AsyncExitStack() as stack:
        target = await open_target(stack, options)
        run = await place_calls(target, options, conversations, utterances)
        turns = target.mark.turns() if target.mark is not None else None
    if not run.calls:
        raise explained(run.failures[0])
    if options.keep is not None:
        keep(options.keep, run.finished())
    if options.calibrate:
        return report_accuracy(run, options)
    return report(run, turns, options)


def chosen(options: Options) -> list[Conversation]:
    """Return the conversations of a run; without a choice, the built-in ones."""
    if options.say:
        return [asking(options.say)]
    return read_script(options.script or SCRIPT)


def voice(options: Options) -> Voice:
    """Return the voice that speaks texts."""
    if options.voice == "openai":
        return OpenAiVoice(
            base_url=options.speech_url, model=options.speech_model, voice=options.speech_voice
        )
    return EspeakVoice(options.language) if options.voice == "espeak" else PiperVoice()


async def open_target(stack: AsyncExitStack, options: Options) -> Target:
    """Return where the calls go; what is started for it ends with ``stack``."""
    mark = LogMark.now(options.timeline) if options.timeline is not None else None
    if options.ari is not None:
        login = (options.ari_user, options.ari_password)
        return Target(ari_lines(options.ari, *login, options.media_host), options.dial or "", mark)
    if not options.local:
        return Target(sip_lines(options.accounts, options.codec), options.dial or "", mark)
    pbx = await stack.enter_async_context(private_asterisk())
    open_line = sip_lines([pbx.account(user) for user in LOCAL_PHONES], options.codec)
    if options.calibrate:
        return Target(open_line, options.dial or "echo")
    bot = await stack.enter_async_context(receptionist(pbx))
    return Target(open_line, options.dial or "bot", mark or LogMark.now(bot.log), bot.pid)


async def place_calls(
    target: Target,
    options: Options,
    conversations: Sequence[Conversation],
    utterances: Mapping[str, Utterance],
) -> Run:
    """Make all calls, ``options.parallel`` at a time. A call that fails is noted, not raised."""
    run = Run()
    count = options.calls or len(conversations)
    waiting = iter(enumerate(itertools.islice(itertools.cycle(conversations), count)))
    patience = Patience(options.patience, options.quiet)
    if options.calibrate:
        patience = ECHO_PATIENCE
    parallel = min(options.parallel, count)
    console = Console(stderr=True)
    async with lines(parallel, target.open_line) as opened:
        began = time.monotonic()
        before = usage(target.pid) if target.pid is not None else {}
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("calling", total=count)

            async def work(number: int, line: Line) -> None:
                await asyncio.sleep(number * STAGGER_SECONDS)
                for call, conversation in waiting:
                    try:
                        run.calls[call] = await converse(
                            line, target.number, conversation, utterances, patience
                        )
                    except PhoneError as error:
                        run.failures.append(str(error))
                    progress.advance(task)

            async with asyncio.TaskGroup() as group:
                for number, line in enumerate(opened):
                    group.create_task(work(number, line))
        if target.pid is not None:
            run.used = spent(before, usage(target.pid))
        run.seconds = round(time.monotonic() - began, 1)
    return run


def spent(before: Mapping[str, Usage], after: Mapping[str, Usage]) -> dict[str, dict[str, float]]:
    """Return what each of the bot's processes used while the calls were made."""
    nothing = Usage(0.0, 0.0)
    return {
        name: {
            "cpu_s": round(found.cpu_s - before.get(name, nothing).cpu_s, 2),
            "rss_mb": round(found.rss_mb, 1),
        }
        for name, found in after.items()
    }


def keep(folder: Path, calls: Sequence[FinishedCall]) -> None:
    """Write each call as a stereo WAV: left what the caller said, right what he heard."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, call in enumerate(calls, 1):
        recording = call.recording
        path = folder / f"call-{number:03}.wav"
        write_wav(path, recording.rate, recording.said, recording.heard)


def report(run: Run, turns: Sequence[Mapping[str, float]] | None, options: Options) -> int:
    """Print and draw everything, and return the exit code."""
    console = printer()
    calls = [measure(call.recording, call.established, call.spoken) for call in run.finished()]
    figures = Figures(calls, run.failures)
    waits = figures.spreads()["voice_to_voice_ms"]
    show_turns(console, figures)
    show_figures(console, figures)
    if turns is not None:
        show_timeline(console, turns, waits)
    if run.used:
        show_usage(console, run.used, run.seconds)
    console.print(INCLUDED, highlight=False, soft_wrap=True)
    result: dict[str, Any] = figures.as_json() | {"machine": machine()}
    if turns:
        result["timeline"] = timeline_json(turns)
    if run.used:
        result["bot"] = {"seconds": run.seconds, "processes": run.used}
    if options.plot is not None and waits is not None:
        draw(options.plot, figures, turns or ())
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
    """Write the pictures: the waits, and beside them the engine's timeline if there is one."""
    waits = [turn.wait_ms for turn in figures.turns if turn.wait_ms is not None]
    title = f"What callers waited: {len(waits)} turns in {len(figures.calls)} calls"
    save_distribution(path, waits, title)
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


if __name__ == "__main__":
    main()
