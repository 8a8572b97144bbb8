"""Errors in the shape that the OpenAI clients read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from aiohttp import web

from voicebot.errors import ModelError
from voicebot.models.lane import LaneFullError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

_log = structlog.get_logger(__name__)

INVALID = "invalid_request_error"
SERVER = "server_error"


class ApiError(Exception):
    """A request that is answered with an error status. ``param`` names the field that is wrong."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        param: str | None = None,
        code: str | None = None,
        kind: str = INVALID,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.param = param
        self.code = code
        self.kind = kind

    def response(self) -> web.Response:
        """Return the answer that says so."""
        body = {
            "message": self.message,
            "type": self.kind,
            "param": self.param,
            "code": self.code,
        }
        return web.json_response({"error": body}, status=self.status)


def too_large(limit: int) -> ApiError:
    """Return the refusal of a body of more than ``limit`` bytes."""
    message = f"the request is larger than {limit} bytes"
    return ApiError(413, message, code="request_too_large")


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn whatever a handler raises into the API's error object."""
    try:
        return await handler(request)
    except ApiError as error:
        return error.response()
    except web.HTTPRequestEntityTooLarge:
        return too_large(request.client_max_size).response()
    except web.HTTPException as error:
        message = f"{request.method} {request.path}: {error.reason}"
        return ApiError(
            error.status, message, code=error.reason.lower().replace(" ", "_")
        ).response()
    except LaneFullError as error:
        return ApiError(429, str(error), code="rate_limit_exceeded", kind="requests").response()
    except ModelError as error:
        _log.warning("model failed", path=request.path, error=str(error))
        return ApiError(503, str(error), code="model_unavailable", kind=SERVER).response()
