"""One reply, on its way from the language model to the caller's ear."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from voicebot.call.clause import Clause
from voicebot.call.delivery import Delivery
from voicebot.call.timeline import Stamp
from voicebot.media.audio import SAMPLE_RATE
from voicebot.speech.clauses import ClauseSplitter
from voicebot.speech.protocols import SpokenWord, TextDelta, closing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from voicebot.call.speculation import Work
    from voicebot.call.tasks import Tasks
    from voicebot.call.timeline import Timeline
    from voicebot.media.playout import Playout
    from voicebot.speech.protocols import ReplyPart, TextToSpeech, ToolCall


_ENOUGH: Final = SAMPLE_RATE
"""Samples that are worth having on probation: what follows is spoken before they are heard."""


class Reply:
    """Text that is being written, spoken and heard, all at the same time.

    ``begin()`` starts a task that reads ``parts``, splits the text into clauses and has them
    spoken. Until ``commit()`` the reply is on probation: the first clause's audio is held back, and
    no further clause is begun but after a very short one ('Sure,'), which would be over before the
    next could be spoken. After it everything goes to playout as it comes, but no clause is begun
    while more than ``ahead_s`` of speech waits there: what is interrupted was made in vain.

    ``work`` counts what the stages take; ``at_rest`` is called when the reply has all that is worth
    having on probation, or has failed.
    """

    def __init__(
        self,
        parts: AsyncIterator[ReplyPart],
        *,
        tts: TextToSpeech,
        language: str,
        clock: Callable[[], float],
        work: Work,
        ahead_s: float,
        timeline: Timeline | None = None,
        at_rest: Callable[[], None] = lambda: None,
    ) -> None:
        self.timeline = timeline
        self.calls: list[ToolCall] = []
        self.audible = asyncio.Event()
        self.delivery = Delivery()
        self._parts = parts
        self._tts = tts
        self._language = language
        self._clock = clock
        self._work = work
        self._ahead = int(ahead_s * SAMPLE_RATE)
        self._at_rest = at_rest
        self._splitter = ClauseSplitter(language)
        self._committed = asyncio.Event()
        self._on_audible: Callable[[], None] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def text(self) -> str:
        """All clauses that were spoken or are being spoken."""
        return self.delivery.text

    def begin(self, tasks: Tasks) -> Reply:
        """Start writing and speaking in one of ``tasks``; return the reply itself."""
        self._task = tasks.hold(self._write())
        self._task.add_done_callback(lambda _task: self._at_rest())
        return self

    async def written(self) -> None:
        """Wait until all audio is queued. Raises ``ProviderError``."""
        if self._task is not None:
            # Who is cancelled here learns just that, and not what the task makes of its own end.
            await asyncio.wait([self._task])
            self._task.result()

    def cancel(self) -> None:
        """Stop writing and speaking; requests under way are ended."""
        if self._task is not None:
            self._task.cancel()

    def commit(self, playout: Playout, on_audible: Callable[[], None]) -> None:
        """Let the reply be heard: the turn that it answers has ended.

        ``on_audible`` is called when the first sample has been sent.
        """
        self._on_audible = on_audible
        self._committed.set()
        self.delivery.begin(playout, self._became_audible)

    async def _write(self) -> None:
        self._work.turn_to("llm")
        async with closing(self._parts) as parts:
            async for part in parts:
                self._stamp(Stamp.FIRST_TOKEN)
                if isinstance(part, TextDelta):
                    for clause in self._splitter.push(part.text):
                        await self._speak(clause)
                else:
                    self.calls.append(part)
                self._work.turn_to("llm")
        for clause in self._splitter.flush():
            await self._speak(clause)
        await self._commitment()

    async def _speak(self, text: str) -> None:
        delivery = self.delivery
        if delivery.clauses:
            if delivery.held_samples >= _ENOUGH:
                await self._commitment()
            await delivery.nearly_heard(self._ahead)
        clause = Clause(text, self._language)
        delivery.add(clause)
        self._work.turn_to("tts")
        parts = self._tts.synthesise(clause.spoken, language=self._language)
        async with closing(parts) as speech:
            async for part in speech:
                if isinstance(part, SpokenWord):
                    clause.tell(part)
                else:
                    self._stamp(Stamp.FIRST_AUDIO)
                    delivery.play(clause, part)
        clause.complete = True

    async def _commitment(self) -> None:
        """Wait until what is said is meant to be heard."""
        self._work.turn_to(None)
        if not self._committed.is_set():
            self._at_rest()
        await self._committed.wait()

    def _became_audible(self, now: float) -> None:
        if self.timeline is not None:
            self.timeline.stamp(Stamp.FIRST_PACKET, now)
        self.audible.set()
        if self._on_audible is not None:
            self._on_audible()

    def _stamp(self, step: Stamp) -> None:
        if self.timeline is not None:
            self.timeline.stamp(step, self._clock())
