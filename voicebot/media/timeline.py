"""Where a packet's audio belongs in time: by its timestamp, and after a break by our clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.media.codecs import CODECS
from voicebot.media.drift import EARLIEST, DriftTracker
from voicebot.media.sequence import MAX_MISORDER

if TYPE_CHECKING:
    from voicebot.media.rtp import RtpPacket

MIN_DELAY: Final = 0.03
"""Seconds that a packet is waited for on a line without jitter."""

MAX_LEAD: Final = 5.0
"""Seconds by which packets may run ahead of the clock.

A network or a busy machine holds packets up and then lets them go all at once, when their time was
taken for silence already. They are what the caller has said all the same; and how far the stream is
ahead then is how much later the next ones may come without a gap.
"""

LONGEST_HOLD: Final = 1.0
"""Seconds without a packet after which a caller who was sounding has fallen silent all the same.

Nobody falls silent in the middle of a sound: what comes next is late rather than missing, and a gap
made there would cut the word in two. It is waited for longer than after silence.
"""

_HALF: Final = 1 << 31
"""Timestamps so far ahead are behind."""

_LONGEST_GAP: Final = 2 * SAMPLE_RATE
"""Timestamps that jump further than this have started anew."""

_LATEST_START: Final = 0.5
"""Seconds by which the first packet of a stream may come late."""


@dataclass(frozen=True, slots=True)
class Gap:
    """``samples`` samples of 16 kHz without a packet."""

    samples: int


@dataclass(frozen=True, slots=True)
class Slip:
    """Lengthen (1) or shorten (-1) the stream by a frame: the two clocks differ."""

    frames: int


Chunk: TypeAlias = "RtpPacket | Gap | Slip"


class Timeline:
    """One stream's samples, counted from ``start`` on: what was given out, and what is due.

    While packets follow each other, they follow each other here, however late they come. After a
    break (no packet in time, a jump of the timestamps, a new source) the stream goes on where the
    clock stands, on the border of a frame. So ``position`` stays close to
    ``(now - start) * 16000`` whatever the sender does. Packets that come late and all at once run
    ahead of it, up to ``MAX_LEAD`` seconds, and so does a sender that is too quick: what is more is
    lost. A ``Slip`` a second leads back, and answers slow drift.

    Where several packets come at once at the very first, one of both sides was held up as the call
    began. The first of them was late then: ``start`` moves back.
    """

    def __init__(self, start: float) -> None:
        self.position = 0
        self.concealed = 0
        self.broken = True
        self.start = start
        self.drift = DriftTracker()
        self.timestamp = 0
        self.stride = FRAME_SAMPLES
        self._movable = _LATEST_START

    def deadline(self, patience: float) -> float:
        """Return when the next packet is overdue, if it may be ``patience`` seconds late."""
        due = self.start + (self.position + self.stride) / SAMPLE_RATE
        return due + max(0.0, self.drift.quickest) + patience

    def place(self, out: list[Chunk], packet: RtpPacket, now: float) -> bool:
        """Append a packet to ``out``, after what has to go before it.

        Returns whether it was; not so when the stream is too far ahead of the clock already.
        """
        codec = CODECS[packet.payload_type]
        samples = codec.samples(packet.payload)
        following = packet.timestamp == self.timestamp and not self.broken
        self.timestamp = packet.timestamp + samples // codec.scale & 0xFFFF_FFFF
        if not following:
            self._catch_up(out, samples, now)
        lateness = now - self.start - (self.position + samples) / SAMPLE_RATE
        if following and self._movable:
            lateness = self._move_start(lateness, now)
        if lateness < -MAX_LEAD:
            return False
        out.append(packet)
        self.position += samples
        self.stride = samples
        if following:
            self._keep_step(out, lateness, now)
        else:
            self.broken = False
            self.drift.restart(lateness, now)
        return True

    def bridge(self, out: list[Chunk], packet: RtpPacket, now: float) -> None:
        """Append the gap that the timestamps show between the last packet and this later one."""
        missing = (packet.timestamp - self.timestamp & 0xFFFF_FFFF) * (
            CODECS[packet.payload_type].scale
        )
        lead = (self.position + missing) / SAMPLE_RATE - (now - self.start)
        if not self.broken and missing <= _LONGEST_GAP and lead <= MAX_LEAD:
            self._gap(out, missing)
            self.timestamp = packet.timestamp

    def skipped_by(self, packet: RtpPacket) -> bool:
        """Return whether the timestamp of the next packet is later than the last one's end."""
        ahead = packet.timestamp - self.timestamp & 0xFFFF_FFFF
        return bool(self.position) and 0 < ahead < _HALF

    def passed(self, packet: RtpPacket) -> bool:
        """Return whether the packet's timestamp is one that the stream has been at of late."""
        ago = (self.timestamp - packet.timestamp & 0xFFFF_FFFF) * (
            CODECS[packet.payload_type].scale
        )
        return 0 < ago <= max(_LONGEST_GAP, MAX_MISORDER * self.stride)

    @property
    def in_step(self) -> bool:
        """Whether the last packet had 20 ms and another one would simply follow it."""
        return not self.broken and self.stride == FRAME_SAMPLES

    @property
    def lead(self) -> float:
        """By how much the next packet may be too early, in seconds, without moving ``start``."""
        return -EARLIEST if self._movable else MAX_LEAD

    def went_on(self, position: int, timestamp: int) -> None:
        """Take over what became of the stream while packets followed each other."""
        self.position, self.timestamp = position, timestamp
        self._movable = 0.0

    def run_on(self, out: list[Chunk], patience: float, now: float) -> None:
        """Append the frames that are overdue without a packet."""
        overdue = 0
        while now >= self.deadline(patience):
            step = FRAME_SAMPLES - self.position % FRAME_SAMPLES
            overdue += step
            self.position += step
            self.stride = FRAME_SAMPLES
            self.broken = True
        self.position -= overdue
        self._gap(out, overdue)

    def _catch_up(self, out: list[Chunk], samples: int, now: float) -> None:
        """Let the stream reach the place where a packet that has come now begins."""
        reached = int((now - self.start) * SAMPLE_RATE) - samples
        if reached < 0 and not self.position:
            # What the very first packet holds was said before it came.
            self.start = now - samples / SAMPLE_RATE
        self._gap(out, reached - reached % FRAME_SAMPLES - self.position)

    def _move_start(self, lateness: float, now: float) -> float:
        """Let the stream have started when this packet says; return how late the packet is then.

        The last word has the first packet that is in time, or comes by itself.
        """
        if lateness >= EARLIEST:
            self._movable = 0.0
            return lateness
        early = min(-lateness, self._movable)
        self._movable = 0.0 if now > self.drift.since else self._movable - early
        self.start -= early
        self.drift.restart(lateness + early, now)
        return lateness + early

    def _keep_step(self, out: list[Chunk], lateness: float, now: float) -> None:
        frames = self.drift.update(lateness, now)
        if frames:
            self.position += frames * FRAME_SAMPLES
            out.append(Slip(frames))

    def _gap(self, out: list[Chunk], samples: int) -> None:
        if samples > 0:
            out.append(Gap(samples))
            self.position += samples
            self.concealed += samples
