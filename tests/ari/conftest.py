from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.ari.fake import FakeAsterisk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk()
    fake.register("bot")
    await fake.start()
    yield fake
    await fake.stop()
