"""Calls between two phones each, and what was said in them, to the moment."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bench.phone import MU_LAW, Phone
from bench.transcribe_figures import Said
from bench.transcribe_loss import heard
from bench.waveform import levels
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AsyncExitStack

    from numpy.typing import NDArray

    from bench.phone import PhoneCall
    from bench.recording import Recording
    from bench.transcribe_loss import Heard
    from bench.transcribe_talk import Conversation, Line
    from bench.waveform import Samples
    from tests.asterisk.server import AsteriskServer

_AUDIBLE_DBFS: Final = -50.0
_ANSWER_S: Final = 15.0
_STARTED_AT_ONCE: Final = 4
# Phones that are kept waiting say everything later, but nothing earlier nor very much later.
_SEARCHED_S: Final = (0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Numbers:
    """The two phones of call ``call``."""

    call: int
    caller: str
    callee: str


class Pair:
    """Two phones that call each other."""

    def __init__(self, numbers: Numbers, caller: Phone, callee: Phone) -> None:
        self.numbers = numbers
        self._caller = caller
        self._callee = callee
        self._calls: tuple[PhoneCall, PhoneCall] | None = None
        self._began = 0.0

    async def connect(self) -> None:
        """Call and answer. Raises ``PhoneError``."""
        calling = asyncio.create_task(self._caller.dial(self.numbers.callee, within=_ANSWER_S))
        called = await self._callee.called(within=_ANSWER_S)
        self._calls = (await calling, called)
        await called.answered(within=_ANSWER_S)

    async def talk(self, spoken: Conversation) -> None:
        """Say what both have to say, at the same time."""
        self._began = time.monotonic()
        await asyncio.gather(
            *(call.say(voice) for call, voice in zip(self._both, spoken.voices, strict=True))
        )

    def said(self, spoken: Conversation) -> list[Heard]:
        """Return what was said, when it left the phones, and what there is of it in the audio."""
        recordings = [call.recording() for call in self._both]
        sentences = []
        for line in spoken.lines:
            sender, receiver = recordings[line.party], recordings[1 - line.party]
            when = _when(line, spoken, sender, self._began)
            said = Said((self.numbers.call, line.party), line.text, *when)
            sentences.append(heard(said, sender, receiver))
        return sentences

    async def hang_up(self) -> None:
        """End the call."""
        await self._both[0].hang_up()

    @property
    def _both(self) -> tuple[PhoneCall, PhoneCall]:
        if self._calls is None:
            raise ValueError("the two are not connected yet")
        return self._calls


def _when(
    line: Line, spoken: Conversation, recording: Recording, began: float
) -> tuple[float, float]:
    """Return when ``line`` began and ended to leave the phone (monotonic seconds).

    Its loudness is found again in the recording, near the place where it ought to be when both
    ``began`` to speak: a phone on a busy machine falls behind.
    """
    first = int(line.start * SAMPLE_RATE)
    wanted = _envelope(spoken.voices[line.party][first : int(line.end * SAMPLE_RATE)], SAMPLE_RATE)
    expected = recording.position(began) + line.start
    place = max(0, round((expected - _SEARCHED_S[0]) * 1000))
    sent = _envelope(recording.said, recording.rate)
    sent = sent[place : round((expected + _SEARCHED_S[1] + line.end - line.start) * 1000)]
    # Where the shapes are most alike, not where it is loudest.
    alike = np.correlate(sent, wanted - wanted.mean(), "valid")
    begin = recording.started + (place + float(np.argmax(alike))) / 1000
    return begin, begin + line.end - line.start


def _envelope(samples: Samples, rate: int) -> NDArray[np.float64]:
    """Return how far each millisecond is above what can be heard, in dB."""
    return np.maximum(levels(samples, rate) - _AUDIBLE_DBFS, 0.0)


def numbers_of(pbx: AsteriskServer) -> list[Numbers]:
    """Return the pairs that the PBX has phones for."""
    phones = pbx.more_phones
    return [
        Numbers(call, caller, callee)
        for call, (caller, callee) in enumerate(zip(phones[::2], phones[1::2], strict=False))
    ]


def sides(pairs: Sequence[Numbers]) -> Mapping[str, tuple[int, int]]:
    """Return by a phone's number which call it is in, and on which side."""
    callers = {one.caller: (one.call, 0) for one in pairs}
    return callers | {one.callee: (one.call, 1) for one in pairs}


async def phones_of(
    pbx: AsteriskServer, pairs: Sequence[Numbers], stack: AsyncExitStack
) -> list[Pair]:
    """Return the pairs' phones, registered; ``stack`` ends them."""
    starting = asyncio.Semaphore(_STARTED_AT_ONCE)

    async def start(number: str) -> Phone:
        async with starting:
            phone = Phone(pbx.account(number), codecs=MU_LAW, register_within=30)
            return await stack.enter_async_context(phone)

    callers = await asyncio.gather(*(start(one.caller) for one in pairs))
    callees = await asyncio.gather(*(start(one.callee) for one in pairs))
    return [
        Pair(one, caller, callee)
        for one, caller, callee in zip(pairs, callers, callees, strict=True)
    ]
