"""What every test may need."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def unavailable(reason: str) -> NoReturn:
    """Skip the test that asked, saying why; in CI that is a failure.

    ``CI=true`` or ``VOICEBOT_REQUIRE_ASTERISK=1`` mean that everything must run.
    """
    if os.environ.get("CI") == "true" or os.environ.get("VOICEBOT_REQUIRE_ASTERISK") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
