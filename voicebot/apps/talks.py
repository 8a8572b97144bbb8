"""Two people connected with each other, after a transfer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from voicebot.apps import names
from voicebot.apps.legs import forgive
from voicebot.ari.models import ChannelDestroyed, StasisEnd
from voicebot.errors import AriError, AriNotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient


class Talk:
    """A bridge with a caller and a colleague. It lives on when voicebot stops."""

    def __init__(self, ari: AriClient, board: Switchboard, bridge_id: str | None = None) -> None:
        self._ari = ari
        self._board = board
        self._bridge_id = bridge_id or names.new(names.TALK)

    async def connect(self, caller: str, colleague: str) -> None:
        """Bridge the two; the caller leaves the bridge it was in. Raises ``AriError``.

        What of it was made when this is cancelled is for ``end`` to remove.
        """
        # A request under way is not taken back by cancelling: end() has to come after it.
        connecting = asyncio.ensure_future(self._connect(caller, colleague))
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            await asyncio.gather(connecting, return_exceptions=True)
            raise

    async def _connect(self, caller: str, colleague: str) -> None:
        await self._ari.bridges.create_with_id(self._bridge_id, type="mixing")
        await self._ari.bridges.add_channel(bridge_id=self._bridge_id, channel=[caller, colleague])

    async def attend(self, *channel_ids: str) -> None:
        """Wait until one of the two has left, then end the talk for the other as well."""
        with self._board.follow(*channel_ids) as events:
            # Who left before anybody followed has left no event behind.
            there = await self._are_there(channel_ids)
            while there and not isinstance(await events.get(), ChannelDestroyed | StasisEnd):
                pass
        await self.end(*channel_ids)

    async def _are_there(self, channel_ids: Iterable[str]) -> bool:
        try:
            for channel_id in channel_ids:
                await self._ari.channels.get(channel_id)
        except AriNotFoundError:
            return False
        except AriError:
            # Events tell, once there are some again.
            return True
        return True

    async def end(self, *channel_ids: str) -> None:
        """Hang up what is left, and remove the bridge."""
        for channel_id in channel_ids:
            await forgive(self._ari.channels.hangup(channel_id=channel_id))
        await forgive(self._ari.bridges.destroy(bridge_id=self._bridge_id))
