"""What the caller hears while something is late, and when that is given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.errors import AnswerLateError
from voicebot.speech.protocols import audio, closing

if TYPE_CHECKING:
    import asyncio

    from voicebot.call.common import Common
    from voicebot.media.playout import Playout


class Company:
    """Sees to it that the caller is not left in silence while it is the bot's turn.

    After ``every_s`` of silence a filler is said; after twice as much, the next one; and so on.
    Once the caller has waited for ``longest_s`` and heard nothing but fillers, the call is in
    trouble. Time passes in ``poll`` alone.
    """

    def __init__(
        self, common: Common, playout: Playout, *, every_s: float, longest_s: float
    ) -> None:
        phrases = common.prompt.phrases
        self._common = common
        self._playout = playout
        self._fillers = (phrases.filler, phrases.filler_again)
        self._every_s = every_s
        self._longest_s = longest_s
        self._since = self._quiet = common.clock()
        self._said = 0
        self._filler_end = -1
        self._saying: asyncio.Task[None] | None = None

    def poll(self, now: float, *, owed: bool) -> None:
        """Let time go on to ``now``; ``owed`` says whether the caller waits to hear something."""
        playout = self._playout
        if not owed or playout.paused or (not playout.idle and not self._is_filler()):
            self._rest(now)
        elif not playout.idle:
            self._quiet = now
        elif now - self._since >= self._longest_s:
            self._rest(now)
            self._common.fail(AnswerLateError(self._longest_s))
        elif now - self._quiet >= self._every_s * min(1 + self._said, 2) and not self._saying:
            filler = self._fillers[min(self._said, len(self._fillers) - 1)]
            self._said += 1
            self._saying = self._common.tasks.start(self._say(filler))

    def _is_filler(self) -> bool:
        """Return whether what is being heard is one."""
        return self._playout.position < self._filler_end

    def _rest(self, now: float) -> None:
        """Begin to count anew: the caller hears an answer, or waits for none."""
        self._since = self._quiet = now
        self._said = 0
        if self._saying is not None:
            self._saying.cancel()
            self._saying = None

    async def _say(self, filler: str) -> None:
        chunks = self._common.providers.tts.synthesise(
            filler, language=self._common.prompt.language
        )
        begun = False
        async with closing(audio(chunks)) as speech:
            async for pcm in speech:
                if not begun and not self._playout.idle:
                    # The answer was quicker.
                    break
                begun = True
                self._playout.play(pcm)
                self._filler_end = self._playout.end
        self._saying = None
