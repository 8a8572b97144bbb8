"""voicebot's commands as processes of their own, as a user runs them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.asterisk.server import AsteriskServer

OFFICE = Path(__file__).parent / "office.md"
START_SECONDS = 60.0
STOP_SECONDS = 10.0


def variables(pbx: AsteriskServer, **settings: str) -> dict[str, str]:
    """Return the environment of a command that works with ``pbx``.

    ``settings`` are added: ``ARI__APP="x"`` becomes ``VOICEBOT_ARI__APP=x``. Nothing of the
    tester's own settings gets in.
    """
    own = {name: value for name, value in os.environ.items() if not name.startswith("VOICEBOT_")}
    own.pop("OPENAI_API_KEY", None)
    given = {
        "ARI__URL": pbx.ari_url,
        "ARI__USERNAME": pbx.username,
        "ARI__PASSWORD": pbx.password,
        "RECEPTIONIST__PROMPT": str(OFFICE),
        "LOG__FORMAT": "json",
        # What a test does not ask for is not kept, least of all among the tester's own calls.
        "RECORDS__URL": "",
        **settings,
    }
    return own | {f"VOICEBOT_{name}": value for name, value in given.items()}


class Program:
    """A running ``voicebot COMMAND``; its log is collected line by line.

    As a context manager it is terminated at the end, if it still runs.
    """

    def __init__(self, command: str, environment: Mapping[str, str]) -> None:
        self.log: list[dict[str, Any]] = []
        self.output: list[str] = []
        self._command = command
        self._environment = environment
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._grown = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "voicebot",
            *self._command.split(),
            env=self._environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self._reader = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        process = self._running()
        if process.returncode is None:
            process.terminate()
            try:
                await asyncio.wait_for(process.wait(), STOP_SECONDS)
            except TimeoutError:
                process.kill()
        await self._ended()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running().pid

    def said(self, event: str) -> list[dict[str, Any]]:
        """Return the log lines of ``event`` so far."""
        return [line for line in self.log if line.get("event") == event]

    async def says(self, event: str, *, count: int = 1, within: float = START_SECONDS) -> None:
        """Wait until the log has ``count`` lines of ``event``. Raises ``AssertionError``."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while len(self.said(event)) < count and not self._over():
                    self._grown.clear()
                    await self._grown.wait()
        assert len(self.said(event)) >= count, f"no {event!r} in:\n" + "\n".join(self.output)

    async def shows(
        self, *, count: int = 1, within: float = START_SECONDS, **fields: object
    ) -> dict[str, Any]:
        """Wait for the ``count``-th JSON line with these fields; return it."""

        def fitting() -> list[dict[str, Any]]:
            return [line for line in self.log if fields.items() <= line.items()]

        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                while len(fitting()) < count and not self._over():
                    self._grown.clear()
                    await self._grown.wait()
        assert len(fitting()) >= count, f"no {fields} in:\n" + "\n".join(self.output)
        return fitting()[count - 1]

    async def exits(self, *, within: float = START_SECONDS) -> int:
        """Wait until the process ends by itself; return its exit code."""
        await asyncio.wait_for(self._running().wait(), within)
        await self._ended()
        return self._running().returncode or 0

    async def terminate(self) -> int:
        """Send SIGTERM; return the exit code."""
        self._running().terminate()
        return await self.exits(within=STOP_SECONDS)

    def kill(self) -> None:
        """End it without a chance to tidy up."""
        self._running().kill()

    async def _read(self) -> None:
        stream = self._running().stdout
        assert stream is not None
        async for line in stream:
            self.output.append(line.decode(errors="replace").rstrip())
            self.log.extend(_objects(self.output[-1]))
            self._grown.set()
        self._grown.set()

    async def _ended(self) -> None:
        if self._reader is not None:
            # The output ends with the last process that can write to it: none may stay behind.
            await asyncio.wait_for(self._reader, STOP_SECONDS)

    def _over(self) -> bool:
        return self._reader is not None and self._reader.done()

    def _running(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process


def _objects(line: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects in ``line``: the output and the log may share one."""
    start = 0
    with contextlib.suppress(ValueError):
        while line.startswith("{", start):
            found, start = json.JSONDecoder().raw_decode(line, start)
            yield found


def free_port() -> int:
    """Return a TCP port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_health(url: str) -> None:
    """Wait until the model server at ``url`` has loaded everything. Raises ``TimeoutError``."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.2)
    raise TimeoutError(f"no models at {url}")
