"""The callers of a load test: a small C program, compiled when it is needed, on a core of its own.

Python could not send and time 50,000 packets a second beside what it measures. ``load.c`` plays
the callers and notes when each packet of the bot's comes; ``floor.c`` is the least that can answer.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.load_errors import LoadError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HERE = Path(__file__).parent
_COMPILERS = ("cc", "gcc", "clang")
_GRACE_S = 30.0


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late packets were, in ms."""

    p50: float
    p99: float
    p999: float
    max: float


@dataclass(frozen=True, slots=True)
class Observation:
    """What the callers saw, after the time to warm up.

    ``lateness`` is that of the bot's packets: arrival against the call's own grid of 20 ms, which
    its earliest packet fixes. ``missing`` were sent and did not come, ``skipped`` are ticks for
    which nothing was sent. ``own_lateness`` is the generator's: what it gets wrong itself.
    """

    sent: int
    received: int
    missing: int
    skipped: int
    silent_calls: int
    cpu_s: float
    lateness: Lateness
    own_lateness: Lateness

    @classmethod
    def parse(cls, text: str) -> Observation:
        """Read the generator's last line. Raises ``LoadError`` when there is none."""
        try:
            found: Mapping[str, Any] = json.loads(text)
        except ValueError:
            raise LoadError("the load generator ended without a result") from None
        counts = {
            key: found[key] for key in ("sent", "received", "missing", "skipped", "silent_calls")
        }
        return cls(
            **counts,
            cpu_s=found["cpu_s"],
            lateness=Lateness(**found["lateness_ms"]),
            own_lateness=Lateness(**found["own_lateness_ms"]),
        )


class Generator:
    """Callers that are ready to call; ``ports`` are theirs."""

    def __init__(self, process: subprocess.Popen[str], seconds: float) -> None:
        self._process = process
        self._seconds = seconds
        ports = answer(process, "the load generator did not start")
        self.ports = [int(port) for port in ports.split()]

    def run(self, port: int) -> Observation:
        """Let all callers call 127.0.0.1:``port``; return what they saw."""
        try:
            out, _ = self._process.communicate(f"go {port}\n", timeout=self._seconds + _GRACE_S)
        except subprocess.TimeoutExpired:
            raise LoadError("the load generator does not end") from None
        return Observation.parse(out)


@contextmanager
def built(name: str) -> Iterator[Path]:
    """Compile ``name``.c; the program lives as long as the context.

    Raises ``LoadError`` when there is no C compiler.
    """
    compiler = next((found for found in map(shutil.which, _COMPILERS) if found), None)
    if compiler is None:
        raise LoadError("no C compiler for the load generator: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(prefix="voicebot-load-") as folder:
        program = Path(folder, name)
        source = _HERE / f"{name}.c"
        done = subprocess.run(
            [compiler, "-O2", "-o", program, source], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise LoadError(f"{compiler} does not compile {source.name}:\n{done.stderr}")
        yield program


@contextmanager
def callers(
    program: Path, count: int, *, warm_s: float, seconds: float, frames: Path, core: int | None
) -> Iterator[Generator]:
    """Run ``count`` callers that are measured for ``seconds`` after ``warm_s``."""
    arguments: list[str | Path] = [
        program,
        str(count),
        str(round(1000 * warm_s)),
        str(round(1000 * seconds)),
        frames,
    ]
    with pinned(arguments, core) as process:
        yield Generator(process, warm_s + seconds)


@contextmanager
def pinned(
    command: list[str | Path], core: int | None, folder: Path | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Run a command on one core, with pipes of text to it and from it; end it with the context.

    It runs in ``folder``, by default here.
    """
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1, cwd=folder
    )
    try:
        if core is not None:
            os.sched_setaffinity(process.pid, {core})
        yield process
    finally:
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


@contextmanager
def on_core(core: int | None) -> Iterator[None]:
    """Let what is started meanwhile run on ``core`` for ever: its threads inherit it."""
    allowed = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, allowed)


def tell(process: subprocess.Popen[str], line: str) -> None:
    """Write a line to a process's standard input."""
    if process.stdin is not None:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()


def answer(process: subprocess.Popen[str], otherwise: str) -> str:
    """Return the next line of a process. Raises ``LoadError`` saying ``otherwise``."""
    line = process.stdout.readline().strip() if process.stdout is not None else ""
    if not line:
        raise LoadError(f"{otherwise}: see its message above")
    return line
