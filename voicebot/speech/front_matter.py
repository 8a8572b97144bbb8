"""A text file with YAML front matter, read so that an error can be shown at its line.

All scalars stay the text that the author wrote. YAML 1.1 would make 129 of the extension ``0201``,
a number of minutes of ``9:00`` and a falsehood of the language ``no``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml
from frontmatter.default_handlers import YAMLHandler

from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of the front matter down to a value."""


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The two parts of a file. ``lines`` gives the line of each key, counted from 1."""

    path: Path
    data: Mapping[str, Any]
    body: str
    lines: Mapping[KeyPath, int]

    def place(self, key: KeyPath) -> str:
        """Return 'file:line' of ``key``, or of the nearest key above it that is in the file."""
        known = next((key[:n] for n in range(len(key), 0, -1) if key[:n] in self.lines), None)
        return f"{self.path}:{self.lines[known]}" if known else str(self.path)


def read_front_matter(path: Path) -> FrontMatter:
    """Read ``path``: front matter between two ``---`` lines, then prose.

    Values that are left empty are treated as not written. Raises ``ConfigError`` when the file
    cannot be read, has no front matter, or its YAML is broken.
    """
    text = _text(path)
    handler = YAMLHandler()
    if not handler.detect(text):
        raise ConfigError(
            f"{path}:1: no front matter; begin the file with a line '---', the settings in YAML, "
            "and another line '---'"
        )
    try:
        front, body = handler.split(text)
    except ValueError:
        raise ConfigError(f"{path}:1: the front matter has no end; close it with '---'") from None
    # What the handler gives begins with the rest of the first '---' line.
    first_line = 1 + text[: text.index("---")].count("\n")
    try:
        node = yaml.compose(front, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = first_line + (mark.line if mark else 0)
        raise ConfigError(
            f"{path}:{line}: broken YAML: {error.problem}; texts with any of "
            ": # , ? [ ] { } are safe in quotes"
        ) from None
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: broken YAML: {error}") from None
    reader = _Reader(path, first_line)
    data = reader.value(node, ()) if node is not None else None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}:{first_line}: the front matter must be a list of 'key: value'")
    return FrontMatter(path, data, body.strip(), reader.lines)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such file; check the path of the prompt") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


class _Reader:
    """Turns YAML nodes into plain values and notes the line of each key."""

    def __init__(self, path: Path, first_line: int) -> None:
        self._path = path
        self._first_line = first_line
        self.lines: dict[KeyPath, int] = {}

    def value(self, node: yaml.Node, key: KeyPath) -> object:
        """Return the plain value of ``node``, ``None`` for an empty one."""
        self.lines.setdefault(key, self._first_line + node.start_mark.line)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            items = [self.value(item, (*key, index)) for index, item in enumerate(node.value)]
            return [item for item in items if item is not None]
        return None if node.tag.endswith(":null") else str(node.value)

    def _mapping(self, node: yaml.MappingNode, key: KeyPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name_node, value_node in node.value:
            name = str(name_node.value)
            line = self._first_line + name_node.start_mark.line
            if (*key, name) in self.lines:
                dotted = ".".join(str(part) for part in (*key, name))
                first = self.lines[(*key, name)]
                raise ConfigError(
                    f"{self._path}:{line}: {dotted}: written twice, first in line {first}; "
                    "keep one of them"
                )
            self.lines[(*key, name)] = line
            value = self.value(value_node, (*key, name))
            if value is not None:
                found[name] = value
        return found
