"""What the tests of speech share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.speech.fake_openai import FakeOpenAi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def openai_server() -> AsyncIterator[FakeOpenAi]:
    """A fake OpenAI server; a request that the API would not accept fails the test."""
    async with FakeOpenAi() as server:
        yield server
