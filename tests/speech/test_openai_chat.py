"""A language model through the OpenAI API."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.speech.fake_openai import Canned, FakeOpenAi, calls, delta, error, events, says
from voicebot.errors import (
    ProviderBusyError,
    ProviderError,
    ProviderFailedError,
    ProviderProtocolError,
    ProviderRefusedError,
    ProviderTimeoutError,
)
from voicebot.speech.openai_chat import OpenAiLanguageModel, Sampling
from voicebot.speech.protocols import Message, TextDelta, Tool, ToolCall
from voicebot.speech.requests import Patience

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.speech.protocols import ReplyPart

# A machine that stands still for a moment is no fault of the provider.
ONCE = Patience(first_s=10, gap_s=10, retries=0)
HASTY = Patience(first_s=0.3, gap_s=0.2, retries=0)
QUESTION = (Message("system", "Be brief."), Message("user", "Hello?"))
TRANSFER = Tool(
    "transfer",
    "Connect the caller.",
    {"type": "object", "properties": {"destination": {"type": "string"}}},
)


def model(server: FakeOpenAi, patience: Patience = ONCE) -> OpenAiLanguageModel:
    return OpenAiLanguageModel(server.client(), model="m", patience=patience)


async def reply(
    llm: OpenAiLanguageModel,
    messages: Sequence[Message] = QUESTION,
    tools: Sequence[Tool] = (TRANSFER,),
) -> list[ReplyPart]:
    return [part async for part in llm.reply(messages, tools=tools)]


async def test_text_comes_as_it_is_written(openai_server: FakeOpenAi):
    openai_server.chat.append(says("Good", " morning", "."))

    assert await reply(model(openai_server)) == [
        TextDelta("Good"),
        TextDelta(" morning"),
        TextDelta("."),
    ]


async def test_the_first_piece_is_given_before_the_rest_is_written(openai_server: FakeOpenAi):
    openai_server.chat.append(says("One.", " Two.", gap_s=0.1))
    loop = asyncio.get_running_loop()

    times = [loop.time() async for _ in model(openai_server).reply(QUESTION, tools=())]

    assert times[1] - times[0] > 0.05


async def test_what_comes_before_the_first_word_is_given_with_it(openai_server: FakeOpenAi):
    openai_server.chat.append(says("\n", "\n", "“", "Good", " morning", "!", " "))

    assert [part.text for part in await reply(model(openai_server))] == [
        "\n\n“Good",
        " morning",
        "!",
        " ",
    ]


async def test_the_request_says_what_is_wanted(openai_server: FakeOpenAi):
    llm = OpenAiLanguageModel(openai_server.client(), model="m", sampling=Sampling(0.5, 77))

    await reply(llm)

    body = openai_server.requests[0].body
    assert body["model"] == "m"
    assert body["stream"] is True
    assert (body["temperature"], body["max_tokens"]) == (0.5, 77)
    assert body["tools"][0]["function"]["name"] == "transfer"


async def test_no_tools_are_not_sent(openai_server: FakeOpenAi):
    await reply(model(openai_server), tools=())

    assert "tools" not in openai_server.requests[0].body


async def test_a_conversation_with_tools_is_sent_as_the_api_takes_it(openai_server: FakeOpenAi):
    call = ToolCall("c1", "transfer", {"destination": "sales"})

    await reply(
        model(openai_server),
        [
            *QUESTION,
            Message("assistant", "One moment.", tool_calls=(call,)),
            Message("tool", "busy", tool_call_id="c1"),
            Message("assistant", "It is busy."),
            Message("user", "Then support."),
        ],
    )

    sent = openai_server.requests[0].body["messages"]
    assert [message["role"] for message in sent] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
    ]
    assert sent[2]["tool_calls"][0]["function"] == {
        "name": "transfer",
        "arguments": '{"destination": "sales"}',
    }
    assert sent[3] == {"role": "tool", "content": "busy", "tool_call_id": "c1"}


async def test_a_tool_call_comes_after_the_text(openai_server: FakeOpenAi):
    call = calls(("c1", "transfer", '{"destination": "sales"}'))
    openai_server.chat.append(Canned((*says("Sure.").chunks[:1], *call.chunks), kind=call.kind))

    assert await reply(model(openai_server)) == [
        TextDelta("Sure."),
        ToolCall("c1", "transfer", {"destination": "sales"}),
    ]


async def test_parallel_calls_are_put_together(openai_server: FakeOpenAi):
    openai_server.chat.append(
        calls(("c1", "transfer", '{"destination": "sales"}'), ("c2", "hang_up", ""))
    )

    assert await reply(model(openai_server)) == [
        ToolCall("c1", "transfer", {"destination": "sales"}),
        ToolCall("c2", "hang_up", {}),
    ]


async def test_chunks_of_usage_have_no_choices(openai_server: FakeOpenAi):
    usage = '{"id": "c", "object": "chat.completion.chunk", "created": 1, "choices": []}'
    openai_server.chat.append(events(usage, delta(content="Yes."), usage, "[DONE]"))

    assert await reply(model(openai_server)) == [TextDelta("Yes.")]


@pytest.mark.parametrize(
    "arguments", ['{"destination": ', "[1]", '"sales"', "null", "{'destination': 'sales'}"]
)
async def test_arguments_that_are_no_object_are_a_protocol_error(
    openai_server: FakeOpenAi, arguments: str
):
    openai_server.chat.append(calls(("c1", "transfer", arguments)))

    with pytest.raises(ProviderProtocolError, match="transfer"):
        await reply(model(openai_server))


@pytest.mark.parametrize(
    "answer",
    [
        events("[DONE]"),
        events(),
        events(delta(role="assistant"), "[DONE]"),
        says("\n", " ", "…", "👍"),
        events("{broken", "[DONE]"),
        events(delta(content="Well"), "{broken"),
        calls(("c1", "", "{}")),
        Canned((b"not an event stream",), kind="text/plain"),
    ],
    ids=[
        "done",
        "nothing",
        "no text",
        "no words",
        "broken",
        "broken later",
        "nameless call",
        "no stream",
    ],
)
async def test_what_is_no_reply_is_a_protocol_error(openai_server: FakeOpenAi, answer: Canned):
    openai_server.chat.append(answer)

    with pytest.raises(ProviderProtocolError):
        await reply(model(openai_server))


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (error(401), ProviderRefusedError),
        (error(429), ProviderBusyError),
        (error(500), ProviderFailedError),
        (Canned(wait_s=5), ProviderTimeoutError),
        (says("One", "two", gap_s=0.25), ProviderTimeoutError),
        (Canned((says("One").chunks[0],), kind="text/event-stream", cut=True), ProviderFailedError),
        (events('{"error": {"message": "overloaded"}}'), ProviderFailedError),
    ],
    ids=["401", "429", "500", "nothing comes", "stops coming", "breaks", "error in the stream"],
)
async def test_each_fault_is_told_apart(
    openai_server: FakeOpenAi, fault: Canned, expected: type[ProviderError]
):
    openai_server.chat.append(fault)

    with pytest.raises(expected) as raised:
        await reply(model(openai_server, HASTY if expected is ProviderTimeoutError else ONCE))

    assert raised.value.stage == "llm"


async def test_a_reply_is_begun_again_only_before_its_first_word(openai_server: FakeOpenAi):
    openai_server.chat += [error(503), says("There.")]

    assert await reply(model(openai_server, Patience(retries=1))) == [TextDelta("There.")]
    assert len(openai_server.requests) == 2


async def test_closing_early_ends_the_request(openai_server: FakeOpenAi):
    openai_server.chat.append(says(*["word "] * 500, gap_s=0.02))
    parts = model(openai_server).reply(QUESTION, tools=())
    await anext(parts)

    await parts.aclose()

    await asyncio.wait_for(openai_server.dropped.wait(), 2)
