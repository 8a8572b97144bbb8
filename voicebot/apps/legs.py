"""A leg: a caller's channel joined to a media stream, and its end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from voicebot.apps import names
from voicebot.ari.models import ChannelDestroyed, StasisStart
from voicebot.errors import AriError, AriNotFoundError, AriRequestError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable

    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Channel, Message
    from voicebot.media.stream import ExternalMedia, MediaStream, MediaTransport

_log = structlog.get_logger(__name__)

# What CHANNEL(audionativeformat) says of a caller that can carry more than 8 kHz.
_WIDEBAND = ("g722", "slin16", "slin32", "slin44", "slin48", "slin96", "opus", "siren", "silk16")


# An event that is lost with the events' connection must not leave the caller waiting.
_STASIS_S = 5.0


class Leg:
    """The externalMedia channel and the bridge that join a caller to ``stream``."""

    def __init__(self, ari: AriClient, app: str, channel_id: str, board: Switchboard) -> None:
        self._ari = ari
        self._app = app
        self._board = board
        self.channel_id = channel_id
        self._media_id = names.new(names.MEDIA)
        self._bridge_id = names.new(names.CALL)
        self._joining: asyncio.Future[MediaStream] | None = None

    async def join(self, transport: MediaTransport) -> MediaStream:
        """Answer the caller and join it to a media stream of ``transport``.

        Whatever happens, ``close()`` removes what was made. Raises ``AriError`` and
        ``MediaError``.
        """
        # A request under way is not taken back by cancelling: it is waited for in close().
        self._joining = asyncio.ensure_future(self._join(transport))
        return await asyncio.shield(self._joining)

    @asynccontextmanager
    async def music(self) -> AsyncIterator[None]:
        """Let the caller hear the PBX's music on hold meanwhile."""
        await forgive(self._ari.bridges.start_moh(self._bridge_id))
        try:
            yield
        finally:
            await forgive(self._ari.bridges.stop_moh(self._bridge_id))

    @asynccontextmanager
    async def hold(self) -> AsyncIterator[None]:
        """Let the caller hear music meanwhile, and nothing else; we go on hearing the caller."""
        await forgive(self._ari.channels.start_moh(self.channel_id))
        try:
            yield
        finally:
            await forgive(self._ari.channels.stop_moh(self.channel_id))

    async def close(self) -> None:
        """Remove the media, its channel and the bridge. The caller's channel stays as it is."""
        if self._joining is None:
            return
        (result,) = await asyncio.gather(self._joining, return_exceptions=True)
        if not isinstance(result, BaseException):
            await result.close()
        await forgive(self._ari.channels.hangup(self._media_id))
        await forgive(self._ari.bridges.destroy(self._bridge_id))

    async def _join(self, transport: MediaTransport) -> MediaStream:
        # None of the three waits for another, and the caller waits for all of them.
        answered = asyncio.ensure_future(self._ari.channels.answer(self.channel_id))
        bridged = asyncio.ensure_future(
            self._ari.bridges.create_with_id(self._bridge_id, type="mixing")
        )
        media = asyncio.ensure_future(self._make_media(transport))
        await asyncio.wait((answered, bridged, media))
        stream = media.result()
        try:
            answered.result()
            bridged.result()
            await self._ari.bridges.add_channel(
                self._bridge_id, channel=[self.channel_id, self._media_id]
            )
        except BaseException:
            await stream.close()
            raise
        return stream

    async def _make_media(self, transport: MediaTransport) -> MediaStream:
        wideband = asyncio.ensure_future(self._is_wideband())
        return await make_media(
            self._ari,
            self._app,
            self._media_id,
            self._board,
            transport=transport,
            wideband=wideband,
        )

    async def _is_wideband(self) -> bool:
        try:
            answer = await self._ari.channels.get_channel_var(
                channel_id=self.channel_id, variable="CHANNEL(audionativeformat)"
            )
        except AriRequestError as error:
            # Without func_channel nobody can tell; every caller understands narrow-band.
            _log.warning("caller's format unknown, sending narrow-band", reason=error.message)
            return False
        return any(name in answer.value.lower() for name in _WIDEBAND)


def named(channel: Channel, ours: ExternalMedia) -> dict[str, str]:
    """Return the variables of an externalMedia channel, and the address that it was given.

    Where each call has a port of its own, that tells whose is whose.
    """
    return {**(channel.channelvars or {}), "external_host": ours["external_host"]}


async def make_media(
    ari: AriClient,
    app: str,
    media_id: str,
    board: Switchboard,
    *,
    transport: MediaTransport,
    wideband: Awaitable[bool],
) -> MediaStream:
    """Make an externalMedia channel and open its stream; return once it can be bridged.

    ``wideband`` says whether who listens to the channel can hear more than 4 kHz. Raises
    ``AriError`` and ``MediaError``.
    """
    with board.follow(media_id) as events:
        try:
            ours = transport.external_media()
            channel = await ari.channels.external_media(app=app, channel_id=media_id, **ours)
        finally:
            wide = await wideband
        # A websocket channel is answered by our connection, and enters Stasis only then.
        stream = await transport.open(named(channel, ours), wideband=wide)
        try:
            await entered(events, app)
        except BaseException:
            await stream.close()
            raise
    return stream


async def entered(events: asyncio.Queue[Message], app: str) -> None:
    """Wait until a channel of ours is in Stasis; a bridge refuses it till then.

    ``events`` are those of the channel. Raises ``AriNotFoundError`` when it is gone instead.
    """
    try:
        async with asyncio.timeout(_STASIS_S):
            while not isinstance(event := await events.get(), StasisStart):
                if isinstance(event, ChannelDestroyed):
                    raise AriNotFoundError("GET", f"/channels/{event.channel.id}", 404, "gone")
    except TimeoutError as error:
        raise AriError(
            f"a channel of ours did not enter Stasis({app}) within {_STASIS_S:.0f} s; is the "
            "events websocket connected?"
        ) from error


async def forgive(request: Awaitable[object]) -> None:
    """Await a request of a teardown: what is gone already is fine, other failures are logged."""
    try:
        await request
    except AriNotFoundError:
        pass
    except AriError as error:
        _log.warning("left behind in Asterisk until the next connection", reason=str(error))
