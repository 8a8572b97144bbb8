"""``python -m voicebot.models``: the child process that ``LocalModels`` keeps.

It reads one JSON line from standard input (``launch.Order``), tells how far it is in JSON lines on
standard output (``launch.Report``), and ends when standard input is closed: so it never outlives
the program that started it, however that ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys

import structlog

from voicebot.errors import VoicebotError
from voicebot.models.launch import Order, Report
from voicebot.models.server import serve


def main() -> int:
    """Serve as ordered, and return the exit code."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    order = Order.model_validate_json(sys.stdin.readline())
    try:
        asyncio.run(_serve(order))
    except VoicebotError as error:
        _tell(Report(event="failed", error=type(error).__name__, message=str(error)))
        return error.exit_code
    return 0


async def _serve(order: Order) -> None:
    task = asyncio.ensure_future(
        serve(
            order.settings,
            which=order.which,
            languages=order.languages,
            on_load=lambda name, loaded, total: _tell(
                Report(event="loaded", model=name, loaded=loaded, total=total)
            ),
            on_ready=lambda url: _tell(Report(event="ready", base_url=url)),
        )
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    loop.add_reader(sys.stdin.fileno(), _end_with_parent, loop, task)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _end_with_parent(loop: asyncio.AbstractEventLoop, task: asyncio.Future[None]) -> None:
    if not os.read(sys.stdin.fileno(), 4096):
        loop.remove_reader(sys.stdin.fileno())
        task.cancel()


def _tell(report: Report) -> None:
    with contextlib.suppress(BrokenPipeError):
        print(report.model_dump_json(exclude_none=True), flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # A model's thread may be in the middle of long work, which nobody waits for any more.
    os._exit(code)
