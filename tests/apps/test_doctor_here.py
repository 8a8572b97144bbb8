from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tests.apps.doctor_facts import settings
from voicebot.apps.doctor import here
from voicebot.apps.doctor.finding import Verdict
from voicebot.errors import ModelHashError, ModelMissingError
from voicebot.models.weights import PIPER_EN, WHISPER_TINY_EN, Store, Weights

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from voicebot.apps.doctor.finding import Finding

OK, WARNING, FAILED, SKIPPED = Verdict
PROMPT = """\
---
company: ACME
language: en
greeting: Hello.
operator: sales
directory:
  sales: {names: [Sales], extension: "201"}
---
"""


class Shelf(Store):
    """Weights that are all there, or all fail with ``error``."""

    def __init__(self, error: Exception | None = None) -> None:
        self._error = error
        self.asked: list[str] = []

    def folder(self, weights: Weights) -> Path:
        from pathlib import Path  # noqa: PLC0415 - a type elsewhere in this file

        self.asked.append(weights.name)
        if self._error is not None:
            raise self._error
        return Path("/models") / weights.name


async def models(shelf: Shelf, language: str = "en", **sections: Any) -> list[Finding]:
    variables = sections.pop("variables", {})
    return [it async for it in here.check_models(settings(**sections), language, shelf, variables)]


def test_a_prompt_of_ones_own(tmp_path: Path):
    path = tmp_path / "prompt.md"
    path.write_text(PROMPT)

    prompt, found = here.read_prompt(settings(receptionist={"prompt": path}))

    assert prompt is not None
    assert found.verdict is OK
    assert "ACME" in found.detail


def test_the_built_in_prompt_is_only_an_example():
    prompt, found = here.read_prompt(settings())

    assert prompt is not None
    assert found.verdict is WARNING
    assert "receptionist.prompt" in found.fix


@pytest.mark.parametrize("text", [None, "---\ncompany: ACME\n---\n", "no front matter"])
def test_a_prompt_that_cannot_be_used_is_named(tmp_path: Path, text: str | None):
    path = tmp_path / "prompt.md"
    if text is not None:
        path.write_text(text)

    prompt, found = here.read_prompt(settings(receptionist={"prompt": path}))

    assert prompt is None
    assert found.verdict is FAILED
    assert "prompt.md" in found.detail


async def test_local_speech_needs_two_models():
    shelf = Shelf()
    found = await models(shelf)

    assert [it.verdict for it in found] == [OK, OK]
    assert shelf.asked == ["whisper-tiny.en", "piper-en_US-joe-medium"]


async def test_another_language_needs_other_models():
    shelf = Shelf()
    await models(shelf, "ru", tts={"provider": "openai", "base_url": "http://127.0.0.1:1/v1"})

    assert shelf.asked == ["whisper-base"]


async def test_a_local_language_model_is_looked_at():
    shelf = Shelf()
    await models(shelf, llm={"provider": "local"})

    assert "smollm2-135m-instruct" in shelf.asked


async def test_models_in_the_cloud_need_nothing_here():
    shelf = Shelf()
    (found,) = await models(shelf, variables={"OPENAI_API_KEY": "sk-1"})

    assert found.verdict is OK
    assert shelf.asked == []


@pytest.mark.parametrize(
    "error", [ModelMissingError("no such file"), ModelHashError("SHA-256 is 00")], ids=type
)
async def test_a_model_that_is_missing_or_not_the_tested_one(error: Exception):
    found = await models(Shelf(error))

    assert [it.verdict for it in found] == [FAILED, FAILED]
    assert str(error) in found[0].detail
    assert [it.fix for it in found] == [WHISPER_TINY_EN.install, PIPER_EN.install]


