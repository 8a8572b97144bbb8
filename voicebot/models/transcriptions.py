"""``POST /v1/audio/transcriptions``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web
from multidict import MultiDict

from voicebot.models.answers import FORMATS, SUBTITLES, answer
from voicebot.models.audio_file import read_audio
from voicebot.models.faults import ApiError, too_large
from voicebot.models.fleet import UnknownModelError
from voicebot.models.hearing import together
from voicebot.models.keys import FLEET
from voicebot.models.voices import base_language
from voicebot.models.wav import AudioError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from voicebot.models.seams import Hearer, Recogniser, Recognition

MAX_UPLOAD = 25 * 1024 * 1024
"""Bytes; the limit of OpenAI's own endpoint. 13 minutes of 16 kHz audio."""

_MAX_FIELD = 64 * 1024


_GRANULARITIES = frozenset({"segment", "word"})


@dataclass(frozen=True, slots=True)
class _Form:
    """An upload, and the other fields; those that end in ``[]`` may come several times."""

    audio: bytes
    fields: MultiDict[str]

    def field(self, name: str) -> str:
        return self.fields.get(name, "")


async def transcribe(request: web.Request) -> web.Response:
    """Answer with the text of an uploaded file."""
    form = await _read_form(request)
    shape = form.field("response_format") or "json"
    if shape not in FORMATS:
        message = f"response_format must be one of {', '.join(FORMATS)}, not {shape!r}"
        raise ApiError(400, message, param="response_format")
    words = _wants_words(form, shape)
    language = base_language(form.field("language")) or None
    fleet = request.app[FLEET]
    try:
        engine = fleet.recogniser(form.field("model"), language)
    except UnknownModelError as error:
        raise ApiError(404, str(error), param="model", code="model_not_found") from error
    prompt = form.field("prompt")

    def job(model: Recogniser) -> Recognition:
        return model.recognise(
            read_audio(form.audio), language=language, prompt=prompt, words=words
        )

    # Only who waits for the word of a bot that speaks tells what is likely to be said.
    others = fleet.others(engine, language) if prompt and not words else []
    also = partial(_readings, form.audio, language or "", prompt)
    try:
        found = await together(engine, job, others, also)
    except AudioError as error:
        raise ApiError(415, f"file: {error}", param="file", code="unsupported_format") from error
    return answer(found, shape, words=words)


def _readings(audio: bytes, language: str, prompt: str, model: Hearer) -> Mapping[str, float]:
    return model.readings(read_audio(audio), language=language, prompt=prompt)


def _wants_words(form: _Form, shape: str) -> bool:
    name = "timestamp_granularities[]"
    # Without the brackets, as some clients write it.
    asked = {*form.fields.getall(name, ()), *form.fields.getall(name[:-2], ())}
    if asked - _GRANULARITIES:
        message = f"{name} must be of {', '.join(sorted(_GRANULARITIES))}"
        raise ApiError(400, message, param="timestamp_granularities")
    if asked and shape != "verbose_json":
        message = f"{name} needs the response_format verbose_json, not {shape}"
        raise ApiError(400, message, param="timestamp_granularities")
    return "word" in asked or shape in SUBTITLES


async def _read_form(request: web.Request) -> _Form:
    if not request.content_type.startswith("multipart/"):
        message = f"the body must be multipart/form-data, not {request.content_type}"
        raise ApiError(415, message, code="unsupported_media_type")
    if (request.content_length or 0) > MAX_UPLOAD + _MAX_FIELD:
        raise too_large(MAX_UPLOAD)
    try:
        audio, fields = await _read_parts(request)
    except (ValueError, AssertionError, UnicodeError) as error:
        # aiohttp asserts on some broken boundaries.
        message = f"the multipart body cannot be read: {error}"
        raise ApiError(400, message) from error
    if audio is None:
        message = "the field 'file' is missing"
        raise ApiError(400, message, param="file", code="missing_required_parameter")
    return _Form(audio, fields)


async def _read_parts(request: web.Request) -> tuple[bytes | None, MultiDict[str]]:
    audio: bytes | None = None
    fields: MultiDict[str] = MultiDict()
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            message = "a part is itself multipart"
            raise ApiError(400, message)
        if part.name == "file":
            audio = await _read(part, MAX_UPLOAD)
        elif part.name:
            fields.add(part.name, (await _read(part, _MAX_FIELD)).decode())
    return audio, fields


async def _read(part: BodyPartReader, limit: int) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk(64 * 1024):
        data += chunk
        if len(data) > limit:
            raise too_large(limit)
    return bytes(data)
