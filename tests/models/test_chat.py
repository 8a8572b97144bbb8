from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import openai as api
import pytest

from tests.models.fakes import Gate, World
from tests.models.test_transcriptions import error

if TYPE_CHECKING:
    from tests.models.test_transcriptions import Http

PATH = "/v1/chat/completions"
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "hang_up",
        "description": "End the call",
        "parameters": {"type": "object"},
    },
}


def chunk(text: str) -> dict[str, Any]:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    base = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "smol"}
    return base | {"choices": [choice]}


def whole(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    base = {"id": "c", "object": "chat.completion", "created": 1, "model": "smol"}
    return base | {"choices": [choice]}


async def test_the_openai_client_gets_the_answer(openai: api.AsyncOpenAI, world: World):
    world.chat.chunks = [whole("Good morning!")]

    answer = await openai.chat.completions.create(model="local", messages=HELLO)

    assert answer.choices[0].message.content == "Good morning!"


async def test_it_is_streamed_as_it_is_written(openai: api.AsyncOpenAI, world: World):
    world.chat.chunks = [chunk("Good"), chunk(" morning")]
    world.chat.gate = Gate()

    stream = await openai.chat.completions.create(model="smol", messages=HELLO, stream=True)
    first = await anext(stream)
    world.chat.gate.opened.set()
    rest = [part.choices[0].delta.content async for part in stream]

    assert first.choices[0].delta.content == "Good"
    assert rest == [" morning"]


async def test_tools_and_everything_else_reach_the_model(openai: api.AsyncOpenAI, world: World):
    world.chat.chunks = [whole("")]

    await openai.chat.completions.create(
        model="local",
        messages=HELLO,
        tools=[TOOL],  # type: ignore[list-item]  # a plain dict is what goes over the wire
        temperature=0.1,
        max_completion_tokens=7,
    )

    asked = world.chat.asked[0]
    assert asked["messages"] == HELLO
    assert asked["tools"] == [TOOL]
    assert (asked["temperature"], asked["max_tokens"]) == (0.1, 7)


async def test_an_answer_has_an_end_even_when_nobody_asked_for_one(http: Http, world: World):
    world.chat.chunks = [whole("")]
    await http.post(PATH, json={"messages": HELLO})

    assert world.chat.asked[0]["max_tokens"] == 1024


@pytest.mark.parametrize("messages", [[], None, "Hello", {}])
async def test_a_request_without_messages_is_refused(http: Http, messages: object):
    response = await http.post(PATH, json={"messages": messages})

    assert response.status == 400
    assert (await error(response))["param"] == "messages"


async def test_an_unknown_model_is_not_found(openai: api.AsyncOpenAI):
    with pytest.raises(api.NotFoundError, match="'gpt-9' does not exist here; there is: smol"):
        await openai.chat.completions.create(model="gpt-9", messages=HELLO)


@pytest.mark.parametrize("stream", [True, False])
async def test_an_error_of_the_model_is_an_error_of_the_request(
    http: Http, world: World, stream: bool
):
    world.chat.chunks = [{"error": {"code": 400, "message": "too long", "type": "context"}}]
    response = await http.post(PATH, json={"messages": HELLO, "stream": stream})

    assert response.status == 400
    told = await error(response)
    assert (told["message"], told["type"]) == ("too long", "context")


@pytest.mark.parametrize("fault", ["out of memory", {"code": "odd"}, {"code": 7}])
async def test_an_error_without_a_status_is_the_servers(http: Http, world: World, fault: object):
    world.chat.chunks = [{"error": fault}]
    response = await http.post(PATH, json={"messages": HELLO})

    assert response.status == 500
    assert (await error(response))["type"] == "server_error"


async def test_no_answer_at_all_is_the_servers_fault(http: Http):
    response = await http.post(PATH, json={"messages": HELLO})

    assert response.status == 500


async def test_the_model_stops_writing_when_the_client_goes_away(
    openai: api.AsyncOpenAI, world: World
):
    world.chat.chunks = [chunk(str(number)) for number in range(100)]
    world.chat.gate = Gate()
    stream = await openai.chat.completions.create(model="local", messages=HELLO, stream=True)
    await anext(stream)

    await stream.close()
    await asyncio.sleep(0.1)
    world.chat.gate.opened.set()

    assert await asyncio.to_thread(world.chat.stopped.wait, 5)
