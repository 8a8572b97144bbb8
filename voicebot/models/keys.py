"""What the handlers find in their application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from voicebot.models.fleet import Fleet


@dataclass(slots=True)
class Progress:
    """How far loading is, in models."""

    total: int = 0
    loaded: int = 0
    status: Literal["loading", "ok", "failed"] = "loading"


FLEET = web.AppKey("fleet", Fleet)
PROGRESS = web.AppKey("progress", Progress)
