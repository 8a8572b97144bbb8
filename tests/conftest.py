"""What every test may need."""

from __future__ import annotations

import fcntl
import os
import signal
import tempfile
import threading
import time
from contextlib import ExitStack
from functools import partial
from itertools import chain, cycle
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import pytest_timeout
import structlog

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import TextIO

HERE = Path(__file__).parent

# Folders whose tests talk over real sockets in real time: on a machine that others load too, one
# second try tells a fault from a lost moment.
REAL_TIME = {"apps", "ari", "bench", "media", "models", "records", "sim", "speech"}
# How many tests run at once beside calls, which mostly wait.
CORES = os.cpu_count() or 1
# Real calls need the machine all the time: a word is misheard in a moment without it.
CALL_TRIES, OTHER_TRIES = 3, 2
# A try during which the machine stood still tells nothing and counts for none, up to this many.
MOST_TRIES = 6
STOOD_STILL_SECONDS = 0.2
# Long enough to take down what a test that was cut off has made.
ALARM_AGAIN_SECONDS = 20.0
TURN = pytest.StashKey[ExitStack]()
PULSE = pytest.StashKey["Pulse"]()
JUDGED = pytest.StashKey[int]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests of real time further tries, and put real calls last.

    Whatever may take longest comes first: at the end no process is to be left alone with it.
    """
    items.sort(key=lambda item: (is_call(item), -most_seconds(item)))
    for item in items:
        if is_call(item) or REAL_TIME & set(item.path.parts):
            again = partial(deserves_another_try, item)
            item.add_marker(pytest.mark.flaky(reruns=MOST_TRIES - 1, condition=again))


def is_call(item: pytest.Item) -> bool:
    """Tell whether a test places real calls, or has the local models talk with each other."""
    talks = "apps" in item.path.parts and item.get_closest_marker("local") is not None
    return talks or "asterisk" in str(item.path.relative_to(HERE))


def deserves_another_try(item: pytest.Item) -> bool:
    """Tell whether a test that failed may still show that nothing is wrong with it."""
    if (pulse := item.stash.get(PULSE, None)) is not None and pulse.stood_still:
        return True
    item.stash[JUDGED] = item.stash.get(JUDGED, 0) + 1
    return item.stash[JUDGED] < (CALL_TRIES if is_call(item) else OTHER_TRIES)


def try_of(item: pytest.Item) -> int:
    """Return which try of the test this is, from 1 on, as pytest-rerunfailures counts them."""
    return getattr(item, "execution_count", 1)


class Pulse:
    """Notices when this process gets no time: then a call of the same machine got none either."""

    def __init__(self) -> None:
        self.worst_seconds = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    @property
    def stood_still(self) -> bool:
        """Whether it ever was so long that somebody on the phone hears it."""
        return self.worst_seconds > STOOD_STILL_SECONDS

    def end(self) -> None:
        """Look no longer."""
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        before = time.monotonic()
        while not self._over.wait(0.02):
            now = time.monotonic()
            self.worst_seconds = max(self.worst_seconds, now - before - 0.02)
            before = now


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Let each try have its time, and a second one the machine for itself.

    pytest-timeout would time the first try only, and the wait for its turn: it stops at what fails.
    """
    item.ihook.pytest_timeout_cancel_timer(item=item)
    item.stash[TURN] = take_turn(alone=try_of(item) > 1, core=not is_call(item))
    set_timer(item)
    if is_call(item):
        item.stash[PULSE] = Pulse()
    return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Let the end of a test have its time, after a failure too, then the next test its turn."""
    set_timer(item)
    try:
        return (yield)
    finally:
        if is_call(item):
            item.stash[PULSE].end()
        item.stash[TURN].close()


def take_turn(*, alone: bool, core: bool) -> ExitStack:
    """Wait until this process may run a test; it may until what this returns is closed.

    Processes of pytest-xdist's take turns through files: any number side by side, or one alone,
    which the others do not overtake. Of tests that want a ``core`` there are no more than cores.
    """
    with ExitStack() as taken:
        if core:
            taken.enter_context(take_core())
        turn = taken.enter_context(shared_file("turn"))
        with shared_file("queue") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            fcntl.flock(turn, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        return taken.pop_all()


def take_core() -> TextIO:
    """Wait until fewer tests than cores want one; this does until the file is closed."""
    numbers = cycle(range(CORES))
    while True:
        core = shared_file(f"core-{next(numbers)}")
        try:
            fcntl.flock(core, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            core.close()
            time.sleep(0.01)
        else:
            return core


def shared_file(name: str) -> TextIO:
    """Open a file that all processes of this run open by that name."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return (Path(tempfile.gettempdir()) / f"voicebot-tests-{session}.{name}").open("w")


def most_seconds(item: pytest.Item) -> float:
    """Return how long the test may take."""
    marker = item.get_closest_marker("timeout")
    return float(marker.args[0] if marker else item.config.getini("timeout"))


def set_timer(item: pytest.Item) -> None:
    """Let the test fail once its time has passed from now on."""
    settings = pytest_timeout.Settings(most_seconds(item), "signal", False, False)
    item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


@pytest.hookimpl(wrapper=True)
def pytest_timeout_set_timer(settings: pytest_timeout.Settings) -> Generator[None, bool, bool]:
    """Repeat the alarm: asyncio keeps what is raised in a task or a callback, and waits on."""
    done = yield
    signal.setitimer(signal.ITIMER_REAL, settings.timeout, ALARM_AGAIN_SECONDS)
    return done


@pytest.hookimpl(trylast=True)
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Say at once what failed: a run that is cut off has told it then."""
    if report.outcome in {"failed", "rerun"} and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.outcome}: {named(report)}", flush=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what went wrong and then well: a fault is not to hide there."""
    tries = terminalreporter.stats.get("rerun", [])
    if tries:
        terminalreporter.section("tried again")
    for report in tries:
        terminalreporter.write_line(named(report))
    for report in chain.from_iterable(terminalreporter.stats.values()):
        if getattr(report, "when", "") == "teardown":
            for name, value in report.user_properties:
                terminalreporter.write_line(f"{report.nodeid}: {name}: {value}")


def named(report: pytest.TestReport) -> str:
    """Return what failed, after how long, and the first line of why."""
    crash = getattr(report.longrepr, "reprcrash", None)
    reason = str(crash.message if crash else report.longrepr).partition("\n")[0]
    return f"{report.nodeid} ({report.duration:.0f} s) - {reason}"


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
