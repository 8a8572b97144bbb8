"""The operations of ``/bridges``, as Asterisk 22 answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim import bridging
from voicebot.sim.refusal import Refusal
from voicebot.sim.request import NO_CONTENT, Answer, Request

if TYPE_CHECKING:
    from voicebot.sim.channel import Channel
    from voicebot.sim.request import Handler


def _list(request: Request) -> Answer:
    return Answer([bridge.describe() for bridge in request.exchange.bridges.values()])


def _create(request: Request) -> Answer:
    exchange = request.exchange
    bridge_id = request.path.get("bridgeId") or request.get("bridgeId") or exchange.new_id()
    bridge = bridging.create(
        exchange,
        bridge_id,
        name=request.get("name"),
        bridge_type=request.get("type") or "mixing",
    )
    return Answer(bridge.describe())


def _get(request: Request) -> Answer:
    return Answer(request.exchange.bridge(request.path["bridgeId"]).describe())


def _destroy(request: Request) -> Answer:
    bridging.destroy(request.exchange, request.exchange.bridge(request.path["bridgeId"]))
    return NO_CONTENT


def _named_channels(request: Request) -> list[Channel]:
    """Return the channels of the parameter ``channel``, all of them or none."""
    names = request.get("channel")
    if not names:
        raise Refusal(400, "Channel must be specified")
    known = request.exchange.channels
    missing = [name for name in names.split(",") if name not in known]
    if missing:
        raise Refusal(400, "Channel not found")
    channels = [known[name] for name in names.split(",")]
    if any(channel.stasis is None for channel in channels):
        raise Refusal(422, "Channel not in Stasis application")
    return channels


def _add_channel(request: Request) -> Answer:
    bridge = request.exchange.bridge(request.path["bridgeId"])
    for channel in _named_channels(request):
        bridging.join(request.exchange, bridge, channel)
    return NO_CONTENT


def _remove_channel(request: Request) -> Answer:
    bridge = request.exchange.bridge(request.path["bridgeId"])
    channels = _named_channels(request)
    if any(channel.bridge is not bridge for channel in channels):
        raise Refusal(422, "Channel not in this bridge")
    for channel in channels:
        bridging.leave(request.exchange, channel)
    return NO_CONTENT


def _start_music(request: Request) -> Answer:
    request.exchange.bridge(request.path["bridgeId"]).music = True
    return NO_CONTENT


def _stop_music(request: Request) -> Answer:
    request.exchange.bridge(request.path["bridgeId"]).music = False
    return NO_CONTENT


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/bridges"): _list,
    ("POST", "/bridges"): _create,
    ("GET", "/bridges/{bridgeId}"): _get,
    ("POST", "/bridges/{bridgeId}"): _create,
    ("DELETE", "/bridges/{bridgeId}"): _destroy,
    ("POST", "/bridges/{bridgeId}/addChannel"): _add_channel,
    ("POST", "/bridges/{bridgeId}/removeChannel"): _remove_channel,
    ("POST", "/bridges/{bridgeId}/moh"): _start_music,
    ("DELETE", "/bridges/{bridgeId}/moh"): _stop_music,
}
