"""Who is free, as far as anybody knows."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable


class Availability(StrEnum):
    """Whether somebody could take a call now. The values are the tool ``status``'s results."""

    FREE = "free"
    BUSY = "busy"
    AWAY = "away"
    UNKNOWN = "unknown"


Whereabouts: TypeAlias = "Callable[[str], Availability]"
"""Tells the availability of an extension, at once."""


def nobody_knows(_extension: str) -> Availability:
    """Tell nothing: everybody is simply tried."""
    return Availability.UNKNOWN
