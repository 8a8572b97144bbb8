"""Writes down what is said: an ``Ear`` for each party, one ``Scribe`` for all calls."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from voicebot.apps.transcriber.load import Gauge, Load
from voicebot.apps.transcriber.order import Order, Place
from voicebot.apps.transcriber.texts import spoken_text, words_of
from voicebot.apps.transcriber.utterances import Passage, Segmenter, Stage
from voicebot.apps.transcriber.workers import Job, Workers
from voicebot.media.audio import SAMPLE_RATE
from voicebot.records.events import Final, Partial

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.config import TranscribeSettings
    from voicebot.media.audio import Frame
    from voicebot.records.events import Sink
    from voicebot.speech.protocols import SpeechToText, Transcript


class Scribe:
    """Transcribes all parties of all calls; used with ``async with``.

    ``sink`` gets ``Partial`` and ``Final``. The finals of a call come in the order in which the
    utterances ended, also where parties overlap; their starts and words tell who said what when.
    What nobody said gives none. ``stt`` should give words; where it does not, they are spread
    over the speech.

    Nothing that was said is lost: while the provider fails or is slow, finals wait, and partials
    are left out. A final without text and words says that somebody spoke who could not be
    transcribed, because the provider kept failing after the end of the call, or at this utterance.
    """

    def __init__(
        self,
        stt: SpeechToText,
        sink: Sink,
        settings: TranscribeSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sink = sink
        self._settings = settings
        self._clock = clock
        self._gauge = Gauge()
        self._workers = Workers(stt, settings, clock=clock, gauge=self._gauge)
        self._stack = AsyncExitStack()
        self._talks: dict[str, Talk] = {}

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._workers)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop. What is not transcribed by now is kept without text: finish the ears before."""
        await self._stack.aclose()

    @property
    def load(self) -> Load:
        """How far the texts are behind the talk, now."""
        oldest = self._workers.oldest
        return Load(
            lag_s=0.0 if oldest is None else self._clock() - oldest,
            waiting=len(self._workers.backlog),
            spilled=0,
            dropped=self._workers.backlog.dropped,
            lost=self._workers.lost,
            failing=self._gauge.failing,
        )

    def listen(self, call: str, party: str, *, position: int, after: int = 0) -> Ear:
        """Return an ear for ``party``, which is heard from ``position`` of ``call`` on.

        A party that had an ear before gets another where it goes on after a gap; ``after`` is then
        the number of its last utterance (``Ear.utterances``).
        """
        talk = self._talks.get(call)
        if talk is None:
            talk = self._talks[call] = Talk(self._sink, self._clock, lambda: self._over(call))
        return Ear(
            call,
            party,
            talk=talk,
            workers=self._workers,
            segmenter=Segmenter(self._settings, position=position, after=after),
            on_change=lambda: self._gauge.read(self.load),
        )

    def _over(self, call: str) -> None:
        self._talks.pop(call, None)


class Talk:
    """The finals of one call on their way to the sink, in order."""

    def __init__(self, sink: Sink, clock: Callable[[], float], on_over: Callable[[], None]) -> None:
        self.sink = sink
        self._clock = clock
        self._on_over = on_over
        self._order = Order()
        self._joined = 0
        self._waiting: dict[int, int] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._moved = asyncio.Event()

    def join(self) -> int:
        """Expect finals of one ear more, and return its number."""
        self._joined += 1
        self._waiting[self._joined] = 0
        return self._joined

    def heard(self, source: int, horizon: int) -> None:
        """Note how far the ear ``source`` has heard; see ``Order``."""
        self._order.heard(source, horizon)
        if self._timer is not None:
            self._release()

    def add(self, place: Place) -> None:
        """Put an utterance in line."""
        self._waiting[place.source] += 1
        self._order.add(place)

    def settle(self, place: Place, final: Final | None) -> None:
        """Give what was said in an utterance in line; ``None`` where nobody spoke."""
        self._order.settle(place, final, self._clock())
        self._release()

    async def leave(self, source: int) -> None:
        """Return when all finals of ``source``, which hears nothing more, are in the sink."""
        self._order.left(source)
        self._release()
        while self._waiting[source]:
            self._moved.clear()
            await self._moved.wait()
        del self._waiting[source]
        if not self._waiting:
            self._on_over()

    def _release(self) -> None:
        now = self._clock()
        for place in self._order.release(now):
            self._waiting[place.source] -= 1
            if place.final is not None:
                self.sink.put(replace(place.final, lag_s=now - place.spoken_at))
        self._moved.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline := self._order.deadline) < math.inf:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(deadline - now, 0.0), self._release)


