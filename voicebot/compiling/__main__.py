"""``python3 -m voicebot.compiling FOLDER``: put the extensions into ``FOLDER``, by package."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from mypyc.build import mypycify
from setuptools import Distribution

from voicebot.compiling import MODULES

# Types of libraries that a build does without say nothing that the compiled code would use.
TYPES = ("--config-file=", "--ignore-missing-imports", "--follow-imports=silent")


def compile_into(folder: Path) -> None:
    """Compile ``MODULES`` of the current folder. Exits with mypyc's or the compiler's message."""
    with tempfile.TemporaryDirectory(prefix="voicebot-compile-") as work:
        extensions = mypycify([*TYPES, *MODULES], group_name="voicebot", target_dir=work)
        command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
        command.build_lib, command.build_temp = str(folder), work
        command.ensure_finalized()
        command.run()


if __name__ == "__main__":
    compile_into(Path(sys.argv[1]))