async def test_ones_own_files_are_looked_at_instead(tmp_path: Path):
    voice = tmp_path / "voice.onnx"
    voice.touch()
    own = {"whisper": tmp_path / "gone", "piper": {"ru": voice}, "gguf": tmp_path / "gone.gguf"}
    found = await models(Shelf(), "ru", models=own, llm={"provider": "local"})

    assert [it.verdict for it in found] == [FAILED, OK, FAILED]
    assert "models.whisper" in found[0].detail
    assert "models.gguf" in found[2].fix


@pytest.mark.parametrize(
    ("free", "verdict"), [(1 << 40, OK), (100 << 20, WARNING), (1 << 20, FAILED)]
)
def test_room_on_the_disk(tmp_path: Path, free: int, verdict: Verdict):
    found = here.check_disk(tmp_path / "not" / "yet" / "made", lambda _: free)

    assert found.verdict is verdict
    assert str(tmp_path) in found.detail


def test_the_real_disk_has_a_size(tmp_path: Path):
    assert "GB free" in here.check_disk(tmp_path).detail


def test_a_media_port_that_is_free_taken_or_not_ours():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        found = [
            here.check_port(settings(media=media).media)
            for media in ({}, {"port": port}, {"host": "203.0.113.7"}, {"host": "pbx"})
        ]

    assert [it.verdict for it in found] == [OK, WARNING, FAILED, FAILED]
    assert str(port) in found[1].detail


class Cloud:
    """A server with the OpenAI API's list of models."""

    def __init__(self) -> None:
        self.status = 200
        self.keys: list[str] = []
        self.url = ""

    async def models(self, request: web.Request) -> web.Response:
        self.keys.append(request.headers["Authorization"])
        entry = {"id": "whisper-1", "object": "model", "created": 0, "owned_by": "x"}
        answer = {"object": "list", "data": [entry]} if self.status == 200 else {"error": {}}
        return web.json_response(answer, status=self.status)


@pytest.fixture
async def cloud() -> AsyncIterator[Cloud]:
    made = Cloud()
    app = web.Application()
    app.router.add_get("/v1/models", made.models)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield made
    await runner.cleanup()


async def providers(variables: dict[str, str] | None = None, **sections: Any) -> list[Finding]:
    return [it async for it in here.check_providers(settings(**sections), variables or {})]


async def test_without_a_provider_nobody_is_asked():
    assert await providers() == []


ANSWERS = [(200, OK), (401, FAILED), (403, FAILED), (404, WARNING), (429, WARNING), (500, FAILED)]


@pytest.mark.parametrize(("status", "verdict"), ANSWERS)
async def test_each_answer_of_a_provider_has_its_verdict(
    cloud: Cloud, status: int, verdict: Verdict
):
    cloud.status = status
    (found,) = await providers(stt={"base_url": cloud.url, "api_key": "sk-secret"})

    assert found.verdict is verdict
    assert cloud.keys == ["Bearer sk-secret"]
    assert "sk-secret" not in found.detail + found.fix


async def test_a_model_that_the_provider_does_not_have(cloud: Cloud):
    (found,) = await providers(stt={"base_url": cloud.url, "model": "whisper-9"})

    assert found.verdict is WARNING
    assert "whisper-1" in found.fix


async def test_a_provider_that_is_not_there():
    (found,) = await providers(llm={"base_url": "http://127.0.0.1:1/v1"})

    assert found.verdict is FAILED
    assert "llm.base_url" in found.fix


async def test_openai_without_a_key():
    (found,) = await providers(tts={"provider": "openai"})

    assert found.verdict is FAILED
    assert "OPENAI_API_KEY" in found.fix


async def test_a_fallback_is_asked_too(cloud: Cloud):
    section = {"provider": "local", "fallback": "openai", "base_url": cloud.url}
    (found,) = await providers(
        {"OPENAI_API_KEY": "sk-env"},
        tts=section,
        stt={"provider": "local"},
        llm={"provider": "scripted"},
    )

    assert found.verdict is OK
    assert cloud.keys == ["Bearer sk-env"]