class Ear:
    """Hears one party."""

    def __init__(
        self,
        call: str,
        party: str,
        *,
        talk: Talk,
        workers: Workers,
        segmenter: Segmenter,
        on_change: Callable[[], None],
    ) -> None:
        self._call = call
        self._party = party
        self._source = talk.join()
        self._talk = talk
        self._workers = workers
        self._segmenter = segmenter
        self._on_change = on_change
        self._glance: Job | None = None
        self._ended = 0
        self._now = 0.0
        talk.heard(self._source, segmenter.now)

    @property
    def utterances(self) -> int:
        """The number of the party's last utterance so far."""
        return self._segmenter.number

    def hear(self, frame: Frame, now: float) -> None:
        """Take the next 20 ms, due at ``now`` (monotonic seconds): a ``FrameListener``."""
        self._now = now
        passage = self._segmenter.push(frame)
        if passage is not None:
            self._take(passage)
        self._talk.heard(self._source, self._segmenter.horizon)

    async def finish(self) -> None:
        """End what is being said, and return when all finals of this party are in the sink.

        That takes as long as the texts are behind the talk, and ``give_up_s`` more at most where
        the provider fails. Nothing is heard after it.
        """
        passage = self._segmenter.finish()
        if passage is not None:
            self._take(passage)
        self._workers.hurry(self._key)
        try:
            await self._talk.leave(self._source)
        finally:
            self._workers.forget(self._key)

    @property
    def _key(self) -> tuple[str, str, int]:
        return self._call, self._party, self._source

    def _take(self, passage: Passage) -> None:
        if passage.stage is Stage.FINAL:
            self._complete(passage)
            return
        job = Job(self._key, passage, self._answered)
        if passage.stage is Stage.PAUSE:
            self._glance = job
        self._workers.look(job)

    def _complete(self, passage: Passage) -> None:
        """Have the utterance transcribed, unless a look at all of it was taken already."""
        self._ended = passage.number
        ago = (self._segmenter.now - passage.end) / SAMPLE_RATE
        place = Place(passage.end, self._source, passage.number, self._now - ago)
        self._talk.add(place)
        glance, self._glance = self._glance, None
        if glance is not None and glance.passage.end == passage.end:
            glance.place = place
            if glance.transcript is not None:
                self._answered(glance, glance.transcript)
                return
            if glance.underway:
                return
        self._workers.submit(Job(self._key, passage, self._answered, place))
        self._on_change()

    def _answered(self, job: Job, transcript: Transcript | None) -> None:
        passage = job.passage
        text = "" if transcript is None else spoken_text(transcript)
        if job.place is None:
            if text and passage.number > self._ended:
                self._talk.sink.put(self._partial(passage, text))
            return
        final = None
        if text or transcript is None:
            final = self._final(passage, transcript, text)
        self._talk.settle(job.place, final)
        self._on_change()

    def _partial(self, passage: Passage, text: str) -> Partial:
        start, end = passage.start, passage.end
        return Partial(self._call, self._party, passage.number, start, end, text)

    def _final(self, passage: Passage, transcript: Transcript | None, text: str) -> Final:
        return Final(
            self._call,
            self._party,
            passage.number,
            passage.start,
            passage.end,
            text,
            language=transcript.language if transcript else "",
            confidence=transcript.confidence if transcript else None,
            words=words_of(passage, transcript, text) if transcript else (),
            lag_s=0.0,
        )
