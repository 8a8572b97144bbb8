"""Channels joining and leaving bridges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim.bridge import Bridge
from voicebot.sim.refusal import Refusal

if TYPE_CHECKING:
    from voicebot.sim.channel import Channel
    from voicebot.sim.exchange import Exchange


def create(
    exchange: Exchange,
    bridge_id: str,
    *,
    name: str = "",
    bridge_type: str = "mixing",
    bridge_class: str = "stasis",
) -> Bridge:
    """Make an empty bridge. Raises ``Refusal`` 409 when its id is taken."""
    if bridge_id in exchange.bridges:
        raise Refusal(409, f"Bridge with id '{bridge_id}' already exists")
    bridge = Bridge(bridge_id, exchange.hub.timestamp(), name, bridge_type, bridge_class)
    exchange.bridges[bridge_id] = bridge
    exchange.hub.publish("BridgeCreated", (), {"bridge": bridge.describe()})
    return bridge


def join(exchange: Exchange, bridge: Bridge, channel: Channel) -> None:
    """Put ``channel`` into ``bridge``, out of the one it is in."""
    if channel.bridge is bridge:
        return
    leave(exchange, channel)
    channel.bridge = bridge
    channel.indication = ""
    bridge.members.append(channel)
    if channel.stasis is not None:
        bridge.watchers.add(channel.stasis)
    exchange.emit("ChannelEnteredBridge", channel, bridge=bridge.describe())
    _name_peers(exchange, bridge)


def leave(exchange: Exchange, channel: Channel) -> None:
    """Take ``channel`` out of its bridge, if it is in one."""
    bridge, channel.bridge = channel.bridge, None
    if bridge is None:
        return
    bridge.members.remove(channel)
    exchange.set_variable(channel, "BRIDGEPEER", "")
    exchange.emit("ChannelLeftBridge", channel, bridge=bridge.describe())
    _name_peers(exchange, bridge)


def destroy(exchange: Exchange, bridge: Bridge) -> None:
    """Remove ``bridge``; its channels stay in their applications."""
    for member in tuple(bridge.members):
        leave(exchange, member)
    if exchange.bridges.pop(bridge.id, None) is not None:
        exchange.hub.publish("BridgeDestroyed", bridge.watchers, {"bridge": bridge.describe()})


def _name_peers(exchange: Exchange, bridge: Bridge) -> None:
    if len(bridge.members) < 2:
        return
    for member in bridge.members:
        peers = ",".join(other.name for other in bridge.members if other is not member)
        exchange.set_variable(member, "BRIDGEPEER", peers)
