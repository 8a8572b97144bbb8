"""Compiling where it is possible: without a C compiler the source does the same."""

from __future__ import annotations

import subprocess
import sys
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Wish(StrEnum):
    """What is asked for, by the environment variable ``VOICEBOT_COMPILE``."""

    NEVER = "0"
    ALWAYS = "1"
    IF_POSSIBLE = ""


class NotCompiledError(Exception):
    """The message is that of mypyc or of the C compiler."""


def compile_apart(folder: Path) -> list[Path]:
    """Compile in a process of its own; return the extensions, all of them in ``folder``.

    Raises ``NotCompiledError``.
    """
    done = subprocess.run(
        [sys.executable, "-m", "voicebot.compiling", folder],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotCompiledError(done.stdout)
    return sorted(folder.rglob("*.so"))
