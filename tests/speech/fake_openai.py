"""An OpenAI server for tests: checks each request against the API's own types, fails on demand.

    async with FakeOpenAi() as server:
        server.chat.append(says("Hello."))
        server.speech.append(Canned(status=500))
        llm = OpenAiLanguageModel(server.client(), model="any")

Each endpoint answers with its canned answers in order, then with a good one. A request that the
API would not accept gets 400 and makes the ``async with`` fail at its end.
"""

from __future__ import annotations

import asyncio
import io
import json
import wave
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Required, Self, get_args, get_origin, get_type_hints

from aiohttp import web
from openai.types.audio.speech_create_params import SpeechCreateParams
from openai.types.audio.transcription_create_params import TranscriptionCreateParamsNonStreaming
from openai.types.chat.completion_create_params import CompletionCreateParamsStreaming
from pydantic import TypeAdapter, ValidationError

from voicebot.speech.openai import openai_client

if TYPE_CHECKING:
    from types import TracebackType

    from openai import AsyncOpenAI

SPEECH_RATE = 24_000

# Fields that servers other than OpenAI's know, and that we may send to them.
EXTENSIONS = {"language"}


@dataclass(frozen=True)
class Canned:
    """One answer: status and headers after ``wait_s``, then ``chunks`` with ``gap_s`` before each.

    ``cut`` breaks the connection after the last chunk instead of ending the answer.
    """

    chunks: tuple[bytes, ...] = ()
    status: int = 200
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    wait_s: float = 0.0
    gap_s: float = 0.0
    cut: bool = False


@dataclass(frozen=True)
class Received:
    """A request as it came. ``body`` is decoded JSON, or the fields of the form."""

    endpoint: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


def error(status: int, message: str = "no", **headers: str) -> Canned:
    """An error as the API words it."""
    body = json.dumps({"error": {"message": message, "type": "test", "param": None, "code": None}})
    return Canned((body.encode(),), status=status, headers=headers)


def transcribes(text: str, **more: Any) -> Canned:
    """A transcription; ``more`` are the fields of the verbose form."""
    return Canned((json.dumps({"text": text, **more}).encode(),))


def events(*data: str, **how: Any) -> Canned:
    """Server-sent events with the given data."""
    return Canned(
        tuple(f"data: {item}\n\n".encode() for item in data), kind="text/event-stream", **how
    )


