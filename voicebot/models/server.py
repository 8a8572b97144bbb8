"""The process that serves the models: routes, loading in the background, start and end."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from voicebot.errors import ModelError, ModelServerError
from voicebot.models import catalogue, chat, speech, transcriptions
from voicebot.models.engines import KINDS
from voicebot.models.faults import errors_as_json
from voicebot.models.keys import FLEET, PROGRESS, Progress
from voicebot.models.loading import build_fleet, needed
from voicebot.models.weights import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from voicebot.config import ModelsSettings
    from voicebot.models.engines import AnyEngine, Kind
    from voicebot.models.fleet import Fleet

    ReadyListener = Callable[[str], None]
    """Called with the base URL once everything asked for is loaded."""

    LoadListener = Callable[[str, int, int], None]
    """Called with a model's name, how many are loaded and how many there will be."""

_log = structlog.get_logger(__name__)

_CLOSING_S = 2.0


def build_app(fleet: Fleet, progress: Progress) -> web.Application:
    """Return the application that serves ``fleet``."""
    # Uploads are counted by their handler; this bounds the JSON bodies.
    app = web.Application(middlewares=[errors_as_json], client_max_size=4 * 1024 * 1024)
    app[FLEET] = fleet
    app[PROGRESS] = progress
    app.add_routes(
        [
            web.get("/health", catalogue.health),
            web.get("/v1/models", catalogue.list_models),
            web.get("/v1/models/{model}", catalogue.show_model),
            web.post("/v1/audio/transcriptions", transcriptions.transcribe),
            web.post("/v1/audio/speech", speech.speak),
            web.post("/v1/chat/completions", chat.complete),
        ]
    )
    return app


async def serve(
    settings: ModelsSettings,
    *,
    which: Collection[Kind] = KINDS,
    languages: Collection[str] = ("en",),
    on_load: LoadListener | None = None,
    on_ready: ReadyListener | None = None,
) -> None:
    """Serve until cancelled.

    The port answers at once; ``GET /health`` says 503 until the models for ``languages`` are
    loaded. Raises ``ModelError`` when one of them cannot be, and ``ModelServerError`` when the port
    cannot be bound.
    """
    # Set before a library starts its threads: they inherit the priority, and must not spin.
    os.nice(settings.nice)
    os.environ.setdefault("KMP_BLOCKTIME", "0")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    fleet = build_fleet(settings, which, Store())
    engines = needed(fleet, which, languages)
    progress = Progress(total=len(engines))
    async with listening(build_app(fleet, progress), settings.host, settings.port) as url:
        try:
            await _load(engines, progress, on_load or _log_load)
            (on_ready or _log_ready)(url)
            await asyncio.Event().wait()
        finally:
            fleet.close()


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[str]:
    """Serve ``app`` and yield its base URL. Raises ``ModelServerError`` when the port is taken."""
    # A handler is cancelled when its client goes away: work not begun is then never begun.
    runner = web.AppRunner(
        app, handler_cancellation=True, access_log=None, shutdown_timeout=_CLOSING_S
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            message = f"{host}:{port}: {error.strerror}; correct the settings models.host and .port"
            raise ModelServerError(message) from error
        bound = runner.addresses[0][1]
        yield f"http://{f'[{host}]' if ':' in host else host}:{bound}/v1"
    finally:
        await runner.cleanup()


async def _load(engines: Collection[AnyEngine], progress: Progress, told: LoadListener) -> None:
    async def load(engine: AnyEngine) -> None:
        await engine.ready()
        progress.loaded += 1
        told(engine.name, progress.loaded, progress.total)

    try:
        await asyncio.gather(*map(load, engines))
    except ModelError:
        progress.status = "failed"
        raise
    progress.status = "ok"


def _log_load(name: str, loaded: int, total: int) -> None:
    _log.info("model loaded", model=name, loaded=loaded, total=total)


def _log_ready(url: str) -> None:
    _log.info("models ready", base_url=url)
