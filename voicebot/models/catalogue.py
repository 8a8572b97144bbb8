"""``GET /v1/models`` and ``GET /health``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from voicebot.models.faults import ApiError
from voicebot.models.keys import FLEET, PROGRESS

if TYPE_CHECKING:
    from voicebot.models.engines import AnyEngine


async def list_models(request: web.Request) -> web.Response:
    """Answer with the models there are, loaded or not."""
    models = [_model(engine) for engine in request.app[FLEET].models()]
    return web.json_response({"object": "list", "data": models})


async def show_model(request: web.Request) -> web.Response:
    """Answer with one model."""
    name = request.match_info["model"]
    for engine in request.app[FLEET].models():
        if engine.name == name:
            return web.json_response(_model(engine))
    message = f"the model {name!r} does not exist here"
    raise ApiError(404, message, param="model", code="model_not_found")


async def health(request: web.Request) -> web.Response:
    """Answer 200 when everything asked for is loaded, else 503 with how far it is."""
    progress = request.app[PROGRESS]
    body = {
        "status": progress.status,
        "loaded": progress.loaded,
        "total": progress.total,
        "models": {
            engine.name: {"kind": engine.kind, "state": engine.state, "error": engine.error}
            for engine in request.app[FLEET]
        },
    }
    return web.json_response(body, status=200 if progress.status == "ok" else 503)


def _model(engine: AnyEngine) -> dict[str, object]:
    return {"id": engine.name, "object": "model", "created": 0, "owned_by": "local"}
