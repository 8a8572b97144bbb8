"""Telling people that they are transcribed, before they are; and their right to end it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.apps.transcriber.capture import Announcement
from voicebot.errors import AriError, AriNotFoundError
from voicebot.records.events import CallEnded, Final, Partial

if TYPE_CHECKING:
    from voicebot.apps.transcriber.studio import Studio
    from voicebot.records.events import CallEvent, Sink

_log = structlog.get_logger(__name__)


class Consent:
    """Makes sure that everybody in one call was told before anybody in it is heard.

    Who comes later is told alone, and is not heard before; the others go on. It fails closed:
    while somebody who is there could not be told, nobody is heard.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._untold: set[str] = set()
        self._all_told = asyncio.Event()
        if studio.announce is None:
            self._all_told.set()
        self._announcements: dict[str, Announcement] = {}

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what is in Asterisk for this now."""
        return frozenset(it for one in self._announcements.values() for it in one.ids)

    def expect(self, channel_id: str) -> None:
        """Count on somebody who has to be told."""
        if self._studio.announce is not None:
            self._untold.add(channel_id)

    async def obtain(self, channel_id: str) -> None:
        """Tell one party, if it is expected; return once it may be heard: maybe never.

        Raises ``AriNotFoundError`` when the party has hung up.
        """
        if channel_id in self._untold:
            await self._tell(channel_id)
        self.left(channel_id)
        await self._all_told.wait()

    def left(self, channel_id: str) -> None:
        """Count no more on somebody who was told or is gone."""
        self._untold.discard(channel_id)
        if not self._untold:
            self._all_told.set()

    async def _tell(self, channel_id: str) -> None:
        studio = self._studio
        announcement = Announcement(studio.ari, studio.app, channel_id, studio.board)
        self._announcements[channel_id] = announcement
        try:
            await announcement.play(studio.announce or "")
        except AriNotFoundError:
            raise
        except AriError as error:
            _log.error(
                "call is not transcribed: it could not be announced",
                channel=channel_id,
                reason=str(error),
                advice="set transcribe.announce to a sound that the PBX has, as sound:NAME",
            )
            await asyncio.Event().wait()
        finally:
            del self._announcements[channel_id]


class Discretion:
    """A sink that keeps to itself what is said in calls whose people opted out."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._calls: set[str] = set()

    def keep(self, call: str) -> None:
        """Let no text of ``call`` through from now on."""
        self._calls.add(call)

    def put(self, event: CallEvent) -> None:
        """Pass on what may be known."""
        if isinstance(event, CallEnded):
            self._calls.discard(event.call)
        elif event.call in self._calls and isinstance(event, Partial | Final):
            return
        self._sink.put(event)
