from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import aiohttp
import openai as api
import pytest

from tests.models.fakes import Gate, World
from tests.models.test_wav import TONE, pcm16, wav
from voicebot.models.transcriptions import MAX_UPLOAD

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.test_utils import TestClient

    Http = TestClient[web.Request, web.Application]

SECOND = wav(pcm16(TONE) * 10)
PATH = "/v1/audio/transcriptions"


def form(audio: bytes | None = SECOND, **fields: str) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        data.add_field(name, value)
    if audio is not None:
        data.add_field("file", io.BytesIO(audio), filename="a.wav", content_type="audio/wav")
    return data


async def error(response: aiohttp.ClientResponse) -> dict[str, Any]:
    body: dict[str, Any] = (await response.json())["error"]
    assert set(body) == {"message", "type", "param", "code"}
    return body


async def test_the_openai_client_gets_the_text(openai: api.AsyncOpenAI, world: World):
    found = await openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", SECOND), language="en", prompt="Names: Ivan"
    )

    assert found.text == "tiny heard it"
    assert world.tiny.heard == [(16000, "en", "Names: Ivan")]


async def test_the_verbose_form_tells_language_and_length(openai: api.AsyncOpenAI):
    found = await openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", SECOND), language="en", response_format="verbose_json"
    )

    assert (found.text, found.language, found.duration) == ("tiny heard it", "en", 1.0)
    assert found.segments
    assert (found.segments[0].avg_logprob, found.segments[0].no_speech_prob) == (-0.5, 0.1)


@pytest.mark.parametrize("shape", ["json", "verbose_json"])
async def test_turn_taking_is_told_what_it_wants_to_know(openai: api.AsyncOpenAI, shape: Any):
    found = await openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", SECOND), language="en", response_format=shape
    )

    assert found.model_extra
    assert found.model_extra["finished"] == 0.75
    assert found.model_extra["confidence"] == pytest.approx(0.6065, abs=1e-4)
    assert found.model_extra["readings"] == [{"Tiny.": 0.012346}]


async def test_subtitles_come_as_the_client_reads_them(openai: api.AsyncOpenAI):
    srt = await openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", SECOND), language="en", response_format="srt"
    )
    vtt = await openai.audio.transcriptions.create(
        model="whisper-1", file=("a.wav", SECOND), language="en", response_format="vtt"
    )

    assert srt == "1\n00:00:00,000 --> 00:00:00,300\ntiny heard it\n"
    assert vtt == "WEBVTT\n\n00:00:00.000 --> 00:00:00.300\ntiny heard it\n"


async def test_words_come_in_seconds_where_they_are_asked_for(openai: api.AsyncOpenAI):
    found = await openai.audio.transcriptions.create(
        model="whisper-1",
        file=("a.wav", SECOND),
        language="en",
        response_format="verbose_json",
        timestamp_granularities=["word"],
    )

    assert found.words
    assert [(word.word, word.start, word.end) for word in found.words] == [
        ("tiny", 0.0, 0.1),
        ("heard", 0.1, 0.2),
        ("it", 0.2, 0.3),
    ]
    assert (found.words[0].model_extra or {})["probability"] == 0.9


async def test_words_cost_nothing_where_only_segments_are_asked_for(http: Http):
    fields = {"response_format": "verbose_json", "timestamp_granularities[]": "segment"}
    response = await http.post(PATH, data=form(language="en", **fields))

    assert "words" not in await response.json()


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"timestamp_granularities[]": "word"}, "needs the response_format verbose_json, not json"),
        (
            {"response_format": "verbose_json", "timestamp_granularities[]": "letter"},
            "must be of segment, word",
        ),
    ],
)
async def test_granularities_that_do_not_fit_are_refused(
    http: Http, fields: dict[str, str], told: str
):
    response = await http.post(PATH, data=form(**fields))

    assert response.status == 400
    problem = await error(response)
    assert told in problem["message"]
    assert problem["param"] == "timestamp_granularities"


