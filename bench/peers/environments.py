"""A virtual environment for each peer, made when it is wanted first and kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

UVLOOP = "uvloop==0.23.0"
WEBRTCVAD = "webrtcvad-wheels==2.0.14.post1"

INSTALL_S = 900.0


class PeerMissingError(Exception):
    """A peer cannot be installed or run; the message says why."""


@dataclass(frozen=True, slots=True)
class Environment:
    """What is installed from PyPI, pinned: the peer first, then what the bench runs beside it."""

    name: str
    requirements: tuple[str, ...]

    def python(self, cache: Path) -> Path:
        """Return the interpreter of this environment under ``cache``; make it if there is none.

        Raises ``PeerMissingError`` when something cannot be installed.
        """
        folder = cache / f"{self.name}-{self.version}"
        python = folder / "bin" / "python"
        if not python.exists():
            cache.mkdir(parents=True, exist_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            try:
                self._make(folder)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        return python

    @property
    def version(self) -> str:
        """The version of the peer itself."""
        return self.requirements[0].partition("==")[2]

    def _make(self, folder: Path) -> None:
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [*pip, "install", "--quiet", *self.requirements],
        ):
            try:
                done = subprocess.run(
                    command, capture_output=True, text=True, check=False, timeout=INSTALL_S
                )
            except subprocess.TimeoutExpired:
                raise PeerMissingError(f"{self.name}: not installed in {INSTALL_S:g} s") from None
            if done.returncode:
                raise PeerMissingError(f"{self.name}: {_reason(done.stderr)}")


PIPECAT = Environment("pipecat", ("pipecat-ai==1.14.0", UVLOOP, WEBRTCVAD))
LIVEKIT = Environment("livekit-agents", ("livekit-agents==1.8.9", UVLOOP, WEBRTCVAD))


def cache_folder() -> Path:
    """Return where environments are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "voicebot" / "peers"


def variables(root: Path | None = None) -> dict[str, str]:
    """Return the environment variables of an engine's process.

    This repository, or its copy at ``root``, is found by it, and nothing of the interpreter that
    runs the bench.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    root = root or Path(__file__).parents[2]
    return {**kept, "PYTHONPATH": str(root), "HF_HUB_OFFLINE": "1"}


def _reason(stderr: str) -> str:
    """Return what pip said last that is no warning."""
    told = [line for line in stderr.splitlines() if line.strip() and "WARNING" not in line]
    return told[-1] if told else "no reason was told"
