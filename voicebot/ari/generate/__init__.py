"""The generator of ``voicebot.ari.models`` and ``voicebot.ari.resources``.

``python -m voicebot.ari.generate FOLDER`` reads Asterisk's description of ARI (FOLDER is
``/usr/share/asterisk/rest-api`` where Asterisk is installed) and rewrites both.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from voicebot.ari.generate.description import read
from voicebot.ari.generate.models import write_models
from voicebot.ari.generate.names import snake
from voicebot.ari.generate.resources import write_package, write_resource

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOM = Path(__file__).parent.parent


def generate(folder: Path) -> Mapping[str, str]:
    """Return the formatted modules for the description in ``folder``, by path within the room."""
    resources = read(folder)
    modules = {
        "models.py": write_models(resources),
        "resources/__init__.py": write_package(resources),
    }
    for resource in resources:
        modules[f"resources/{snake(resource.name)}.py"] = write_resource(resource)
    return {path: formatted(text) for path, text in modules.items()}


def formatted(text: str) -> str:
    """Return ``text`` as ruff formats it with the project's settings."""
    done = subprocess.run(  # noqa: S603 - our own formatter, fed through a pipe
        [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(ROOM / "models.py"), "-"],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def main(arguments: list[str]) -> int:
    """Rewrite the modules from the description in the folder that ``arguments`` name."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m voicebot.ari.generate FOLDER\n")
        return 2
    for path, text in generate(Path(arguments[0])).items():
        (ROOM / path).write_text(text)
        sys.stdout.write(f"{path}\n")
    return 0
