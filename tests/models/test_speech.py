from __future__ import annotations

import asyncio
import base64
import io
import json
from typing import TYPE_CHECKING, Any

import openai as api
import pytest

from tests.models.fakes import SPOKEN, Gate, World
from tests.models.test_transcriptions import error
from voicebot.models.wav import decode_wav

if TYPE_CHECKING:
    from tests.models.test_transcriptions import Http

PATH = "/v1/audio/speech"


def body(text: str = "Hello.", **fields: object) -> dict[str, object]:
    return {"model": "tts-1", "voice": "alloy", "input": text, "response_format": "pcm"} | fields


def events(text: str) -> list[dict[str, Any]]:
    """The data of server-sent events."""
    return [json.loads(event.removeprefix("data: ")) for event in text.strip().split("\n\n")]


async def test_the_openai_client_gets_the_speech(openai: api.AsyncOpenAI, world: World):
    spoken = await openai.audio.speech.create(
        model="tts-1", voice="alloy", input="Hello. How are you?", response_format="pcm", speed=1.5
    )

    assert spoken.content == b"\1" * SPOKEN + b"\2" * SPOKEN
    assert world.joe.said == [("Hello.", 1.5), ("How are you?", 1.5)]


async def test_the_first_clause_leaves_before_the_second_is_made(
    openai: api.AsyncOpenAI, world: World
):
    world.joe.gate = Gate()
    async with openai.audio.speech.with_streaming_response.create(
        model="tts-1", voice="en", input="Hello. How are you?", response_format="pcm"
    ) as response:
        pieces = response.iter_bytes()

        first = await anext(pieces)
        world.joe.gate.opened.set()

        assert first == b"\1" * SPOKEN
        assert b"".join([piece async for piece in pieces]) == b"\2" * SPOKEN


@pytest.mark.parametrize(
    ("fields", "speaker"),
    [
        ({"voice": "en"}, "joe"),
        ({"voice": "piper:en"}, "joe"),
        ({"voice": "ru"}, "ru"),
        ({"voice": "espeak:en"}, "en"),
        ({"voice": "espeak:en-gb"}, "en-gb"),
        ({"language": "de"}, "de"),
        ({"input": "Здравствуйте"}, "ru"),
        ({"input": "Здравствуйте", "voice": "en"}, "joe"),
        ({"model": "espeak-ng"}, "en"),
        ({"model": "piper-joe"}, "joe"),
        ({"model": "local", "voice": ""}, "joe"),
    ],
)
async def test_voice_language_and_letters_choose_the_speaker(
    http: Http, world: World, fields: dict[str, str], speaker: str
):
    response = await http.post(PATH, json=body(**fields))

    assert response.status == 200
    speakers = {"joe": world.joe, **world.robots}
    assert [name for name, voice in speakers.items() if voice.said] == [speaker]


