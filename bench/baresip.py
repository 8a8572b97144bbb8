"""Debian's baresip as a child process, driven over its own control connection.

The package is ``baresip-core``. Commands and events are JSON in netstrings (module ``ctrl_tcp``).
The process dies with its parent and keeps everything in one temporary folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

MODULES = ("g711", "g722", "aufile", "sndfile")

_CONFIG = """\
poll_method epoll
sip_listen {host}:0
net_interface {host}
call_max_calls 1
audio_source aufile,{source}
ausrc_srate {rate}
jitter_buffer_delay 0-0
statmode_default off
snd_path {folder}
ctrl_tcp_listen 127.0.0.1:{port}
module_path /usr/lib/baresip/modules
{modules}
module_app menu.so
module_app ctrl_tcp.so
"""


class PhoneError(Exception):
    """The phone cannot do what was asked: it is missing, not registered, or was refused."""


def installed() -> bool:
    """Return whether baresip is there."""
    return shutil.which("baresip") is not None


class Baresip:
    """One baresip process. ``on_event`` is called with each event it reports."""

    def __init__(self, folder: Path, on_event: Callable[[Mapping[str, Any]], None]) -> None:
        self._folder = folder
        self._on_event = on_event
        self._process: subprocess.Popen[bytes] | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.Task[None] | None = None
        self._answers: dict[str, asyncio.Future[str]] = {}
        self._token = 0

    async def start(self, *, host: str, source: Path, rate: int) -> None:
        """Start on the local address ``host``, with ``source`` as the microphone.

        ``source`` is a WAV file of ``rate`` Hz. Raises ``PhoneError``.
        """
        if not installed():
            raise PhoneError("baresip is not installed: apt-get install baresip-core")
        port = _free_port()
        modules = "\n".join(f"module {name}.so" for name in MODULES)
        config = _CONFIG.format(
            host=host,
            source=source,
            rate=rate,
            folder=self._folder,
            port=port,
            modules=modules,
        )
        (self._folder / "config").write_text(config)
        (self._folder / "contacts").touch()
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: ASYNC220 (forks at once, and a thread's death would be the parent's)
                ["setpriv", "--pdeathsig", "KILL", "baresip", "-4", "-f", str(self._folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        await self._connect(port)

    @property
    def log(self) -> Path:
        """What baresip printed."""
        return self._folder / "baresip.log"

    async def command(self, name: str, parameters: str = "") -> str:
        """Have a command done and return what baresip says to it. Raises ``PhoneError``."""
        if self._writer is None:
            raise PhoneError("baresip is not running")
        self._token += 1
        token = str(self._token)
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._answers[token] = answer
        message = {"command": name, "params": parameters, "token": token}
        payload = json.dumps(message).encode()
        self._writer.write(b"%d:%s," % (len(payload), payload))
        try:
            return await asyncio.wait_for(answer, 5)
        except TimeoutError:
            raise PhoneError(f"baresip does not answer {name}\n{self.log.read_text()}") from None
        finally:
            self._answers.pop(token, None)

    def kill(self) -> None:
        """End the process without a word to anybody; ``stop`` is still to be called."""
        if self._process is not None:
            self._process.kill()

    async def stop(self) -> None:
        """End the process and the connection."""
        if self._reader is not None:
            self._reader.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._reader
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._process is not None:
            await asyncio.to_thread(_end, self._process)
            self._process = None

    async def _connect(self, port: int) -> None:
        for _ in range(250):
            with contextlib.suppress(OSError):
                reader, self._writer = await asyncio.open_connection("127.0.0.1", port)
                self._reader = asyncio.create_task(self._read(reader))
                return
            if self._process is None or self._process.poll() is not None:
                break
            await asyncio.sleep(0.02)
        raise PhoneError(f"baresip did not start\n{self.log.read_text()}")

    async def _read(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                length = int((await reader.readuntil(b":"))[:-1])
                message = json.loads((await reader.readexactly(length + 1))[:-1])
                if message.get("event"):
                    self._on_event(message)
                else:
                    self._take(message)

    def _take(self, message: Mapping[str, Any]) -> None:
        answer = self._answers.get(str(message.get("token")))
        if answer is None or answer.done():
            return
        if message.get("ok"):
            answer.set_result(str(message.get("data", "")))
        else:
            answer.set_exception(PhoneError(f"baresip refused: {message.get('data')}"))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
