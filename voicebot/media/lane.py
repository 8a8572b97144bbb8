"""The common packet's quick way: what a ``JitterBuffer`` does with it, for many calls at once.

Nearly every packet is the one that was expected: slin16 of 20 ms, with the next number and the next
timestamp of the same source. Whether a whole batch is like that, and what becomes of each stream,
is a few operations on arrays. Everything else goes through the stream's ``RtpReceiver``, which is
given its state back for that. Both ways lead to the same frames, statistics and deadlines, to the
last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import structlog

from voicebot.media.audio import (
    FRAME_BYTES,
    FRAME_SAMPLES,
    FRAME_SECONDS,
    SAMPLE_RATE,
    energies,
)
from voicebot.media.codecs import SLIN16
from voicebot.media.datagrams import LARGEST_DATAGRAM
from voicebot.media.drift import EARLIEST, LATEST, WINDOW
from voicebot.media.phases import Phases
from voicebot.media.rtp import HEADER_BYTES, PLAIN
from voicebot.media.statistics import JUMP
from voicebot.media.steady import Steady
from voicebot.media.timeline import MIN_DELAY

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from voicebot.media.audio import Pcm
    from voicebot.media.datagrams import Inbox, Key
    from voicebot.media.receiver import RtpReceiver

    Rows = NDArray[np.intp]
    Flags = NDArray[np.bool_]

_PACKET_BYTES: Final = HEADER_BYTES + FRAME_BYTES
_FIRST_WORD: Final = PLAIN << 24 | SLIN16 << 16
_STRANGER: Final = -1
_UNHEARD: Final = -2
"""Less the row: whose datagrams are dropped for a while."""

_log = structlog.get_logger(__name__)


def _never() -> bool:
    """Let time go on for all."""
    return False


class Lane:
    """The receiving halves of many calls, each a row of ``rows``.

    A call is on the quick way while its ``RtpReceiver`` is ``steady``; ``energy`` is then that of
    the frame being handed on. What is delivered can be ``answered`` from that time on.
    """

    def __init__(self, rows: int) -> None:
        self.energy: float | None = None
        self.answered = 0.0
        self.phases = Phases(rows)
        self._sources: dict[Key, int] = {}
        self._receivers: list[RtpReceiver | None] = [None] * rows
        # Of the rows that are on the quick way: what is expected, the state, what was heard last.
        self._quick = np.zeros(rows, np.bool_)
        self._headers = np.zeros((rows, 3), np.uint32)
        self._state = np.zeros((9, rows))
        self._packets = np.zeros(rows, np.int64)
        self._before: list[Pcm] = [b""] * rows
        self._latest: list[Pcm] = [b""] * rows
        # Of all: when it is overdue, and which packet of a batch is its first.
        self._deadlines = np.full(rows, np.inf)
        self._firsts = np.zeros(rows, np.intp)

    def open(self, row: int, source: Key, receiver: RtpReceiver) -> None:
        """Give ``receiver`` what comes from ``source``."""
        self._sources[source] = row
        self.phases.open(row)
        self._receivers[row] = receiver
        self._deadlines[row] = receiver.next_deadline()

    def close(self, row: int, source: Key) -> None:
        """Drop what comes from ``source`` from now on."""
        self.settle(row)
        self._sources.pop(source, None)
        self._receivers[row] = None
        self._deadlines[row] = np.inf

    def heard(self) -> list[Key]:
        """Return the sources that are heard, in the order in which they were opened."""
        return [source for source, row in self._sources.items() if row >= 0]

    def hears(self, source: Key) -> bool:
        """Return whether what comes from ``source`` is heard now."""
        return self._sources.get(source, _STRANGER) >= 0

    def unheard(self) -> int:
        """Return of how many calls the datagrams are dropped now."""
        return sum(row <= _UNHEARD for row in self._sources.values())

    def heed(self, source: Key, *, heard: bool) -> None:
        """Hear a call, or drop what comes from it and let time stand still for its receiver.

        A source that is not known is that of a call that has ended.
        """
        row = self._sources.get(source, _STRANGER)
        if row == _STRANGER or heard == (row >= 0):
            return
        self._sources[source] = _UNHEARD - row
        row = max(row, _UNHEARD - row)
        self.settle(row)
        receiver = self._receivers[row] if heard else None
        self._deadlines[row] = np.inf if receiver is None else receiver.next_deadline()

    def settle(self, row: int) -> None:
        """Give a receiver its state back: until its next packet it is not on the quick way."""
        receiver = self._receivers[row]
        if receiver is None or not self._quick[row]:
            return
        self._quick[row] = False
        count = int(self._packets[row])
        if count:
            first, timestamp, ssrc = self._headers[row].tolist()
            position, *times = self._state[:, row].tolist()
            steady = Steady(ssrc, first & 0xFFFF, timestamp, int(position), *times)
            receiver.go_on(steady, count, (self._before[row], self._latest[row]))

    def deliver(self, inbox: Inbox, count: int, now: float, *, quick: bool = True) -> int:
        """Deliver the first ``count`` datagrams of ``inbox``; return how many were a stranger's.

        ``quick`` says whether there are enough of them for the quick way.
        """
        find = self._sources.get
        found = [find(source, _STRANGER) for source in inbox.sources(count)]
        rows = np.array(found, np.intp)
        places = np.flatnonzero((rows >= 0) & (inbox.sizes[:count] < LARGEST_DATAGRAM))
        foreign = count - len(places) - int(np.count_nonzero(rows <= _UNHEARD))
        rows = rows[places]
        while len(set(found)) < len(found):
            # Of each call the first packet; those after it are the next rounds'.
            self._firsts[rows[::-1]] = places[::-1]
            first = self._firsts[rows] == places
            self._deliver_round(inbox, places[first], rows[first], now, quick=quick)
            places, rows = places[~first], rows[~first]
            found = rows.tolist()
        if len(places):
            self._deliver_round(inbox, places, rows, now, quick=quick)
        return foreign

    def poll(self, rows: Rows, now: float, enough: Callable[[], bool] = _never) -> None:
        """Let time go on for ``rows``, those of a tick, until it is ``enough``.

        The longest overdue come first: those that are left come in the next tick.
        """
        deadlines = self._deadlines[rows]
        overdue = np.flatnonzero(deadlines <= now)
        if not len(overdue):
            return
        for row in rows[overdue[np.argsort(deadlines[overdue])]].tolist():
            self._slowly(row, None, now)
            if enough():
                break

    def _deliver_round(
        self, inbox: Inbox, places: Rows, rows: Rows, now: float, *, quick: bool
    ) -> None:
        """Deliver the datagrams in ``places`` of ``inbox`` to ``rows``, all different."""
        self.phases.arrived(rows, self.answered)
        if not quick:
            for place, row in zip(places.tolist(), rows.tolist(), strict=True):
                self._slowly(row, inbox.datagram(place), now)
            return
        fits = self._follow(inbox, places, rows, now)
        self._hear(inbox.payloads(places[fits], FRAME_BYTES), rows[fits].tolist(), now)
        for place, row in zip(places[~fits].tolist(), rows[~fits].tolist(), strict=True):
            self._slowly(row, inbox.datagram(place), now)
            self._enter(row)

    def _hear(self, payloads: NDArray[np.uint8], rows: list[int], now: float) -> None:
        """Hand on the frames in ``payloads``, one for each of ``rows``."""
        pcm = payloads.view(">i2").astype(np.int16)
        octets = pcm.tobytes()
        frames = [octets[at : at + FRAME_BYTES] for at in range(0, len(octets), FRAME_BYTES)]
        before, latest = self._before, self._latest
        for row, frame in zip(rows, frames, strict=True):
            before[row] = latest[row]
            latest[row] = frame
        for row, frame, self.energy in zip(rows, frames, energies(pcm), strict=True):
            receiver = self._receivers[row]
            if receiver is not None:
                receiver.hear(frame, now)
        self.energy = None

    def _follow(self, inbox: Inbox, places: Rows, rows: Rows, now: float) -> Flags:
        """Return which packets are what was expected, and move their streams along.

        This is ``Reception.time``, ``Timeline.place``, ``DriftTracker.update`` and ``deadline``.
        """
        expected = self._headers.take(rows, axis=0)
        differs = inbox.headers[places].astype(np.uint32) ^ expected
        state = self._state.take(rows, axis=1)
        position, start, max_lead, max_delay, quickest, window, since, jitter, arrival = state
        end = position + FRAME_SAMPLES
        lateness = now - start - end / SAMPLE_RATE
        least = np.minimum(window, lateness)
        turns = now - since >= WINDOW
        fits: Flags = (
            self._quick[rows]
            & (inbox.sizes[places] == _PACKET_BYTES)
            & ((differs[:, 0] | differs[:, 1] | differs[:, 2]) == 0)
            & (lateness >= -max_lead)
            & (~turns | ((least >= EARLIEST) & (least <= LATEST)))
        )
        difference = np.abs(now - arrival - FRAME_SECONDS)
        state[0] = end
        state[4] = quickest = np.where(turns, least, np.minimum(quickest, lateness))
        state[5] = np.where(turns, lateness, least)
        state[6] = np.where(turns, now, since)
        state[7] = jitter = np.where(difference < JUMP, jitter + (difference - jitter) / 16, jitter)
        state[8] = now
        patience = np.maximum(np.minimum(np.maximum(4 * jitter, MIN_DELAY), max_delay), MIN_DELAY)
        deadline = start + (end + FRAME_SAMPLES) / SAMPLE_RATE + np.maximum(quickest, 0) + patience
        # The number is the lower half of the first word.
        expected[:, 0] = _FIRST_WORD | (expected[:, 0] + 1 & 0xFFFF)
        expected[:, 1] += FRAME_SAMPLES
        moved = rows[fits]
        self._state[:, moved] = state.compress(fits, axis=1)
        self._deadlines[moved] = deadline[fits]
        self._headers[moved] = expected[fits]
        self._packets[moved] += 1
        return fits

    def _slowly(self, row: int, datagram: memoryview | None, now: float) -> None:
        """Let a receiver take a datagram, or the time, by itself."""
        self.settle(row)
        receiver = self._receivers[row]
        if receiver is None:
            return
        try:
            if datagram is None:
                receiver.poll(now)
            else:
                receiver.receive(datagram, now)
            self._deadlines[row] = receiver.next_deadline()
        except Exception:  # noqa: BLE001 - one call's fault must not stop the others
            _log.exception("receiving failed, its call hears no more", call=receiver.name)
            self._receivers[row] = None
            self._deadlines[row] = np.inf

    def _enter(self, row: int) -> None:
        """Take a stream on the quick way, if it is ready for it."""
        receiver = self._receivers[row]
        steady = None if receiver is None else receiver.steady()
        if receiver is None or steady is None:
            return
        self._headers[row] = (_FIRST_WORD | steady.sequence, steady.timestamp, steady.ssrc)
        self._state[:, row] = (
            steady.position,
            steady.start,
            steady.max_lead,
            steady.max_delay,
            steady.quickest,
            steady.window,
            steady.since,
            steady.jitter,
            steady.arrival,
        )
        self._packets[row] = 0
        self._before[row], self._latest[row] = receiver.latest
        self._quick[row] = True
