"""A PBX and a bot of one's own: private Asterisk, and ``voicebot receptionist`` behind it."""

from __future__ import annotations

import asyncio
import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.latency_errors import UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from tests.asterisk.server import AsteriskServer

APP = "voicebot"
# The console script ``voicebot``, by this interpreter, whether it is installed or not.
COMMAND = (sys.executable, "-c", "from voicebot.__main__ import main; main()")
# The first start sums the weights and synthesises the fixed sentences.
READY_SECONDS = 240.0
STOP_SECONDS = 10.0
LOG_LINES = 30


@asynccontextmanager
async def private_asterisk(
    *, phones: int = 0, rtp_ports: int = 400, real_time: bool = False
) -> AsyncIterator[AsteriskServer]:
    """Yield an Asterisk of its own, with as many phones more. Raises ``UsageError``."""
    try:
        from tests.asterisk import root  # noqa: PLC0415 (only in a checkout)
        from tests.asterisk.server import AsteriskServer  # noqa: PLC0415 (the same)
    except ImportError as error:
        raise UsageError(f"--local needs a checkout of the project: {error}") from error
    if (reason := root.obstacle()) is not None:
        raise UsageError(f"--local: {reason}")
    async with AsteriskServer(phones=phones, rtp_ports=rtp_ports, real_time=real_time) as server:
        yield server


class Bot:
    """A running ``voicebot receptionist``: its process, and its log of JSON lines."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.pid = process.pid
        self.log = log
        self._process = process

    @property
    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self._process.poll() is not None

    def last_words(self) -> str:
        """Return the end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_LINES:])

    def stop(self) -> None:
        """Ask it to end, and make it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


@asynccontextmanager
async def receptionist(pbx: AsteriskServer, settings: Mapping[str, str]) -> AsyncIterator[Bot]:
    """Yield a receptionist that takes calls on ``pbx``.

    Settings in the environment are kept, those of ``settings`` win over them.
    Raises ``UnreachableError`` with its last words when it does not come up.
    """
    folder = Path(tempfile.mkdtemp(prefix="latency-"))
    log = folder / "receptionist.log"
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: ASYNC220 (forks at once; its end is waited for in a thread)
            [*COMMAND, "receptionist"],
            env={
                **os.environ,
                **environment(pbx.ari_url, pbx.username, pbx.password),
                # Kept as always, but not among the user's own calls.
                "VOICEBOT_RECORDS__URL": f"sqlite:///{folder}/records.db",
                "VOICEBOT_RECORDS__SPOOL": str(folder / "spool"),
                **settings,
            },
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    bot = Bot(process, log)
    try:
        await _ready(bot, pbx)
        yield bot
    finally:
        await asyncio.to_thread(bot.stop)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def environment(url: str, username: str, password: str) -> Mapping[str, str]:
    """Return the settings that make a receptionist serve the PBX at ``url``."""
    return {
        "VOICEBOT_ARI__URL": url,
        "VOICEBOT_ARI__USERNAME": username,
        "VOICEBOT_ARI__PASSWORD": password,
        "VOICEBOT_ARI__APP": APP,
        "VOICEBOT_LOG__FORMAT": "json",
    }


async def _ready(bot: Bot, pbx: AsteriskServer) -> None:
    """Wait until Asterisk knows the application, which is when calls are taken."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if bot.has_ended:
            raise UnreachableError(f"voicebot receptionist ended:\n{bot.last_words()}")
        if await asyncio.to_thread(_is_listed, pbx.ari_url, pbx.username, pbx.password):
            return
        await asyncio.sleep(0.2)
    raise UnreachableError(f"voicebot receptionist is not ready:\n{bot.last_words()}")


def _is_listed(url: str, username: str, password: str) -> bool:
    token = base64.b64encode(f"{username}:{password}".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 (the private Asterisk's own URL)
        f"{url}/ari/applications/{APP}", headers={"Authorization": f"Basic {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=2):  # noqa: S310 (the same)
            return True
    except (urllib.error.URLError, OSError):
        return False
