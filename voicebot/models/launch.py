"""What the main program and the model process say to each other through the pipes."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

# Pydantic reads these annotations when the program runs.
from voicebot.config import ModelsSettings  # noqa: TC001
from voicebot.models.engines import KINDS, Kind


class Order(BaseModel):
    """What the model process is to serve: one JSON line on its standard input."""

    settings: ModelsSettings
    which: frozenset[Kind] = KINDS
    languages: frozenset[str] = frozenset({"en"})


class Report(BaseModel):
    """One JSON line on the model process's standard output.

    ``loaded`` comes once for each model, then ``ready`` with the base URL; or ``failed`` with the
    name of a ``ModelError`` class and its message.
    """

    event: Literal["loaded", "ready", "failed"]
    model: str | None = None
    loaded: int = 0
    total: int = 0
    base_url: str | None = None
    error: str | None = None
    message: str | None = None
