"""One party's voice, taken from a call that is not touched."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from voicebot.apps import names
from voicebot.apps.legs import entered, forgive, make_media
from voicebot.ari.models import ChannelDestroyed, PlaybackFinished
from voicebot.errors import AriError, AriNotFoundError

if TYPE_CHECKING:
    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Message
    from voicebot.media.statistics import MediaStatistics
    from voicebot.media.stream import MediaStream, MediaTransport

# An event that is lost with the events' connection must not hold up anything for ever.
_ANNOUNCEMENT_S: Final = 60.0


class Capture:
    """What ``channel_id``'s party says, as a media stream.

    A snoop channel hears the party (``spy=in``: never the music, the announcements or the other
    people that the party hears) and is bridged to an externalMedia channel. The snoop ends with
    the party's channel; the rest does not: ``close()`` removes it, whatever happened before.
    ``note`` is the name of the bridge, for whoever finds it. Once it is closed, ``statistics`` are
    those of the stream.
    """

    def __init__(
        self, ari: AriClient, app: str, channel_id: str, board: Switchboard, *, note: str
    ) -> None:
        self._ari = ari
        self._app = app
        self._board = board
        self._channel_id = channel_id
        self._note = note
        self._snoop_id = names.new(names.ear(app))
        self._media_id = names.new(names.ear(app))
        self._bridge_id = names.new(names.ear(app))
        self._opening: asyncio.Future[MediaStream] | None = None
        self._closing: asyncio.Future[None] | None = None
        self.statistics: MediaStatistics | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what this makes in Asterisk."""
        return frozenset((self._snoop_id, self._media_id, self._bridge_id))

    async def open(self, transport: MediaTransport) -> MediaStream:
        """Return the party's voice. Raises ``AriError`` and ``MediaError``."""
        # A request under way is not taken back by cancelling: it is waited for in close().
        self._opening = asyncio.ensure_future(self._open(transport))
        return await asyncio.shield(self._opening)

    async def close(self) -> None:
        """Remove what was made. The party's channel stays as it is. Twice is allowed."""
        if self._opening is None:
            return
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close(self._opening))
        await asyncio.shield(self._closing)

    async def _close(self, opening: asyncio.Future[MediaStream]) -> None:
        (result,) = await asyncio.gather(opening, return_exceptions=True)
        if not isinstance(result, BaseException):
            self.statistics = result.statistics()
            await result.close()
        await asyncio.gather(
            forgive(self._ari.channels.hangup(self._snoop_id)),
            forgive(self._ari.channels.hangup(self._media_id)),
            forgive(self._ari.bridges.destroy(self._bridge_id)),
        )

    async def _open(self, transport: MediaTransport) -> MediaStream:
        # None of the three waits for another.
        snoop = asyncio.ensure_future(self._snoop())
        bridged = asyncio.ensure_future(
            self._ari.bridges.create_with_id(self._bridge_id, type="mixing", name=self._note)
        )
        media = asyncio.ensure_future(
            make_media(
                self._ari,
                self._app,
                self._media_id,
                self._board,
                transport=transport,
                wideband=_narrowband(),
            )
        )
        await asyncio.wait((snoop, bridged, media))
        # The snoop's failure first: a caller who is gone is no fault of the others.
        failures = [it.exception() for it in (snoop, bridged, media)]
        failure = next((it for it in failures if it is not None), None)
        if failure is None:
            try:
                await self._ari.bridges.add_channel(
                    self._bridge_id, channel=[self._snoop_id, self._media_id]
                )
            except AriError as error:
                failure = error
        if failure is not None:
            if media.exception() is None:
                await media.result().close()
            raise failure
        return media.result()

    async def _snoop(self) -> None:
        with self._board.follow(self._snoop_id) as events:
            await self._ari.channels.snoop_channel_with_id(
                self._channel_id, self._snoop_id, app=self._app, spy="in"
            )
            await entered(events, self._app)


class Announcement:
    """Something that is said to one party while its call goes on."""

    def __init__(self, ari: AriClient, app: str, channel_id: str, board: Switchboard) -> None:
        self._ari = ari
        self._app = app
        self._board = board
        self._channel_id = channel_id
        self._snoop_id = names.new(names.ear(app))

    @property
    def ids(self) -> frozenset[str]:
        """The ids of what this makes in Asterisk."""
        return frozenset((self._snoop_id,))

    async def play(self, media: str) -> None:
        """Play ``media`` to the party alone, and return when it was heard to its end.

        Raises ``AriError`` where it was not, ``AriNotFoundError`` when the party has hung up.
        """
        try:
            with self._board.follow(self._snoop_id) as events:
                await self._ari.channels.snoop_channel_with_id(
                    self._channel_id, self._snoop_id, app=self._app, whisper="out"
                )
                await entered(events, self._app)
                await self._play(media, events)
        finally:
            await asyncio.shield(forgive(self._ari.channels.hangup(self._snoop_id)))

    async def _play(self, media: str, events: asyncio.Queue[Message]) -> None:
        playback = await self._ari.channels.play(self._snoop_id, media=media)
        try:
            async with asyncio.timeout(_ANNOUNCEMENT_S):
                while True:
                    event = await events.get()
                    if isinstance(event, ChannelDestroyed):
                        raise AriNotFoundError("PLAY", media, 404, "the party has hung up")
                    if isinstance(event, PlaybackFinished) and event.playback.id == playback.id:
                        break
        except TimeoutError as error:
            message = f"{media} is not over after {_ANNOUNCEMENT_S:.0f} s; is it an endless one?"
            raise AriError(message) from error
        if event.playback.state == "failed":
            raise AriError(f"{media} cannot be played; has the PBX such a sound?")


async def _narrowband() -> bool:
    """Nobody hears what is sent to a snoop channel: the cheapest will do."""
    return False