async def test_plain_text_is_the_text_alone(http: Http):
    response = await http.post(PATH, data=form(language="en", response_format="text"))

    assert response.content_type == "text/plain"
    assert await response.text() == "tiny heard it\n"


@pytest.mark.parametrize(
    ("fields", "name", "told"),
    [
        ({"language": "en"}, "tiny", "en"),
        ({"language": "en-GB"}, "tiny", "en"),
        ({"language": "ru"}, "base", "ru"),
        ({}, "base", None),
        ({"model": "whisper-base", "language": "en"}, "base", "en"),
        ({"model": "whisper-tiny.en"}, "tiny", None),
        ({"model": "local", "language": "ru"}, "base", "ru"),
    ],
)
async def test_the_language_chooses_the_model_unless_it_is_named(
    http: Http, world: World, fields: dict[str, str], name: str, told: str | None
):
    response = await http.post(PATH, data=form(**fields))

    assert (await response.json())["text"] == f"{name} heard it"
    heard = world.tiny.heard if name == "tiny" else world.base.heard
    assert heard == [(16000, told, "")]


async def test_an_unknown_model_is_not_found(openai: api.AsyncOpenAI):
    with pytest.raises(api.NotFoundError, match="'whisper-9' does not exist here; there is: whisp"):
        await openai.audio.transcriptions.create(model="whisper-9", file=("a.wav", SECOND))


async def test_a_missing_file_is_named(http: Http):
    response = await http.post(PATH, data=form(audio=None, language="en"))

    assert response.status == 400
    assert (await error(response))["param"] == "file"


async def test_an_unknown_format_is_refused_with_those_there_are(http: Http):
    response = await http.post(PATH, data=form(response_format="diarized_json"))

    assert response.status == 400
    told = await error(response)
    assert told["param"] == "response_format"
    assert "json, verbose_json, text, srt, vtt" in told["message"]


@pytest.mark.parametrize("audio", [b"", b"not audio at all", SECOND[:20]])
async def test_a_file_that_is_no_audio_is_unsupported(http: Http, audio: bytes):
    response = await http.post(PATH, data=form(audio))

    assert response.status == 415
    assert (await error(response))["code"] == "unsupported_format"


async def test_a_body_that_is_not_multipart_is_unsupported(http: Http):
    response = await http.post(PATH, json={"file": "x"})

    assert response.status == 415
    assert "multipart/form-data" in (await error(response))["message"]


@pytest.mark.parametrize(
    ("body", "boundary"),
    [(b"nothing of the kind", "; boundary=x"), (b"--x\r\n\r\n", "; boundary=x"), (b"--x", "")],
)
async def test_a_broken_multipart_body_is_a_bad_request(http: Http, body: bytes, boundary: str):
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    response = await http.post(PATH, data=body, headers=headers)

    assert response.status == 400
    await error(response)


async def test_an_upload_that_is_too_large_is_refused(http: Http):
    response = await http.post(PATH, data=form(bytes(MAX_UPLOAD + 200_000)))

    assert response.status == 413
    assert (await error(response))["code"] == "request_too_large"


async def test_too_much_in_a_field_is_refused(http: Http):
    response = await http.post(PATH, data=form(prompt="x" * 100_000))

    assert response.status == 413


async def test_a_client_that_goes_away_costs_no_further_work(http: Http, world: World):
    world.tiny.gate = Gate()
    first = asyncio.create_task(http.post(PATH, data=form(language="en", prompt="first")))
    await asyncio.to_thread(world.tiny.gate.entered.wait, 5)
    second = asyncio.create_task(http.post(PATH, data=form(language="en", prompt="second")))
    third = asyncio.create_task(http.post(PATH, data=form(language="en", prompt="third")))
    await asyncio.sleep(0.1)

    second.cancel()
    await asyncio.sleep(0.1)
    world.tiny.gate.opened.set()

    assert (await first).status == (await third).status == 200
    assert [prompt for *_, prompt in world.tiny.heard] == ["first", "third"]
