"""The queue between the events websocket and whoever consumes the events."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from voicebot.ari.models import Message

log = structlog.get_logger(__name__)

BACKLOG_WARNING = 1000


class Inbox:
    """Holds every message until it is consumed; an asynchronous iterator.

    It is unbounded on purpose: an event that is dropped is a call that is lost, and a reader that
    waits for its consumer answers no pings. A consumer that falls behind is reported in the log.
    Two consumers share the messages between them.
    """

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._changed = asyncio.Event()
        self._error: BaseException | None = None
        self._closed = False
        self._warn_at = BACKLOG_WARNING

    def put(self, message: Message) -> None:
        """Add ``message``. Never blocks."""
        self._messages.append(message)
        self._changed.set()
        if len(self._messages) >= self._warn_at:
            log.warning("ari events wait for their consumer", waiting=len(self._messages))
            self._warn_at *= 2

    def fail(self, error: BaseException) -> None:
        """Raise ``error`` out of the iterator once everything before it is consumed."""
        self._error = error
        self._changed.set()

    def close(self) -> None:
        """End the iterator once everything is consumed."""
        self._closed = True
        self._changed.set()

    def __aiter__(self) -> Inbox:
        return self

    async def __anext__(self) -> Message:
        while not self._messages:
            if self._error is not None:
                raise self._error
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._messages.popleft()
