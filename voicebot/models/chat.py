"""``POST /v1/chat/completions``."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from voicebot.models.bodies import read_json
from voicebot.models.faults import SERVER, ApiError
from voicebot.models.fleet import UnknownModelError
from voicebot.models.keys import FLEET

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from voicebot.models.engines import Engine
    from voicebot.models.seams import ChatModel, Chunk

DEFAULT_MAX_TOKENS = 1024
"""A small model that has lost the thread would otherwise write until its context is full."""


async def complete(request: web.Request) -> web.StreamResponse:
    """Answer with the next message of a conversation, whole or as server-sent events."""
    body = await read_json(request)
    engine = _engine(request, body)
    if "max_completion_tokens" in body:
        body.setdefault("max_tokens", body["max_completion_tokens"])
    body.setdefault("max_tokens", DEFAULT_MAX_TOKENS)
    completion = _Completion(engine, body)
    try:
        chunks = completion.chunks()
        first = await anext(chunks, None)
        if first is None:
            message = "the model gave no answer"
            raise ApiError(500, message, kind=SERVER)
        if "error" in first:
            raise _refused(first["error"])
        if not body.get("stream"):
            return web.json_response(first)
        return await _stream(request, first, chunks)
    finally:
        completion.stop()


class _Completion:
    """One completion under way in a thread, as an iterator on the loop."""

    def __init__(self, engine: Engine[ChatModel], body: dict[str, Any]) -> None:
        self._queue: asyncio.Queue[Chunk | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._stopped = False
        self._task = asyncio.create_task(self._run(engine, body))

    async def chunks(self) -> AsyncIterator[Chunk]:
        """Yield what the model delivers, until it is done. Raises what the engine raises."""
        while (chunk := await self._queue.get()) is not None:
            yield chunk
        await self._task

    def stop(self) -> None:
        """Let the model write no further token."""
        self._stopped = True
        self._task.cancel()

    async def _run(self, engine: Engine[ChatModel], body: dict[str, Any]) -> None:
        try:
            await engine.run(lambda model: model.complete(body, self._deliver))
        finally:
            self._queue.put_nowait(None)

    def _deliver(self, chunk: Chunk) -> bool:
        """Hand over from the model's thread."""
        try:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, chunk)
        except RuntimeError:
            # The loop is closed: the server ends.
            return True
        return self._stopped


async def _stream(
    request: web.Request, first: Chunk, chunks: AsyncIterator[Chunk]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Cache-Control": "no-cache"})
    response.content_type = "text/event-stream"
    await response.prepare(request)
    await response.write(_event(first))
    async for chunk in chunks:
        await response.write(_event(chunk))
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


def _event(chunk: Chunk) -> bytes:
    return b"data: " + json.dumps(chunk, ensure_ascii=False).encode() + b"\n\n"


def _refused(error: Any) -> ApiError:  # noqa: ANN401 - decoded JSON
    if not isinstance(error, dict):
        return ApiError(500, str(error), kind=SERVER)
    status = error.get("code", 500)
    status = status if isinstance(status, int) and 400 <= status < 600 else 500
    kind = str(error.get("type", SERVER))
    return ApiError(status, str(error.get("message", "the model failed")), kind=kind)


def _engine(request: web.Request, body: dict[str, Any]) -> Engine[ChatModel]:
    if not isinstance(body.get("messages"), list) or not body["messages"]:
        message = "messages: at least one is needed"
        raise ApiError(400, message, param="messages")
    try:
        return request.app[FLEET].chat(str(body.get("model", "")))
    except UnknownModelError as error:
        raise ApiError(404, str(error), param="model", code="model_not_found") from error
