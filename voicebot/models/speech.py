"""``POST /v1/audio/speech``: streamed as it is spoken, the first clause first.

With ``stream_format`` ``sse`` it is the API's events, and each that begins a clause tells in
``words`` where its words are: that is ours.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Final, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from voicebot.models.bodies import checked, read_json
from voicebot.models.clauses import clauses
from voicebot.models.faults import ApiError
from voicebot.models.fleet import UnknownModelError
from voicebot.models.keys import FLEET
from voicebot.models.seams import SPEECH_RATE, Speech
from voicebot.models.voices import UnknownVoiceError, parse_voice
from voicebot.models.wav import wav_header

if TYPE_CHECKING:
    from voicebot.models.engines import Engine
    from voicebot.models.seams import Synthesiser

MAX_INPUT = 4096
"""Characters; the limit of OpenAI's own endpoint."""

_DELTA_BYTES: Final = 2 * SPEECH_RATE // 5
"""Audio of one event: 200 ms, so that reading one holds nobody up."""

_EVENTS: Final = "text/event-stream"

_ANNOUNCES: Final = {"word-times": "sse"}
"""The header of speech without events whose words would be told in them."""


class SpeechRequest(BaseModel):
    """The fields that are used; ``language`` (ISO 639-1) is ours, for voices that tell none."""

    input: str = Field(min_length=1, max_length=MAX_INPUT)
    model: str = ""
    voice: str = ""
    response_format: Literal["pcm", "wav"] = "wav"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    language: str | None = None
    stream_format: Literal["audio", "sse"] = "audio"


async def speak(request: web.Request) -> web.StreamResponse:
    """Answer with the speech of a text, in chunks."""
    wanted = checked(SpeechRequest, await read_json(request))
    engine = _engine(request, wanted)
    pieces = clauses(wanted.input)
    # The first piece is made before the status is sent: a fault is then still told as such.
    speech = await _speech(engine, pieces.pop(0), wanted.speed) if pieces else Speech(b"")
    events = _Events() if wanted.stream_format == "sse" else None
    response = web.StreamResponse()
    response.content_type = _EVENTS if events else f"audio/{wanted.response_format}"
    if speech.words and not events:
        response.headers.update(_ANNOUNCES)
    await response.prepare(request)
    if wanted.response_format == "wav":
        header = wav_header(SPEECH_RATE, None if pieces else len(speech.pcm))
        await response.write(events.audio(header) if events else header)
    await response.write(events.told(speech) if events else speech.pcm)
    for piece in pieces:
        speech = await _speech(engine, piece, wanted.speed)
        await response.write(events.told(speech) if events else speech.pcm)
    if events:
        await response.write(events.end())
    await response.write_eof()
    return response


class _Events:
    """The API's server-sent events."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def told(self, speech: Speech) -> bytes:
        """Return the events of the next piece: its words, then its audio."""
        words = [
            {
                "word": word.text,
                "start": round(self._seconds + word.start, 4),
                "end": round(self._seconds + word.end, 4),
            }
            for word in speech.words
        ]
        self._seconds += speech.seconds
        return self.audio(speech.pcm, words=words) if speech.pcm else b""

    def audio(self, audio: bytes, **more: object) -> bytes:
        """Return the events of ``audio``; the first one has ``more`` fields."""
        parts = (audio[at : at + _DELTA_BYTES] for at in range(0, len(audio), _DELTA_BYTES))
        return b"".join(
            _event("delta", audio=base64.b64encode(part).decode(), **({} if number else more))
            for number, part in enumerate(parts)
        )

    def end(self) -> bytes:
        """Return the last event; what it would count is not counted here."""
        usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        return _event("done", usage=usage)


def _event(kind: str, **fields: object) -> bytes:
    data = json.dumps({"type": f"speech.audio.{kind}", **fields}, ensure_ascii=False)
    return f"data: {data}\n\n".encode()


async def _speech(engine: Engine[Synthesiser], text: str, speed: float) -> Speech:
    return await engine.run(lambda voice: voice.synthesise(text, speed=speed))


def _engine(request: web.Request, wanted: SpeechRequest) -> Engine[Synthesiser]:
    try:
        voice = parse_voice(wanted.voice)
        return request.app[FLEET].synthesiser(wanted.model, voice, wanted.language, wanted.input)
    except UnknownVoiceError as error:
        raise ApiError(400, str(error), param="voice") from error
    except UnknownModelError as error:
        raise ApiError(404, str(error), param="model", code="model_not_found") from error
