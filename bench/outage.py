"""What a webhook's receiver misses that is down for a minute in the middle of real calls.

Real Asterisk, real phones, ``voicebot transcribe`` and a receiver on loopback, which goes away
after some seconds of talk and comes back later at the same address. What the sidecar printed as
JSON lines is compared with what the receiver accepted: nothing may be missing, come in another
order, or twice without the same id.

``python -m bench.outage --json`` prints one JSON object as its last line; the exit code is 4 where
anything was amiss.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from bench.latency_errors import MEASURED, WORSE_THAN_LIMITS, LatencyError, UsageError
from bench.latency_local import private_asterisk
from bench.latency_machine import machine
from bench.phone import PhoneError
from bench.plots import ACCENT, INK, PALETTE, canvas, save
from bench.transcribe_calls import numbers_of, phones_of
from bench.transcribe_sidecar import sidecar
from bench.transcribe_talk import conversation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import NoReturn, TypeAlias

    from bench.transcribe_sidecar import Sidecar
    from tests.records.receiver import Receiver

    Event: TypeAlias = Mapping[str, Any]

_BEFORE_S: Final = 10.0
"""How long the receiver is there at first."""

_WATCH_S: Final = 0.5

_CATCH_UP_S: Final = 90.0
"""A receiver is asked again within a minute."""


class Moment(NamedTuple):
    """How many events there were at a time (monotonic seconds)."""

    at: float
    told: int
    accepted: int


def compared(told: Sequence[Event], accepted: Sequence[tuple[str, Event]]) -> dict[str, int]:
    """Return how what was ``accepted``, each event under its id, differs from what was ``told``.

    The same event may come again under the same id, for an answer may have been lost.
    """
    first = list(dict(accepted).values())
    arrived = [event for event in told if event in first]
    strange = sum(event not in told for event in first)
    return {
        "told": len(told),
        "sentences": sum(event["event"] == "final" for event in told),
        "missing": len(told) - len(arrived),
        "strange": strange,
        "twice": len(first) - len(arrived) - strange,
        "again_under_the_same_id": len(accepted) - len(first),
        "out_of_order": sum(one != other for one, other in zip(arrived, first, strict=False)),
    }


def is_whole(report: Mapping[str, Any]) -> bool:
    """Return whether the receiver got everything, each once and in order."""
    faults = ("missing", "strange", "twice", "out_of_order")
    return report["told"] > 0 and not any(report[name] for name in faults)


async def measure(calls: int, down_s: float) -> dict[str, Any]:
    """Have ``calls`` calls at once while the receiver is away for ``down_s``."""
    lasts_s = _BEFORE_S + down_s + _BEFORE_S
    talks = [conversation(lasts_s, seed) for seed in range(calls)]
    async with private_asterisk(phones=2 * calls) as pbx, AsyncExitStack() as stack:
        pairs = await phones_of(pbx, numbers_of(pbx), stack)
        receiver = _receiver()
        receivers, course = [receiver], list[Moment]()
        async with sidecar(pbx, WEBHOOK__URL=receiver.url) as running:
            watching = asyncio.create_task(_watch(running, receivers, course))
            await asyncio.gather(*(pair.connect() for pair in pairs))
            talking = asyncio.gather(
                *(pair.talk(one) for pair, one in zip(pairs, talks, strict=True))
            )
            with receiver:
                await asyncio.sleep(_BEFORE_S)
            await asyncio.sleep(down_s)
            with _receiver(receiver.port) as again:
                receivers.append(again)
                back = asyncio.get_running_loop().time()
                await talking
                await asyncio.gather(*(pair.hang_up() for pair in pairs))
                complete = await _until_complete(running, calls, receivers)
            watching.cancel()
    accepted = [*_accepted(receiver), *_accepted(again)]
    return {
        "calls": calls,
        "down_s": down_s,
        "came_afterwards": len(_accepted(again)),
        "complete_after_s": round(complete - back, 1),
        "course": [[round(at - back, 1), told, taken] for at, told, taken in course],
        **compared(_told(running), accepted),
    }


async def _watch(running: Sidecar, receivers: Sequence[Receiver], course: list[Moment]) -> NoReturn:
    """Note in ``course`` how many events were told and accepted, twice a second."""
    loop = asyncio.get_running_loop()
    while True:
        accepted = {name for receiver in receivers for name, _event in _accepted(receiver)}
        course.append(Moment(loop.time(), len(_told(running)), len(accepted)))
        await asyncio.sleep(_WATCH_S)


def _receiver(port: int = 0) -> Receiver:
    try:
        from tests.records.receiver import Receiver  # noqa: PLC0415 (only in a checkout)
    except ImportError as error:
        raise UsageError(f"a checkout of the project is needed: {error}") from error
    return Receiver(port=port)


async def _until_complete(running: Sidecar, calls: int, receivers: Sequence[Receiver]) -> float:
    """Wait until all was told and accepted, within bounds; return when (monotonic seconds)."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + _CATCH_UP_S
    while loop.time() < deadline:
        accepted = {name for receiver in receivers for name, _event in _accepted(receiver)}
        if running.ended() >= calls and len(accepted) >= len(_told(running)):
            break
        await asyncio.sleep(0.1)
    return loop.time()


def _told(running: Sidecar) -> list[Event]:
    """Return what the sidecar printed and has to be delivered, in order."""
    events = [came.event for came in running.came]
    return [event for event in events if event.get("event") not in (None, "partial")]


def _accepted(receiver: Receiver) -> list[tuple[str, Event]]:
    """Return the same of what ``receiver`` accepted, each with its id."""
    ids = [headers["webhook-id"] for headers, _body in receiver.taken]
    accepted = zip(ids, receiver.events, strict=True)
    return [(name, event) for name, event in accepted if event["event"] != "partial"]


def draw(path: Path, report: Mapping[str, Any]) -> None:
    """Draw what was told and what the receiver had, over the time. Raises ``PictureError``."""
    figure, axes = canvas((8.0, 3.6))
    times, told, accepted = zip(*report["course"], strict=True)
    axes.axvspan(-report["down_s"], 0, color=INK, alpha=0.1, label="receiver down")
    axes.step(times, told, where="post", color=PALETTE[0], label="told by the sidecar")
    axes.step(times, accepted, where="post", color=ACCENT, label="accepted by the receiver")
    axes.set_xlabel("seconds since the receiver came back")
    axes.set_ylabel("events")
    axes.legend(frameon=False)
    axes.set_title(
        f"A receiver away for {report['down_s']:g} s of {report['calls']} calls:"
        f" {report['missing']} of {report['told']} events missing",
        loc="left",
        color=INK,
    )
    save(figure, path)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3, help="calls at once")
    parser.add_argument("--down", type=float, default=60.0, help="seconds without the receiver")
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="write a picture")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    arguments = parser.parse_args()
    try:
        report = asyncio.run(measure(arguments.calls, arguments.down))
    except (LatencyError, PhoneError, FileNotFoundError) as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code if isinstance(error, LatencyError) else 1)
    for name, value in report.items():
        if name == "course":
            continue
        print(f"{name.replace('_', ' '):>24}: {value}")
    if arguments.plot is not None:
        draw(arguments.plot, report)
    if arguments.json:
        print(json.dumps({"machine": machine(), **report}))
    sys.exit(MEASURED if is_whole(report) else WORSE_THAN_LIMITS)


if __name__ == "__main__":
    main()
