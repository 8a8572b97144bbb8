"""The operations of ``/channels`` and ``/playbacks``, as Asterisk 22 answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from voicebot.sim import calls, dialling, external_media, playing, snooping
from voicebot.sim.channel import HANGUP_REASONS, Party
from voicebot.sim.refusal import Refusal
from voicebot.sim.request import CREATED, NO_CONTENT, Answer, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.sim.channel import Channel
    from voicebot.sim.request import Handler


def _list(request: Request) -> Answer:
    return Answer([channel.describe() for channel in request.exchange.channels.values()])


def _get(request: Request) -> Answer:
    return Answer(request.exchange.channel(request.path["channelId"]).describe())


def _place(request: Request) -> dialling.Attempt:
    """Make the channel of originate and create, with its variables."""
    endpoint = request.get("endpoint")
    if not endpoint:
        raise Refusal(400, "Endpoint must be specified")
    attempt = dialling.prepare(
        request.exchange,
        endpoint,
        channel_id=request.path.get("channelId") or request.get("channelId"),
        caller=Party.parse(request.get("callerId")),
        other_id=request.get("otherChannelId"),
    )
    attempt.channel.variables.update(request.variables())
    return attempt


def _originate(request: Request) -> Answer:
    exchange, app, extension = request.exchange, request.get("app"), request.get("extension")
    if not app and not extension:
        raise Refusal(400, "Application or extension must be specified")
    attempt = _place(request)
    channel = attempt.channel
    for watched in (channel, *channel.relatives):
        watched.watchers.update({app} - {""})
    channel.position.app_name = "AppDial2"
    channel.position.app_data = "(Outgoing Line)"

    def answered() -> None:
        if extension:
            dialling.run(exchange, channel, extension)
        elif not calls.enter_stasis(exchange, channel, app, request.arguments()):
            calls.hang_up(exchange, channel)

    attempt.on_answered = answered
    described = channel.describe()
    attempt.proceed(_timeout(request, 30.0))
    return Answer(described)


def _create(request: Request) -> Answer:
    attempt = _place(request)
    channel = attempt.channel
    described = channel.describe()
    request.exchange.attempts[channel.id] = attempt
    app = request.get("app")
    if not calls.enter_stasis(request.exchange, channel, app, request.arguments()):
        calls.hang_up(request.exchange, channel)
    return Answer(described)


def _dial(request: Request) -> Answer:
    channel = request.exchange.channel(request.path["channelId"])
    if channel.stasis is None:
        raise Refusal(409, "Channel not in Stasis application")
    attempt = request.exchange.attempts.pop(channel.id, None)
    if attempt is None or channel.state != "Down":
        raise Refusal(409, "Channel is not in the 'Down' state")
    attempt.caller = request.exchange.channels.get(request.get("caller"))
    attempt.proceed(_timeout(request, None))
    return NO_CONTENT


def _hang_up(request: Request) -> Answer:
    channel = request.exchange.channel(request.path["channelId"])
    reason, code = request.get("reason"), request.get("reason_code")
    if reason and reason not in HANGUP_REASONS:
        raise Refusal(400, "Invalid reason for hangup reason provided")
    if code and not code.isdigit():
        raise Refusal(400, "Invalid reason for hangup reason code provided")
    cause = int(code) if code else HANGUP_REASONS.get(reason, 16)
    calls.hang_up(request.exchange, channel, cause, requested=32)
    return NO_CONTENT


def _continue(request: Request) -> Answer:
    """Hand the channel back to the dialplan: to an extension, or to what follows ``Stasis``."""
    exchange = request.exchange
    channel = exchange.stasis_channel(request.path["channelId"])
    calls.leave_stasis(exchange, channel)
    if extension := request.get("extension"):
        dialling.run(exchange, channel, extension)
    else:
        dialling.proceed(exchange, channel)
    return NO_CONTENT


def _changing(change: Callable[[Request, Channel], None]) -> Handler:
    """Return the handler of an operation on an answered channel in Stasis."""

    def handler(request: Request) -> Answer:
        channel = request.exchange.stasis_channel(request.path["channelId"])
        if channel.state == "Down":
            raise Refusal(412, "Channel in invalid state")
        change(request, channel)
        return NO_CONTENT

    return handler


def _answer(request: Request, channel: Channel) -> None:
    channel.indication = ""
    calls.set_state(request.exchange, channel, "Up")


def _ring(_request: Request, channel: Channel) -> None:
    channel.indication = "ringing"


def _music(_request: Request, channel: Channel) -> None:
    channel.indication = "moh"


def _silence(_request: Request, channel: Channel) -> None:
    channel.indication = "silence"


def _quiet(_request: Request, channel: Channel) -> None:
    channel.indication = ""


def _mute(request: Request, channel: Channel) -> None:
    channel.muted |= _directions(request)


def _unmute(request: Request, channel: Channel) -> None:
    channel.muted -= _directions(request)


def _directions(request: Request) -> set[str]:
    direction = request.get("direction") or "both"
    return {"in", "out"} if direction == "both" else {direction}


def _play(request: Request) -> Answer:
    exchange = request.exchange
    channel = exchange.stasis_channel(request.path["channelId"])
    if channel.state == "Down":
        raise Refusal(412, "Channel in invalid state")
    media = request.get("media")
    if not media:
        raise Refusal(400, "Media must be specified")
    playback_id = request.path.get("playbackId") or request.get("playbackId") or exchange.new_id()
    return Answer(playing.play(exchange, channel, media, playback_id).describe(), CREATED)


def _get_variable(request: Request) -> Answer:
    channel = request.exchange.channel(request.path["channelId"])
    name = request.get("variable")
    if not name:
        raise Refusal(400, "Variable name is required")
    value = channel.variable(name)
    if value is None:
        raise Refusal(404, "Provided variable was not found")
    return Answer({"value": value})


def _set_variable(request: Request) -> Answer:
    channel = request.exchange.channel(request.path["channelId"])
    name = request.get("variable")
    if not name:
        raise Refusal(400, "Variable name is required")
    request.exchange.set_variable(channel, name, request.get("value"))
    return NO_CONTENT


def _timeout(request: Request, default: float | None) -> float | None:
    """Return the seconds to ring; -1 (and 0 for dial) mean for ever."""
    given = request.get("timeout")
    seconds = float(given) if given else default
    return None if seconds is None or seconds <= 0 else seconds


def _get_playback(request: Request) -> Answer:
    return Answer(request.exchange.playback(request.path["playbackId"]).describe())


def _stop_playback(request: Request) -> Answer:
    playing.stop(request.exchange, request.exchange.playback(request.path["playbackId"]))
    return NO_CONTENT


def _control_playback(request: Request) -> Answer:
    playback = request.exchange.playback(request.path["playbackId"])
    states: dict[str, Any] = {"pause": "paused", "unpause": "playing"}
    operation = request.get("operation")
    if operation == "restart":
        playback.offset = 0
    elif operation in states:
        playback.state = states[operation]
    else:
        raise Refusal(400, "Invalid operation")
    return NO_CONTENT


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "/channels"): _list,
    ("POST", "/channels"): _originate,
    ("POST", "/channels/create"): _create,
    ("POST", "/channels/externalMedia"): external_media.handle,
    ("GET", "/channels/{channelId}"): _get,
    ("POST", "/channels/{channelId}"): _originate,
    ("DELETE", "/channels/{channelId}"): _hang_up,
    ("POST", "/channels/{channelId}/answer"): _changing(_answer),
    ("POST", "/channels/{channelId}/continue"): _continue,
    ("POST", "/channels/{channelId}/dial"): _dial,
    ("POST", "/channels/{channelId}/moh"): _changing(_music),
    ("DELETE", "/channels/{channelId}/moh"): _changing(_quiet),
    ("POST", "/channels/{channelId}/mute"): _changing(_mute),
    ("DELETE", "/channels/{channelId}/mute"): _changing(_unmute),
    ("POST", "/channels/{channelId}/play"): _play,
    ("POST", "/channels/{channelId}/play/{playbackId}"): _play,
    ("POST", "/channels/{channelId}/ring"): _changing(_ring),
    ("DELETE", "/channels/{channelId}/ring"): _changing(_quiet),
    ("POST", "/channels/{channelId}/silence"): _changing(_silence),
    ("DELETE", "/channels/{channelId}/silence"): _changing(_quiet),
    ("POST", "/channels/{channelId}/snoop"): snooping.handle,
    ("POST", "/channels/{channelId}/snoop/{snoopId}"): snooping.handle,
    ("GET", "/channels/{channelId}/variable"): _get_variable,
    ("POST", "/channels/{channelId}/variable"): _set_variable,
    ("GET", "/playbacks/{playbackId}"): _get_playback,
    ("DELETE", "/playbacks/{playbackId}"): _stop_playback,
    ("POST", "/playbacks/{playbackId}/control"): _control_playback,
}
