"""A second recogniser's opinion on what the first one understands, heard at the same time.

Two that were trained apart seldom take the same grunt for the same word: what both hold for likely
was most likely said.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from voicebot.errors import ModelError
from voicebot.models.lane import LaneFullError
from voicebot.models.wav import AudioError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicebot.models.engines import Engine
    from voicebot.models.seams import Recogniser, Recognition

_log = structlog.get_logger(__name__)

# The bot is silent meanwhile. Who is asked by many callers at once does not keep it so.
_PATIENCE_S = 0.3


async def both(
    first: Engine[Recogniser],
    job: Callable[[Recogniser], Recognition],
    second: Engine[Recogniser],
    also: Callable[[Recogniser], Mapping[str, float]],
) -> Recognition:
    """Return what ``first`` makes of ``job``, with the readings of ``second`` beside its own.

    Without these where they come much later, or not at all. Raises as ``first`` does.
    """
    other = asyncio.ensure_future(_opinion(second, also))
    try:
        found = await first.run(job)
        if not found.readings:
            return found
        await asyncio.wait([other], timeout=_PATIENCE_S)
        told = other.result() if other.done() else {}
        return replace(found, readings=(*found.readings, told)) if told else found
    finally:
        other.cancel()


async def _opinion(
    second: Engine[Recogniser], also: Callable[[Recogniser], Mapping[str, float]]
) -> Mapping[str, float]:
    # It would be loaded for longer than anybody waits.
    if second.state != "ready":
        return {}
    try:
        return await second.run(also)
    except (AudioError, ModelError, LaneFullError):
        # Of audio that nobody can read the first one tells.
        return {}
    except Exception:  # noqa: BLE001 - what the first one understands must not be lost for it
        _log.exception("second hearing failed")
        return {}
