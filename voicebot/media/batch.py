"""Calls that are ticked together: time goes on for what they hear, and what they say is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import structlog

from voicebot.media.audio import SILENCE
from voicebot.media.clock import SLOTS

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from numpy.typing import NDArray

    from voicebot.media.audio import Frame
    from voicebot.media.clock import MediaClock
    from voicebot.media.lane import Lane
    from voicebot.media.playout import Playout
    from voicebot.media.sender import RtpSenders

    Rows = NDArray[np.intp]
    CatchUp: TypeAlias = Callable[[socket.socket, float], object]

_log = structlog.get_logger(__name__)


class Speaker:
    """What a batch knows of one call: its row, its playout and the socket it speaks through."""

    def __init__(self, row: int, playout: Playout, sock: socket.socket, name: str) -> None:
        self.row = row
        self.playout = playout
        self.socket = sock
        self.name = name
        self.unsent = 0

    def note_unsent(self, error: OSError) -> None:
        """Count a packet that the network did not take; the first of them is logged."""
        self.unsent += 1
        if self.unsent == 1:
            _log.warning("packet not sent", call=self.name, error=str(error))


class Batch:
    """Some calls of an endpoint, on one place of the clock while there are any.

    Calls that have nothing to say cost next to nothing: their packets are silence already, and only
    numbered. ``wake`` says that one may have something to say again. After a stall ``catch_up`` is
    called with each socket, for what has come must not be taken for missing.
    """

    def __init__(
        self, clock: MediaClock, lane: Lane, senders: RtpSenders, catch_up: CatchUp
    ) -> None:
        self._clock = clock
        self._lane = lane
        self._senders = senders
        self._catch_up = catch_up
        self._speakers: dict[int, Speaker] = {}
        self._awake: dict[int, Speaker] = {}
        self._rows = np.zeros(0, np.intp)
        self._sockets: list[socket.socket] = []
        self._key: int | None = None
        self._last_tick: int | None = None

    def __len__(self) -> int:
        """Return how many calls there are."""
        return len(self._speakers)

    def add(self, speaker: Speaker) -> None:
        """Tick a call from now on."""
        self._speakers[speaker.row] = self._awake[speaker.row] = speaker
        self._changed()
        if self._key is None:
            self._last_tick = None
            self._key = self._clock.add(self._tick)

    def remove(self, speaker: Speaker) -> None:
        """Tick a call no more."""
        self._speakers.pop(speaker.row, None)
        self._awake.pop(speaker.row, None)
        self._changed()
        if self._key is not None and not self._speakers:
            self._clock.remove(self._key)
            self._key = None

    def wake(self, speaker: Speaker) -> None:
        """Ask the playout of ``speaker`` again in the next tick."""
        if speaker.row in self._speakers:
            self._awake[speaker.row] = speaker

    def _changed(self) -> None:
        self._rows = np.array(list(self._speakers), np.intp)
        self._sockets = list({speaker.socket for speaker in self._speakers.values()})

    def _tick(self, now: float, number: int) -> None:
        skipped = 0 if self._last_tick is None else number - self._last_tick - 1
        self._last_tick = number
        rows = self._rows
        if skipped:
            for sock in self._sockets:
                self._catch_up(sock, now)
        self._lane.poll(rows, now)
        self._speak(now)
        self._senders.stamp(rows, skipped)
        for row, error in self._send(rows):
            self._speakers[row].note_unsent(error)

    def _speak(self, now: float) -> None:
        """Encode what is to be heard next of those that may have something to say."""
        rows: list[int] = []
        frames: list[Frame] = []
        for row, speaker in tuple(self._awake.items()):
            frame = self._pull(speaker, now)
            if frame is None:
                if self._senders.settled(row):
                    if speaker.playout.resting:
                        self._awake.pop(row, None)
                    continue
                frame = SILENCE
            rows.append(row)
            frames.append(frame)
        if rows:
            self._senders.encode(rows, frames)

    def _pull(self, speaker: Speaker, now: float) -> Frame | None:
        try:
            return speaker.playout.pull(now)
        except Exception:  # noqa: BLE001 - one call's fault must not stop the others
            _log.exception("playout failed, its call is silent", call=speaker.name)
            speaker.playout.drop()
            return None

    def _send(self, rows: Rows) -> list[tuple[int, OSError]]:
        if len(self._sockets) == 1:
            return self._senders.send(self._sockets[0], rows)
        failed = []
        for at, speaker in enumerate(self._speakers.values()):
            failed += self._senders.send(speaker.socket, rows[at : at + 1])
        return failed


class Batches:
    """Spreads the calls of an endpoint evenly over the places of the clock."""

    def __init__(
        self, clock: MediaClock, lane: Lane, senders: RtpSenders, catch_up: CatchUp
    ) -> None:
        self._batches = [Batch(clock, lane, senders, catch_up) for _ in range(SLOTS)]

    def smallest(self) -> Batch:
        """Return the batch that the next call belongs to."""
        return min(self._batches, key=len)
