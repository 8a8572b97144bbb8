"""The operations of ARI as one line each, read from a file or from Asterisk's own description.

``channels.play POST /channels/{channelId}/play query=media!,lang body=- answer=Playback``: a ``!``
marks what must be given. Written without the generator, so that it can judge it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("operations.txt")
INSTALLED = Path("usr/share/asterisk/rest-api")
_LINE = re.compile(r"(\w+)\.(\w+) (\w+) (\S+) query=(\S+) body=(\S+) answer=(\S+)")


@dataclass(frozen=True)
class Row:
    """One operation."""

    resource: str
    nickname: str
    method: str
    path: str
    query: tuple[str, ...]
    body: str
    answer: str

    @property
    def path_names(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.path)

    def __str__(self) -> str:
        return f"{self.resource}.{self.nickname}"


def committed() -> list[Row]:
    return [parse(line) for line in FILE.read_text().splitlines()]


def parse(line: str) -> Row:
    match = _LINE.fullmatch(line)
    assert match, line
    resource, nickname, method, path, query, body, answer = match.groups()
    names = () if query == "-" else tuple(query.split(","))
    return Row(resource, nickname, method, path, names, body.replace("-", ""), answer)


def described(folder: Path) -> list[str]:
    """Return the lines that ``operations.txt`` should have for the description in ``folder``."""
    lines = []
    for file in sorted(folder.glob("*.json")):
        for api in json.loads(file.read_text())["apis"]:
            for operation in api.get("operations", []):
                given: dict[str, list[str]] = {"query": [], "body": [], "path": []}
                for each in operation.get("parameters", []):
                    needed = each.get("required", False)
                    given[each["paramType"]].append(each["name"] + "!" * needed)
                lines.append(
                    f"{file.stem}.{operation['nickname']} {operation['httpMethod']} {api['path']}"
                    f" query={','.join(given['query']) or '-'}"
                    f" body={','.join(given['body']) or '-'}"
                    f" answer={operation['responseClass']}"
                )
    return lines
