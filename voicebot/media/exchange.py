"""All calls of an endpoint side by side: whose datagram it is, and whose turn it is to speak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias
from weakref import WeakKeyDictionary

import structlog

from voicebot.errors import MediaError
from voicebot.media.batch import Batches
from voicebot.media.datagrams import BATCH, Inbox, age
from voicebot.media.lane import Lane
from voicebot.media.overload import Overload
from voicebot.media.sender import RtpSenders

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from voicebot.media.clock import MediaClock
    from voicebot.media.rtp_stream import RtpStream

MOST_CALLS: Final = 4096
"""Calls of one endpoint: more than a core can carry, and a bound to the memory."""

MANY: Final = 40
"""Calls from which on they are served in batches, when the clock ticks: a wake-up of the event loop
costs more than a packet then."""

LEAST: Final = 32
"""Datagrams read in a row at least, however late it is: what is to be said leaves first."""

_USUAL_COST: Final = 1e-5
"""Seconds that a datagram takes, until that is known."""

_COST_READS: Final = 16
"""Reads over which that is averaged."""

Measure: TypeAlias = "Callable[[socket.socket], float | None]"
"""Says for how many seconds the datagram read last had waited, ``None`` where that is not known."""

_log = structlog.get_logger(__name__)


class Exchange:
    """What the calls of one endpoint share: rows of the lane and the senders, and batches.

    ``foreign`` counts the datagrams that were nobody's. ``closed`` is called with each stream that
    has ended. ``listening``: the streams are heard only. ``measure`` says for how long the datagram
    read last had waited, if that is known.
    """

    def __init__(
        self,
        clock: MediaClock,
        *,
        max_delay: float,
        closed: Callable[[RtpStream], None],
        at_once: bool = True,
        listening: bool = False,
        measure: Measure = age,
    ) -> None:
        self.clock = clock
        self.listening = listening
        self.max_delay = max_delay
        self.foreign = 0
        self.lane = Lane(MOST_CALLS)
        self.senders = RtpSenders(MOST_CALLS, at_once=at_once)
        self.batches = Batches(clock, self.lane, self.senders, self.catch_up, listening=listening)
        self._closed = closed
        self._inbox = Inbox(at_once=at_once)
        self._measure = measure
        self._opened = clock.now()
        # Until when all that came has been read. Each call may have a socket of its own.
        self._reached: WeakKeyDictionary[socket.socket, float] = WeakKeyDictionary()
        self._cost = _USUAL_COST
        self._overload = Overload(self.lane)
        self._free = list(range(MOST_CALLS - 1, -1, -1))

    @property
    def many(self) -> bool:
        """Whether there are so many calls that they are served in batches."""
        return MOST_CALLS - len(self._free) >= MANY

    def require_room(self) -> None:
        """Raise ``MediaError`` if one more call is one too many.

        Who is only listened to has nowhere else to go, and is heard once the core keeps up.
        """
        if not self._free:
            raise MediaError(f"the RTP endpoint has {MOST_CALLS} calls: no more fit on one core")
        unheard = self._overload.unheard
        if unheard and not self.listening:
            raise MediaError(f"the core does not keep up: {unheard} of its calls are not heard")

    def take_row(self) -> int:
        """Return a free row. Raises ``MediaError`` as ``require_room``."""
        self.require_room()
        return self._free.pop()

    def forget(self, stream: RtpStream, row: int) -> None:
        """Let another call have the row of ``stream``."""
        self._free.append(row)
        self._closed(stream)

    def read(self, sock: socket.socket, answered: float | None = None, most: int = BATCH) -> bool:
        """Deliver some of the datagrams that wait, no more than ``most``.

        ``answered`` is when the first slot is due that can answer them, by default any after now.
        Return whether there may be more.
        """
        now = self.clock.now()
        try:
            count = self._inbox.read(sock, most)
        except OSError as error:
            _log.warning("UDP socket", error=str(error))
            # What cannot be read is lost: time goes on.
            self._reached[sock] = now
            return False
        # Where many wait it is not the network that is late: they came when they came.
        came = now if count < most else self._came(sock)
        if count:
            self.lane.answered = now if answered is None else answered
            self.foreign += self.lane.deliver(
                self._inbox, count, now if came is None else came, quick=self.many
            )
        if came is not None:
            self._reached[sock] = came
        if count >= LEAST:
            self._cost += ((self.clock.now() - now) / count - self._cost) / _COST_READS
        return count == most

    def _came(self, sock: socket.socket) -> float | None:
        """Return when the datagram read last came, if that is known.

        Never before one read earlier: the system's time can be set while they wait.
        """
        age = self._measure(sock)
        return None if age is None else max(self._reached_in(sock), self.clock.now() - age)

    def _reached_in(self, sock: socket.socket) -> float:
        return self._reached.get(sock, self._opened)

    def catch_up(self, sock: socket.socket, answered: float) -> float:
        """Deliver the datagrams that wait, until the next calls are to be ticked.

        ``answered`` is when the first slot is due that can answer them. Return until when all that
        came has been read: what was to come before and did not is missing, but nothing else is.
        Where there is more than can be done, ``Overload`` chooses who is not heard for a while.
        """
        now, end = self.clock.now(), self.clock.next_due
        while self.read(sock, answered, self._most(end - self.clock.now())):
            if self.clock.now() >= end:
                break
        else:
            self._overload.recover(now)
            return self._reached_in(sock)
        reached = self._reached_in(sock)
        if self.many:
            # A few calls are too many for no core: something else has held it up.
            self._overload.relieve(self.clock.now() - reached, now)
        return reached

    def _most(self, seconds: float) -> int:
        """Return how many datagrams can be delivered in so many seconds, but ``LEAST``."""
        if seconds <= 0.0:
            return LEAST
        return BATCH if seconds >= BATCH * self._cost else max(LEAST, int(seconds / self._cost))
