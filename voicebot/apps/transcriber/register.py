"""Which talks are one call, and what is to be done about it: talks in, orders out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from voicebot.apps.transcriber.notebook import Notebook
    from voicebot.apps.transcriber.policy import Policy
    from voicebot.apps.transcriber.tracker import Talk
    from voicebot.ari.models import Channel
    from voicebot.records.events import Direction

Reason: TypeAlias = Literal["hung up", "opted out", "stopped"]


@dataclass(frozen=True, slots=True)
class Ask:
    """The facts of ``channel`` are needed: ``learn`` them."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class Begin:
    """A call is to be transcribed."""

    call: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Join:
    """``channel`` is to be heard in ``call``; ``again`` if it was before a restart of ours."""

    call: str
    channel: Channel
    again: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """The channel is not in ``call`` any more."""

    call: str
    channel_id: str


@dataclass(frozen=True, slots=True)
class End:
    """The transcription of ``call`` is over."""

    call: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Forget:
    """Nothing is left of ``call``, which was to be left alone."""

    call: str


Order: TypeAlias = Ask | Begin | Join | Leave | End | Forget


@dataclass(slots=True)
class _Call:
    direction: Direction
    number: int
    members: set[str] = field(default_factory=set)
    begun: bool = False
    over: bool = False


class Register:
    """Keeps the calls of the PBX, wanted or not.

    A call lives as long as one of its channels, whoever comes and goes: transferred, parked, on
    hold, in a conference. Where two calls come together, the one that was there first goes on. A
    call that was once ended stays ended.
    """

    def __init__(self, policy: Policy, notebook: Notebook) -> None:
        self._policy = policy
        self._notebook = notebook
        self._calls: dict[str, _Call] = {}
        self._call_of: dict[str, str] = {}
        self._count = 0
        self._hushed: frozenset[str] = frozenset()

    @property
    def hushed(self) -> frozenset[str]:
        """The channels that say nothing to the others of their call now, as of ``settle``.

        They are alone, on hold, or with somebody who is never transcribed.
        """
        return self._hushed

    def call_of(self, channel_id: str) -> str | None:
        """Return the call of a channel that is being transcribed."""
        name = self._call_of.get(channel_id)
        return name if name is not None and self._calls[name].begun else None

    def members(self, name: str) -> frozenset[str]:
        """Return the channels of a call."""
        return frozenset(self._calls[name].members)

    def stop(self, name: str, reason: Reason) -> list[Order]:
        """End the transcription of a call for good."""
        call = self._calls[name]
        if not call.begun:
            return []
        call.begun, call.over = False, True
        return [*(Leave(name, it) for it in sorted(call.members)), End(name, reason)]

    def settle(self, talks: Sequence[Talk], present: Collection[str]) -> list[Order]:
        """Return what follows from ``talks`` for the calls, in the order in which to do it.

        ``present`` are the ids of all channels of the PBX.
        """
        self._notebook.forget(present)
        orders: list[Order] = []
        for channel_id in [it for it in self._call_of if it not in present]:
            orders += self._move(channel_id)
        for talk in talks:
            orders += self._take(talk)
        members = {it for call in self._calls.values() if call.begun for it in call.members}
        heard: set[str] = set()
        for talk in talks:
            if not self._policy.denies(talk.channels):
                heard |= talk.ids - talk.held
        self._hushed = frozenset(members - heard)
        return orders

    def _drop(self, name: str, call: _Call) -> list[Order]:
        """Forget a call that has no channels any more."""
        if call.members:
            return []
        del self._calls[name]
        if call.over or name in self._notebook.refused:
            self._notebook.refused.discard(name)
            return [Forget(name)]
        return [End(name, "hung up")] if call.begun else []

    def _take(self, talk: Talk) -> list[Order]:
        if unknown := self._notebook.unknown(talk.channels):
            return [Ask(it) for it in unknown if self._notebook.ask(it.id)]
        name = self._name(talk)
        if name not in self._calls:
            self._count += 1
            self._calls[name] = _Call(self._policy.direction(talk.channels), self._count)
        call = self._calls[name]
        orders = self._consider(name, call, talk)
        for channel in talk.channels:
            if channel.id not in call.members:
                orders += self._move(channel.id)
                call.members.add(channel.id)
                self._call_of[channel.id] = name
                if call.begun and not self._policy.denies([channel]):
                    orders.append(self._join(name, channel))
        return orders

    def _name(self, talk: Talk) -> str:
        """Return the call that the talk belongs to, known or new."""
        known = {self._call_of[it.id] for it in talk.channels if it.id in self._call_of}
        if known:
            return min(known, key=lambda name: self._calls[name].number)
        before = [name for it in talk.channels if (name := self._notebook.call_before(it.id))]
        return before[0] if before else self._notebook.facts(talk.channels[0].id).linked_id

    def _consider(self, name: str, call: _Call, talk: Talk) -> list[Order]:
        """Begin a call that is wanted, end one that is not any more."""
        marks = {self._notebook.facts(it.id).mark for it in talk.channels}
        if "no" in marks:
            return self.stop(name, "stopped")
        if call.begun or call.over or name in self._notebook.refused:
            return []
        if not self._policy.selects(talk.channels, call.direction, marks):
            return []
        call.begun = True
        known = [it for it in talk.channels if it.id in call.members]
        begin: Order = Begin(name, call.direction)
        return [
            begin,
            *(Join(name, it, again=self._notebook.call_before(it.id) == name) for it in known),
        ]

    def _join(self, name: str, channel: Channel) -> Order:
        return Join(name, channel, again=self._notebook.call_before(channel.id) == name)

    def _move(self, channel_id: str) -> list[Order]:
        """Take a channel out of the call in which it was, if it was in one."""
        name = self._call_of.pop(channel_id, None)
        if name is None:
            return []
        call = self._calls[name]
        call.members.discard(channel_id)
        orders: list[Order] = [Leave(name, channel_id)] if call.begun else []
        return orders + self._drop(name, call)
