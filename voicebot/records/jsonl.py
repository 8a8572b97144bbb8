"""Events as JSON lines, in a file or on the standard output."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from voicebot.errors import RecordsGoneError, RecordsUnavailableError
from voicebot.records.encoding import to_json

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicebot.records.entry import Entry

STANDARD_OUTPUT = "-"


class JsonLines:
    """Appends to ``path``; ``-`` is the standard output.

    A file that was moved away or deleted, as log rotation does, is made anew.
    """

    batch = 1_000
    pause_s = 0.0

    def __init__(self, path: Path) -> None:
        self._path = None if str(path) == STANDARD_OUTPUT else path.expanduser()
        self._descriptor: int | None = None
        self._rest = b""

    @property
    def place(self) -> str:
        """What it is called in messages."""
        return "standard output" if self._path is None else str(self._path)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None and self._path is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def deliver(self, entries: Sequence[Entry]) -> None:
        """Write ``entries``, a line each."""
        # What a full disk took of the same lines is not written twice.
        lines = self._rest or b"".join(to_json(entry.event) + b"\n" for entry in entries)
        try:
            descriptor = self._open()
            while lines:
                self._rest = lines
                lines = lines[os.write(descriptor, lines) :]
        except BrokenPipeError as error:
            raise RecordsGoneError(f"{self.place}: nobody reads it any more") from error
        except OSError as error:
            message = f"{self.place}: cannot be written ({error}); make room, or name another file"
            raise RecordsUnavailableError(message) from error
        self._rest = b""

    def _open(self) -> int:
        if self._path is None:
            return sys.stdout.fileno()
        if self._descriptor is not None and not _is_at(self._descriptor, self._path):
            self.close()
        if self._descriptor is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
            if not _ends_a_line(self._path):
                os.write(self._descriptor, b"\n")
        return self._descriptor


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether ``path`` still is the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _ends_a_line(path: Path) -> bool:
    """Whether the last line is whole: whoever wrote it may have been killed."""
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"
