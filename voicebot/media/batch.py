"""Calls that are ticked together: time goes on for what they hear, and what they say is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import structlog

from voicebot.media.audio import FRAME_SECONDS, SILENCE
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
    CatchUp: TypeAlias = Callable[[socket.socket, float], float]

EASY: Final = 60
"""Calls of a place that are read and heard within a millisecond: sending can wait for that."""

UNEVEN: Final = 0.1
"""Share of an even share by which a place may have more: what is too much comes too late."""

_log = structlog.get_logger(__name__)


class Speaker:
    """What a batch knows of one call: its row, its playout and the socket it speaks through.

    ``batch`` is the one that ticks it, ``None`` when it has ended.
    """

    __slots__ = (
        "batch",
        "name",
        "playout",
        "row",
        "socket",
        "unsent",
    )

    def __init__(self, row: int, playout: Playout, sock: socket.socket, name: str) -> None:
        self.batch: Batch | None = None
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

    ``catch_up`` reads from the socket, told which slot can first answer that, and says until when
    it has read all: what should have come before is missing. What a packet brings about leaves in
    the same tick, unless there are many calls: then what is said leaves first, so that it leaves in
    time however much there is to hear. Calls that have nothing to say cost next to nothing: their
    packets are silence already, and only numbered. ``wake`` says that one may have something to say
    again. ``hasten`` is told of a silent call that had better be ticked so many places earlier.
    Where it is only ``listening``, nothing is sent.
    """

    def __init__(
        self,
        clock: MediaClock,
        lane: Lane,
        senders: RtpSenders,
        catch_up: CatchUp,
        *,
        place: int,
        hasten: Callable[[Speaker, int], None],
        listening: bool = False,
    ) -> None:
        self._listening = listening
        self.place = place
        self._hasten = hasten
        self._clock = clock
        self._lane = lane
        self._senders = senders
        self._catch_up = catch_up
        self._speakers: dict[int, Speaker] = {}
        self._awake: dict[int, Speaker] = {}
        self._rows = np.zeros(0, np.intp)
        self._sockets: list[socket.socket] = []
        self._changed = False
        self._key: int | None = None
        self._last_tick: int | None = None

    def __len__(self) -> int:
        """Return how many calls there are."""
        return len(self._speakers)

    def add(self, speaker: Speaker) -> None:
        """Tick a call from now on."""
        speaker.batch = self
        self._speakers[speaker.row] = self._awake[speaker.row] = speaker
        self._changed = True
        if self._key is None:
            self._last_tick = None
            self._key = self._clock.add(self._tick, self.place)

    def remove(self, speaker: Speaker) -> None:
        """Tick a call no more."""
        self._speakers.pop(speaker.row, None)
        self._awake.pop(speaker.row, None)
        self._changed = True
        if self._key is not None and not self._speakers:
            self._clock.remove(self._key)
            self._key = None

    def wake(self, speaker: Speaker) -> None:
        """Ask the playout of ``speaker`` again in the next tick."""
        if speaker.row in self._speakers:
            self._awake[speaker.row] = speaker

    def _take_stock(self) -> None:
        """Find out whom the next ticks are for; many come and go between two of them."""
        self._changed = False
        self._rows = np.array(list(self._speakers), np.intp)
        self._sockets = list({speaker.socket for speaker in self._speakers.values()})

    def _tick(self, now: float, number: int) -> None:
        skipped = 0 if self._last_tick is None else number - self._last_tick - 1
        self._last_tick = number
        if self._changed:
            self._take_stock()
        due, following = self._clock.due, self._clock.next_due
        if self._listening:
            self._hear(skipped, due)
        elif len(self._rows) <= EASY:
            self._hear(skipped, due)
            self._answer(now, skipped, due)
        else:
            self._answer(now, skipped, due)
            self._hear(skipped, following)

    def _hear(self, skipped: int, answered: float) -> None:
        """Read what waits, to be answered by the slot of that time, and let time go on for all."""
        reached = self._clock.now()
        # The event loop watches the sockets that are a single call's, but after a stall it is late.
        if skipped or len(self._sockets) == 1:
            reached = min([self._catch_up(sock, answered) for sock in self._sockets])
        # To make up what is missing takes longer than to hear it, and the next calls must not wait.
        self._lane.poll(self._rows, reached, self._late)

    def _late(self) -> bool:
        """Return whether the next calls are to be ticked."""
        return self._clock.now() >= self._clock.next_due

    def _answer(self, now: float, skipped: int, due: float) -> None:
        """Send what is to be heard next of all."""
        rows = self._rows
        self._speak(now)
        self._senders.stamp(rows, skipped)
        for row, error in self._send(rows):
            self._speakers[row].note_unsent(error)
        for row, places in self._lane.phases.ticked(rows, due, speaking=self._awake):
            self._hasten(self._speakers[row], places)

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
    """Spreads the calls of an endpoint over the places of the clock.

    Evenly at first; each call then moves to the place that follows its caller's packets, unless
    many are there already. It moves while it is silent, by half a tick at most: nobody hears that.
    """

    def __init__(
        self,
        clock: MediaClock,
        lane: Lane,
        senders: RtpSenders,
        catch_up: CatchUp,
        *,
        listening: bool = False,
    ) -> None:
        self._batches = [
            Batch(
                clock,
                lane,
                senders,
                catch_up,
                place=place,
                hasten=self._hasten,
                listening=listening,
            )
            for place in range(SLOTS)
        ]
        self._listening = listening
        self._calls = 0

    def add(self, speaker: Speaker) -> None:
        """Tick a call from now on."""
        self._calls += 1
        # What is only heard is read for all at once: one tick is enough.
        batch = self._batches[0] if self._listening else min(self._batches, key=len)
        batch.add(speaker)

    def remove(self, speaker: Speaker) -> None:
        """Tick a call no more."""
        self._calls -= 1
        if speaker.batch is not None:
            speaker.batch.remove(speaker)
        speaker.batch = None

    def _hasten(self, speaker: Speaker, places: int) -> None:
        before = speaker.batch
        if before is None:
            return
        after = self._place(before, places)
        if after is before:
            return
        before.remove(speaker)
        speaker.batch = after
        gap = (after.place - before.place) % SLOTS
        if 2 * gap >= SLOTS:
            after.add(speaker)
        else:
            # Its tick comes too soon after the last one: it begins with the next.
            delay = (gap + 0.5) * FRAME_SECONDS / SLOTS
            asyncio.get_running_loop().call_later(delay, _join, after, speaker)

    def _place(self, before: Batch, places: int) -> Batch:
        """Return the batch that comes so many places before, or a later one where there is room."""
        most = max(EASY, int((1 + UNEVEN) * self._calls / SLOTS))
        for earlier in range(places, 0, -1):
            batch = self._batches[(before.place - earlier) % SLOTS]
            if len(batch) < most:
                return batch
        return before


def _join(batch: Batch, speaker: Speaker) -> None:
    """Let ``batch`` tick a call that was to move there, unless it has ended meanwhile."""
    if speaker.batch is batch:
        batch.add(speaker)
