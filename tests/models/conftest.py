from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiohttp.test_utils import TestClient, TestServer
from openai import AsyncOpenAI

from tests.models.fakes import World
from voicebot.models.keys import Progress
from voicebot.models.server import build_app, listening

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def progress() -> Progress:
    return Progress(total=2, loaded=2, status="ok")


@pytest.fixture
async def app(world: World, progress: Progress) -> AsyncIterator[web.Application]:
    fleet = world.fleet()
    yield build_app(fleet, progress)
    fleet.close()


@pytest.fixture
async def http(app: web.Application) -> AsyncIterator[TestClient[web.Request, web.Application]]:
    """The server as any HTTP client sees it."""
    async with TestClient(TestServer(app)) as client:
        yield client


@pytest.fixture
async def base_url(app: web.Application) -> AsyncIterator[str]:
    async with listening(app, "127.0.0.1", 0) as url:
        yield url


@pytest.fixture
async def openai(base_url: str) -> AsyncIterator[AsyncOpenAI]:
    async with AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0) as client:
        yield client
