"""All calls of an endpoint side by side: whose datagram it is, and whose turn it is to speak."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

import structlog

from voicebot.errors import MediaError
from voicebot.media.batch import Batches
from voicebot.media.datagrams import BATCH, Inbox
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

LONGEST_BACKLOG: Final = 0.5
"""Seconds of reading without an end after which what waits is worth less than being in time."""

_log = structlog.get_logger(__name__)


class Exchange:
    """What the calls of one endpoint share: rows of the lane and the senders, and batches.

    ``foreign`` counts the datagrams that were nobody's. ``closed`` is called with each stream that
    has ended. ``listening``: the streams are heard only.
    """

    def __init__(
        self,
        clock: MediaClock,
        *,
        max_delay: float,
        closed: Callable[[RtpStream], None],
        at_once: bool = True,
        listening: bool = False,
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
        self._behind_since: float | None = None
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

    def read(self, sock: socket.socket, answered: float | None = None) -> bool:
        """Deliver some of the datagrams that wait; return whether there may be more.

        ``answered`` is when the first slot is due that can answer them, by default any after now.
        """
        now = self.clock.now()
        try:
            count = self._inbox.read(sock)
        except OSError as error:
            _log.warning("UDP socket", error=str(error))
            return False
        if count:
            self.lane.answered = now if answered is None else answered
            self.foreign += self.lane.deliver(self._inbox, count, now, quick=self.many)
        return count == BATCH

    def catch_up(self, sock: socket.socket, answered: float) -> None:
        """Deliver the datagrams that wait, until the next calls are to be ticked.

        ``answered`` is when the first slot is due that can answer them.

        While some still wait, none is taken for missing: ``lane`` stands still. Where there is more
        than can be done, what waits is given up after ``LONGEST_BACKLOG``, and ``Overload`` chooses
        who is not heard for a while.
        """
        now, end = self.clock.now(), self.clock.next_due
        self.lane.behind = True
        while self.read(sock, answered):
            if self.clock.now() >= end:
                break
        else:
            self.lane.behind = False
            self._behind_since = None
            self._overload.recover(now)
            return
        if self._behind_since is None:
            self._behind_since = now
        elif now - self._behind_since >= LONGEST_BACKLOG:
            self._give_up(sock, now)

    def _give_up(self, sock: socket.socket, now: float) -> None:
        """Drop what waits: for the calls it is as if it had been lost. Hear fewer from now on."""
        dropped = count = BATCH
        with suppress(OSError):
            while count == BATCH:
                count = self._inbox.read(sock)
                dropped += count
        self.lane.behind = False
        self._behind_since = None
        if self.many:
            # A few calls are too many for no core: something else has held it up.
            self._overload.relieve(now)
        _log.warning(
            "the core does not keep up, audio dropped",
            datagrams=dropped - BATCH,
            calls_not_heard=self._overload.unheard,
        )
