"""Private instances of real Asterisk on loopback, as many side by side as a test wants.

::

    async with AsteriskServer(profile="mikopbx") as pbx:
        ... pbx.ari_url, pbx.username, pbx.password, pbx.sip_port ...
        print(await pbx.cli("core show channels"))

Each instance has ports and folders of its own and dies with the process that started it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from bench.phone import Account
from tests.asterisk import root as root_file_system
from tests.asterisk.configuration import Configuration

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from tests.asterisk.configuration import Certificate, Profile

START_SECONDS = 20.0
HANG_SECONDS = 10.0
RTP_PORTS = 400

_ENTER = """\
mount -t proc proc "$1/proc"
mount --rbind /dev "$1/dev"
mount --bind "$2" "$1$3"
exec chroot "$1" asterisk -f -C "$3/etc/asterisk.conf"
"""


class AsteriskServer:
    """One Asterisk. ``profile`` says which modules it loads: all, or those of a stock MikoPBX.

    A context manager, synchronous or not. ``ari=False`` leaves ARI switched off;
    ``certificate`` switches TLS on; ``phones`` are added to 201 to 204, with numbers from 301 on;
    a call takes four of the ``rtp_ports`` when a bot has it; ``real_time`` gives it the processor
    before all others, as Debian does.
    """

    username = "bot"
    password = "secret"

    def __init__(
        self,
        *,
        profile: Profile = "plain",
        ari: bool = True,
        certificate: Certificate | None = None,
        phones: int = 0,
        rtp_ports: int = RTP_PORTS,
        real_time: bool = False,
    ) -> None:
        start = random.randrange(10_000, 32_400 - rtp_ports, RTP_PORTS)
        self._configuration = Configuration(
            profile=profile,
            ari=ari,
            certificate=certificate,
            phones=tuple(str(301 + number) for number in range(phones)),
            rtp_ports=range(start, start + rtp_ports),
            real_time=real_time,
            http_port=_free_port(),
            https_port=_free_port(),
            sip_port=_free_port(socket.SOCK_DGRAM),
        )
        self._root = Path()
        self._folder = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def sip_port(self) -> int:
        """The UDP port for phones."""
        return self._configuration.sip_port

    @property
    def more_phones(self) -> Sequence[str]:
        """The numbers of the phones beside 201 to 204."""
        return self._configuration.phones

    @property
    def ari_url(self) -> str:
        """The base URL to configure: ``/ari`` is still to be added."""
        return f"http://127.0.0.1:{self._configuration.http_port}/asterisk"

    @property
    def secure_ari_url(self) -> str:
        """The same over TLS."""
        return f"https://localhost:{self._configuration.https_port}/asterisk"

    @property
    def rest_api(self) -> Path:
        """The folder of Asterisk's own description of ARI, JSON files by resource."""
        return self._root / "usr/share/asterisk/rest-api"

    @property
    def pid(self) -> int:
        """The process id. Raises ``RuntimeError`` while Asterisk does not run."""
        if self._process is None:
            raise RuntimeError("Asterisk is not running")
        return self._process.pid

    @property
    def authorization(self) -> dict[str, str]:
        """The HTTP header that ARI asks for."""
        token = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {token}"}

    def account(self, user: str) -> Account:
        """Return the SIP account of a phone of the PBX, or an anonymous one for any other name."""
        phones = ("201", "202", "203", "204", *self.more_phones)
        password = f"pw{user}" if user in phones else ""
        return Account(user, f"127.0.0.1:{self.sip_port}", password)

    def log(self, since: int = 0) -> str:
        """Return the console's log from byte ``since`` on."""
        with contextlib.suppress(FileNotFoundError), self._console.open("rb") as file:
            file.seek(since)
            return file.read().decode(errors="replace")
        return ""

    def log_size(self) -> int:
        """Return how long the log is now, in bytes: a mark for ``log``."""
        return self._console.stat().st_size if self._console.exists() else 0

    async def cli(self, command: str) -> str:
        """Return what Asterisk's console prints to ``command``."""
        return await asyncio.to_thread(self._cli, command)

    async def restart(self) -> None:
        """Stop at once, without a word to anybody, and start again on the same ports."""
        await asyncio.to_thread(self._kill)
        self._spawn()
        await asyncio.to_thread(self._await_ready)

    async def stop(self) -> None:
        """Stop at once; ``start`` brings it back. The ports stay this instance's."""
        await asyncio.to_thread(self._kill)

    async def start(self) -> None:
        """Start again after ``stop``."""
        self._spawn()
        await asyncio.to_thread(self._await_ready)

    def serves(self) -> bool:
        """Say whether ARI answers a request that waits for the locks that everything needs."""
        return self._answers("applications", within=HANG_SECONDS)

    def replace(self) -> None:
        """Stop at once and start again, as ``restart``, outside any event loop."""
        self._kill()
        self._spawn()
        self._await_ready()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(root_file_system.build)
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self._close)

    def __enter__(self) -> Self:
        self._root = root_file_system.build()
        self._folder = Path(tempfile.mkdtemp(prefix="asterisk-"))
        try:
            self._configuration.write(self._folder, self._root)
            self._spawn()
            self._await_ready()
        except BaseException:
            self._close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def _console(self) -> Path:
        return self._folder / "log" / "console"

    def _spawn(self) -> None:
        # unshare, setpriv, bash and chroot each become the next: the child is Asterisk itself. It
        # must be forked here, in the caller's thread: it dies with the thread that forked it.
        command = ["unshare", "--mount", "setpriv", "--pdeathsig", "KILL", "bash", "-ec", _ENTER]
        arguments = [str(self._root), str(self._folder), str(root_file_system.INSTANCE)]
        with self._console.open("ab") as console:
            self._process = subprocess.Popen(
                [*command, "bash", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _await_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if self._ready():
                return
            time.sleep(0.02)
        raise RuntimeError(f"Asterisk does not start:\n{self.log()[-4000:]}")

    def _ready(self) -> bool:
        if not self._configuration.ari:
            return "Asterisk Ready" in self.log()
        return self._answers("asterisk/ping", within=1.0)

    def _answers(self, resource: str, *, within: float) -> bool:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self._configuration.http_port, timeout=within
        )
        try:
            connection.request("GET", f"/asterisk/ari/{resource}", headers=self.authorization)
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _cli(self, command: str) -> str:
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--root", "--wd"]
        console = ["asterisk", "-C", str(root_file_system.INSTANCE / "etc/asterisk.conf")]
        done = subprocess.run(
            [*enter, *console, "-rx", command],
            capture_output=True,
            text=True,
            check=True,
            timeout=START_SECONDS,
        )
        return done.stdout

    def _kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _close(self) -> None:
        self._kill()
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)


def _free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
