"""Who hears of which event."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from voicebot.ari.models import Message


class Switchboard:
    """Hands each event to those who follow the channel that it is about."""

    def __init__(self) -> None:
        self._followers: dict[str, list[asyncio.Queue[Message]]] = {}

    @contextmanager
    def follow(self, *channel_ids: str) -> Iterator[asyncio.Queue[Message]]:
        """Queue the events of these channels, in the order in which they come, until left."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        for channel_id in channel_ids:
            self._followers.setdefault(channel_id, []).append(queue)
        try:
            yield queue
        finally:
            for channel_id in channel_ids:
                self._followers[channel_id].remove(queue)
                if not self._followers[channel_id]:
                    del self._followers[channel_id]

    def deliver(self, event: Message) -> bool:
        """Hand ``event`` to the followers of its channel; return whether there are any.

        A ``Dial`` is about the one dialled, a playback's event about whom it is played to.
        """
        if (playback := getattr(event, "playback", None)) is not None:
            channel_id = playback.target_uri.removeprefix("channel:")
        else:
            subject = getattr(event, "channel", None) or getattr(event, "peer", None)
            channel_id = getattr(subject, "id", "")
        followers = self._followers.get(channel_id, ())
        for queue in followers:
            queue.put_nowait(event)
        return bool(followers)
