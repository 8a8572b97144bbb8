"""What a second recogniser adds to the first one's readings."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.models.fakes import Gate, World
from tests.models.test_transcriptions import PATH, form
from voicebot.config import ModelsSettings
from voicebot.errors import ModelError
from voicebot.models.keys import FLEET
from voicebot.models.loading import build_fleet, needed
from voicebot.models.weights import WHISPER_BASE, Store

if TYPE_CHECKING:
    from pathlib import Path

    from aiohttp import web
    from aiohttp.test_utils import TestClient

    Http = TestClient[web.Request, web.Application]

HINT = "Uh-huh. Stop."
ALONE = [{"Tiny.": 0.012346}]
BOTH = [*ALONE, {"Base.": 0.03}]


@pytest.fixture
async def loaded(app: web.Application) -> None:
    for name in ("whisper-tiny.en", "whisper-base"):
        await app[FLEET].recogniser(name, None).ready()


async def told(http: Http, **fields: str) -> list[dict[str, float]]:
    asked: dict[str, Any] = {"language": "en", "prompt": HINT} | fields
    found: dict[str, Any] = await (await http.post(PATH, data=form(**asked))).json()
    readings: list[dict[str, float]] = found.get("readings", [])
    return readings


@pytest.mark.usefixtures("loaded")
async def test_over_the_bot_both_have_a_say_in_english(http: Http, world: World):
    assert await told(http) == BOTH
    assert world.base.asked == [(16000, "en", HINT)]


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

    assert world.base.asked == world.tiny.asked == []


async def test_who_is_not_loaded_yet_is_not_asked(http: Http, world: World):
    assert await told(http) == ALONE
    assert world.base.asked == []


@pytest.mark.usefixtures("loaded")
async def test_who_fails_has_no_say(http: Http, world: World, caplog: pytest.LogCaptureFixture):
    world.base.error = ModelError("no memory")

    with caplog.at_level(logging.ERROR):
        assert await told(http) == ALONE
        assert (await http.post(PATH, data=form(b"", language="en", prompt=HINT))).status == 415

    assert not caplog.records


@pytest.mark.usefixtures("loaded")
async def test_what_is_wrong_with_the_second_is_told_and_costs_nothing(http: Http, world: World):
    world.base.error = RuntimeError("a shape does not fit")

    with capture_logs() as logs:
        assert await told(http) == ALONE

    assert [line["event"] for line in logs] == ["second hearing failed"]


@pytest.mark.usefixtures("loaded")
async def test_who_is_late_is_not_waited_for(http: Http, world: World):
    world.base.gate = Gate()

    assert await told(http) == ALONE

    world.base.gate.opened.set()


@pytest.mark.usefixtures("loaded")
async def test_both_listen_at_the_same_time(http: Http, world: World):
    world.tiny.gate, world.base.gate = Gate(), Gate()
    answer = asyncio.create_task(told(http))

    for gate in (world.tiny.gate, world.base.gate):
        assert await asyncio.to_thread(gate.entered.wait, 5)
    for gate in (world.base.gate, world.tiny.gate):
        gate.opened.set()

    assert await answer == BOTH


def english(settings: ModelsSettings) -> list[str]:
    fleet = build_fleet(settings, {"stt"}, Store())
    return [engine.name for engine in needed(fleet, {"stt"}, ["en"])]


@pytest.mark.parametrize(
    ("own", "second_hearing", "names"),
    [
        (True, True, ["whisper-tiny.en", "whisper-base"]),
        (True, False, ["whisper-tiny.en"]),
        (False, True, ["whisper-tiny.en"]),
    ],
)
def test_it_is_there_before_the_first_call_where_it_can_be_and_is_wanted(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    own: bool,
    second_hearing: bool,
    names: list[str],
):
    monkeypatch.setattr(type(WHISPER_BASE), "installed", False)
    settings = ModelsSettings(whisper=tmp_path if own else None, second_hearing=second_hearing)

    assert english(settings) == names
