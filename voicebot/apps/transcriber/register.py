"""Which talks are one call, and what is to be done about it: talks in, orders out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from voicebot.apps.transcriber.policy import Mark, Policy
    from voicebot.apps.transcriber.tracker import Talk
    from voicebot.ari.models import Channel
    from voicebot.records.events import Direction

Reason: TypeAlias = Literal["hung up", "opted out", "stopped"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What only a question to the PBX tells of a channel.

    ``linked_id`` is shared by all channels of a call; a leg's own id where it is unknown.
    """

    linked_id: str
    mark: Mark = ""


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
    members: set[str] = field(default_factory=set)
    begun: bool = False
    over: bool = False


class Register:
    """Keeps the calls of the PBX, wanted or not.

    A call lives as long as one of its channels, whoever comes and goes: transferred, parked, on
    hold, in a conference. Where two calls come together, the one that was there first goes on. A
    call that was once ended stays ended.
    """

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._facts: dict[str, Facts] = {}
        self._asked: set[str] = set()
        self._calls: dict[str, _Call] = {}
        self._hushed: frozenset[str] = frozenset()
        self._before: Mapping[str, str] = {}
        self._refused: set[str] = set()

    @property
    def hushed(self) -> frozenset[str]:
        """The channels that say nothing to the others of their call now, as of ``settle``.

        They are alone, on hold, or with somebody who is never transcribed.
        """
        return self._hushed

    def recall(self, calls: Mapping[str, str], refused: Collection[str]) -> None:
        """Take up what a former run knew: calls by channel, and the calls to be left alone."""
        self._before = calls
        self._refused.update(refused)

    def learn(self, channel_id: str, facts: Facts) -> None:
        """Take the answer to an ``Ask``; ``settle`` goes on from it."""
        self._asked.discard(channel_id)
        self._facts[channel_id] = facts

    def forgo(self, channel_id: str) -> None:
        """Take note that an ``Ask`` got no answer; it is asked again."""
        self._asked.discard(channel_id)

    def mark(self, channel_id: str, mark: Mark) -> None:
        """Note that a channel's variable was set."""
        if (facts := self._facts.get(channel_id)) is not None:
            self._facts[channel_id] = Facts(facts.linked_id, mark)

    def call_of(self, channel_id: str) -> str | None:
        """Return the call of a channel that is being transcribed."""
        for name, call in self._calls.items():
            if channel_id in call.members and call.begun and not call.over:
                return name
        return None

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
        orders = self._forget(present)
        for talk in talks:
            orders += self._take(talk)
        members = {it for call in self._calls.values() if call.begun for it in call.members}
        heard = {it for talk in talks for it in talk.ids - talk.held if not self._denied(talk)}
        self._hushed = frozenset(members - heard)
        return orders

    def _forget(self, present: Collection[str]) -> list[Order]:
        """Take leave of channels that are gone, and of calls without channels."""
        orders: list[Order] = []
        for channel_id in [it for it in self._facts if it not in present]:
            del self._facts[channel_id]
        self._asked.intersection_update(present)
        for name, call in list(self._calls.items()):
            gone = sorted(it for it in call.members if it not in present)
            call.members.difference_update(gone)
            if call.begun:
                orders += [Leave(name, it) for it in gone]
            orders += self._drop(name, call)
        return orders

    def _drop(self, name: str, call: _Call) -> list[Order]:
        """Forget a call that has no channels any more."""
        if call.members:
            return []
        del self._calls[name]
        if call.over or name in self._refused:
            self._refused.discard(name)
            return [Forget(name)]
        return [End(name, "hung up")] if call.begun else []

    def _take(self, talk: Talk) -> list[Order]:
        unknown = [it for it in talk.channels if it.id not in self._facts]
        if unknown:
            asks: list[Order] = [Ask(it) for it in unknown if it.id not in self._asked]
            self._asked.update(it.id for it in unknown)
            return asks
        name = self._name(talk)
        call = self._calls.setdefault(name, _Call(self._policy.direction(talk.channels)))
        orders = self._consider(name, call, talk)
        for channel in talk.channels:
            if channel.id not in call.members:
                orders += self._move(channel.id)
                call.members.add(channel.id)
                if call.begun and not self._policy.denies([channel]):
                    orders.append(self._join(name, channel))
        return orders

    def _name(self, talk: Talk) -> str:
        """Return the call that the talk belongs to, known or new."""
        for name, call in self._calls.items():
            if call.members & talk.ids:
                return name
        before = [self._before[it.id] for it in talk.channels if it.id in self._before]
        return before[0] if before else self._facts[talk.channels[0].id].linked_id

    def _consider(self, name: str, call: _Call, talk: Talk) -> list[Order]:
        """Begin a call that is wanted, end one that is not any more."""
        marks = {self._facts[it.id].mark for it in talk.channels}
        if "no" in marks:
            return self.stop(name, "stopped")
        if call.begun or call.over or name in self._refused:
            return []
        if not self._policy.selects(talk.channels, call.direction, marks):
            return []
        call.begun = True
        known = [it for it in talk.channels if it.id in call.members]
        begin: Order = Begin(name, call.direction)
        return [begin, *(self._join(name, it) for it in known)]

    def _join(self, name: str, channel: Channel) -> Order:
        return Join(name, channel, again=self._before.get(channel.id) == name)

    def _move(self, channel_id: str) -> list[Order]:
        """Take a channel out of the call in which it was."""
        orders: list[Order] = []
        for name, call in list(self._calls.items()):
            if channel_id not in call.members:
                continue
            call.members.discard(channel_id)
            orders += [Leave(name, channel_id)] if call.begun else []
            orders += self._drop(name, call)
        return orders

    def _denied(self, talk: Talk) -> bool:
        return self._policy.denies(talk.channels)
