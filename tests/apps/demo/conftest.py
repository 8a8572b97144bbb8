from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _log_apart() -> Iterator[None]:
    """Keep the log out of what is read from standard output."""
    with capture_logs():
        yield