def delta(**content: Any) -> str:
    """The data of one chunk of a chat completion."""
    choice = {"index": 0, "delta": content, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return json.dumps({**chunk, "choices": [choice]})


def says(*texts: str, **how: Any) -> Canned:
    """A reply of text, one chunk for each of ``texts``."""
    return events(*(delta(content=text) for text in texts), "[DONE]", **how)


def calls(*tools: tuple[str, str, str]) -> Canned:
    """A reply of parallel tool calls (id, name, JSON arguments), its pieces interleaved."""
    heads = [
        delta(
            tool_calls=[
                {
                    "index": index,
                    "id": call_id,
                    "type": "function",
                    "function": {"name": name, "arguments": ""},
                }
            ]
        )
        for index, (call_id, name, _) in enumerate(tools)
    ]
    longest = max(len(arguments) for _, _, arguments in tools)
    pieces = [
        delta(tool_calls=[{"index": index, "function": {"arguments": arguments[at : at + 3]}}])
        for at in range(0, longest, 3)
        for index, (_, _, arguments) in enumerate(tools)
        if arguments[at : at + 3]
    ]
    return events(*heads, *pieces, "[DONE]")


def speaks(*chunks: bytes, **how: Any) -> Canned:
    """Speech as bare PCM."""
    return Canned(chunks, kind="audio/pcm", **how)


def pcm24(seconds: float, level: int = 1000) -> bytes:
    """Mono PCM at the API's rate: one constant level, so that resampling can be checked."""
    return level.to_bytes(2, "little", signed=True) * int(SPEECH_RATE * seconds)


def wav_file(pcm: bytes, *, rate: int = SPEECH_RATE, channels: int = 1) -> bytes:
    """``pcm`` as a WAV file."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(channels)
        writer.setsampwidth(2)
        writer.setframerate(rate)
        writer.writeframes(pcm)
    return file.getvalue()


class FakeOpenAi:
    """The server; ``url`` is its base URL, valid inside ``async with``."""

    def __init__(self) -> None:
        self.url = ""
        self.requests: list[Received] = []
        self.mistakes: list[str] = []
        self.asked = asyncio.Event()
        self.dropped = asyncio.Event()
        self.transcriptions: deque[Canned] = deque()
        self.chat: deque[Canned] = deque()
        self.speech: deque[Canned] = deque()
        self._runner: web.AppRunner | None = None
        self._clients: list[AsyncOpenAI] = []

    def client(self, key: str = "key") -> AsyncOpenAI:
        """A client of this server, closed with it."""
        self._clients.append(openai_client(self.url, key))
        return self._clients[-1]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/audio/transcriptions", self._transcribe)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_post("/v1/audio/speech", self._speak)
        # A client that goes away cancels the handler: that is how it is noticed.
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for client in self._clients:
            await client.close()
        if self._runner is not None:
            await self._runner.cleanup()
        if kind is None and self.mistakes:
            raise AssertionError("\n".join(self.mistakes))

    async def _transcribe(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        body: dict[str, Any] = {}
        for name, value in form.items():
            if isinstance(value, web.FileField):
                with value.file as file:
                    body[name] = file.read()
            elif name.endswith("[]"):
                body[name[:-2]] = form.getall(name)
            else:
                body[name] = value
        if "file" in body and not body["file"].startswith(b"RIFF"):
            self.mistakes.append("transcriptions: the file is not a WAV")
        return await self._answer(request, "transcriptions", body)

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "chat", await request.json())

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        return await self._answer(request, "speech", await request.json())

    async def _answer(
        self, request: web.Request, endpoint: str, body: Mapping[str, Any]
    ) -> web.StreamResponse:
        self.requests.append(Received(endpoint, dict(request.headers), body))
        self.asked.set()
        mistake = _APIS[endpoint].mistake_in(body) or unanswered_in(body.get("messages", ()))
        if mistake:
            self.mistakes.append(f"{endpoint}: {mistake}")
            return web.json_response({"error": {"message": mistake}}, status=400)
        canned: deque[Canned] = getattr(self, endpoint)
        try:
            return await _send(request, canned.popleft() if canned else _GOOD[endpoint])
        except (asyncio.CancelledError, ConnectionError):
            self.dropped.set()
            raise


async def _send(request: web.Request, answer: Canned) -> web.StreamResponse:
    await asyncio.sleep(answer.wait_s)
    response = web.StreamResponse(status=answer.status, headers=dict(answer.headers))
    response.content_type = answer.kind
    await response.prepare(request)
    for chunk in answer.chunks:
        await asyncio.sleep(answer.gap_s)
        await response.write(chunk)
    if answer.cut and request.transport is not None:
        request.transport.abort()
    else:
        await response.write_eof()
    return response


class Api:
    """The type of an endpoint's request, as the openai package declares it."""

    def __init__(self, params: type, **own: Any) -> None:
        hints = get_type_hints(params, include_extras=True)
        self._required = {name for name, hint in hints.items() if get_origin(hint) is Required}
        self._fields: dict[str, TypeAdapter[Any]] = {
            name: TypeAdapter(own.get(name) or _bare(hint)) for name, hint in hints.items()
        }

    def mistake_in(self, body: Mapping[str, Any]) -> str:
        """What the API would not accept in ``body``; empty when it is right."""
        if missing := self._required - set(body):
            return f"missing fields {sorted(missing)}"
        if strange := set(body) - set(self._fields) - EXTENSIONS:
            return f"unknown fields {sorted(strange)}"
        try:
            for name in set(body) & set(self._fields):
                value = self._fields[name].validate_python(body[name])
                # Declared as an Iterable: pydantic checks the items only when they are asked for.
                if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
                    deque(value, maxlen=0)
        except ValidationError as problem:
            return str(problem)
        return ""


def unanswered_in(messages: Iterable[Mapping[str, Any]]) -> str:
    """What the API would not accept in the order of ``messages``: each call has its result."""
    asked: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            if message["tool_call_id"] not in asked:
                return f"a result of {message['tool_call_id']}, which was not called"
            asked.remove(message["tool_call_id"])
        elif asked:
            return f"no result of {asked}"
        else:
            asked = [call["id"] for call in message.get("tool_calls") or ()]
    return f"no result of {asked}" if asked else ""


def _bare(hint: Any) -> Any:
    return get_args(hint)[0] if get_origin(hint) is Required else hint


_APIS = {
    # Files come as bytes; the package's own type allows whatever can be opened.
    "transcriptions": Api(TranscriptionCreateParamsNonStreaming, file=bytes),
    "chat": Api(CompletionCreateParamsStreaming),
    "speech": Api(SpeechCreateParams),
}
_GOOD = {
    "transcriptions": transcribes("hello"),
    "chat": says("Hello."),
    "speech": speaks(pcm24(0.1)),
}
