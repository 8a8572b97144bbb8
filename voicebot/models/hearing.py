"""What others make of what a recogniser understands, heard at the same time.

Those that learned apart seldom take the same grunt for the same word: what all hold for likely was
most likely said.
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
    from collections.abc import Callable, Mapping, Sequence

    from voicebot.models.engines import Engine
    from voicebot.models.seams import Hearer, Recogniser, Recognition

_log = structlog.get_logger(__name__)

# The bot is silent meanwhile. Who is asked by many callers at once does not keep it so.
_PATIENCE_S = 0.3


async def together(
    first: Engine[Recogniser],
    job: Callable[[Recogniser], Recognition],
    others: Sequence[Engine[Hearer]],
    also: Callable[[Hearer], Mapping[str, float]],
) -> Recognition:
    """Return what ``first`` makes of ``job``, with the readings of ``others`` beside its own.

    Without those that come much later, or not at all. Raises as ``first`` does.
    """
    asked = [asyncio.ensure_future(_opinion(other, also)) for other in others]
    try:
        found = await first.run(job)
        if not (found.readings and asked):
            return found
        await asyncio.wait(asked, timeout=_PATIENCE_S)
        told = [other.result() for other in asked if other.done()]
        return replace(found, readings=(*found.readings, *filter(None, told)))
    finally:
        for other in asked:
            other.cancel()


async def _opinion(
    other: Engine[Hearer], also: Callable[[Hearer], Mapping[str, float]]
) -> Mapping[str, float]:
    # It would be loaded for longer than anybody waits.
    if other.state != "ready":
        return {}
    try:
        return await other.run(also)
    except (AudioError, ModelError, LaneFullError):
        # Of audio that nobody can read the first one tells.
        return {}
    except Exception:  # noqa: BLE001 - what the first one understands must not be lost for it
        _log.exception("hearing failed", model=other.name)
        return {}
