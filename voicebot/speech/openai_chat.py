"""A language model through the OpenAI API: the cloud, a local model, any server that speaks it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openai import omit

from voicebot.speech.protocols import Message, TextDelta, Tool, ToolCall, closing
from voicebot.speech.requests import Patience, Requests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from openai import AsyncOpenAI, AsyncStream
    from openai.types.chat import (
        ChatCompletionChunk,
        ChatCompletionMessageParam,
        ChatCompletionToolParam,
    )
    from openai.types.chat.chat_completion_chunk import ChoiceDeltaToolCall

    from voicebot.speech.protocols import ReplyPart


@dataclass(frozen=True, slots=True)
class Sampling:
    """How freely and how much a language model writes."""

    temperature: float = 0.3
    max_tokens: int = 300


class OpenAiLanguageModel:
    """``POST /chat/completions``, streamed, with tools."""

    def __init__(
        self,
        client: AsyncOpenAI,
        *,
        model: str,
        sampling: Sampling | None = None,
        provider: str = "openai",
        patience: Patience | None = None,
    ) -> None:
        self._client = client
        self._model = model
        self._sampling = sampling or Sampling()
        self._requests = Requests("llm", provider, patience or Patience())

    async def reply(
        self, messages: Sequence[Message], *, tools: Sequence[Tool]
    ) -> AsyncIterator[ReplyPart]:
        """Yield the reply as it is written; see ``LanguageModel``."""
        stream, first = await self._requests.first(lambda: self._begin(messages, tools))
        calls = ToolCallAssembler(self._requests)
        # Until there is a word nothing is written: another model may still take over.
        written, blank = False, ""
        async with stream, closing(self._requests.following(aiter(stream), first)) as chunks:
            async for chunk in chunks:
                for text in _text_of(chunk, calls):
                    blank += "" if written else text
                    written = written or any(map(str.isalnum, text))
                    if written:
                        yield TextDelta(blank or text)
                        blank = ""
        finished = calls.finish()
        if not written and not finished:
            raise self._requests.unusable("the reply is empty")
        for call in finished:
            yield call

    async def _begin(
        self, messages: Sequence[Message], tools: Sequence[Tool]
    ) -> tuple[AsyncStream[ChatCompletionChunk], ChatCompletionChunk]:
        """Send the request and wait for the first chunk."""
        stream = await self._client.chat.completions.create(
            model=self._model,
            messages=[message_param(message) for message in messages],
            tools=[_tool_param(tool) for tool in tools] or omit,
            temperature=self._sampling.temperature,
            stream=True,
            **self._limit(),
        )
        try:
            return stream, await anext(aiter(stream))
        except StopAsyncIteration:
            await stream.close()
            raise self._requests.unusable("the reply is empty") from None
        except BaseException:
            await stream.close()
            raise

    def _limit(self) -> dict[str, Any]:
        # OpenAI's newer models know only the new name; other servers mostly only the old one.
        own = self._client.base_url.host == "api.openai.com"
        return {"max_completion_tokens" if own else "max_tokens": self._sampling.max_tokens}


class ToolCallAssembler:
    """Puts tool calls together that arrive in pieces, several at a time."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests
        self._calls: dict[int, _Pieces] = {}

    def push(self, piece: ChoiceDeltaToolCall) -> None:
        """Add ``piece`` to the call that it belongs to."""
        index = piece.index if isinstance(piece.index, int) else len(self._calls)
        pieces = self._calls.setdefault(index, _Pieces())
        pieces.id = piece.id or pieces.id
        if piece.function is not None:
            pieces.name += piece.function.name or ""
            pieces.arguments += piece.function.arguments or ""

    def finish(self) -> list[ToolCall]:
        """Return the calls in order. Raises ``ProviderProtocolError`` for one that is broken."""
        return [self._call(index, self._calls[index]) for index in sorted(self._calls)]

    def _call(self, index: int, pieces: _Pieces) -> ToolCall:
        if not pieces.name:
            raise self._requests.unusable("a tool call without a name")
        try:
            arguments = json.loads(pieces.arguments or "{}")
        except ValueError:
            arguments = None
        if not isinstance(arguments, dict):
            raise self._requests.unusable(f"the arguments of '{pieces.name}' are not a JSON object")
        return ToolCall(pieces.id or f"call_{index}", pieces.name, arguments)


@dataclass(slots=True)
class _Pieces:
    id: str = ""
    name: str = ""
    arguments: str = ""


def _text_of(chunk: ChatCompletionChunk, calls: ToolCallAssembler) -> list[str]:
    """Return the chunk's text, hand its pieces of tool calls to ``calls``."""
    texts = []
    # Chunks of usage have no choices; only the first choice was asked for.
    for choice in (chunk.choices or [])[:1]:
        for piece in choice.delta.tool_calls or []:
            calls.push(piece)
        if choice.delta.content:
            texts.append(choice.delta.content)
    return texts


def message_param(message: Message) -> ChatCompletionMessageParam:
    """Return ``message`` as the API takes it."""
    match message.role:
        case "system":
            return {"role": "system", "content": message.content}
        case "user":
            return {"role": "user", "content": message.content}
        case "tool":
            return {
                "role": "tool",
                "content": message.content,
                "tool_call_id": message.tool_call_id or "",
            }
        case "assistant" if message.tool_calls:
            return {
                "role": "assistant",
                "content": message.content or None,
                "tool_calls": [
                    {
                        "id": call.id,
                        "type": "function",
                        "function": {
                            "name": call.name,
                            "arguments": json.dumps(dict(call.arguments)),
                        },
                    }
                    for call in message.tool_calls
                ],
            }
        case _:
            return {"role": "assistant", "content": message.content}


def _tool_param(tool: Tool) -> ChatCompletionToolParam:
    return {
        "type": "function",
        "function": {
            "name": tool.name,
            "description": tool.description,
            "parameters": dict(tool.parameters),
        },
    }
