"""``POST /v1/audio/speech``: streamed as it is spoken, the first clause first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from voicebot.models.bodies import checked, read_json
from voicebot.models.clauses import clauses
from voicebot.models.faults import ApiError
from voicebot.models.fleet import UnknownModelError
from voicebot.models.keys import FLEET
from voicebot.models.seams import SPEECH_RATE
from voicebot.models.voices import UnknownVoiceError, parse_voice
from voicebot.models.wav import wav_header

if TYPE_CHECKING:
    from voicebot.models.engines import Engine
    from voicebot.models.seams import Synthesiser

MAX_INPUT = 4096
"""Characters; the limit of OpenAI's own endpoint."""


class SpeechRequest(BaseModel):
    """The fields that are used; ``language`` (ISO 639-1) is ours, for voices that tell none."""

    input: str = Field(min_length=1, max_length=MAX_INPUT)
    model: str = ""
    voice: str = ""
    response_format: Literal["pcm", "wav"] = "wav"
    speed: float = Field(1.0, ge=0.25, le=4.0)
    language: str | None = None
    stream_format: Literal["audio"] = "audio"


async def speak(request: web.Request) -> web.StreamResponse:
    """Answer with the speech of a text, in chunks."""
    wanted = checked(SpeechRequest, await read_json(request))
    engine = _engine(request, wanted)
    pieces = clauses(wanted.input)
    # The first piece is made before the status is sent: a fault is then still told as such.
    pcm = await _speech(engine, pieces.pop(0), wanted.speed) if pieces else b""
    response = web.StreamResponse()
    response.content_type = f"audio/{wanted.response_format}"
    await response.prepare(request)
    if wanted.response_format == "wav":
        await response.write(wav_header(SPEECH_RATE, None if pieces else len(pcm)))
    if pcm:
        await response.write(pcm)
    for piece in pieces:
        await response.write(await _speech(engine, piece, wanted.speed))
    await response.write_eof()
    return response


async def _speech(engine: Engine[Synthesiser], text: str, speed: float) -> bytes:
    return await engine.run(lambda voice: voice.synthesise(text, speed=speed))


def _engine(request: web.Request, wanted: SpeechRequest) -> Engine[Synthesiser]:
    try:
        voice = parse_voice(wanted.voice)
        return request.app[FLEET].synthesiser(wanted.model, voice, wanted.language, wanted.input)
    except UnknownVoiceError as error:
        raise ApiError(400, str(error), param="voice") from error
    except UnknownModelError as error:
        raise ApiError(404, str(error), param="model", code="model_not_found") from error
