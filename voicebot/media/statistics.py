"""What was received, lost and sent, and how it sounds (RFC 3550 appendix A, ITU-T G.107)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from voicebot.media.audio import FRAME_SAMPLES
from voicebot.media.sequence import Place

_BEST_R: Final = 93.2
"""R of a perfect connection with all defaults of G.107 in place."""

_LOSS_ROBUSTNESS: Final = 25.1
"""Bpl of G.711 with packet loss concealment (G.113 appendix I)."""

JUMP: Final = 0.25
"""Seconds: a larger difference of transit is a pause or a jump of the timestamps, not jitter."""


@dataclass(frozen=True, slots=True)
class MediaStatistics:
    """One call's audio so far. Counts are packets; times are seconds.

    ``received`` counts all that could be read and came from the call's own address, ``lost`` what
    RFC 3550 A.3 expects beyond that (negative where duplicates outnumber losses). Of those received
    ``late`` came after their time, ``duplicates`` twice and ``strange`` out of any order: they were
    dropped. ``bursts`` is how often packets were missing, however many in a row. ``malformed``
    could not be read. ``foreign`` came from other addresses to the same socket during the call.
    ``concealed`` is audio that had to be made up, or was silence for want of packets. ``unsent``
    the network did not take. ``stalls`` counts interruptions of the loop. ``unheard`` says that
    what comes now is dropped, and not counted: the core does not keep up.
    """

    received: int = 0
    lost: int = 0
    late: int = 0
    duplicates: int = 0
    strange: int = 0
    bursts: int = 0
    malformed: int = 0
    foreign: int = 0
    jitter: float = 0.0
    concealed: float = 0.0
    sent: int = 0
    unsent: int = 0
    stalls: int = 0
    unheard: bool = False

    @property
    def loss(self) -> float:
        """Share of the packets expected that never were of use: lost, or dropped as late."""
        expected = self.received + self.lost
        return min(1.0, max(0, self.lost + self.late) / expected) if expected > 0 else 0.0

    @property
    def burst_ratio(self) -> float:
        """BurstR: how many packets are missing in a row, against 1 / (1 - loss) by pure chance."""
        missing = self.lost + self.late
        if not self.bursts or missing <= 0:
            return 1.0
        return max(1.0, missing / self.bursts * (1 - self.loss))

    @property
    def r_factor(self) -> float:
        """Transmission rating R of the way to us, between 0 and 93.2 (G.107, simplified).

        Loss counts as that of concealed G.711; the delay is what can be seen from here, the packet
        itself and twice its jitter. What lies beyond Asterisk is not known.
        """
        percent = 100 * self.loss
        equipment = 95 * percent / (percent / self.burst_ratio + _LOSS_ROBUSTNESS)
        delay = 20 + 2000 * self.jitter
        delayed = 0.024 * delay + max(0.0, 0.11 * (delay - 177.3))
        return max(0.0, _BEST_R - equipment - delayed)

    @property
    def mos(self) -> float:
        """Mean opinion score between 1 and 4.5 that people would give."""
        return mean_opinion(self.r_factor)

    def summary(self) -> dict[str, Any]:
        """Return the fields of a log line: how the caller was heard."""
        return {
            "packets": self.received,
            "lost": self.lost,
            "late": self.late,
            "jitter_ms": round(1000 * self.jitter, 1),
            "concealed_s": round(self.concealed, 2),
            "r_factor": round(self.r_factor, 1),
            "mos": round(self.mos, 2),
        }


def mean_opinion(r: float) -> float:
    """Return the mean opinion score of a connection rated R, from 0 to 100 (G.107 annex B)."""
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


class Reception:
    """The running counts of one RTP stream: appendices A.1 and A.3 for loss, A.8 for jitter."""

    def __init__(self) -> None:
        self.received = 0
        self.late = 0
        self.duplicates = 0
        self.strange = 0
        self.bursts = 0
        self.malformed = 0
        self.jitter = 0.0
        self._expected_before = 0
        self._first: int | None = None
        self._highest = 0
        self._timestamp = 0
        self.arrival = float("-inf")

    @property
    def lost(self) -> int:
        """Packets expected and not received (A.3), over all sources that the stream has had."""
        expected = self._expected_before
        if self._first is not None:
            expected += self._highest - self._first + 1
        return expected - (self.received - self.strange)

    def restart(self) -> None:
        """Begin a new source, or the same one anew: its numbers say nothing about the old ones.

        The first packet of it was dropped as a strange one; it will be counted again.
        """
        if self._first is not None:
            self._expected_before += self._highest - self._first + 1
        self._first = None
        self.arrival = float("-inf")
        self.received -= 1
        self.strange -= 1

    def count(self, sequence: int) -> None:
        """Take the number of a packet into account (A.1, A.3)."""
        self.received += 1
        if self._first is None:
            self._first = self._highest = sequence
            return
        ahead = (sequence - self._highest) & 0xFFFF
        if ahead < 0x8000:
            self._highest += ahead

    def in_step(self, sequence: int, timestamp: int) -> bool:
        """Return whether the newest packet counted is the one before these, 20 ms of slin16 ago."""
        follows = self._first is not None and (self._highest + 1 & 0xFFFF) == sequence
        return follows and (self._timestamp + FRAME_SAMPLES & 0xFFFF_FFFF) == timestamp

    def count_by(self, count: int, timestamp: int, arrival: float, jitter: float) -> None:
        """Take ``count`` packets that follow each other into account, and what they led to.

        ``timestamp`` and ``arrival`` are the last one's.
        """
        self.received += count
        self._highest += count
        self._timestamp = timestamp
        self.arrival = arrival
        self.jitter = jitter

    def drop(self, place: Place) -> None:
        """Take a packet that is not used into account."""
        self.received += 1
        if place is Place.DUPLICATE:
            self.duplicates += 1
        elif place is Place.STRANGE:
            self.strange += 1
        else:
            self.late += 1

    def time(self, timestamp: int, clock_rate: int, arrival: float) -> None:
        """Take a packet's timestamp and its arrival, in seconds, into account (A.8)."""
        step = (timestamp - self._timestamp + 0x8000_0000 & 0xFFFF_FFFF) - 0x8000_0000
        difference = abs(arrival - self.arrival - step / clock_rate)
        if difference < JUMP:
            self.jitter += (difference - self.jitter) / 16
        self._timestamp = timestamp
        self.arrival = arrival
