from __future__ import annotations

from typing import TYPE_CHECKING

import openai as api
import pytest

from tests.models.test_transcriptions import error
from voicebot.errors import ModelError, ModelMissingError
from voicebot.models.engines import Engine

if TYPE_CHECKING:
    from tests.models.test_transcriptions import Http
    from voicebot.models.keys import Progress


async def test_the_openai_client_lists_the_models(openai: api.AsyncOpenAI):
    names = [model.id async for model in openai.models.list()]

    assert names == ["whisper-tiny.en", "whisper-base", "piper-joe", "smol"]


async def test_one_model_is_shown(openai: api.AsyncOpenAI):
    model = await openai.models.retrieve("whisper-base")

    assert (model.id, model.object) == ("whisper-base", "model")


async def test_an_unknown_model_is_not_found(openai: api.AsyncOpenAI):
    with pytest.raises(api.NotFoundError):
        await openai.models.retrieve("gpt-9")


async def test_health_is_well_when_everything_is_loaded(http: Http):
    response = await http.get("/health")

    assert response.status == 200
    body = await response.json()
    assert body["status"] == "ok"
    assert body["models"]["smol"] == {"kind": "llm", "state": "idle", "error": None}


@pytest.mark.parametrize("status", ["loading", "failed"])
async def test_health_is_not_well_before(http: Http, progress: Progress, status: str):
    progress.status = "loading" if status == "loading" else "failed"
    progress.loaded = 1
    response = await http.get("/health")

    assert response.status == 503
    body = await response.json()
    assert (body["status"], body["loaded"], body["total"]) == (status, 1, 2)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("GET", "/v1/audio/speech", 405), ("POST", "/health", 405)],
)
async def test_any_other_place_is_an_error_of_the_same_shape(
    http: Http, method: str, path: str, status: int
):
    response = await http.request(method, path)

    assert response.status == status
    assert path in (await error(response))["message"]


async def test_a_model_is_loaded_once_and_only_when_it_is_needed():
    loads: list[str] = []

    def load() -> str:
        loads.append("loaded")
        return "model"

    engine = Engine("m", "stt", load)
    assert (engine.state, loads) == ("idle", [])

    assert await engine.run(str.upper) == "MODEL"
    assert await engine.run(str.title) == "Model"
    assert (engine.state, loads) == ("ready", ["loaded"])
    engine.close()


async def test_a_model_that_cannot_be_loaded_says_why_and_is_tried_again():
    faults = [ModelMissingError("a.bin: no such file"), RuntimeError("bad magic")]

    def load() -> str:
        if faults:
            raise faults.pop(0)
        return "model"

    engine = Engine("m", "stt", load)

    with pytest.raises(ModelMissingError, match=r"a\.bin"):
        await engine.ready()
    assert (engine.state, engine.error) == ("failed", "a.bin: no such file")
    with pytest.raises(ModelError, match="m: bad magic"):
        await engine.ready()
    assert await engine.ready() == "model"
    assert (engine.state, engine.error) == ("ready", None)
    engine.close()
