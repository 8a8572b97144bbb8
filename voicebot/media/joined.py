"""The time of a stream that nobody waits for: what comes late is joined to what came before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.codecs import CODECS
from voicebot.media.timeline import MAX_LEAD, Timeline

if TYPE_CHECKING:
    from voicebot.media.rtp import RtpPacket
    from voicebot.media.timeline import Chunk

LONGEST_BREAK: Final = 0.5
"""Seconds without a packet after which nobody is taken to be speaking.

For so long Asterisk keeps what a snoop channel hears while a busy machine holds it up; what is
later than that is lost there.
"""


class JoinedTimeline(Timeline):
    """A ``Timeline`` for listening only: ``position`` may be behind the clock, and stays there.

    Asterisk gives out what a snoop channel hears at the ticks of a timer. On a busy machine ticks
    are lost, and a phone's packets miss theirs. The audio is not lost: it waits, everything after
    it comes later, and timestamps jump. So packets that follow each other by number are joined,
    however late they come, whatever their timestamps say; how far ``position`` lies behind the
    clock is how long they waited. Only where nothing comes for ``LONGEST_BREAK`` the party sends
    nothing, and time goes on without it.
    """

    def __init__(self, start: float) -> None:
        super().__init__(start)
        self._heard = start

    @property
    def in_step(self) -> bool:
        """Never: each packet is placed by itself."""
        return False

    def deadline(self, patience: float) -> float:
        """Return when the next packet is overdue, if it may be ``patience`` seconds late."""
        due = super().deadline(patience)
        return due if self.broken else max(due, self._heard + LONGEST_BREAK)

    def place(self, out: list[Chunk], packet: RtpPacket, now: float) -> bool:
        """Append a packet to ``out``; after a break, what has to go before it.

        Returns whether it was; not so when the stream is too far ahead of the clock already.
        """
        codec = CODECS[packet.payload_type]
        samples = codec.samples(packet.payload)
        self.timestamp = packet.timestamp + samples // codec.scale & 0xFFFF_FFFF
        if self.broken:
            self._catch_up(out, samples, now)
        lead = self.start + (self.position + samples) / SAMPLE_RATE - now
        if lead > MAX_LEAD:
            return False
        self.broken = False
        self._heard = now
        out.append(packet)
        self.position += samples
        self.stride = samples
        return True
