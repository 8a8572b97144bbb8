"""``POST /channels/externalMedia``: a channel whose far end is an RTP socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim import calls, dialling
from voicebot.sim.channel import Party
from voicebot.sim.refusal import Refusal, internal_error
from voicebot.sim.request import Answer
from voicebot.sim.rtp_leg import FORMATS

if TYPE_CHECKING:
    from voicebot.sim.request import Request


def handle(request: Request) -> Answer:
    """Open the socket, answer with its address, and let the channel enter its application."""
    _check(request)
    exchange, channel_id = request.exchange, request.get("channelId")
    # Asterisk hides what went wrong with the channel itself behind one and the same answer.
    if (
        "chan_rtp.so" not in exchange.modules
        or request.get("format") not in FORMATS
        or channel_id in exchange.channels
    ):
        raise internal_error()
    remote, format_ = request.get("external_host"), request.get("format")
    leg = exchange.open_rtp(remote, format_)
    name = f"UnicastRTP/{remote}-0x{exchange.number():012x}"
    channel = dialling.new_channel(exchange, name, leg, channel_id=channel_id, caller=Party())
    address, port = leg.address
    channel.variables |= request.variables()
    channel.variables["UNICASTRTP_LOCAL_PORT"] = str(port)
    channel.variables["UNICASTRTP_LOCAL_ADDRESS"] = address
    channel.channelvars = ("UNICASTRTP_LOCAL_PORT", "UNICASTRTP_LOCAL_ADDRESS")
    channel.watchers.add(request.get("app"))
    channel.position.app_name, channel.position.app_data = "AppDial2", "(Outgoing Line)"
    described = channel.describe()
    channel.channelvars = ()

    def answered() -> None:
        if not calls.enter_stasis(exchange, channel, request.get("app")):
            calls.hang_up(exchange, channel)

    attempt = dialling.Attempt(
        exchange,
        channel,
        f"{remote}/c({format_})",
        dialling.Attempt.answered,
        on_answered=answered,
    )
    # Asterisk answers the request first; until it has entered, a bridge refuses the channel.
    exchange.soon(lambda: attempt.proceed(None))
    return Answer(described)


def _check(request: Request) -> None:
    """Refuse what Asterisk checks before it makes the channel."""
    if not request.get("app"):
        raise Refusal(400, "app cannot be empty")
    host, colon, port = request.get("external_host").rpartition(":")
    if not host and not port:
        raise Refusal(400, "external_host is required for all but websocket server connections")
    if not colon or not port.isdigit():
        raise Refusal(
            400,
            "external_host must be <host>:<port> for all transports other than websocket",
        )
    if (request.get("encapsulation") or "rtp") != "rtp":
        raise Refusal(501, "The encapsulation and/or transport is not supported")
    if (request.get("transport") or "udp") != "udp":
        raise Refusal(400, "transport must be 'udp' for rtp encapsulation")
