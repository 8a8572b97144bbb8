"""Real Asterisk and real phones, as fixtures."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from bench.baresip import installed
from bench.phone import MU_LAW, WIDEBAND, Answering, Phone
from tests.asterisk import root
from tests.asterisk.server import AsteriskServer
from tests.conftest import unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Sequence

HERE = Path(__file__).parent
# The first test of a machine builds the root file system, as fast as its mirror allows.
TIMEOUT_SECONDS = 300
LOG_LINES = 60


class Phones(Protocol):
    """Makes registered phones; they end with the test."""

    async def __call__(
        self,
        user: str,
        *,
        codecs: Sequence[str] = WIDEBAND + MU_LAW,
        answering: Answering | None = None,
        pbx: AsteriskServer | None = None,
    ) -> Phone:
        """Return phone 201 to 204, or an anonymous one for any other name."""
        ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs real Asterisk, and more time than a unit test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.asterisk)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(TIMEOUT_SECONDS))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what Asterisk said during a test that failed."""
    report = yield
    pbx = getattr(item, "funcargs", {}).get("pbx")
    if report.failed and isinstance(pbx, AsteriskServer):
        lines = pbx.log(item.stash.get(LOG_MARK, 0)).splitlines()
        report.sections.append(("Asterisk's log", "\n".join(lines[-LOG_LINES:])))
    return report


LOG_MARK = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def asterisk_available() -> None:
    """Skip where no Asterisk can run; in CI, fail."""
    if (reason := root.obstacle()) is not None:
        unavailable(reason)


@pytest.fixture(scope="session")
def shared_asterisk(asterisk_available: None) -> Iterator[AsteriskServer]:
    """One Asterisk for all tests that leave it as they found it."""
    del asterisk_available
    with AsteriskServer() as server:
        yield server


@pytest.fixture
def pbx(shared_asterisk: AsteriskServer, request: pytest.FixtureRequest) -> AsteriskServer:
    """The shared Asterisk; its log is shown if the test fails. Leave nothing in it."""
    request.node.stash[LOG_MARK] = shared_asterisk.log_size()
    return shared_asterisk


@pytest.fixture
async def phones(request: pytest.FixtureRequest) -> AsyncIterator[Phones]:
    """Makes phones, by default on ``pbx``."""
    if not installed():
        unavailable("the phone is missing: apt-get install baresip-core")
    async with AsyncExitStack() as stack:

        async def make(
            user: str,
            *,
            codecs: Sequence[str] = WIDEBAND + MU_LAW,
            answering: Answering | None = None,
            pbx: AsteriskServer | None = None,
        ) -> Phone:
            server = pbx or request.getfixturevalue("pbx")
            phone = Phone(server.account(user), codecs=codecs, answering=answering)
            return await stack.enter_async_context(phone)

        yield make
