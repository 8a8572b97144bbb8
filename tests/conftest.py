"""What every test may need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import structlog

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent

# Folders whose tests talk over real sockets in real time: on a machine that others load too, one
# second try tells a fault from a lost moment.
REAL_TIME = {"apps", "bench", "models", "sim"}
# Fixtures of a whole module that take seconds to make.
SHARED = {"base_url", "spoken"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of real time a second try, and put real calls last.

    Tests that share what is dear to make run in one process of pytest-xdist's.
    """
    items.sort(key=lambda item: "asterisk" in str(item.path.relative_to(HERE)))
    for item in items:
        if SHARED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
        if REAL_TIME & set(item.path.parts) and item.get_closest_marker("flaky") is None:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what went wrong before a second try went well: a fault is not to hide there."""
    tries = terminalreporter.stats.get("rerun", [])
    if tries:
        terminalreporter.section("tried again")
    for report in tries:
        crash = getattr(report.longrepr, "reprcrash", None)
        reason = str(crash.message if crash else report.longrepr).partition("\n")[0]
        terminalreporter.write_line(f"{report.nodeid} - {reason}")


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is drawn for a terminal not depend on the one in which the tests run."""
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command or a bench has made of the log: the next test reads it, too."""
    yield
    structlog.reset_defaults()


def unavailable(reason: str) -> NoReturn:
    """Skip the test that asked, saying why; in CI that is a failure.

    ``CI=true`` or ``VOICEBOT_REQUIRE_ASTERISK=1`` mean that everything must run.
    """
    if os.environ.get("CI") == "true" or os.environ.get("VOICEBOT_REQUIRE_ASTERISK") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
