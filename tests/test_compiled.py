"""What is compiled does what its source does: the tests of its modules, run on the extensions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from bench.compiled import compiled
from bench.load_errors import LoadError
from voicebot.compiling import MODULES
from voicebot.compiling.attempt import ROOT, NotCompiledError, compile_apart

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TESTS = ("tests/turns", "tests/media", "tests/call")

# Compiling takes a minute of one core; the tests take half as long.
pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("compiled")]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    try:
        with compiled("tests", "prompts") as folder:
            (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
            yield folder
    except LoadError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"there is no C compiler, or there are no headers of Python's:\n{error}")


def run(folder: Path, *arguments: str) -> str:
    """Run Python in the folder; return what it says."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_every_module_that_should_be_is_compiled(folder: Path):
    names = [module.removesuffix(".py").replace("/", ".") for module in MODULES]
    told = "; ".join(f"import {name}; print({name}.__file__)" for name in names)

    files = run(folder, "-c", told).splitlines()

    assert len(files) == len(MODULES)
    assert all(file.endswith(".so") for file in files), files


def test_the_version_says_so(folder: Path):
    assert "(compiled)" in run(folder, "-m", "voicebot", "--version")


def test_the_tests_of_the_source_pass(folder: Path):
    said = run(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS)

    assert " passed" in said


def test_without_a_c_compiler_there_is_its_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "no-such-compiler")

    with pytest.raises(NotCompiledError, match="no-such-compiler"):
        compile_apart(tmp_path)


def test_without_pythons_headers_the_compiler_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if shutil.which("cc") is None:
        pytest.skip("there is no C compiler")
    (tmp_path / "Python.h").write_text("#error no headers here\n")
    monkeypatch.setenv("CFLAGS", f"-I{tmp_path}")

    with pytest.raises(NotCompiledError, match="no headers here"):
        compile_apart(tmp_path)
