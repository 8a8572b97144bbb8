"""The transcriptions under way: as many at once as allowed, tried again for as long as it takes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import structlog

from voicebot.apps.transcriber.backlog import Backlog
from voicebot.apps.transcriber.patience import Patience
from voicebot.apps.transcriber.shelf import Shelf
from voicebot.errors import ProviderError, ProviderProtocolError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from voicebot.apps.transcriber.load import Gauge
    from voicebot.apps.transcriber.order import Place
    from voicebot.apps.transcriber.shelf import Audio
    from voicebot.apps.transcriber.utterances import Passage
    from voicebot.config import TranscribeSettings
    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import SpeechToText, Transcript

    Key = tuple[str, str, int]
    """A call, a party of it, and which of the call's ears this is."""

_log = structlog.get_logger(__name__)

BACKOFF_S: Final = (0.5, 1.0, 2.0, 5.0)

GARBLED: Final = 4
"""An utterance to which the provider gives so many unusable answers is at fault itself."""


@dataclass(eq=False, slots=True)
class Job:
    """A passage to transcribe. With a ``place`` in the line of the call's finals it is a final.

    ``answer`` is called with the transcript, or ``None`` when it was given up.
    """

    key: Key
    passage: Passage
    answer: Callable[[Job, Transcript | None], None]
    place: Place | None = None
    underway: bool = False
    transcript: Transcript | None = None
    garbled: int = 0

    @property
    def audio(self) -> Audio:
        """What is to be transcribed."""
        return self.passage.audio


class Workers:
    """Transcribes what waits; used with ``async with``.

    A provider that fails is asked again after a pause that grows to 5 s; finals wait meanwhile,
    looks are dropped. Only for calls that are over does that end, as ``patience`` says. ``backlog``
    is what waits, and ``shelf`` has its audio.
    """

    def __init__(
        self,
        stt: SpeechToText,
        settings: TranscribeSettings,
        *,
        clock: Callable[[], float],
        gauge: Gauge,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._stt = stt
        self._settings = settings
        self._clock = clock
        self._gauge = gauge
        self._sleep = sleep
        self.shelf: Final = Shelf(settings.memory_mb << 20)
        self._spilling: asyncio.Task[None] | None = None
        self.backlog: Final[Backlog[Job]] = Backlog()
        self.patience: Final = Patience(settings.give_up_s)
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._underway: set[Job] = set()
        self.lost = 0

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._work()) for _ in range(self._settings.workers)]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop; what is not transcribed yet is given up."""
        tasks = [*self._tasks, *([self._spilling] if self._spilling is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for job in [*self._underway, *self.backlog]:
            self._give_up(job)
        self.shelf.close()

    @property
    def oldest(self) -> float | None:
        """When the oldest utterance without its text ended (monotonic seconds)."""
        jobs = [*self.backlog.heads(), *self._underway]
        return min((job.place.spoken_at for job in jobs if job.place), default=None)

    def submit(self, job: Job) -> bool:
        """Take a final; return whether a look was dropped for it."""
        dropped = self.backlog.forget_look(job.key)
        self.backlog.put(job)
        self._wait(job)
        return dropped

    def look(self, job: Job) -> bool:
        """Take a look at what is being said: to be done when nothing more important waits.

        Returns whether a look was dropped, this one or an older one.
        """
        if self.patience.failures:
            self.backlog.dropped += 1
            return True
        dropped = self.backlog.look(job)
        self._wake.set()
        return dropped

    async def _work(self) -> None:
        while True:
            job = self.backlog.take()
            if job is None:
                self._wake.clear()
                await self._wake.wait()
                continue
            job.underway = True
            self._underway.add(job)
            pcm = await self.shelf.take(job.audio) if job.place else job.audio.pcm or b""
            transcript = await self._transcribe(job, pcm)
            job.underway = False
            self._underway.discard(job)
            if transcript is not None:
                self._gauge.succeeded()
                self.patience.worked()
                job.transcript = transcript
                job.answer(job, transcript)
            elif failures := self.patience.failures:
                await self._sleep(BACKOFF_S[min(failures, len(BACKOFF_S)) - 1])

    def _wait(self, job: Job) -> None:
        self.shelf.put(job.audio)
        self._wake.set()
        if self.shelf.full and (self._spilling is None or self._spilling.done()):
            # Those first that wait longest from now on.
            last_first = reversed(list(self.backlog))
            self._spilling = asyncio.create_task(self.shelf.make_room(last_first))

    async def _transcribe(self, job: Job, pcm: Pcm) -> Transcript | None:
        """Return the transcript, or ``None`` after a failure that has been dealt with."""
        try:
            return await self._stt.transcribe(pcm, language=self._settings.language)
        except ProviderError as error:
            job.garbled += isinstance(error, ProviderProtocolError)
            self._failed(job, error)
        except Exception:  # noqa: BLE001 - one utterance's fault must not stop the others
            _log.exception("recognition failed", call=job.key[0], party=job.key[1])
            self._give_up(job)
        return None

    def _failed(self, job: Job, error: ProviderError) -> None:
        self._gauge.failed(error)
        if job.place is not None and job.garbled >= GARBLED:
            self._give_up(job)
        elif job.place is not None:
            self.backlog.give_back(job)
            self._wait(job)
        for key in self.patience.failed(self._clock()):
            for waiting in self.backlog.clear(key):
                self.shelf.drop(waiting.audio)
                self._give_up(waiting)

    def _give_up(self, job: Job) -> None:
        if job.place is None:
            return
        self.lost += 1
        _log.warning("an utterance is kept without its text", call=job.key[0], party=job.key[1])
        job.answer(job, None)
