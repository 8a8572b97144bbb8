"""A cloud provider that is not there: an OpenAI-compatible server on loopback that waits.

Speech is recognised and spoken by the local models behind it, so that words and audio are real; the
language model says what the scripted receptionist would, in other words than those that are kept
as audio. Run as a process of its own; see ``main``.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from voicebot.config import LogSettings, ModelsSettings
from voicebot.errors import VoicebotError
from voicebot.log import configure_logging
from voicebot.models.supervisor import LocalModels
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta
from voicebot.speech.scripted import ScriptedLanguageModel

TOKEN_CHARACTERS = 4
_LEAD = "Sure, "
_MODELS = web.AppKey("models", str)
_SESSION = web.AppKey("session", aiohttp.ClientSession)
_PACE: web.AppKey[Pace] = web.AppKey("pace")
_LANGUAGE_MODEL: web.AppKey[ScriptedLanguageModel] = web.AppKey("language_model")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the cloud takes: milliseconds, and tokens a second."""

    first_token_ms: float
    tokens: float
    stt_ms: tuple[float, float]
    tts_ms: float


async def transcribe(request: web.Request) -> web.Response:
    """Answer with what the local model hears, as late as the cloud would."""
    due = time.monotonic() + random.uniform(*request.app[_PACE].stt_ms) / 1000
    form = aiohttp.FormData()
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            form.add_field(name, value.file.read(), filename=value.filename)
        elif name != "model":
            form.add_field(name, value)
    url = f"{request.app[_MODELS]}/audio/transcriptions"
    async with request.app[_SESSION].post(url, data=form) as answer:
        found = await answer.json()
    await _until(due)
    return web.json_response(found, status=answer.status)


async def complete(request: web.Request) -> web.StreamResponse:
    """Write a reply token by token."""
    pace = request.app[_PACE]
    due = time.monotonic() + pace.first_token_ms / 1000
    messages = [_message(item) for item in (await request.json())["messages"]]
    parts = request.app[_LANGUAGE_MODEL].reply(messages, tools=())
    text = _LEAD + "".join([part.text async for part in parts if isinstance(part, TextDelta)])
    response = web.StreamResponse()
    response.content_type = "text/event-stream"
    await response.prepare(request)
    for start in range(0, len(text), TOKEN_CHARACTERS):
        await _until(due)
        await response.write(_chunk(text[start : start + TOKEN_CHARACTERS]))
        due += 1 / pace.tokens
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def speak(request: web.Request) -> web.StreamResponse:
    """Pass the local model's speech on, its first byte as late as the cloud's."""
    due = time.monotonic() + request.app[_PACE].tts_ms / 1000
    wanted: dict[str, Any] = {**await request.json(), "model": "local", "voice": "en"}
    response = web.StreamResponse()
    url = f"{request.app[_MODELS]}/audio/speech"
    async with request.app[_SESSION].post(url, json=wanted) as answer:
        response.content_type = answer.content_type
        response.set_status(answer.status)
        await response.prepare(request)
        async for chunk in answer.content.iter_any():
            await _until(due)
            await response.write(chunk)
    await response.write_eof()
    return response


def main() -> None:
    """Serve until the parent ends; the base URL goes out as the only line."""
    parser = argparse.ArgumentParser(prog="python -m bench.cloud_server", description=__doc__)
    parser.add_argument("--first-token", type=float, required=True, metavar="MS")
    parser.add_argument("--tokens", type=float, required=True, metavar="PER_SECOND")
    parser.add_argument("--stt", type=float, nargs=2, required=True, metavar="MS")
    parser.add_argument("--tts", type=float, required=True, metavar="MS")
    parser.add_argument("--prompt", type=Path, default=builtin_prompt("en"), metavar="FILE")
    options = parser.parse_args()
    configure_logging(LogSettings(level="error", format="console"))
    pace = Pace(options.first_token, options.tokens, tuple(options.stt), options.tts)
    try:
        asyncio.run(serve(pace, options.prompt))
    except VoicebotError as error:
        raise SystemExit(str(error)) from error


async def serve(pace: Pace, prompt_file: Path) -> None:
    """Serve until standard input ends. Raises ``VoicebotError``."""
    prompt = load_prompt(prompt_file)
    async with (
        LocalModels(ModelsSettings(), which=("stt", "tts"), languages={prompt.language}) as models,
        aiohttp.ClientSession() as session,
    ):
        app = web.Application(client_max_size=32 * 1024 * 1024)
        app[_MODELS], app[_SESSION], app[_PACE] = models.base_url, session, pace
        app[_LANGUAGE_MODEL] = ScriptedLanguageModel(prompt, lambda: dt.datetime.now(dt.UTC))
        app.router.add_post("/v1/audio/transcriptions", transcribe)
        app.router.add_post("/v1/chat/completions", complete)
        app.router.add_post("/v1/audio/speech", speak)
        runner = web.AppRunner(app, handler_cancellation=True, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
            await asyncio.to_thread(sys.stdin.read)
        finally:
            await runner.cleanup()


def _message(item: dict[str, Any]) -> Message:
    return Message(item["role"], item.get("content") or "")


def _chunk(text: str) -> bytes:
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()


async def _until(due: float) -> None:
    await asyncio.sleep(due - time.monotonic())


if __name__ == "__main__":
    main()
