"""One call of the benchmark: the script is spoken, and both directions come back."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bench.baresip import PhoneError
from bench.latency_measure import Spoken
from bench.latency_script import Conversation, ExpectSilence, Interrupt, Say, Step, Wait
from bench.microphone import SPEECH_RATE
from bench.recording import LEAD_SECONDS, PACKET_SECONDS
from bench.waveform import Segment, segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.latency_voice import Utterance
    from bench.recording import Recording
    from bench.waveform import Samples

# How often is looked whether the bot has finished, and whether it has begun.
FINISHED_POLL_SECONDS = 0.2
ONSET_POLL_SECONDS = 0.03
SPEECH_DBFS = -45.0
# The longest time in which a phone may tell that a call was answered.
NOTICE_SECONDS = 0.05


class LiveCall(Protocol):
    """A call that is up: what ``PhoneCall`` is, and the ARI originated call too."""

    @property
    def is_up(self) -> bool:
        """Whether both sides can talk now."""
        ...

    async def say(self, samples: Samples) -> None:
        """Say ``samples`` and return when they are said, or when the call is over."""
        ...

    def recording(self) -> Recording:
        """Return both directions so far."""
        ...

    async def hang_up(self) -> None:
        """End the call; twice is allowed."""
        ...


class Clock(Protocol):
    """The time that a caller lives in."""

    def now(self) -> float:
        """Return monotonic seconds, on the clock of the recordings."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class WallClock:
    """The real time."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""
        await asyncio.sleep(seconds)


class Line(Protocol):
    """Something that can call, one call at a time."""

    async def dial(self, number: str) -> LiveCall:
        """Return the call once it is answered. Raises ``PhoneError``."""
        ...


@dataclass(frozen=True, slots=True)
class Patience:
    """``answer`` seconds without one and a turn is missed; ``quiet`` seconds end an answer."""

    answer: float = 10.0
    quiet: float = 1.0


@dataclass(frozen=True, slots=True)
class FinishedCall:
    """A call that was made. ``established`` and ``spoken`` are positions in the recording."""

    conversation: str
    recording: Recording
    established: float
    spoken: tuple[Spoken, ...]


async def converse(
    line: Line,
    number: str,
    conversation: Conversation,
    utterances: Mapping[str, Utterance],
    patience: Patience,
    *,
    clock: Clock | None = None,
) -> FinishedCall:
    """Call ``number``, go through the conversation, hang up. Raises ``PhoneError``.

    A bot that hangs up early ends the conversation, not the measurement.
    """
    clock = clock or WallClock()
    call = await line.dial(number)
    established = clock.now()
    caller = _Caller(call, utterances, patience, clock)
    try:
        for step, following in zip(
            conversation.steps, [*conversation.steps[1:], None], strict=True
        ):
            if not call.is_up:
                break
            await caller.take(step, following)
    finally:
        await call.hang_up()
    recording = call.recording()
    established = answered_at(recording, established)
    spoken = tuple(
        Spoken(utterance, recording.position(moment), interrupts, expects)
        for utterance, moment, interrupts, expects in caller.spoken
    )
    return FinishedCall(conversation.name, recording, recording.position(established), spoken)


def answered_at(recording: Recording, noticed: float) -> float:
    """Return when the call was answered (monotonic), from when that was ``noticed`` here.

    A phone tells of the answer a moment after its media has begun; media that began long before,
    such as ringing tones, tells nothing.
    """
    begun = recording.started + LEAD_SECONDS + PACKET_SECONDS
    return begun if 0 < noticed - begun < NOTICE_SECONDS else noticed


class _Caller:
    """Goes through the steps; ``spoken`` has monotonic moments, as a recording may yet begin."""

    def __init__(
        self,
        call: LiveCall,
        utterances: Mapping[str, Utterance],
        patience: Patience,
        clock: Clock,
    ) -> None:
        self.spoken: list[tuple[Utterance, float, bool, bool]] = []
        self._call = call
        self._utterances = utterances
        self._patience = patience
        self._clock = clock
        # From when on what is heard is the bot's next word.
        self._finished = self._clock.now() - 1.0

    async def take(self, step: Step, following: Step | None) -> None:
        match step:
            case Wait(within):
                await self._answer(self._patience.answer if within is None else within)
            case ExpectSilence(seconds):
                await self._clock.sleep(seconds)
            case Interrupt(text, after_ms):
                interrupts = await self._onset(after_ms / 1000)
                await self._say(text, following, interrupts=interrupts)
            case Say(text):
                await self._say(text, following, interrupts=False)

    async def _say(self, text: str, following: Step | None, *, interrupts: bool) -> None:
        utterance = self._utterances[text]
        moment = self._clock.now()
        expects = not isinstance(following, ExpectSilence)
        self.spoken.append((utterance, moment, interrupts, expects))
        _, speech = utterance.at(SPEECH_RATE)
        self._finished = moment + speech.end
        if self._call.is_up:
            await self._say_if_up(utterance)

    async def _say_if_up(self, utterance: Utterance) -> None:
        try:
            await self._call.say(utterance.samples)
        except PhoneError:
            # The bot hung up this very moment: the recording shows that it was not said.
            if self._call.is_up:
                raise

    async def _answer(self, within: float) -> None:
        """Wait until the bot has spoken and is quiet, or is not heard in time."""
        deadline = max(self._clock.now(), self._finished) + within
        while self._call.is_up:
            now = self._clock.now()
            heard = await self._heard(self._patience.quiet)
            if heard and now - heard[-1].end >= self._patience.quiet:
                return
            if not heard and now >= deadline:
                return
            await self._clock.sleep(FINISHED_POLL_SECONDS)

    async def _onset(self, after: float) -> bool:
        """Wait until the bot has spoken for ``after`` seconds; return whether it spoke at all."""
        deadline = max(self._clock.now(), self._finished) + self._patience.answer
        while self._call.is_up and self._clock.now() < deadline:
            heard = await self._heard(self._patience.quiet)
            if heard:
                await self._clock.sleep(heard[0].start + after - self._clock.now())
                return True
            await self._clock.sleep(ONSET_POLL_SECONDS)
        return False

    async def _heard(self, gap: float) -> list[Segment]:
        """Return what the bot has said since the caller's last word, in monotonic seconds."""
        # In a thread: the caller's own packets may be paced by this event loop.
        return await asyncio.to_thread(self._find, gap)

    def _find(self, gap: float) -> list[Segment]:
        recording = self._call.recording()
        origin = max(self._finished, recording.started)
        fresh = recording.heard[round(recording.position(origin) * recording.rate) :]
        found = segments(fresh, recording.rate, gap=gap, threshold=SPEECH_DBFS)
        return [Segment(item.start + origin, item.end + origin) for item in found]
