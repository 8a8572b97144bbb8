"""Every operation against the table: what is sent, and what comes back."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
import pytest

from tests.ari.fake import PASSWORD, USER, channel
from tests.ari.table import Row, committed
from voicebot.ari import AriClient, models
from voicebot.ari.generate.names import snake
from voicebot.ari.models import AnyMessage

if TYPE_CHECKING:
    from tests.ari.fake import FakeAsterisk

ROWS = committed()
REQUESTS = [row for row in ROWS if row.nickname != "eventWebsocket"]
BODY = {"key": "value"}
AWKWARD = "PJSIP/201 ä+&;?%"


def sample(kind: str) -> object:
    """Return the least JSON that fits a type of the description."""
    scalars = {"string": "text", "int": 1, "long": 1, "double": 1.5, "boolean": True, "object": {}}
    if kind == "Date":
        return "2026-11-22T22:31:00.000+0000"
    if kind.startswith("List["):
        return [sample(kind[5:-1])]
    return scalars[kind] if kind in scalars else sample_struct(getattr(models, kind))


def sample_struct(struct: type[msgspec.Struct]) -> dict[str, Any]:
    python = {"str": "string", "int": "int", "float": "double", "Date": "Date"}
    return {
        each.encode_name: sample_field(struct.__annotations__[each.name], python)
        for each in msgspec.structs.fields(struct)
        if each.required
    }


def sample_field(annotation: str, python: dict[str, str]) -> object:
    if annotation.startswith("tuple["):
        return []
    if annotation.startswith("dict["):
        return {}
    return sample(python.get(annotation, annotation))


def arguments(row: Row, names: list[str]) -> dict[str, Any]:
    given: dict[str, Any] = {snake(name): AWKWARD for name in row.path_names}
    given |= {snake(name): f"{name} {AWKWARD}" for name in names}
    return given


async def call(asterisk: FakeAsterisk, row: Row, given: dict[str, Any]) -> object:
    async with AriClient(asterisk.url, USER, PASSWORD) as ari:
        method = getattr(getattr(ari, snake(row.resource)), snake(row.nickname))
        return await method(**given)


def expect(asterisk: FakeAsterisk, row: Row) -> str:
    """Let ``asterisk`` answer ``row`` with a sample of its type; return the path as it is sent."""
    path = row.path
    for name in row.path_names:
        path = path.replace(f"{{{name}}}", quote(AWKWARD, safe=""))
    if row.answer not in ("void", "binary"):
        asterisk.answers[row.method, path] = 200, sample(row.answer)
    return path


@pytest.mark.parametrize("row", REQUESTS, ids=str)
async def test_sends_everything_it_is_given_under_aris_names(
    asterisk: FakeAsterisk, row: Row
) -> None:
    path = expect(asterisk, row)
    names = [name.rstrip("!") for name in row.query]
    given = arguments(row, names)
    body = row.body.rstrip("!")
    if body:
        given[snake(body)] = BODY

    await call(asterisk, row, given)

    (request,) = asterisk.requests
    assert (request.method, request.path) == (row.method, path)
    assert request.query == {name: f"{name} {AWKWARD}" for name in names}
    whole = {"": None, "filter": BODY}
    assert request.body == whole.get(body, {body: BODY})


@pytest.mark.parametrize("row", REQUESTS, ids=str)
async def test_needs_only_what_the_description_requires_and_answers_with_its_type(
    asterisk: FakeAsterisk, row: Row
) -> None:
    expect(asterisk, row)
    needed = [name.rstrip("!") for name in row.query if name.endswith("!")]
    given = arguments(row, needed)
    if row.body.endswith("!"):
        given[snake(row.body.rstrip("!"))] = BODY

    answer = await call(asterisk, row, given)

    (request,) = asterisk.requests
    assert set(request.query) == set(needed)
    if row.answer == "void":
        assert answer is None
    elif row.answer == "binary":
        assert answer == b""
    elif row.answer.startswith("List["):
        assert isinstance(answer, tuple)
        assert [type(each).__name__ for each in answer] == [row.answer[5:-1]]
    else:
        assert type(answer).__name__ == row.answer


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_takes_the_path_by_position_and_the_rest_by_name(row: Row) -> None:
    resource = getattr(AriClient("http://pbx", USER, PASSWORD), snake(row.resource))
    parameters = inspect.signature(getattr(resource, snake(row.nickname))).parameters.values()

    names = [name.rstrip("!") for name in (*row.query, row.body) if name]
    keywords = {each.name for each in parameters if each.kind is each.KEYWORD_ONLY}
    assert keywords == {snake(name) for name in names}
    positional = [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY]
    assert positional == [snake(name) for name in row.path_names]


async def test_values_are_written_as_asterisk_reads_them(asterisk: FakeAsterisk) -> None:
    asterisk.answers["POST", "/channels/one/play"] = 200, sample("Playback")
    async with AriClient(asterisk.url, USER, PASSWORD) as ari:
        await ari.bridges.add_channel("b", channel=["one", "two"], mute=True, absorb_dtmf=False)
        await ari.channels.play("one", media=("sound:a", "sound:b"), skipms=500)

    assert [request.query for request in asterisk.requests] == [
        {"channel": "one,two", "mute": "true", "absorbDTMF": "false"},
        {"media": "sound:a,sound:b", "skipms": "500"},
    ]


async def test_variables_travel_in_a_json_body(asterisk: FakeAsterisk) -> None:
    asterisk.answers["POST", "/channels/externalMedia"] = 200, channel("media")
    variables = {"CALLERID(name)": "Алиса", "STATE": {"value": "1", "report_events": True}}
    async with AriClient(asterisk.url, USER, PASSWORD) as ari:
        answer = await ari.channels.external_media(
            app="bot",
            channel_id="media",
            external_host="127.0.0.1:4000",
            format="slin16",
            variables=variables,
        )

    (request,) = asterisk.requests
    assert answer.id == "media"
    assert request.body == {"variables": variables}
    assert request.query["external_host"] == "127.0.0.1:4000"


def test_all_of_asterisk_22_is_there() -> None:
    assert len(ROWS) == 109
    assert len({row.resource for row in ROWS}) == 11
    assert len({(row.method, row.path) for row in ROWS}) == 109
    # 45 events, and MissingParams, which is none.
    assert len(AnyMessage.__args__) == 46
