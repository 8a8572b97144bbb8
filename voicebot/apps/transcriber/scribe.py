"""Writes down what is said: an ``Ear`` for each party, one ``Scribe`` for all calls."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Self

import structlog

from voicebot.apps.transcriber.load import Gauge, Load
from voicebot.apps.transcriber.order import Place
from voicebot.apps.transcriber.talk import Talk
from voicebot.apps.transcriber.texts import spoken_text, words_of
from voicebot.apps.transcriber.utterances import Passage, Segmenter, Stage
from voicebot.apps.transcriber.workers import Job, Workers
from voicebot.media.audio import SAMPLE_RATE
from voicebot.records.events import Final, Partial

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voicebot.config import TranscribeSettings
    from voicebot.media.audio import Frame
    from voicebot.records.events import Sink
    from voicebot.speech.protocols import SpeechToText, Transcript

_log = structlog.get_logger(__name__)


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
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._sleep = sleep
        self._sink = sink
        self._settings = settings
        self._clock = clock
        self._gauge = Gauge()
        self._workers = Workers(stt, settings, clock=clock, gauge=self._gauge, sleep=sleep)
        self._stack = AsyncExitStack()
        self._talks: dict[str, Talk] = {}

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._workers)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop. What is not transcribed by now is kept without text: finish the ears before."""
        await self._stack.aclose()
        for talk in self._talks.values():
            talk.close()

    @property
    def load(self) -> Load:
        """How far the texts are behind the talk, now."""
        oldest = self._workers.oldest
        return Load(
            lag_s=0.0 if oldest is None else self._clock() - oldest,
            waiting=len(self._workers.backlog),
            spilled=self._workers.shelf.spilled,
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
            talk = self._talks[call] = Talk(
                self._sink, self._clock, self._sleep, on_over=lambda: self._over(call)
            )
        return Ear(
            call,
            party,
            talk=talk,
            workers=self._workers,
            segmenter=Segmenter(self._settings, position=position, after=after),
            clock=self._clock,
            on_change=lambda: self._gauge.read(self.load),
        )

    def _over(self, call: str) -> None:
        if (talk := self._talks.pop(call, None)) is not None:
            waiting = len(self._workers.backlog)
            _log.info("texts complete", call=call, **talk.tally.summary(), waiting=waiting)


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
        clock: Callable[[], float],
        on_change: Callable[[], None],
    ) -> None:
        self._call = call
        self._party = party
        self._source = talk.join()
        self._talk = talk
        self._workers = workers
        self._segmenter = segmenter
        self._clock = clock
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
        self._workers.patience.hurry(self._key, self._clock())
        try:
            await self._talk.leave(self._source)
        finally:
            self._workers.patience.forget(self._key)
            self._workers.backlog.forget_look(self._key)

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
        self._talk.tally.dropped += self._workers.look(job)

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
        job = Job(self._key, passage, self._answered, place)
        self._talk.tally.dropped += self._workers.submit(job)
        self._on_change()

    def _answered(self, job: Job, transcript: Transcript | None) -> None:
        passage = job.passage
        text = "" if transcript is None else spoken_text(transcript)
        if job.place is None:
            if text and passage.number > self._ended:
                self._talk.tally.partials += 1
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
