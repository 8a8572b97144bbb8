"""The caller's half of a websocket stream: messages in, frames out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.codecs import SLIN16
from voicebot.media.framing import Framer
from voicebot.media.rtp import RtpPacket
from voicebot.media.statistics import Reception
from voicebot.media.timeline import LONGEST_HOLD, MIN_DELAY, Gap, Slip, Timeline

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.media.timeline import Chunk

MAX_DELAY: Final = 0.08
"""Seconds that a message may be late on a line with jitter before silence takes its place."""

LONGEST_PIECE: Final = 6400
"""Octets, 200 ms: longer messages are placed in pieces."""


class PcmReceiver:
    """Cuts a stream of slin16 into frames that keep step with our clock.

    A message is as good as an RTP packet that cannot be lost nor overtaken: what it holds goes on
    at once while messages come in time. Where none comes, silence follows the clock, and what was
    held up follows that. Messages may have any length: what is cut within a sample or a frame joins
    the next.
    """

    def __init__(self, now: float, *, timeline: Timeline | None = None) -> None:
        self.reception = Reception()
        self._timeline = timeline or Timeline(now)
        self._framer = Framer()
        self._half = b""
        self._pieces = 0
        self._timestamp = 0

    @property
    def concealed(self) -> int:
        """Samples that were made up or silence for want of messages."""
        return self._timeline.concealed

    def push(self, message: bytes, now: float) -> list[Frame]:
        """Take a message that came at ``now``; return the frames it completes."""
        if self._half or len(message) % 2:
            message = self._half + message
            whole = len(message) // 2 * 2
            message, self._half = message[:whole], message[whole:]
        out: list[Chunk] = []
        for start in range(0, len(message), LONGEST_PIECE):
            self._place(out, message[start : start + LONGEST_PIECE], now)
        self.reception.time(self._timestamp, SAMPLE_RATE, now)
        return self._frames(out)

    def poll(self, now: float) -> list[Frame]:
        """Return the frames that the time alone makes due."""
        patience = min(MAX_DELAY, max(MIN_DELAY, 4 * self.reception.jitter))
        overdue = now - self._timeline.deadline(patience)
        # A message that holds nothing holds up nothing.
        waited = max(overdue, now - self.reception.arrival)
        if overdue < 0 or (waited < LONGEST_HOLD and self._framer.sounding):
            return []
        out: list[Chunk] = []
        self._timeline.run_on(out, patience, now)
        return self._frames(out)

    def _place(self, out: list[Chunk], piece: bytes, now: float) -> None:
        self.reception.count(self._pieces & 0xFFFF)
        self._pieces += 1
        packet = RtpPacket(SLIN16, 0, self._timestamp, 0, piece)
        self._timestamp = self._timestamp + len(piece) // 2 & 0xFFFF_FFFF
        if not self._timeline.place(out, packet, now):
            self.reception.late += 1

    def _frames(self, chunks: list[Chunk]) -> list[Frame]:
        frames: list[Frame] = []
        for chunk in chunks:
            if isinstance(chunk, RtpPacket):
                frames += self._framer.add(chunk.payload)
            elif isinstance(chunk, Gap):
                frames += self._framer.fill(chunk.samples)
            elif isinstance(chunk, Slip):
                self._framer.slip(chunk.frames)
        return frames
