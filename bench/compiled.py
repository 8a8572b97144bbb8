"""A copy of voicebot whose hot modules are compiled, as ``pip install .`` compiles them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.load_errors import LoadError
from voicebot.compiling.attempt import ROOT, NotCompiledError, compile_apart

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = ("voicebot", "bench")
TUNABLES = "GLIBC_TUNABLES=glibc.malloc.tcache_count=600"
"""As the Docker image sets it: what the frames of many calls need is soon needed again."""

WAYS = {True: "compiled", False: "from source"}
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "pictures")


def serving(module: str, *arguments: str) -> list[str | Path]:
    """Return the command that runs ``module`` of a bench as the Docker image runs voicebot."""
    return ["env", TUNABLES, sys.executable, "-m", module, *arguments]


@contextmanager
def compiled(*more: str) -> Iterator[Path]:
    """Yield a folder to run Python in: ``voicebot`` compiled, ``bench``, and ``more`` beside it.

    It lives as long as the context. Raises ``LoadError`` where it cannot be compiled.
    """
    with tempfile.TemporaryDirectory(prefix="voicebot-compiled-") as name:
        folder = Path(name)
        for package in (*PACKAGES, *more):
            shutil.copytree(ROOT / package, folder / package, ignore=_LEFT_OUT)
        try:
            compile_apart(folder)
        except NotCompiledError as error:
            raise LoadError(
                f"voicebot was not compiled (--source does without):\n{error}"
            ) from error
        yield folder


@contextmanager
def measured(*, source: bool) -> Iterator[Path | None]:
    """Yield where the voicebot that is measured is: compiled, or ``None`` for the source here.

    Raises ``LoadError`` as ``compiled`` does.
    """
    if source:
        yield None
        return
    with compiled() as folder:
        yield folder
