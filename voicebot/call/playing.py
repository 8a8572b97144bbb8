"""Waiting for what is queued to be heard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm
    from voicebot.media.playout import Playout


async def played(playout: Playout, *, but: int = 0) -> None:
    """Wait until all that is queued now was heard, except for its last ``but`` samples."""
    reached = asyncio.Event()
    playout.mark(lambda _now: reached.set(), at=playout.end - but)
    await reached.wait()


async def loop(playout: Playout, pcm: Pcm) -> None:
    """Play ``pcm`` again and again until cancelled."""
    try:
        while True:
            playout.play(pcm)
            await played(playout)
    finally:
        playout.drop()
