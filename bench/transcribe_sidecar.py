"""``voicebot transcribe`` as a process, and the moment at which each of its events came out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench.latency_errors import UnreachableError
from bench.latency_local import COMMAND
from bench.transcribe_figures import Written
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from bench.transcribe_figures import Party
    from tests.asterisk.server import AsteriskServer

READY_S: Final = 120.0
STOP_S: Final = 30.0
_LOG_LINES: Final = 30


@dataclass(frozen=True, slots=True)
class Came:
    """An event, and when its line was read (monotonic seconds)."""

    event: Mapping[str, Any]
    at: float


class Sidecar:
    """A running sidecar."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.pid = process.pid
        self.came: list[Came] = []
        self._process = process
        self._log = log
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def log_lines(self, event: str) -> list[Mapping[str, Any]]:
        """Return the lines of its log that say ``event``."""
        lines: list[Mapping[str, Any]] = []
        for line in self._log.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                entry = json.loads(line)
                if isinstance(entry, dict) and entry.get("event") == event:
                    lines.append(entry)
        return lines

    def stalled_ms(self) -> int:
        """Return the longest time for which the machine did not let it run (milliseconds)."""
        stalls = self.log_lines("event loop stalled")
        return max((int(line["milliseconds"]) for line in stalls), default=0)

    def await_ready(self) -> None:
        """Wait until it listens. Raises ``UnreachableError`` with the end of its log."""
        deadline = time.monotonic() + READY_S
        while not self.log_lines("transcriber ready"):
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = self._log.read_text(errors="replace").splitlines()[-_LOG_LINES:]
                raise UnreachableError("voicebot transcribe did not start:\n" + "\n".join(lines))
            time.sleep(0.1)

    def ended(self) -> int:
        """Return how many calls are over, as it tells."""
        return sum(came.event.get("event") == "call_ended" for came in self.came)

    def written(self, calls: Mapping[str, Party]) -> list[Written]:
        """Return the finals; ``calls`` tells by a phone's number which call and side it is."""
        return self._texts("final", calls)

    def partials(self, calls: Mapping[str, Party]) -> list[Written]:
        """Return the partials, likewise."""
        return self._texts("partial", calls)

    def _texts(self, kind: str, calls: Mapping[str, Party]) -> list[Written]:
        # The two clocks of this machine, for the one thing that is told as a time of day.
        offset = time.time() - time.monotonic()
        began: dict[str, float] = {}
        parties: dict[tuple[str, str], Party] = {}
        texts = []
        for came in self.came:
            event = came.event
            match event.get("event"):
                case "call_started":
                    at = dt.datetime.fromisoformat(event["at"]).timestamp()
                    began[event["call"]] = at - offset
                case "party_joined" if event["number"] in calls:
                    parties[event["call"], event["party"]] = calls[event["number"]]
                case text if text == kind and (event["call"], event["party"]) in parties:
                    texts.append(
                        Written(
                            parties[event["call"], event["party"]],
                            event["text"],
                            began[event["call"]] + event["start"] / SAMPLE_RATE,
                            began[event["call"]] + event["end"] / SAMPLE_RATE,
                            came.at,
                        )
                    )
        return texts

    def stop(self) -> None:
        """Ask it to end, and make it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(STOP_S)

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 (it is a pipe)
        for line in self._process.stdout:
            now = time.monotonic()
            with suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    self.came.append(Came(event, now))


@asynccontextmanager
async def sidecar(pbx: AsteriskServer, **settings: str) -> AsyncIterator[Sidecar]:
    """Yield a sidecar that listens on ``pbx``; what it keeps is deleted at the end.

    Settings in the environment are kept, ``settings`` win: ``WEBHOOK__URL="x"``.
    Raises ``UnreachableError`` when it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="transcribe-"))
    given = {
        "ARI__URL": pbx.ari_url,
        "ARI__USERNAME": pbx.username,
        "ARI__PASSWORD": pbx.password,
        "RECORDS__URL": f"sqlite:///{folder}/records.db",
        "RECORDS__SPOOL": str(folder / "spool"),
        "LOG__FORMAT": "json",
        **settings,
    }
    own = {f"VOICEBOT_{name}": value for name, value in given.items()}
    log = folder / "log"
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: ASYNC220 (forks at once)
            [*COMMAND, "transcribe", "--json"],
            env=os.environ | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
        )
    running = Sidecar(process, log)
    try:
        await asyncio.to_thread(running.await_ready)
        yield running
    finally:
        await asyncio.to_thread(running.stop)
        shutil.rmtree(folder, ignore_errors=True)