async def test_wav_has_a_header_that_players_understand(http: Http):
    response = await http.post(PATH, json=body(response_format="wav"))

    assert response.content_type == "audio/wav"
    samples, rate = decode_wav(await response.read())
    assert (len(samples), rate) == (SPOKEN // 2, 24000)


async def test_events_tell_the_words_before_their_audio(http: Http):
    response = await http.post(PATH, json=body("Hello. How are you?", stream_format="sse"))

    assert response.content_type == "text/event-stream"
    *deltas, done = events(await response.text())
    assert [one["type"] for one in deltas] == ["speech.audio.delta"] * 2
    assert done["type"] == "speech.audio.done"
    # The second clause's are counted from the beginning of all audio.
    assert [one["words"] for one in deltas] == [
        [{"word": "Hello.", "start": 0.002, "end": 0.005}],
        [{"word": "How are you?", "start": 0.012, "end": 0.015}],
    ]
    audio = b"".join(base64.b64decode(one["audio"]) for one in deltas)
    assert audio == b"\1" * SPOKEN + b"\2" * SPOKEN


async def test_speech_announces_events_that_would_tell_its_words(http: Http):
    plain, silent, told = [
        await http.post(PATH, json=body(text, **more))
        for text, more in (("Hello.", {}), ("...", {}), ("Hello.", {"stream_format": "sse"}))
    ]

    assert plain.headers["word-times"] == "sse"
    assert "word-times" not in silent.headers
    assert "word-times" not in told.headers


async def test_the_audio_of_one_event_is_short(http: Http, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("tests.models.fakes.SPOKEN", 50_000)
    fields = {"stream_format": "sse", "response_format": "wav"}
    response = await http.post(PATH, json=body("Hello.", **fields))

    *deltas, _done = events(await response.text())
    pieces = [base64.b64decode(one["audio"]) for one in deltas]
    assert max(map(len, pieces)) <= 0.2 * 2 * 24000
    samples, _rate = decode_wav(b"".join(pieces))
    assert len(samples) == 25_000


async def test_text_without_words_has_no_audio_in_its_events(http: Http):
    response = await http.post(PATH, json=body("...", stream_format="sse"))

    assert [one["type"] for one in events(await response.text())] == ["speech.audio.done"]


async def test_text_without_words_is_silence(http: Http, world: World):
    response = await http.post(PATH, json=body("..."))

    assert (response.status, await response.read()) == (200, b"")
    assert world.joe.said == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": "x" * 4097}, "input"),
        ({"input": None}, "input"),
        ({"voice": "no such voice"}, "voice"),
        ({"response_format": "mp3"}, "response_format"),
        ({"speed": 0.1}, "speed"),
        ({"stream_format": "websocket"}, "stream_format"),
    ],
)
async def test_a_field_that_does_not_fit_is_named(
    http: Http, fields: dict[str, object], param: str
):
    response = await http.post(PATH, json=body() | fields)

    assert response.status == 400
    assert (await error(response))["param"] == param


@pytest.mark.parametrize("fields", [{"model": "tts-9"}, {"voice": "piper:ru"}])
async def test_an_unknown_model_or_voice_is_not_found(http: Http, fields: dict[str, str]):
    response = await http.post(PATH, json=body() | fields)

    assert response.status == 404
    assert (await error(response))["code"] == "model_not_found"


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_a_bad_request(http: Http, raw: bytes):
    response = await http.post(PATH, data=raw, headers={"Content-Type": "application/json"})

    assert response.status == 400
    await error(response)


async def test_another_content_type_is_unsupported(http: Http):
    response = await http.post(PATH, data=b"input=Hello")

    assert response.status == 415


async def test_a_body_that_is_too_large_is_refused(http: Http):
    headers = {"Content-Type": "application/json"}
    response = await http.post(PATH, data=io.BytesIO(b" " * 5_000_000), headers=headers)

    assert response.status == 413
    assert (await error(response))["code"] == "request_too_large"


async def test_a_voice_that_fails_at_once_is_told_as_such(http: Http, world: World):
    world.joe.fails_at = "Hello."
    response = await http.post(PATH, json=body())

    assert response.status == 503
    assert "no speech for 'Hello.'" in (await error(response))["message"]


async def test_a_voice_that_fails_later_breaks_the_stream_off(
    openai: api.AsyncOpenAI, world: World
):
    world.joe.fails_at = "How are you?"

    with pytest.raises(api.APIConnectionError):
        await openai.audio.speech.create(
            model="tts-1", voice="en", input="Hello. How are you?", response_format="pcm"
        )


async def test_a_client_that_goes_away_hears_no_further_clause(
    openai: api.AsyncOpenAI, world: World
):
    world.joe.gate = Gate()
    async with openai.audio.speech.with_streaming_response.create(
        model="tts-1", voice="en", input="One. Two. Three. Four.", response_format="pcm"
    ) as response:
        pieces = response.iter_bytes()
        await anext(pieces)
        await asyncio.to_thread(world.joe.gate.entered.wait, 5)

    await asyncio.sleep(0.1)
    world.joe.gate.opened.set()
    await asyncio.sleep(0.1)

    assert [text for text, _ in world.joe.said] == ["One.", "Two."]
