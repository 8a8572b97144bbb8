"""What the caller hears while an answer is late."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from voicebot.call.common import Common
    from voicebot.call.reply import Reply
    from voicebot.media.playout import Playout


class Company:
    """Says one filler after the other, each after ``every_s`` of waiting."""

    def __init__(self, common: Common, *, every_s: float) -> None:
        phrases = common.prompt.phrases
        self._tts = common.providers.tts
        self._language = common.prompt.language
        self._fillers = (phrases.filler, phrases.filler_again)
        self._every_s = every_s

    async def keep(self, reply: Reply, playout: Playout) -> None:
        """Keep the caller company until ``reply`` is heard or the fillers are used up.

        Raises ``ProviderError``.
        """
        for filler in self._fillers:
            try:
                await asyncio.wait_for(reply.audible.wait(), self._every_s)
            except TimeoutError:
                async for pcm in self._tts.synthesise(filler, language=self._language):
                    playout.play(pcm)
            else:
                return
