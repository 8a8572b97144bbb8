"""What the sidecar has Asterisk remember, for the time after a crash.

A bridge of ours outlives us, and its name is ours to choose: it says of which call and channel it
is. So nothing has to be kept on disk, and what belongs to a call that is over is over too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from voicebot.apps import names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from voicebot.ari.models import Bridge

_HEARD = "heard"
_OFF = "off"


@dataclass(frozen=True, slots=True)
class Past:
    """The channel ``channel_id`` was listened to as part of ``call``."""

    call: str
    channel_id: str

    def __str__(self) -> str:
        return f"{self.call} {_HEARD} {self.channel_id}"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The wish of somebody in ``call`` to be left alone; ``channel_ids`` were in it then."""

    call: str
    channel_ids: frozenset[str]

    def __str__(self) -> str:
        return " ".join((self.call, _OFF, *sorted(self.channel_ids)))


def parse(name: str) -> Past | Refusal | None:
    """Return what a bridge's name says; ``None`` where it is not one of these."""
    match name.split():
        case [call, word, *channel_ids] if word == _OFF:
            return Refusal(call, frozenset(channel_ids))
        case [call, word, channel_id] if word == _HEARD:
            return Past(call, channel_id)
    return None


@dataclass(frozen=True, slots=True)
class Memory:
    """Everything remembered: calls by the channels in them, the bridges of refusals by call."""

    calls: Mapping[str, str]
    refusals: Mapping[str, str]


def recall(bridges: Iterable[Bridge], app: str, present: Collection[str]) -> Memory:
    """Return what the bridges of a former run of ``app`` say of ``present`` channels."""
    calls: dict[str, str] = {}
    refusals: dict[str, str] = {}
    for bridge in bridges:
        if not bridge.id.startswith(names.ear(app)):
            continue
        match parse(bridge.name):
            case Past(call=call, channel_id=channel_id) if channel_id in present:
                calls[channel_id] = call
            case Refusal(call=call, channel_ids=them) if not them.isdisjoint(present):
                refusals[call] = bridge.id
                calls.update(dict.fromkeys(them, call))
            case _:
                pass
    return Memory(calls, refusals)
