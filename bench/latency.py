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
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress

from bench.baresip import PhoneError
from bench.latency_call import Line, Patience, converse
from bench.latency_cloud import Cloud, cloud_server
from bench.latency_errors import LatencyError, UsageError
from bench.latency_lines import ari_lines, explained, lines, sip_lines
from bench.latency_local import private_asterisk, receptionist
from bench.latency_machine import Usage, usage
from bench.latency_options import CODECS, Options, parse
from bench.latency_output import Run, keep, report, report_accuracy
from bench.latency_script import Conversation, asking, read_script
from bench.latency_timeline import LogMark
from bench.latency_voice import (
    EspeakVoice,
    OpenAiVoice,
    PiperVoice,
    Utterance,
    Voice,
    prepare,
)
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
LOG_SECONDS = 0.3


@dataclass(slots=True)
class Target:
    """Whom to call and how, and what is known of the bot from outside the calls."""

    open_line: OpenLine
    number: str
    mark: LogMark | None = None
    pid: int | None = None


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
    count = call_count(options, conversations)
    texts = itertools.chain.from_iterable(item.texts() for item in conversations)
    utterances = await asyncio.to_thread(prepare, texts, voice(options), language=options.language)
    async with AsyncExitStack() as stack:
        target = await open_target(stack, options)
        calls = itertools.islice(itertools.cycle(conversations), count)
        run = await place_calls(target, options, list(calls), utterances)
        # The bot tells of a call once it has noticed its end.
        await asyncio.sleep(LOG_SECONDS)
        account = target.mark.read() if target.mark is not None else None
    if not run.calls:
        raise explained(run.failures[0])
    if options.keep is not None:
        keep(options.keep, run.finished())
    if options.calibrate:
        return report_accuracy(run, options)
    return report(run, account, options)


def chosen(options: Options) -> list[Conversation]:
    """Return the conversations of a run; without a choice, the built-in ones."""
    if options.say:
        return [asking(options.say)]
    return read_script(options.script or SCRIPT)


def call_count(options: Options, conversations: Sequence[Conversation]) -> int:
    """Return how many calls are made. Raises ``UsageError`` where some could not be at once."""
    count = options.calls or len(conversations)
    if options.parallel > count:
        raise UsageError(f"--parallel {options.parallel}: {count} to be made in all; raise --calls")
    return count


def voice(options: Options) -> Voice:
    """Return the voice that speaks texts."""
    if options.voice == "openai":
        return OpenAiVoice(
            base_url=options.speech_url, model=options.speech_model, voice=options.speech_voice
        )
    if options.voice == "espeak":
        return EspeakVoice(options.language)
    return PiperVoice(options.language)


async def open_target(stack: AsyncExitStack, options: Options) -> Target:
    """Return where the calls go; what is started for it ends with ``stack``."""
    codec = CODECS[options.codec]
    mark = LogMark.now(options.timeline) if options.timeline is not None else None
    if options.ari is not None:
        login = (options.ari_user, options.ari_password)
        open_line = ari_lines(options.ari, *login, options.media_host, codec)
        return Target(open_line, options.dial or "", mark)
    if not options.local:
        return Target(sip_lines(options.accounts, codec), options.dial or "", mark)
    pbx = await stack.enter_async_context(private_asterisk())
    open_line = sip_lines([pbx.account(user) for user in LOCAL_PHONES], codec)
    if options.calibrate:
        return Target(open_line, options.dial or "echo")
    settings = await cloud_settings(stack, options.cloud)
    bot = await stack.enter_async_context(receptionist(pbx, settings))
    return Target(open_line, options.dial or "bot", LogMark.now(bot.log), bot.pid)


async def cloud_settings(stack: AsyncExitStack, cloud: Cloud | None) -> Mapping[str, str]:
    """Start a simulated cloud, if there is to be one; return a receptionist's settings for it."""
    if cloud is None:
        return {}
    url = await stack.enter_async_context(cloud_server(cloud))
    return cloud.settings(url, stack.enter_context(TemporaryDirectory(prefix="latency-cloud-")))


async def place_calls(
    target: Target,
    options: Options,
    calls: Sequence[Conversation],
    utterances: Mapping[str, Utterance],
) -> Run:
    """Make ``calls``, ``options.parallel`` at a time. A call that fails is noted, not raised."""
    run = Run()
    waiting = iter(enumerate(calls))
    patience = Patience(options.patience, options.quiet)
    if options.calibrate:
        patience = ECHO_PATIENCE
    console = Console(stderr=True)
    async with lines(options.parallel, target.open_line) as opened:
        began = time.monotonic()
        before = usage(target.pid) if target.pid is not None else {}
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("calling", total=len(calls))

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


if __name__ == "__main__":
    main()
