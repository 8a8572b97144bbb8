"""JSON bodies, read with the API's own errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from voicebot.models.faults import ApiError

if TYPE_CHECKING:
    from aiohttp import web

B = TypeVar("B", bound=BaseModel)


async def read_json(request: web.Request) -> dict[str, Any]:
    """Return the body, which must be a JSON object. Raises ``ApiError``."""
    if request.content_type != "application/json":
        message = f"the body must be application/json, not {request.content_type}"
        raise ApiError(415, message, code="unsupported_media_type")
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError) as error:
        message = f"the body is not JSON: {error}"
        raise ApiError(400, message) from error
    if not isinstance(body, dict):
        message = "the body must be a JSON object"
        raise ApiError(400, message)
    return body


def checked(model: type[B], body: dict[str, Any]) -> B:
    """Return ``body`` as ``model``. Raises ``ApiError`` naming the first field that is wrong."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors()[0]
        param = ".".join(str(part) for part in first["loc"])
        raise ApiError(400, f"{param}: {first['msg']}", param=param) from error
