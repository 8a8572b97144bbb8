"""The jitter buffer: puts packets in order and in time, and holds back none that is in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.media.audio import FRAME_SAMPLES
from voicebot.media.codecs import CODECS
from voicebot.media.sequence import Place, SequenceTracker
from voicebot.media.statistics import Reception
from voicebot.media.steady import Steady
from voicebot.media.timeline import MIN_DELAY, Timeline

if TYPE_CHECKING:
    from voicebot.media.rtp import RtpPacket
    from voicebot.media.timeline import Chunk

MAX_HELD: Final = 64
"""Packets held behind a gap; beyond that the gap is given up."""


class JitterBuffer:
    """Turns packets as they arrive into an unbroken stream that keeps step with our clock.

    A packet that is the next one goes on at once. One that is ahead waits for those before it, four
    times the jitter long, but no less than ``MIN_DELAY`` and no more than ``max_delay`` seconds;
    then what is missing is given out as a ``Gap``. Packets that come after that, or twice, are
    dropped. Where no packet comes at all, gaps follow the clock, and what was only held up follows
    them.

    ``discontinuous``: the sender has left silence out, so that its timestamps jumped though no
    packet was missing (RFC 3551, section 4.1); where nothing comes, it most likely is silent again.

    Packets must have a payload type of ``codecs.CODECS`` and hold whole samples. ``timeline`` takes
    the place of the usual one.
    """

    def __init__(
        self, now: float, *, max_delay: float = 0.08, timeline: Timeline | None = None
    ) -> None:
        self.reception = Reception()
        self.discontinuous = False
        self._max_delay = max_delay
        self._sequence = SequenceTracker()
        self._timeline = timeline or Timeline(now)
        self._held: dict[int, tuple[RtpPacket, float]] = {}
        self._held_since = now
        self._strange: tuple[RtpPacket, float] | None = None

    @property
    def position(self) -> int:
        """Samples of 16 kHz given out since the start, gaps included."""
        return self._timeline.position

    @property
    def concealed(self) -> int:
        """Samples of those that were gaps."""
        return self._timeline.concealed

    @property
    def delay(self) -> float:
        """Seconds that a missing packet is waited for now."""
        return min(self._max_delay, max(MIN_DELAY, 4 * self.reception.jitter))

    def push(self, packet: RtpPacket, now: float) -> list[Chunk]:
        """Take a packet; return what goes on now."""
        place = self._sequence.judge(packet.ssrc, packet.sequence)
        out: list[Chunk] = []
        if place is Place.NEXT:
            self.discontinuous = self.discontinuous or self._timeline.skipped_by(packet)
            self._count(packet, now)
            self._release(out, packet, now)
        elif place is Place.AHEAD:
            self._hold(out, packet, now)
        else:
            self._odd(out, packet, place, now)
        return out

    def poll(self, now: float, *, held_up: bool = False) -> list[Chunk]:
        """Return what the time alone makes due.

        ``held_up``: where no packet comes, that is no silence yet.
        """
        out: list[Chunk] = []
        while self._held and now >= self.next_deadline():
            self._give_up(out, now)
        if not self._held and (self.discontinuous or not held_up):
            self._timeline.run_on(out, max(MIN_DELAY, self.delay), now)
        return out

    def next_deadline(self) -> float:
        """Return the monotonic time from which on ``poll`` may have something to give."""
        if self._held:
            return self._held_since + self.delay
        return self._timeline.deadline(max(MIN_DELAY, self.delay))

    def steady(self) -> Steady | None:
        """Return what the next packet is judged by; ``None`` when it may need more than that."""
        timeline, tracker, reception = self._timeline, self._sequence, self.reception
        sequence, timestamp = tracker.expected, timeline.timestamp
        plain = timeline.in_step and reception.in_step(sequence, timestamp) and not self._held
        if tracker.ssrc is None or not plain:
            return None
        drift = timeline.drift
        return Steady(
            tracker.ssrc,
            sequence,
            timestamp,
            timeline.position,
            timeline.start,
            timeline.lead,
            self._max_delay,
            drift.quickest,
            drift.window,
            drift.since,
            reception.jitter,
            reception.arrival,
        )

    def go_on(self, steady: Steady, count: int) -> None:
        """Take over what became of ``steady`` while ``count`` packets followed each other."""
        timeline, drift = self._timeline, self._timeline.drift
        last = steady.timestamp - FRAME_SAMPLES & 0xFFFF_FFFF
        self._sequence.advance_by(count)
        self.reception.count_by(count, last, steady.arrival, steady.jitter)
        timeline.went_on(steady.position, steady.timestamp)
        drift.quickest, drift.window, drift.since = steady.quickest, steady.window, steady.since

    def _count(self, packet: RtpPacket, now: float) -> None:
        self.reception.count(packet.sequence)
        self._time(packet, now)

    def _time(self, packet: RtpPacket, now: float) -> None:
        self.reception.time(packet.timestamp, CODECS[packet.payload_type].clock_rate, now)

    def _hold(self, out: list[Chunk], packet: RtpPacket, now: float) -> None:
        """Keep a packet that is ahead until those before it have come or are given up."""
        if packet.sequence in self._held:
            self.reception.drop(Place.DUPLICATE)
            self._time(packet, now)
            return
        self._count(packet, now)
        if not self._held:
            self._held_since = now
        self._held[packet.sequence] = (packet, now)
        while self._held and (
            self._timeline.broken or len(self._held) > MAX_HELD or now >= self.next_deadline()
        ):
            self._give_up(out, now)

    def _odd(self, out: list[Chunk], packet: RtpPacket, place: Place, now: float) -> None:
        """Drop a packet that comes twice, too late or from nowhere, unless it proves a new run."""
        if place is not Place.STRANGE and not self._timeline.passed(packet):
            place = Place.STRANGE
        if place is not Place.STRANGE:
            self.reception.drop(place)
            self._time(packet, now)
            self._sequence.note(packet.sequence)
        elif self._sequence.proves(packet.ssrc, packet.sequence) and self._strange is not None:
            self._start_anew(out, (self._strange, (packet, now)))
        else:
            self._strange = (packet, now)
            self.reception.drop(place)

    def _start_anew(self, out: list[Chunk], arrivals: tuple[tuple[RtpPacket, float], ...]) -> None:
        """Leave the old run and go on with the one that begins with ``arrivals``.

        Each has its place by the time when it came: the first waited for its proof only here.
        """
        (first, _), (_, now) = arrivals
        while self._held:
            self._give_up(out, now)
        self.reception.restart()
        self._sequence.start(first.ssrc, first.sequence)
        self._timeline.broken = True
        self._strange = None
        for packet, arrival in arrivals:
            self._count(packet, arrival)
            if now - arrival <= max(MIN_DELAY, self._max_delay):
                self._release(out, packet, arrival)
            else:
                # What has waited longer for its proof than any packet waits is not heard late.
                self._sequence.advance(packet.sequence)
                self.reception.late += 1

    def _give_up(self, out: list[Chunk], now: float) -> None:
        """Wait no longer for what is missing before the first packet held."""
        first = min(self._held, key=self._sequence.distance)
        packet, _ = self._held.pop(first)
        self.reception.bursts += 1
        self._timeline.bridge(out, packet, now)
        self._release(out, packet, now)

    def _release(self, out: list[Chunk], packet: RtpPacket, now: float) -> None:
        """Give out a packet, and those held that follow it without a gap."""
        self._place(out, packet, now)
        if not self._held:
            return
        while self._sequence.expected in self._held:
            following, _ = self._held.pop(self._sequence.expected)
            self._place(out, following, now)
        if self._held:
            self._held_since = min(arrival for _, arrival in self._held.values())

    def _place(self, out: list[Chunk], packet: RtpPacket, now: float) -> None:
        self._sequence.advance(packet.sequence)
        if not self._timeline.place(out, packet, now):
            self.reception.late += 1
