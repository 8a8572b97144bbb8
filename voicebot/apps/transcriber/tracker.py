"""Who talks with whom in the PBX: its events in, talks out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.apps.phones import PHONE_TECHNOLOGIES
from voicebot.ari.models import (
    BridgeDestroyed,
    ChannelCreated,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelHold,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelUnhold,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from voicebot.ari.models import Bridge, Channel, Message

EVENTS: Final = (
    BridgeDestroyed,
    ChannelCreated,
    ChannelDestroyed,
    ChannelEnteredBridge,
    ChannelHold,
    ChannelLeftBridge,
    ChannelStateChange,
    ChannelUnhold,
)
"""What the tracker has to be told. Transfers, parking and merging show as channels that leave one
bridge and enter another."""

# A Local channel is two channels back to back, and ties the bridges of its halves together.
_LOCAL: Final = "Local/"
_HALVES: Final = (";1", ";2")


@dataclass(frozen=True, slots=True)
class Talk:
    """Phones that hear each other, in the order in which their channels were made.

    ``held`` are those of them that say nothing to the others now: somebody is on hold.
    """

    channels: tuple[Channel, ...]
    held: frozenset[str]

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the channels."""
        return frozenset(channel.id for channel in self.channels)


class Tracker:
    """Follows every channel and bridge of the PBX.

    Phones talk when they are answered and in one mixing bridge, or in bridges that Local channels
    join; whoever waits in a holding bridge (parked, in a queue) or alone does not. Channels that
    are no phones, ours among them, never count.
    """

    def __init__(self) -> None:
        self._channels: dict[str, Channel] = {}
        self._bridge_of: dict[str, str] = {}
        self._holding: set[str] = set()
        self._on_hold: set[str] = set()

    @property
    def present(self) -> Collection[str]:
        """The ids of all channels that count, also of those that ring."""
        return self._channels.keys()

    def load(self, channels: Iterable[Channel], bridges: Sequence[Bridge]) -> None:
        """Start over from what the PBX lists, which does not tell who holds.

        The list may already contain what the next events tell.
        """
        self._channels = {channel.id: channel for channel in channels if _counts(channel)}
        self._holding = {bridge.id for bridge in bridges if bridge.bridge_type == "holding"}
        self._bridge_of = {name: bridge.id for bridge in bridges for name in bridge.channels}
        self._on_hold = set()

    def hold(self, channel_ids: Collection[str]) -> None:
        """Note who was found to hold."""
        self._on_hold.update(channel_ids)

    def note(self, event: Message) -> bool:
        """Take an event into account; return whether something may follow from it."""
        about = getattr(event, "channel", None)
        # One that is known counts under any name: what replaces a channel renames it.
        if about is not None and about.id not in self._channels and not _counts(about):
            return False
        match event:
            case ChannelCreated(channel=channel) | ChannelStateChange(channel=channel):
                self._channels[channel.id] = channel
                # Outside of all bridges it talks to nobody yet.
                return channel.id in self._bridge_of
            case ChannelDestroyed(channel=channel):
                self._forget(channel.id)
            case ChannelEnteredBridge(channel=channel, bridge=bridge) if channel is not None:
                self._channels[channel.id] = channel
                self._bridge_of[channel.id] = bridge.id
                if bridge.bridge_type == "holding":
                    self._holding.add(bridge.id)
            case ChannelLeftBridge(channel=channel, bridge=bridge):
                # Into another bridge it may have gone before this is told.
                if self._bridge_of.get(channel.id) == bridge.id:
                    del self._bridge_of[channel.id]
                # A transfer by feature code holds and never takes off hold.
                self._on_hold.discard(channel.id)
            case BridgeDestroyed(bridge=bridge):
                self._holding.discard(bridge.id)
                return False
            case ChannelHold(channel=channel):
                self._on_hold.add(channel.id)
            case ChannelUnhold(channel=channel):
                self._on_hold.discard(channel.id)
            case _:
                return False
        return True

    def talks(self) -> tuple[Talk, ...]:
        """Return who talks with whom now, the oldest talk first."""
        groups: dict[str, list[Channel]] = {}
        root = self._roots()
        for name, bridge in self._bridge_of.items():
            channel = self._channels.get(name)
            if channel is None or bridge in self._holding or channel.state != "Up":
                continue
            if _is_person(channel):
                groups.setdefault(root.get(bridge, bridge), []).append(channel)
        talks = [self._talk(group) for group in groups.values() if len(group) > 1]
        return tuple(sorted(talks, key=lambda talk: _age(talk.channels[0])))

    def _talk(self, group: list[Channel]) -> Talk:
        channels = tuple(sorted(group, key=_age))
        holders = self._on_hold & {channel.id for channel in channels}
        if holders and len(channels) == 2:
            # The other one hears music, and talks to nobody.
            holders = {channel.id for channel in channels}
        return Talk(channels, frozenset(holders))

    def _roots(self) -> dict[str, str]:
        """Return which bridge stands for each of those that Local channels join."""
        root: dict[str, str] = {}

        def find(bridge: str) -> str:
            while bridge in root:
                bridge = root[bridge]
            return bridge

        halves: dict[str, str] = {}
        for name, bridge in self._bridge_of.items():
            channel = self._channels.get(name)
            if channel is None or not channel.name.startswith(_LOCAL):
                continue
            if not channel.name.endswith(_HALVES):
                continue
            one, other = find(bridge), find(halves.setdefault(channel.name[:-2], bridge))
            if one != other:
                root[one] = other
        return {bridge: find(bridge) for bridge in root}

    def _forget(self, channel_id: str) -> None:
        self._channels.pop(channel_id, None)
        self._bridge_of.pop(channel_id, None)
        self._on_hold.discard(channel_id)


def _is_person(channel: Channel) -> bool:
    """Return whether somebody speaks there; a caller without an account is somebody, too."""
    return channel.name.partition("/")[0] in PHONE_TECHNOLOGIES


def _counts(channel: Channel) -> bool:
    """Return whether a channel has to do with who talks: each of ours makes events, too."""
    return _is_person(channel) or channel.name.startswith(_LOCAL)


def device_of(channel: Channel) -> str:
    """Return the device of a channel: ``PJSIP/201`` of ``PJSIP/201-0000000a``."""
    return channel.name.rpartition("-")[0]


def _age(channel: Channel) -> tuple[float, int, str]:
    """Sort by creation; of two in the same millisecond the lower serial number is older."""
    serial = channel.id.rpartition(".")[2]
    number = int(serial) if serial.isdecimal() else 0
    return channel.creationtime.timestamp(), number, channel.id
