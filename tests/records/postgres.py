"""Debian's PostgreSQL, as a server of its own on loopback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self
from uuid import uuid4

import psycopg

from tests.conftest import unavailable

USER = "postgres"


class PostgresServer:
    """A server with nothing in it, in a folder of its own; ``create()`` makes a database."""

    def __init__(self) -> None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            unavailable("PostgreSQL is not there: apt-get install postgresql")
        self._bin = found[-1]
        self._folder = Path(tempfile.mkdtemp(prefix="voicebot-postgres-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    def __enter__(self) -> Self:
        if os.geteuid() == 0:
            shutil.chown(self._folder, USER, USER)
        data = str(self._folder / "data")
        self._run("initdb", "--no-sync", "--auth=trust", f"--username={USER}", "-D", data)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        options = f"-F -p {self._port} -c listen_addresses=127.0.0.1 -k {self._folder}"
        self._pg_ctl("start", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """End it at once; whoever is connected is cut off."""
        self._pg_ctl("stop", "-m", "immediate")

    def create(self) -> str:
        """Make an empty database; return its URL."""
        name = f"calls_{uuid4().hex}"
        with psycopg.connect(self._url("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self._url(name)

    def _url(self, name: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self._port}/{name}"

    def _pg_ctl(self, command: str, *options: str) -> None:
        self._run("pg_ctl", command, "-w", "-D", str(self._folder / "data"), *options)

    def _run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, which refuse to be run by root."""
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            groups = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
            command = [*groups, *command]
        with (self._folder / "output").open("ab") as output:
            done = subprocess.run(
                command, cwd=self._folder, stdout=output, stderr=output, check=False
            )
        assert done.returncode == 0, (self._folder / "output").read_text()
