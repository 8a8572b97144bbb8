"""What happens to a channel: state, variables, Stasis, the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim import bridging, devices
from voicebot.sim.channel import CAUSES
from voicebot.sim.playing import stop_all
from voicebot.sim.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.sim.channel import Channel, ChannelState
    from voicebot.sim.exchange import Exchange


def register(exchange: Exchange, channel: Channel) -> Channel:
    """Take ``channel`` in. Raises ``Refusal`` 409 when its id is taken."""
    if channel.id in exchange.channels:
        raise Refusal(409, "Channel with given unique ID already exists")
    exchange.channels[channel.id] = channel
    exchange.emit("ChannelCreated", channel)
    return channel


def set_state(exchange: Exchange, channel: Channel, state: ChannelState) -> None:
    """Change the state and say so. The state that it has already is no change."""
    if channel.state != state:
        channel.state = state
        exchange.emit("ChannelStateChange", channel)
        devices.tell(exchange, channel)


def enter_stasis(exchange: Exchange, channel: Channel, app: str, args: Sequence[str] = ()) -> bool:
    """Hand ``channel`` to ``app``; ``False`` when nobody listens: STASISSTATUS is then FAILED."""
    if not exchange.hub.is_connected(app):
        exchange.set_variable(channel, "STASISSTATUS", "FAILED")
        return False
    channel.stasis = app
    channel.watchers.add(app)
    channel.position.app_name = "Stasis"
    channel.position.app_data = ",".join((app, *args))
    exchange.set_variable(channel, "STASISSTATUS", "")
    exchange.emit("StasisStart", channel, args=list(args))
    return True


def leave_stasis(exchange: Exchange, channel: Channel) -> None:
    """Take ``channel`` from its application; the application goes on watching it."""
    if channel.stasis is None:
        return
    channel.indication = ""
    stop_all(exchange, channel)
    bridging.leave(exchange, channel)
    exchange.emit("StasisEnd", channel)
    channel.stasis = None
    exchange.set_variable(channel, "STASISSTATUS", "SUCCESS")


def hang_up(
    exchange: Exchange, channel: Channel, cause: int = 16, *, requested: int | None = 16
) -> None:
    """End ``channel`` and what cannot live without it. Ending it twice is allowed.

    ``cause`` is what ``ChannelDestroyed`` says, ``requested`` what ``ChannelHangupRequest`` does:
    32 from ARI, the cause itself from the far end; ``None`` for a channel that ends by itself.
    """
    if exchange.channels.get(channel.id) is not channel:
        return
    if requested is not None:
        exchange.emit("ChannelHangupRequest", channel, cause=requested, soft=True)
    del exchange.channels[channel.id]
    exchange.attempts.pop(channel.id, None)
    leave_stasis(exchange, channel)
    bridging.leave(exchange, channel)
    channel.position.app_name = channel.position.app_data = ""
    text = CAUSES.get(cause, "Unknown")
    exchange.emit("ChannelDestroyed", channel, cause=cause, cause_txt=text)
    devices.tell(exchange, channel)
    channel.leg.close()
    for ended in channel.ended:
        ended(cause)
    for relative in tuple(channel.relatives):
        hang_up(exchange, relative, cause)
