"""What Asterisk tells about itself, asked once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicebot.errors import AriRequestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.ari.client import AriClient
    from voicebot.ari.models import AsteriskInfo, Channel


@dataclass(frozen=True, slots=True)
class Facts:
    """Asterisk as seen from here.

    ``running`` are modules without ``.so``; ``ahead_s`` is how far its clock is ahead of ours, and
    ``answer_s`` how long an answer takes; ``applications`` are those registered now.
    """

    info: AsteriskInfo
    running: frozenset[str]
    applications: frozenset[str]
    channels: tuple[Channel, ...]
    ahead_s: float
    answer_s: float


async def gather(ari: AriClient, clock: Callable[[], dt.datetime]) -> Facts:
    """Ask Asterisk. ``clock`` is ours, with a time zone. Raises ``AriError``."""
    asked = clock()
    ping = await ari.asterisk.ping()
    answered = clock()
    middle = asked + (answered - asked) / 2
    return Facts(
        info=await ari.asterisk.get_info(),
        running=await running_modules(ari),
        applications=frozenset(it.name for it in await ari.applications.list()),
        channels=await ari.channels.list(),
        ahead_s=(_time(ping.timestamp) - middle).total_seconds(),
        answer_s=(answered - asked).total_seconds(),
    )


async def running_modules(ari: AriClient) -> frozenset[str]:
    """Return the modules that run. Raises ``AriError``."""
    modules = await ari.asterisk.list_modules()
    return frozenset(it.name.removesuffix(".so") for it in modules if it.status == "Running")


def _time(text: str) -> dt.datetime:
    try:
        return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError as error:
        raise AriRequestError("GET", "/asterisk/ping", 200, f"{text!r} is no time") from error
