"""One call while it is transcribed."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING

import structlog

from voicebot.apps.transcriber.clock import CallClock
from voicebot.apps.transcriber.consent import Consent
from voicebot.apps.transcriber.memory import Past
from voicebot.apps.transcriber.party import Party
from voicebot.call.tasks import Tasks
from voicebot.errors import AriNotFoundError
from voicebot.records.events import CallEnded, CallStarted

if TYPE_CHECKING:
    from collections.abc import Collection

    from voicebot.apps.transcriber.register import Begin, Join, Reason
    from voicebot.apps.transcriber.studio import Studio

_log = structlog.get_logger(__name__)


class Transcription:
    """The parties of the call that ``begin`` names, its clock, and its beginning and end.

    Its time runs from when the first people were told; a call in which nobody is heard leaves no
    trace.
    """

    def __init__(self, studio: Studio, begin: Begin) -> None:
        self._studio = studio
        self._begin = begin
        self._consent = Consent(studio)
        self._clock: CallClock | None = None
        self._told = False
        self._names: set[str] = set()
        self._parties: dict[str, Party] = {}
        self._hushed: Collection[str] = ()
        self._attending: dict[str, asyncio.Task[None]] = {}
        self._tasks = Tasks(_failed)

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what this call has in Asterisk beside its own channels."""
        return self._consent.ids.union(*(party.ids for party in self._parties.values()))

    def join(self, join: Join) -> None:
        """Hear one channel more."""
        if not join.again:
            self._consent.expect(join.channel.id)
        self._attending[join.channel.id] = self._tasks.start(self._attend(join))

    def leave(self, channel_id: str) -> None:
        """Hear a channel no more."""
        if (task := self._attending.pop(channel_id, None)) is not None:
            task.cancel()

    def hush(self, channel_ids: Collection[str]) -> None:
        """Take all parties of ``channel_ids``, and no others, for silent."""
        self._hushed = channel_ids
        for channel_id, party in self._parties.items():
            party.hushed = channel_id in channel_ids

    async def end(self, reason: Reason) -> None:
        """Hear nobody more, and tell that the call ended once everything that was said is told."""
        position = self._position(self._studio.clock()) if self._told else 0
        for channel_id in list(self._attending):
            self.leave(channel_id)
        await self._tasks.finish(math.inf)
        if self._told:
            at = self._studio.wall_clock()
            self._studio.sink.put(CallEnded(self._begin.call, at, position, reason))
            _log.info("transcription over", call=self._begin.call, reason=reason)

    async def _attend(self, join: Join) -> None:
        """Serve one party from joining to leaving."""
        channel_id = join.channel.id
        try:
            await self._consent.obtain(channel_id)
        except AriNotFoundError:
            return
        finally:
            self._consent.left(channel_id)
        party = self._parties[channel_id] = self._new_party(join)
        try:
            await party.attend()
        finally:
            # Shielded: a second cancellation must not leave half of it in Asterisk.
            await asyncio.shield(self._close(channel_id, party))

    async def _close(self, channel_id: str, party: Party) -> None:
        await party.close()
        if self._parties.get(channel_id) is party:
            del self._parties[channel_id]

    def _new_party(self, join: Join) -> Party:
        call, channel = self._begin.call, join.channel
        if self._clock is None:
            self._clock = CallClock(self._studio.clock(), self._studio.wall_clock())
        party = Party(
            self._studio,
            channel,
            call=call,
            name=self._name(channel.id),
            position=self._position,
            note=str(Past(call, channel.id)),
        )
        party.hushed = channel.id in self._hushed
        return party

    def _name(self, channel_id: str) -> str:
        """Return a name for a party; a channel that comes back is another party."""
        name = channel_id
        while name in self._names:
            name = f"{channel_id}/{len(self._names)}"
        self._names.add(name)
        return name

    def _position(self, now: float) -> int:
        """Return the position at ``now``. The first to ask is the first who is heard."""
        if self._clock is None:
            return 0
        if not self._told:
            self._told = True
            call, direction = self._begin.call, self._begin.direction
            self._studio.sink.put(CallStarted(call, self._clock.at, direction))
            _log.info("transcription begins", call=call, direction=direction)
        return self._clock.position(now)


def _failed(error: Exception) -> None:
    _log.error("party failed", exc_info=error)
