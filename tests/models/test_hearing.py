"""What others add to the readings of a recogniser."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.models.fakes import Gate, World
from tests.models.test_transcriptions import PATH, form
from voicebot.config import ModelsSettings
from voicebot.errors import ModelError
from voicebot.models import weights
from voicebot.models.keys import FLEET
from voicebot.models.lane import LaneFullError
from voicebot.models.loading import build_fleet, needed
from voicebot.models.weights import MOONSHINE_EN, Store, Weights

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web
    from aiohttp.test_utils import TestClient

    Http = TestClient[web.Request, web.Application]

HINT = "Uh-huh. Stop."
ALONE = [{"Tiny.": 0.012346}]
SHINE = {"Shine.": 0.03}
ALL = [*ALONE, {"Base.": 0.03}, SHINE]


@pytest.fixture
async def loaded(app: web.Application) -> None:
    for engine in app[FLEET]:
        await engine.ready()


async def told(http: Http, **fields: str) -> list[dict[str, float]]:
    asked: dict[str, Any] = {"language": "en", "prompt": HINT} | fields
    found: dict[str, Any] = await (await http.post(PATH, data=form(**asked))).json()
    readings: list[dict[str, float]] = found.get("readings", [])
    return readings


@pytest.mark.usefixtures("loaded")
async def test_over_the_bot_all_have_a_say_in_english(http: Http, world: World):
    assert await told(http) == ALL
    assert world.base.asked == world.shine.asked == [(16000, "en", HINT)]


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize(
    "fields",
    [
        {"prompt": ""},
        {"language": "ru"},
        {"model": "whisper-base"},
        {"response_format": "verbose_json", "timestamp_granularities[]": "word"},
    ],
)
async def test_nobody_else_pays_for_it(http: Http, world: World, fields: dict[str, str]):
    await told(http, **fields)

    assert world.base.asked == world.shine.asked == world.tiny.asked == []


async def test_who_is_not_loaded_yet_is_not_asked(http: Http, world: World):
    assert await told(http) == ALONE
    assert world.base.asked == world.shine.asked == []


@pytest.mark.usefixtures("loaded")
@pytest.mark.parametrize("error", [ModelError("no memory"), LaneFullError("256 requests wait")])
async def test_who_fails_has_no_say(http: Http, world: World, error: Exception):
    world.base.error = error

    with capture_logs() as logs:
        assert await told(http) == [*ALONE, SHINE]
        assert (await http.post(PATH, data=form(b"", language="en", prompt=HINT))).status == 415

    assert logs == []


@pytest.mark.usefixtures("loaded")
async def test_what_is_wrong_with_another_is_told_and_costs_nothing(http: Http, world: World):
    world.base.error = RuntimeError("a shape does not fit")

    with capture_logs() as logs:
        assert await told(http) == [*ALONE, SHINE]

    assert [(line["event"], line["model"]) for line in logs] == [("hearing failed", "whisper-base")]


@pytest.mark.usefixtures("loaded")
async def test_who_is_late_is_not_waited_for(http: Http, world: World):
    world.base.gate = Gate()

    # He would be told of if he had come to an end.
    with capture_logs() as logs:
        assert await told(http) == [*ALONE, SHINE]
    assert logs == []

    world.base.gate.opened.set()


@pytest.mark.usefixtures("loaded")
async def test_what_nobody_waits_for_any_more_is_not_begun(http: Http, world: World):
    world.base.gate = Gate()
    await told(http)
    await told(http)
    world.base.gate.opened.set()

    assert await told(http) == ALL
    assert len(world.base.asked) == 2
    assert len(world.shine.asked) == 3


@pytest.mark.usefixtures("loaded")
async def test_all_listen_at_the_same_time(http: Http, world: World):
    world.tiny.gate, world.base.gate, world.shine.gate = Gate(), Gate(), Gate()
    answer = asyncio.create_task(told(http))

    for gate in (world.tiny.gate, world.base.gate, world.shine.gate):
        assert await asyncio.to_thread(gate.entered.wait, 5)
    for gate in (world.shine.gate, world.base.gate, world.tiny.gate):
        gate.opened.set()

    assert await answer == ALL


def english(settings: ModelsSettings) -> list[str]:
    fleet = build_fleet(settings, {"stt"}, Store())
    return [engine.name for engine in needed(fleet, {"stt"}, ["en"])]


WHISPERS, SHINING = ["whisper-tiny.en", "whisper-base"], ["moonshine-tiny-en"]


@pytest.mark.parametrize(
    ("own", "installed", "second_hearing", "names"),
    [
        (True, False, True, WHISPERS),
        (True, True, True, WHISPERS + SHINING),
        (False, True, True, WHISPERS[:1] + SHINING),
        (False, False, True, WHISPERS[:1]),
        (True, True, False, WHISPERS[:1]),
    ],
)
def test_they_are_there_before_the_first_call_where_they_can_be_and_are_wanted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
    installed: bool,
    second_hearing: bool,
    names: list[str],
):
    there = {MOONSHINE_EN} if installed else set()
    monkeypatch.setattr(Weights, "locate", lambda _: [])
    monkeypatch.setattr(Weights, "installed", property(lambda weights: weights in there))
    settings = ModelsSettings(whisper=tmp_path if own else None, second_hearing=second_hearing)

    assert english(settings) == names


def test_a_package_without_the_model_is_told_and_the_others_hear_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(weights, "_home", lambda _: tmp_path)

    with capture_logs() as logs:
        assert english(ModelsSettings()) == WHISPERS

    assert "encoder_model.ort: no such file" in logs[-1]["reason"]
    assert "moonshine-voice" in logs[-1]["reason"]
