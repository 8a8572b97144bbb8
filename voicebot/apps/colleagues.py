"""The receptionist's knowledge of who is free, and whose turn it is among callers who wait."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import structlog

from voicebot.apps.presence import Presence, open_client
from voicebot.ari.backoff import Backoff
from voicebot.errors import ApplicationReplacedError, AriError
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicebot.config import AriSettings

_log = structlog.get_logger(__name__)


class PresentColleagues:
    """``Colleagues`` by presence: what the PBX says of the phone of an extension.

    ``device`` is how an extension's phone is called, such as ``PJSIP/{extension}``. While the
    context is open, presence is followed beside the application of ``settings``, as
    ``APP-presence``. Nothing is waited for, and nothing ends it: as long as nobody's state is
    known, everybody is ``UNKNOWN``, and no caller is kept waiting.
    """

    def __init__(
        self, settings: AriSettings, device: str, *, backoff: Backoff | None = None
    ) -> None:
        self._settings = settings
        self._app = f"{settings.app}-presence"
        self._device = device
        self._backoff = backoff or Backoff(first_s=1.0, longest_s=60.0)
        self._presence: Presence | None = None
        self._news = asyncio.Event()
        self._lines: dict[str, asyncio.Lock] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._follow(), name=self._app)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def availability(self, extension: str) -> Availability:
        """Return whether ``extension`` is free, as far as that is known now."""
        if self._presence is None:
            return Availability.UNKNOWN
        return self._presence.state_of(self._device.format(extension=extension)).availability

    @asynccontextmanager
    async def turn(self, extension: str) -> AsyncIterator[None]:
        """Wait until ``extension`` is not known to be busy and who came earlier had their turn."""
        # A lock is a queue: the next one has its turn when the attempt of the first is over.
        async with self._lines.setdefault(extension, asyncio.Lock()):
            while self.availability(extension) is Availability.BUSY:
                await self._news.wait()
            yield

    def _tell(self, _: object) -> None:
        """Wake everybody who waits: something has changed."""
        self._news.set()
        self._news = asyncio.Event()

    async def _follow(self) -> None:
        """Follow presence for as long as it takes; errors are logged and tried again."""
        told = ""
        while True:
            try:
                async with open_client(self._settings, self._app) as ari:
                    self._presence = Presence(ari, self._app, tell=self._tell)
                    await self._presence.run()
            except ApplicationReplacedError as error:
                _log.warning("who is free is not known any more", reason=str(error))
                return
            except AriError as error:
                # A PBX without the modules for it is not worth a line a minute.
                log = _log.debug if told == str(error) else _log.warning
                log("who is free is not known", reason=str(error))
                told = str(error)
            finally:
                self._presence = None
                self._tell(None)
            await asyncio.sleep(self._backoff.next_wait())
