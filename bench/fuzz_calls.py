"""Calls that are fuzzed: through the port that production reads, and through a receiver beside it.

A datagram goes from a socket of its call's to the endpoint's socket and is read from there as ever:
many with one system call, the common packets of all calls at once. A plain ``RtpReceiver`` is given
the same at the same times, and both must hand on the same frames. Only time is simulated.
"""

from __future__ import annotations

import socket
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from bench.fuzz_mutations import Mutator
from voicebot.media.address import RECEIVE_BUFFER
from voicebot.media.clock import MediaClock
from voicebot.media.datagrams import source_key
from voicebot.media.exchange import Exchange
from voicebot.media.receiver import RtpReceiver

if TYPE_CHECKING:
    import random

    from voicebot.media.audio import Frame

CALLS: Final = 50
"""As many as are served in batches, and some more."""

CALL_PACKETS: Final = 2_000
"""Packets of one call: then a new one begins, for a receiver's state decides what is broken."""

MAX_DELAY: Final = 0.08
_FORCE: Final = 33
"""``SO_RCVBUFFORCE``: a buffer beyond the system's limit, where we have the right to it."""


class Ear:
    """Counts frames, and sums them up so that two ears can be compared."""

    def __init__(self) -> None:
        self.frames = 0
        self.sum = 0

    def listen(self, frame: Frame, _now: float) -> None:
        """Take a frame."""
        self.frames += 1
        self.sum = zlib.crc32(frame, self.sum)


class FuzzedCall:
    """One place for calls: its socket, the call of now, and what became of those before."""

    def __init__(self, exchange: Exchange, source: random.Random, now: float) -> None:
        self.socket = bound()
        self.packets = 0
        self.malformed = self.strange = self.frames = self.differing = 0
        self._exchange = exchange
        self._random = source
        self._row = exchange.take_row()
        self._key = source_key(self.socket.getsockname())
        self._begin(now)

    def due(self, now: float) -> bytes | None:
        """Return the next datagram if it has been sent by ``now``."""
        if self._next > now:
            return None
        self._next += self._mutator.pause()
        self.packets += 1
        return self._mutator.datagram()

    def take(self, datagram: bytes, now: float) -> None:
        """Give the receiver beside the port what went to the port."""
        self._beside.receive(datagram, now)

    def poll(self, now: float) -> None:
        """Let time go on for the receiver beside the port."""
        self._beside.poll(now)

    def turn(self, now: float) -> None:
        """Let a new call begin, if this one has lasted long enough."""
        if self.packets >= CALL_PACKETS:
            self.end()
            self._begin(now)

    def end(self) -> None:
        """Close the call; compare what was heard both ways."""
        self._exchange.lane.close(self._row, self._key)
        there, beside = self._receiver.reception, self._beside.reception
        self.malformed += there.malformed
        self.strange += there.strange
        self.frames += self._there.frames
        same = (self._there.frames, self._there.sum) == (self._ear.frames, self._ear.sum)
        counted = (there.received, there.lost, there.late, there.malformed, there.strange)
        expected = (beside.received, beside.lost, beside.late, beside.malformed, beside.strange)
        self.differing += not (same and counted == expected)

    def _begin(self, now: float) -> None:
        self.packets = 0
        self._next = now
        self._mutator = Mutator(self._random)
        self._receiver = RtpReceiver(now, max_delay=MAX_DELAY, name="fuzzed")
        self._beside = RtpReceiver(now, max_delay=MAX_DELAY, name="beside")
        self._there, self._ear = Ear(), Ear()
        self._receiver.listen(self._there.listen)
        self._beside.listen(self._ear.listen)
        self._exchange.lane.open(self._row, self._key, self._receiver)


class Port:
    """The endpoint's socket and exchange, in simulated time, and a stranger who copies packets."""

    def __init__(self, source: random.Random, calls: int = CALLS) -> None:
        self.now = 1000.0
        self.strange = 0
        self.socket = bound()
        self.socket.setsockopt(socket.SOL_SOCKET, _FORCE, RECEIVE_BUFFER)
        self._stranger = bound()
        self.exchange = Exchange(
            MediaClock(time_source=lambda: self.now),
            max_delay=MAX_DELAY,
            closed=lambda _stream: None,
            measure=lambda _sock: None,
        )
        self.calls = [FuzzedCall(self.exchange, source, self.now) for _ in range(calls)]
        self._rows = np.arange(calls)
        self._random = source
        self._address = self.socket.getsockname()

    def step(self, seconds: float) -> int:
        """Let time pass; return how many datagrams of calls were sent and read in it."""
        self.now += seconds
        sent = 0
        for call in self.calls:
            while (datagram := call.due(self.now)) is not None:
                call.socket.sendto(datagram, self._address)
                call.take(datagram, self.now)
                sent += 1
                if self._random.random() < 1 / 16:
                    self._stranger.sendto(datagram, self._address)
                    self.strange += 1
        while self.exchange.catch_up(self.socket, self.now) < self.now:
            pass
        self.exchange.lane.poll(self._rows, self.now)
        for call in self.calls:
            call.poll(self.now)
            call.turn(self.now)
        return sent

    def close(self) -> None:
        """End all calls."""
        for call in self.calls:
            call.end()
            call.socket.close()
        self.socket.close()
        self._stranger.close()


def bound() -> socket.socket:
    """Return a UDP socket on loopback that never waits."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock
