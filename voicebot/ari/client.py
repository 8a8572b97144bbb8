"""The client: all of ARI behind one object."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import structlog

from voicebot.ari.models import Message
from voicebot.ari.resources import Resources
from voicebot.ari.rest import Rest
from voicebot.ari.stream import EventStream
from voicebot.errors import AriNotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path
    from types import TracebackType

    from voicebot.ari.backoff import Backoff

    Handler: TypeAlias = Callable[[Any], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)

Kind = TypeVar("Kind", bound=Message)


class AriClient(Resources):
    """The Asterisk REST Interface: eleven resources, and the events of one application.

    Entering it registers the application ``app``: requests may name it from then on. Without
    ``app`` only requests are possible.

    ``url`` is the base URL with the HTTP prefix of http.conf, if there is one:
    ``http://pbx:8088``, or ``https://pbx:8089/asterisk`` for MikoPBX. ``ca_file`` is a certificate
    authority to trust beside the system's. ``timeout_s`` bounds each request. With
    ``subscribe_all`` the application hears of every channel, bridge and endpoint of the PBX.
    ``heartbeat_s`` is the silence after which the websocket is tested with a ping, which must be
    answered within half of that time: with 5 s a dead connection is noticed in 7.5 s.

    Entering raises ``AriAuthenticationError`` and ``AriSetupError``; an Asterisk that is not there
    yet is waited for.
    """

    events: EventStream

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        app: str | None = None,
        subscribe_all: bool = False,
        ca_file: Path | str | None = None,
        timeout_s: float = 5.0,
        heartbeat_s: float = 5.0,
        backoff: Backoff | None = None,
    ) -> None:
        self._rest = Rest(
            url, username, password, ca_file=ca_file, timeout_s=timeout_s, heartbeat_s=heartbeat_s
        )
        super().__init__(self._rest)
        self.events = EventStream(self._rest, app=app, subscribe_all=subscribe_all, backoff=backoff)
        self._handlers: list[tuple[type[Message], Handler]] = []

    async def __aenter__(self) -> AriClient:
        await self._rest.open()
        try:
            await self.events.start()
        except BaseException:
            await self._rest.close()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self.events.stop()
        finally:
            await self._rest.close()

    def on(
        self, kind: type[Kind]
    ) -> Callable[
        [Callable[[Kind], Coroutine[Any, Any, None]]], Callable[[Kind], Coroutine[Any, Any, None]]
    ]:
        """Return a decorator that makes a coroutine function the handler of events of ``kind``.

        A base class such as ``Event`` stands for all its kinds. ``run`` calls the handlers.
        """

        def register(
            handler: Callable[[Kind], Coroutine[Any, Any, None]],
        ) -> Callable[[Kind], Coroutine[Any, Any, None]]:
            self._handlers.append((kind, handler))
            return handler

        return register

    async def run(self) -> None:
        """Give each event to its handlers, each in a task of its own, until cancelled.

        A handler that fails is logged and disturbs no other. Raises ``ApplicationReplacedError``.
        Handlers that still run when this ends are cancelled.
        """
        tasks: set[asyncio.Task[None]] = set()
        try:
            async for message in self.events():
                for kind, handler in self._handlers:
                    if isinstance(message, kind):
                        task = asyncio.create_task(_guard(handler, message))
                        tasks.add(task)
                        task.add_done_callback(tasks.discard)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _guard(handler: Handler, message: Message) -> None:
    name = getattr(handler, "__qualname__", repr(handler))
    try:
        await handler(message)
    except AriNotFoundError as error:
        # A caller may hang up between any two requests.
        log.info("gone before the handler was done", handler=name, reason=str(error))
    except Exception:
        # One caller's failing handler must not end the calls of the others.
        log.exception("ari event handler failed", handler=name)
