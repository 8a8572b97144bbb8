"""The events websocket: kept open, reconciled after each opening, read without pause."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import aiohttp
import structlog

from voicebot.ari.backoff import Backoff
from voicebot.ari.inbox import Inbox
from voicebot.ari.messages import Connected, Disconnected, MessageDecoder
from voicebot.ari.models import ApplicationReplaced
from voicebot.ari.resources.applications import Applications
from voicebot.ari.resources.events import Events
from voicebot.errors import (
    ApplicationReplacedError,
    AriConnectionError,
    AriError,
    AriNotFoundError,
    AriRequestError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicebot.ari.models import Message
    from voicebot.ari.resource import Requester

log = structlog.get_logger(__name__)

BOOT_S = 15.0
"""How long an Asterisk that was not there a moment ago may answer that there is no ARI: its HTTP
server is up before the modules are loaded."""

MOST_DENIALS = 5
"""How often a new application may be unknown: one of the same name is just coming to its end."""

PARTING_S = 2.0
"""How long an Asterisk that is left may take to let go of its devices."""


class EventStream(Events):
    """The resource ``events``; called, it iterates over the events of the application.

    ``app`` is the name under which the websocket registers; ``None`` opens no websocket.
    """

    def __init__(
        self,
        requester: Requester,
        *,
        app: str | None,
        subscribe_all: bool = False,
        backoff: Backoff | None = None,
    ) -> None:
        super().__init__(requester)
        self._applications = Applications(requester)
        self._app = app
        self._subscribe_all = subscribe_all
        self._backoff = backoff or Backoff()
        self._inbox = Inbox()
        self._decoder = MessageDecoder()
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None

    def __call__(self) -> AsyncIterator[Message]:
        """Return the iterator over the application's events; it goes on where the last one stopped.

        The first message is ``Connected``. Raises ``ApplicationReplacedError`` when another
        connection takes over the application's name, ``AriError`` when there is no application.
        """
        if self._app is None:
            raise AriError("events need an application: AriClient(..., app='my-app')")
        return self._inbox

    async def start(self) -> None:
        """Register the application and return once Asterisk has it.

        An Asterisk that is not there yet is waited for. Raises ``AriAuthenticationError`` and
        ``AriSetupError`` at once: waiting would not help.
        """
        if self._app is None:
            return
        socket = await self._open(self._app, again=False)
        self._task = asyncio.create_task(self._keep(self._app, socket), name="ari events")
        self._task.add_done_callback(self._ended)

    async def forget_devices(self) -> None:
        """Hear of no device any more: neither of those of ``subscribe_all`` nor of single ones.

        Asterisk's ARI stands still for good when an application ends in the moment in which it is
        told of a device: the end waits for the message with a lock that the message wants (issue
        2170 of asterisk/asterisk, open in 22.10). Without a subscription there is nothing to wait
        for. Raises ``AriError``.
        """
        if self._app is None:
            return
        application = await self._applications.get(self._app)
        if sources := [f"deviceState:{name}" for name in application.device_names]:
            await self._applications.unsubscribe(self._app, event_source=sources)

    async def stop(self) -> None:
        """Close the websocket; Asterisk then refuses new calls to the application."""
        if self._socket is not None and not self._socket.closed:
            # Only a favour to Asterisk: one that does not answer is left all the same.
            with contextlib.suppress(AriError, TimeoutError):
                async with asyncio.timeout(PARTING_S):
                    await self.forget_devices()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        # A task that is cancelled before its first step closes nothing.
        if self._socket is not None:
            await self._socket.close()
            self._socket = None
        self._inbox.close()

    async def _keep(self, app: str, socket: aiohttp.ClientWebSocketResponse) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            opened = clock()
            reason = await self._read(app, socket)
            # A connection that breaks as soon as it is made must not be made without pause.
            if clock() - opened > self._backoff.longest_s:
                self._backoff.reset()
            wait = self._backoff.next_wait()
            self._inbox.put(Disconnected(reason=reason))
            log.warning("ari events lost", app=app, reason=reason, again_in_s=round(wait, 2))
            await asyncio.sleep(wait)
            socket = await self._open(app, again=True)

    async def _open(self, app: str, *, again: bool) -> aiohttp.ClientWebSocketResponse:
        """Return a registered websocket, however long that takes."""
        clock = asyncio.get_running_loop().time
        absent = -BOOT_S
        denials = 0
        while True:
            try:
                return await self._connect(app, again=again)
            except AriError as error:
                if may_pass(error):
                    absent = clock()
                elif isinstance(error, AriNotFoundError) and denials < MOST_DENIALS:
                    denials += 1
                elif not again and clock() - absent >= BOOT_S:
                    raise
                wait = self._backoff.next_wait()
                log.warning(
                    "waiting for asterisk", app=app, reason=str(error), again_in_s=round(wait, 2)
                )
                await asyncio.sleep(wait)

    async def _connect(self, app: str, *, again: bool) -> aiohttp.ClientWebSocketResponse:
        socket = await self.event_websocket(app=app, subscribe_all=self._subscribe_all or None)
        try:
            application = await self._applications.get(app)
        except BaseException:
            await socket.close()
            raise
        self._socket = socket
        self._inbox.put(Connected(application=application, again=again))
        log.info("ari events connected", app=app, channels=len(application.channel_ids))
        return socket

    async def _read(self, app: str, socket: aiohttp.ClientWebSocketResponse) -> str:
        """Pass messages on until the websocket ends, and return why it did."""
        try:
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    continue  # an error frame ends the loop by itself
                message = self._decoder.decode(frame.data)
                if isinstance(message, ApplicationReplaced) and message.application == app:
                    raise ApplicationReplacedError(
                        f"the Stasis application {app!r} was taken over by another connection; "
                        "two programs must not use the same name"
                    )
                self._inbox.put(message)
            return ending(socket)
        finally:
            await socket.close()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()):
            self._inbox.fail(error)


def ending(socket: aiohttp.ClientWebSocketResponse) -> str:
    """Return why a websocket that has ended did so."""
    error = socket.exception()
    if isinstance(error, aiohttp.ServerTimeoutError):
        return str(error)  # a ping without pong
    if socket.close_code == aiohttp.WSCloseCode.ABNORMAL_CLOSURE:
        return "the connection was cut"
    return f"closed with code {socket.close_code}"


def may_pass(error: AriError) -> bool:
    """Return whether waiting may mend ``error``: nobody is there yet, or Asterisk boots (503)."""
    if isinstance(error, AriRequestError):
        return error.status >= 500
    return isinstance(error, AriConnectionError) and not isinstance(error, AriSetupError)
