"""What a call can be exported as."""

from __future__ import annotations

from enum import StrEnum


class Format(StrEnum):
    """Of files; the values are their usual endings."""

    VTT = "vtt"
    TXT = "txt"
    JSON = "json"
