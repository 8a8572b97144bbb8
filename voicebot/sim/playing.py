"""Starting and stopping playbacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim.playback import Playback

if TYPE_CHECKING:
    from voicebot.media.audio import Frame, Pcm
    from voicebot.sim.channel import Channel
    from voicebot.sim.exchange import Exchange
    from voicebot.sim.playback import PlaybackState


def play(exchange: Exchange, channel: Channel, media: str, playback_id: str) -> Playback:
    """Queue ``media`` on ``channel``: one sound after the other, as Asterisk does."""
    playback = Playback(playback_id, media, channel, _sound(exchange, media))
    exchange.playbacks[playback_id] = playback
    channel.playbacks.append(playback)
    return playback


def next_frame(exchange: Exchange, channel: Channel) -> Frame | None:
    """Return what the channel's first playback says in this tick; ``None`` when none is left."""
    while channel.playbacks:
        playback = channel.playbacks[0]
        if playback.state == "paused":
            return None
        if playback.state == "queued":
            playback.state = "playing"
            _report(exchange, "PlaybackStarted", playback)
        frame = playback.next_frame()
        if frame is not None:
            return frame
        stop(exchange, playback, "failed" if playback.pcm is None else "done")
    return None


def stop(exchange: Exchange, playback: Playback, state: PlaybackState = "done") -> None:
    """End ``playback``, heard or not."""
    if exchange.playbacks.get(playback.id) is playback:
        del exchange.playbacks[playback.id]
    playback.channel.playbacks.remove(playback)
    playback.state = state
    _report(exchange, "PlaybackFinished", playback)


def stop_all(exchange: Exchange, channel: Channel) -> None:
    """End everything that is queued on ``channel``."""
    for playback in tuple(channel.playbacks):
        stop(exchange, playback)


def _report(exchange: Exchange, event: str, playback: Playback) -> None:
    watchers = playback.channel.watchers
    exchange.hub.publish(event, watchers, {"playback": playback.describe()})


def _sound(exchange: Exchange, media: str) -> Pcm | None:
    scheme, _, name = media.partition(":")
    return exchange.sounds.get(name) if scheme == "sound" else None
