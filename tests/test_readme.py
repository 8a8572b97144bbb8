"""The README says what the code does: settings, commands, snippets, files.

``python -m tests.test_readme`` prints the settings' tables as they should be.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from voicebot import cli
from voicebot.config import Settings
from voicebot.errors import VoicebotError

PROJECT = Path(__file__).parent.parent
README = PROJECT / "README.md"


def shown(default: object) -> str:
    """Return a default as it is written in TOML."""
    if default is None or default is PydanticUndefined:
        return ""
    if isinstance(default, SecretStr):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, dict):
        return "{}"
    return f'"{default}"' if isinstance(default, str | PurePath) else str(default)


def tables() -> str:
    """Return the settings as Markdown, a table for each section."""
    lines: list[str] = []
    for name, section in Settings.model_fields.items():
        model = section.annotation
        lines += [f"#### `[{name}]`", "", "| key | default | meaning |", "| --- | --- | --- |"]
        for key, field in model.model_fields.items():
            default = field.default
            if field.default_factory is not None:
                default = field.default_factory()
            value = shown(default)
            meaning = field.description.replace("|", "\\|")
            lines.append(f"| `{key}` | {f'`{value}`' if value else ''} | {meaning} |")
        lines.append("")
    return "\n".join(lines)


@pytest.fixture(scope="module")
def readme() -> str:
    return README.read_text(encoding="utf-8")


def test_every_setting_is_described_with_its_default(readme):
    assert tables().strip() in readme


@pytest.mark.parametrize(
    "command", [info.callback.__name__ for info in cli.app.registered_commands]
)
def test_every_command_is_mentioned(readme, command):
    assert f"`voicebot {command}" in readme or f"voicebot {command}\n" in readme


@pytest.mark.parametrize("example", ["hello_world.py", "presence.py"])
def test_the_examples_are_those_that_are_tested(readme, example):
    code = (PROJECT / "tests" / "ari" / "examples" / example).read_text(encoding="utf-8")
    body = code[code.index("async def main") :].strip()

    assert body in readme


def test_every_exit_code_is_told(readme):
    (told,) = re.findall(r"^Exit codes: (.*?)\n\n", readme, re.MULTILINE | re.DOTALL)

    assert {int(code) for code in re.findall(r"\b\d\b", told)} == {0, *exit_codes(VoicebotError)}


def exit_codes(kind: type[VoicebotError]) -> set[int]:
    """Return the exit codes of ``kind`` and of everything that is one."""
    return {kind.exit_code}.union(*map(exit_codes, kind.__subclasses__()))


def test_every_file_that_is_linked_exists(readme):
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)\)", readme)

    assert links
    assert [link for link in links if not (PROJECT / link).exists()] == []


def test_nothing_is_left_to_be_filled_in(readme):
    assert not re.search(r"^[A-Z]{4,}$", readme, re.MULTILINE)


def test_the_test_command_is_the_one_that_ci_calls(readme):
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")

    assert "python3 -m tests" in script
    assert "python3 -m tests" in readme


if __name__ == "__main__":
    print(tables())
