"""Device states: whether a phone of the dialplan is free, as the PBX tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from voicebot.sim.dialplan import Phone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.sim.channel import Channel, ChannelState
    from voicebot.sim.exchange import Exchange

_PHONE: Final = "PJSIP/"
_STATES: Final[Mapping[ChannelState, str]] = {
    "Up": "INUSE",
    "Ringing": "RINGING",
    "Ring": "INUSE",
    "Down": "NOT_INUSE",
}


def describe(exchange: Exchange, device: str) -> dict[str, Any]:
    """Return ARI's ``DeviceState`` of a device such as ``PJSIP/201``."""
    return {"name": device, "state": _state(exchange, device)}


def tell(exchange: Exchange, channel: Channel) -> None:
    """Tell whoever hears of devices what a change of ``channel`` makes of its phone."""
    device = channel.name.rpartition("-")[0]
    if device.startswith(_PHONE):
        device_state = {"device_state": describe(exchange, device)}
        hub = exchange.hub
        hub.publish("DeviceStateChanged", hub.hear_devices, device_state, to_all=False)


def _state(exchange: Exchange, device: str) -> str:
    phone = exchange.dialplan.get(device.removeprefix(_PHONE))
    if not isinstance(phone, Phone):
        return "INVALID"
    if phone.outcome == "offline":
        return "UNAVAILABLE"
    channels = exchange.channels.values()
    found = [_STATES[it.state] for it in channels if it.name.startswith(f"{device}-")]
    return found[0] if found else "NOT_INUSE"
