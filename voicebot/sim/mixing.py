"""One tick of the simulated PBX's audio: everybody speaks, then everybody hears."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.sim import playing, tones
from voicebot.sim.bridge import mix
from voicebot.sim.snooping import whisper

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.sim.channel import Channel
    from voicebot.sim.exchange import Exchange


def pass_tick(exchange: Exchange, *, missed: int = 0) -> None:
    """Let 20 ms pass: do what is due, and move audio between all channels.

    Of ``missed`` ticks before it only the time passes; their audio is not made up for.
    """
    for _ in range(missed + 1):
        exchange.agenda.advance()
    channels = tuple(exchange.channels.values())
    said = {channel: _said(channel) for channel in channels}
    spoken = {channel: whisper(channel, "in", frame) for channel, frame in said.items()}
    for channel in channels:
        heard = _heard(exchange, channel, spoken)
        for snoop in channel.snoops:
            snoop.overhear(said[channel], heard)
        heard = whisper(channel, "out", heard)
        channel.leg.hear(None if "out" in channel.muted else heard)


def _said(channel: Channel) -> Frame | None:
    frame = channel.leg.speak()
    return None if "in" in channel.muted else frame


def _heard(
    exchange: Exchange, channel: Channel, spoken: dict[Channel, Frame | None]
) -> Frame | None:
    """Return what ``channel`` hears: a playback before a tone before the bridge."""
    frame = playing.next_frame(exchange, channel)
    if frame is not None:
        return frame
    tick = exchange.agenda.tick
    if channel.indication == "ringing":
        return tones.ringback(tick)
    if channel.indication == "moh":
        return tones.music(tick)
    if channel.bridge is None:
        return None
    others = (spoken.get(member) for member in channel.bridge.members if member is not channel)
    voices = [voice for voice in others if voice is not None]
    if channel.bridge.music:
        voices.append(tones.music(tick))
    return mix(voices)
