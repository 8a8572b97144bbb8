"""What the scripted receptionist says and does next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and the tool that is used afterwards."""

    said: tuple[str, ...] = ()
    tool: str | None = None
    arguments: Mapping[str, str] | None = None
