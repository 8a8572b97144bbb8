"""Keeps the model process: starts it, shows how far it is, restarts it when it dies."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog

from voicebot.errors import ModelError, ModelServerError
from voicebot.models.child import Child
from voicebot.models.engines import KINDS
from voicebot.models.launch import Order

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection
    from types import TracebackType
    from typing import Self

    from voicebot.config import ModelsSettings
    from voicebot.models.engines import Kind
    from voicebot.models.launch import Report

    ProgressListener = Callable[[str, int, int], None]
    """Called with a model's name, how many are loaded and how many there will be."""

_log = structlog.get_logger(__name__)

FIRST_ATTEMPTS = 3
"""Starts that may fail before the program is told that there are no models."""

_BACKOFF_S = (0.1, 0.5, 2.0, 5.0, 15.0)
_START_TIMEOUT_S = 120.0


class LocalModels:
    """The local models, as an OpenAI-compatible server that is there while the context is open.

    Entering waits until everything in ``which`` is loaded for ``languages``; it raises
    ``ModelError`` when that is impossible. After that a process that dies is started again, on the
    same port, for as long as it takes; ``healthy`` is false meanwhile.
    """

    def __init__(
        self,
        settings: ModelsSettings,
        *,
        which: Collection[Kind] = KINDS,
        languages: Collection[str] = ("en",),
        on_progress: ProgressListener | None = None,
        start: Callable[[Order], Awaitable[Child]] = Child.start,
    ) -> None:
        self._order = Order(
            settings=settings, which=frozenset(which), languages=frozenset(languages)
        )
        self._on_progress = on_progress
        self._start = start
        self._child: Child | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._base_url: str | None = None
        self._healthy = False
        self.restarts = 0

    @property
    def base_url(self) -> str:
        """The base URL, ending in ``/v1``; the same for as long as the context is open."""
        if self._base_url is None:
            message = "the model process has not been started"
            raise ModelServerError(message)
        return self._base_url

    @property
    def healthy(self) -> bool:
        """Whether the process is up and its models are loaded."""
        return self._healthy

    @property
    def pid(self) -> int | None:
        """The process id, or ``None`` between a death and the next start."""
        return self._child.pid if self._child else None

    async def __aenter__(self) -> Self:
        for attempt in range(FIRST_ATTEMPTS):
            try:
                await self._begin()
                break
            except ModelServerError as error:
                # A missing or a wrong file is not in here: it would be the same the next time.
                if attempt == FIRST_ATTEMPTS - 1:
                    raise
                _log.warning("model process did not start", error=str(error))
                await asyncio.sleep(_BACKOFF_S[attempt])
        self._keeper = asyncio.create_task(self._keep())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper])
        await self._end()

    async def _keep(self) -> None:
        """Start the process again whenever it has died."""
        while True:
            if self._child is not None:
                _log.error("model process died", why=await self._child.ended())
            failures = 0
            while not await self._again():
                await asyncio.sleep(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1

    async def _again(self) -> bool:
        await self._end()
        try:
            await self._begin()
        except ModelError as error:
            _log.error("model process did not start again", error=str(error))
            return False
        self.restarts += 1
        _log.info("model process is back", restarts=self.restarts)
        return True

    async def _begin(self) -> None:
        """Start the process and wait until it is ready. Raises ``ModelError``."""
        self._child = await self._start(self._order)
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                self._ready(await self._child.ready(self._progress))
        except TimeoutError as error:
            await self._end()
            message = f"the model process was not ready within {_START_TIMEOUT_S:.0f} s"
            raise ModelServerError(message) from error
        except BaseException:
            # Cancelled, too: no process may stay behind.
            await self._end()
            raise

    def _ready(self, base_url: str) -> None:
        self._base_url = base_url
        self._healthy = True
        # Clients hold the URL, so the next process must answer at the same one.
        port = urlsplit(base_url).port
        settings = self._order.settings.model_copy(update={"port": port})
        self._order = self._order.model_copy(update={"settings": settings})

    def _progress(self, report: Report) -> None:
        if self._on_progress is not None and report.model is not None:
            self._on_progress(report.model, report.loaded, report.total)

    async def _end(self) -> None:
        self._healthy = False
        child, self._child = self._child, None
        if child is not None:
            await child.stop()
