"""What the bot is saying: one reply at a time, and what of it was heard."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

import structlog

from voicebot.call.playing import played
from voicebot.call.reply import Reply
from voicebot.call.report import BotSaid
from voicebot.call.speculation import Work
from voicebot.errors import VoicebotError
from voicebot.speech.protocols import TextDelta

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from voicebot.call.common import Common
    from voicebot.call.timeline import Timeline
    from voicebot.media.playout import Playout
    from voicebot.speech.protocols import ReplyPart


_log = structlog.get_logger(__name__)

Sequel: TypeAlias = "Callable[[Reply], Awaitable[None]]"
"""What follows once a reply was heard."""


class Voice:
    """Speaks replies one after the other, and gives the floor back when one was heard."""

    def __init__(self, common: Common, playout: Playout) -> None:
        self.playout = playout
        self._common = common
        self._reply: Reply | None = None
        self._delivery: asyncio.Task[None] | None = None
        self._following: Reply | None = None
        self._sounding: Reply | None = None

    @property
    def speaking(self) -> bool:
        """Whether something is being said, or about to be."""
        return self._reply is not None

    @property
    def owes(self) -> bool:
        """Whether the caller waits to hear something: a reply, or what follows one."""
        return self._reply is not None or self._following is not None

    def draft(
        self,
        parts: AsyncIterator[ReplyPart],
        timeline: Timeline | None,
        *,
        work: Work | None = None,
        at_rest: Callable[[], None] = lambda: None,
    ) -> Reply:
        """Begin a reply on probation: nothing of it is heard before ``speak()``.

        ``work`` and ``at_rest`` are as in ``Reply``.
        """
        common = self._common
        return Reply(
            parts,
            tts=common.providers.tts,
            language=common.prompt.language,
            clock=common.clock,
            work=work or Work(common.clock),
            ahead_s=common.limits.ahead_s,
            timeline=timeline,
            at_rest=at_rest,
        ).begin(common.tasks)

    def speak(self, reply: Reply, then: Sequel | None = None, *, keep: bool = True) -> None:
        """Let ``reply`` be heard, in the place of what is being said; then await ``then``.

        What was heard goes into the history, unless ``keep`` is false.
        """
        self.interrupt()
        self._reply = self._sounding = reply
        reply.commit(self.playout, lambda: self._common.turns.bot_started(reply.text))
        self._delivery = self._common.tasks.start(self._deliver(reply, then, keep=keep))

    def say(
        self,
        sentence: str,
        then: Sequel | None = None,
        *,
        keep: bool = True,
        timeline: Timeline | None = None,
    ) -> None:
        """Say a fixed sentence; ``timeline`` is the turn's that it answers, if it does."""
        self.speak(self.draft(_parts_of(sentence), timeline), then, keep=keep)

    async def remark(self, sentence: str) -> None:
        """Say a fixed sentence in what follows a reply, and return once it was heard.

        What was heard is reported; the history does not keep it. Raises ``ProviderError``.
        """
        self._sounding = reply = self.draft(_parts_of(sentence), None)
        reply.commit(self.playout, lambda: self._common.turns.bot_started(sentence))
        try:
            await reply.written()
            await played(self.playout)
        except BaseException:
            reply.cancel()
            heard = reply.delivery.heard()
            self.playout.drop()
            if heard:
                self._common.report(BotSaid(heard, interrupted=True, timeline=None))
            raise
        self._common.report(BotSaid(sentence, interrupted=False, timeline=None))

    def resume(self) -> None:
        """Go on after a pause, with the word that was interrupted."""
        reply = self._sounding
        self.playout.resume(reply.delivery.boundary() if reply is not None else None)

    def withdraw(self) -> None:
        """Take back the answer to a turn of which nothing was heard yet, and a filler for it."""
        reply = self._reply
        if reply is None:
            self.playout.drop()
        elif reply.timeline is not None and not reply.audible.is_set():
            self._stop()

    def interrupt(self) -> None:
        """Stop speaking and whatever would follow; the history keeps what was heard."""
        heard = self.break_off()
        if heard is not None:
            self._common.react(self._common.turns.bot_finished(heard))

    def break_off(self) -> str | None:
        """Do so without giving the floor back; return what was heard of what was being said."""
        reply = self._reply
        heard = reply.delivery.heard() if reply is not None else ""
        self._stop()
        if reply is None:
            return None
        self._common.history.say(heard)
        answered = reply.timeline is not None and reply.audible.is_set()
        if heard or answered:
            self._common.report(BotSaid(heard, interrupted=True, timeline=reply.timeline))
        return heard

    def _stop(self) -> None:
        if self._reply is not None:
            self._reply.cancel()
        if self._delivery is not None and self._delivery is not asyncio.current_task():
            self._delivery.cancel()
        self._reply = self._delivery = None
        self.playout.drop()

    async def _deliver(self, reply: Reply, then: Sequel | None, *, keep: bool) -> None:
        try:
            await reply.written()
        except VoicebotError as error:
            # What is being said is said to its end before the caller learns of any trouble.
            _log.warning("a reply breaks off", error=str(error))
            await played(self.playout)
            raise
        await played(self.playout)
        self._reply = None
        if keep:
            self._common.history.say(reply.text, reply.calls)
        if reply.text:
            self._common.report(BotSaid(reply.text, interrupted=False, timeline=reply.timeline))
        if then is not None:
            await self._follow(reply, then)
        if self._reply is None:
            self._common.react(self._common.turns.bot_finished(reply.text))

    async def _follow(self, reply: Reply, then: Sequel) -> None:
        self._following = reply
        try:
            await then(reply)
        finally:
            if self._following is reply:
                self._following = None


async def _parts_of(sentence: str) -> AsyncIterator[ReplyPart]:
    yield TextDelta(sentence)
