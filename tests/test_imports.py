"""The rooms depend on each other in one direction only."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import voicebot

PACKAGE = Path(voicebot.__file__).parent

# What each room may import of the others. ``config`` and ``errors`` are leaves.
ALLOWED = {
    "errors": set(),
    "built": set(),
    "compiling": set(),
    "config": {"errors"},
    "loading": {"config", "errors"},
    "log": {"config"},
    "progress": set(),
    "signals": set(),
    "media": {"errors"},
    "ari": {"errors"},
    "records": {"config", "errors"},
    "turns": {"media", "config", "errors"},
    "speech": {"media", "config", "errors"},
    "models": {"media", "config", "errors"},
    "call": {"turns", "speech", "media", "config", "errors"},
    "sim": {"media", "ari", "errors"},
    "apps": {
        "call",
        "turns",
        "speech",
        "media",
        "models",
        "ari",
        "sim",
        "records",
        "progress",
        "config",
        "errors",
    },
    "server": {
        "apps",
        "call",
        "turns",
        "speech",
        "media",
        "models",
        "ari",
        "records",
        "progress",
        "config",
        "errors",
    },
    "options": {"loading", "log", "config", "errors"},
    "cli_calls": {"records", "options", "signals", "errors"},
    "cli": {
        "built",
        "cli_calls",
        "server",
        "apps",
        "models",
        "options",
        "signals",
        "config",
        "errors",
    },
    "__main__": {"cli", "signals"},
    "__init__": set(),
}


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def rooms_imported_by(path: Path) -> set[str]:
    """Every room that ``path`` names in an import, also in functions and under TYPE_CHECKING."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "voicebot":
            modules = [f"voicebot.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        found |= {name.split(".")[1] for name in modules if name.startswith("voicebot.")}
    return {room for room in found if room in ALLOWED}


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_a_module_imports_only_rooms_below_its_own(path: Path):
    room = room_of(path)

    assert rooms_imported_by(path) - {room} <= ALLOWED[room]


def test_every_room_has_a_rule():
    rooms = {room_of(path) for path in PACKAGE.rglob("*.py")}

    assert rooms <= set(ALLOWED)


def test_no_relative_imports_hide_a_direction():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path
