"""What a phone said and heard, put back on one time line.

A phone dumps both directions of a call into files, packet by packet and without the time. A
``Tape`` watches such a file grow, so each packet's moment is known; ``place`` then lays the samples
where they belong, with silence where no packet came. Both directions of a call share one clock.
"""

from __future__ import annotations

import contextlib
import os
import struct
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Samples: TypeAlias = "NDArray[np.int16]"
"""Mono audio, 16 bits a sample."""

Direction: TypeAlias = Literal["said", "heard"]

PACKET_SECONDS = 0.02
POLL_SECONDS = 0.003

# Two neighbours further apart than this have a hole between them, and nothing after a pause is
# placed earlier than this before it came.
HOLE_SECONDS = 0.005
EARLY_SECONDS = 0.02
# A stream that is back on its old grid after so many packets (a second) was late, not interrupted.
LOOK_AHEAD = 50
# The last packets, which few follow yet, may be late rather than apart.
FOLLOWERS = 5
LEAD_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Arrival:
    """At ``time`` (monotonic seconds) the file held ``total`` samples."""

    time: float
    total: int


@dataclass(frozen=True, slots=True)
class Recording:
    """Both directions of a call, as of now, on one time line.

    Sample 0 of both is at ``started`` (monotonic seconds). A word's end in ``said`` is the moment
    its last packet left the phone; a word's beginning in ``heard`` is the moment its first packet
    arrived: the phone itself adds no delay. The arrays are equally long.
    """

    said: Samples
    heard: Samples
    rate: int
    started: float

    def position(self, moment: float) -> float:
        """Return where the monotonic time ``moment`` lies in the recording, in seconds."""
        return moment - self.started


def place(
    samples: Samples,
    arrivals: Sequence[Arrival],
    *,
    rate: int,
    started: float,
    direction: Direction,
) -> Samples:
    """Return ``samples`` laid out in time, beginning at ``started``; nothing is dropped.

    Each stream keeps the even grid of its packets: jitter, and a stall that is made up for, move
    nothing. Where the stream really stopped there are zeros, and a new grid begins with the packet
    after them; packets that come too fast then queue, as in a phone.
    """
    pieces: list[Samples] = []
    done = inserted = 0
    for begin, even, limit, least in _origins(arrivals, rate, direction):
        shift = round((even - started) * rate) - inserted
        if not begin:
            pieces.append(np.zeros(max(shift, 0), dtype=np.int16))
        elif shift > least * rate:
            shift = max(shift, round((limit - started) * rate) - inserted)
            pieces += [samples[done:begin], np.zeros(shift, dtype=np.int16)]
            done = begin
        else:
            continue
        inserted += max(shift, 0)
    return np.concatenate([*pieces, samples[done:]])


def _origins(
    arrivals: Sequence[Arrival], rate: int, direction: Direction
) -> list[tuple[int, float, float, float]]:
    """Return, for each arrival, its first sample and where the grid's sample 0 would lie.

    First by the even grid of the packets to come, then at the earliest if a grid begins here (both
    monotonic seconds); last, how far from the present grid the new one must be to count.
    """
    if not arrivals:
        return []
    times = np.array([arrival.time for arrival in arrivals])
    ends = np.array([arrival.total for arrival in arrivals])
    begins = np.concatenate(([0], ends[:-1]))
    origins = times - ends / rate + (PACKET_SECONDS if direction == "heard" else 0.0)
    # The earliest of the next second is right, the others were late.
    following = np.concatenate([origins, np.full(LOOK_AHEAD - 1, np.inf)])
    even = np.lib.stride_tricks.sliding_window_view(following, LOOK_AHEAD).min(axis=1)
    least = np.full(len(times), HOLE_SECONDS)
    least[-FOLLOWERS:] = EARLY_SECONDS
    columns = (begins, even, origins - EARLY_SECONDS, least)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@dataclass
class Tape:
    """Watches one growing WAV file of 16-bit mono samples from a thread of its own.

    The file's header may give no length yet, as one does that is still being written.
    """

    path: Path
    direction: Direction
    rate: int = 0
    _arrivals: list[Arrival] = field(default_factory=list)
    _header: int = 0
    _handle: int = -1

    def poll(self, now: float) -> None:
        """Note how far the file has grown; ``now`` is monotonic seconds."""
        if not self._header and not self._open():
            return
        total = (os.fstat(self._handle).st_size - self._header) // 2
        seen = self._arrivals[-1].total if self._arrivals else 0
        if total > seen:
            self._arrivals.append(Arrival(now, total))

    def begun(self) -> float | None:
        """Return a moment not later than any sample's, in monotonic seconds, or ``None``.

        ``None`` before the first packet; after it, the moment does not change any more.
        """
        if not self._arrivals:
            return None
        first = self._arrivals[0]
        return first.time - first.total / self.rate - LEAD_SECONDS

    def placed(self, started: float) -> Samples:
        """Return everything so far, laid out from ``started`` on."""
        arrivals = self._arrivals.copy()
        if not arrivals:
            return np.zeros(0, dtype=np.int16)
        raw = os.pread(self._handle, 2 * arrivals[-1].total, self._header)
        samples = np.frombuffer(raw, dtype="<i2").astype(np.int16)
        return place(samples, arrivals, rate=self.rate, started=started, direction=self.direction)

    def close(self) -> None:
        """Let the file go. What was placed before stays valid."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self) -> bool:
        with contextlib.suppress(FileNotFoundError):
            if self._handle < 0:
                self._handle = os.open(self.path, os.O_RDONLY)
            head = os.pread(self._handle, 4096, 0)
            data = head.find(b"data")
            if data > 0 and len(head) >= data + 8:
                self.rate = int(struct.unpack_from("<I", head, 24)[0])
                self._header = data + 8
                return True
        return False


class Deck:
    """Two tapes and the thread that watches them: the recorder of one call."""

    def __init__(self, said: Path, heard: Path) -> None:
        self._said = Tape(said, "said")
        self._heard = Tape(heard, "heard")
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="tape", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching, after a last look. The recording stays readable."""
        if not self._stopped.is_set():
            self._stopped.set()
            self._thread.join()
            self._look()

    def close(self) -> None:
        """Stop and release the files: no recording can be read after this."""
        self.stop()
        self._said.close()
        self._heard.close()

    def recording(self) -> Recording:
        """Return both directions so far, equally long. Before the first packet it is empty."""
        begun = [moment for moment in (self._said.begun(), self._heard.begun()) if moment]
        rate = self._said.rate or self._heard.rate or 8000
        if not begun:
            empty = np.zeros(0, dtype=np.int16)
            return Recording(empty, empty, rate, time.monotonic())
        started = min(begun)
        said, heard = self._said.placed(started), self._heard.placed(started)
        length = max(len(said), len(heard))
        return Recording(_padded(said, length), _padded(heard, length), rate, started)

    def _watch(self) -> None:
        while not self._stopped.wait(POLL_SECONDS):
            self._look()

    def _look(self) -> None:
        now = time.monotonic()
        self._said.poll(now)
        self._heard.poll(now)


def _padded(samples: Samples, length: int) -> Samples:
    return np.concatenate([samples, np.zeros(length - len(samples), dtype=np.int16)])
