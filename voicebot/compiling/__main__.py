"""``python3 -m voicebot.compiling FOLDER``: put the extensions into ``FOLDER``, by package."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from mypyc.build import mypycify
from setuptools import Distribution, Extension

from voicebot.compiling import MODULES

# Types of libraries that a build does without say nothing that the compiled code would use.
TYPES = ("--config-file=", "--ignore-missing-imports", "--follow-imports=silent")


def compile_into(folder: Path) -> None:
    """Compile ``MODULES`` of the current folder. Exits with mypyc's or the compiler's message."""
    with tempfile.TemporaryDirectory(prefix="voicebot-compile-") as work:
        # Mypyc takes half a minute before it asks the compiler anything: whether there is one, and
        # Python's headers, is found out before.
        probe = Path(work, "probe.c")
        probe.write_text("#include <Python.h>\n")
        _build([Extension("probe", [str(probe)])], work, work)
        extensions = mypycify([*TYPES, *MODULES], group_name="voicebot", target_dir=work)
        _build(extensions, str(folder), work)


def _build(extensions: list[Extension], folder: str, work: str) -> None:
    command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
    command.build_lib, command.build_temp = folder, work
    command.ensure_finalized()
    command.run()


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]))
