"""Whether an Asterisk on this machine comes before the models that compute on it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from voicebot.apps.doctor.finding import MIKOPBX_FILES, Check

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from voicebot.apps.doctor.finding import Finding

_PRIORITY: Final = Check(
    "priority",
    "while the models compute, an Asterisk that has to wait for the processor loses what is said "
    "in calls that are transcribed",
)
# Niceness does not help: it gives a larger share of the processor, but not at once, and a tick of
# Asterisk's timer is over after 20 ms.
_REAL_TIME: Final = frozenset((os.SCHED_FIFO, os.SCHED_RR))
_PROC: Final = Path("/proc")


@dataclass(frozen=True, slots=True)
class Running:
    """An Asterisk on this machine, and whether it has the processor whenever it wants it."""

    pid: int
    real_time: bool


def asterisks() -> list[Running]:
    """Return those that this process can see: none from within a container."""
    return list(_find())


def _find() -> Iterator[Running]:
    for name in _PROC.glob("[0-9]*/comm"):
        pid = int(name.parent.name)
        try:
            if name.read_text().strip() == "asterisk":
                yield Running(pid, os.sched_getscheduler(pid) in _REAL_TIME)
        except OSError:
            # It has ended meanwhile.
            continue


def check_priority(running: Sequence[Running]) -> Iterator[Finding]:
    """Judge each Asterisk that shares the machine with our models."""
    for one in running:
        if one.real_time:
            yield _PRIORITY.ok(f"Asterisk (process {one.pid}) has the processor first")
        else:
            yield _PRIORITY.warning(
                f"Asterisk (process {one.pid}) waits for the processor like everything else here",
                fix="set highpriority = yes under [options] in asterisk.conf, or start it with -p, "
                "and restart it; or let the models run on another machine",
                mikopbx=f"{MIKOPBX_FILES} → asterisk.conf: add highpriority = yes at the end",
            )
