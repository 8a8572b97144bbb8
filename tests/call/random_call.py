"""A call in which everybody does something at a random moment, and all that came of it."""

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from tests.call.erratic import (
    FILLERS,
    LINGERS_S,
    ErraticLlm,
    ErraticStt,
    ErraticTts,
    Odds,
    Troubled,
)
from tests.call.harness import PROMPT, FakeStream, Rehearsal, frames_of, settle
from tests.call.voices import silence, speech
from tests.virtual_time import stall
from voicebot.call.report import BotSaid, CallerSaid, ToolUsed, TransferOutcome
from voicebot.call.waiting import Waiting
from voicebot.media.audio import FRAME_SECONDS, energy
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from voicebot.call.report import CallReport
    from voicebot.call.speculation import Limits
    from voicebot.media.audio import Frame, Pcm

TURNS: Final = 4
BUNCH: Final = 25
"""Frames that a machine that stood still finds waiting."""

_phrases = PROMPT.phrases.model_copy(
    update={"filler": FILLERS[0], "filler_again": FILLERS[1]},
)
_PROMPT: Final = PROMPT.model_copy(update={"phrases": _phrases})

_spoken: Final = functools.cache(speech)
_unspoken: Final = functools.cache(silence)


class Line(FakeStream):
    """A stream that keeps in which frames the caller spoke, heard music, or could hear nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: set[int] = set()
        self.musical: set[int] = set()
        self.stood_still: set[int] = set()
        self._plays = False

    @asynccontextmanager
    async def music(self) -> AsyncIterator[None]:
        """Let the caller hear music, as long as nothing is said."""
        self._plays = True
        try:
            yield
        finally:
            self._plays = False

    def carry(self, frame: Frame, *, spoken: bool) -> None:
        """Let 20 ms pass in which the caller is heard, who has ``spoken`` or not."""
        if self._plays:
            self.musical.add(len(self.sent))
        if spoken:
            self.spoken.add(len(self.sent))
        self.tick(frame)

    def catch_up(self, frames: Sequence[Frame]) -> None:
        """Hear ``frames`` all at once, late; meanwhile nothing was sent."""
        self.now += FRAME_SECONDS * len(frames)
        for frame in frames:
            self.energy = energy(frame)
            if self._listener is not None:
                self._listener(frame, self.now)
            self.stood_still.add(len(self.sent))
            self.sent.append(None)


class Colleagues:
    """All of them are on other calls, which ``left`` tells the length of."""

    def __init__(self, left: Callable[[], float]) -> None:
        self._left = left

    def availability(self, extension: str) -> Availability:
        del extension
        return Availability.BUSY if self._left() else Availability.FREE

    @asynccontextmanager
    async def turn(self, extension: str) -> AsyncIterator[None]:
        del extension
        await asyncio.sleep(self._left())
        yield


@dataclass(frozen=True)
class Told:
    """A report, and how many frames had been sent when it came."""

    report: CallReport
    frame: int


@dataclass
class Dialled:
    """An attempt to transfer; ``after_hang_up`` if the caller had gone.

    It is ``answered`` when it has rung to its end: who presses 0 meanwhile ends it.
    """

    extension: str
    after_hang_up: bool
    answered: bool = False


class RandomCall(Rehearsal):
    """The call that ``seed`` makes, where troubles have those ``odds``."""

    def __init__(self, seed: int, odds: Odds, *, limits: Limits | None = None) -> None:
        self.seed = seed
        self.story: list[str] = []
        self.told: list[Told] = []
        self.attempts: list[Dialled] = []
        self.most_ringing = 0
        self.used_after_hang_up: list[str] = []
        self.pressed = False
        self.gone = False
        self._ringing = 0
        self._chance = chance = Random(seed)
        self._odds = odds
        self._hangs_up = chance.uniform(0.1, 40) if chance.random() < odds.hangs_up else None
        self.troubled = Troubled(chance, odds, self._tell)
        self.voice = ErraticTts(self.troubled)
        self.model = ErraticLlm(self.troubled, lambda: len(self.told))
        self.line = Line()
        super().__init__(
            stream=self.line,
            stt=ErraticStt(self.troubled),
            llm=self.model,
            tts=self.voice,
            transfer=self._ring,
            prompt=_PROMPT,
            waiting=self._waiting() if odds.busy is not None else None,
            limits=limits,
        )

    async def play(self) -> None:
        """Let it all happen; return once the call is over."""
        chance = self._chance
        self.begin()
        await self.wait(chance.choice((0.3, 0.7, 0.8, 0.9, 2.0)))
        for _ in range(TURNS):
            await self._say_something()
            interrupts = chance.random() < self._odds.interrupts
            moments = (0.06, 0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2.0, 3.0, 6.0)
            await self.wait(chance.choice(moments) if interrupts else 14.0)
            if chance.random() < self._odds.presses and not self._over():
                self._press(chance.choice("0012"))
        await self.wait(chance.choice((0.0, 1.0, 20.0)))
        # What was begun before that has begun.
        await settle()
        self._tell("caller hangs up")
        self.gone = True
        if chance.random() < self._odds.presses:
            asyncio.get_running_loop().call_later(LINGERS_S / 2, self._press, "0")
        await self.hang_up()

    async def hear(self, pcm: Pcm, *, spoken: bool = True) -> None:
        """Let the caller's line carry ``pcm`` as long as there is a call."""
        frames = frames_of(pcm)
        while frames and not self._over():
            stalls = self._chance.random() < self._odds.stalls / 100
            now = frames[: BUNCH if stalls else 1]
            del frames[: len(now)]
            if stalls:
                self._tell("the machine stands still")
                stall(FRAME_SECONDS * len(now))
                self.line.catch_up(now)
            else:
                await asyncio.sleep(FRAME_SECONDS)
                self.line.carry(now[0], spoken=spoken)

    async def wait(self, seconds: float) -> None:
        """Let time pass in which the caller is silent."""
        await self.hear(_unspoken(seconds), spoken=False)

    def report(self, report: CallReport) -> None:
        """Take what the conversation tells into the story."""
        super().report(report)
        self.told.append(Told(report, len(self.line.sent)))
        self._tell(_line_of(report))
        if self.gone and isinstance(report, ToolUsed):
            self.used_after_hang_up.append(report.name)

    async def _say_something(self) -> None:
        seconds = self._chance.choice((0.25, 0.9, 0.9, 1.3, 2.0))
        if self._over():
            return
        self._tell(f"caller speaks for {seconds} s")
        await self.hear(_spoken(seconds))
        self._tell("caller is silent")

    def _press(self, digit: str) -> None:
        self._tell(f"caller presses {digit}")
        self.pressed = self.pressed or digit == "0"
        self.conversation.press(digit)

    def _over(self) -> bool:
        assert self.task is not None
        gone = self._hangs_up is not None and self.line.now - 1000 >= self._hangs_up
        return gone or self.task.done()

    def _waiting(self) -> Waiting:
        busy = self._chance.random() < (self._odds.busy or 0.0)
        until = self._chance.uniform(0, 60) if busy else 0.0
        colleagues = Colleagues(lambda: max(0.0, 1000 + until - self.line.now))
        return Waiting(colleagues, longest_s=15.0, remind_s=5.0, music=self.line.music)

    async def _ring(self, extension: str) -> TransferOutcome:
        outcome = self._chance.choice(list(TransferOutcome))
        attempt = Dialled(extension, self.gone)
        self.attempts.append(attempt)
        seconds = self._chance.choice((0.0, 0.5, 3.0))
        self._tell(f"{extension} rings, {outcome} in {seconds} s")
        self._ringing += 1
        self.most_ringing = max(self.most_ringing, self._ringing)
        try:
            await asyncio.sleep(seconds)
        finally:
            self._ringing -= 1
        attempt.answered = outcome is TransferOutcome.ANSWERED
        return outcome

    def _tell(self, line: str) -> None:
        now = self.line.now - 1000 if hasattr(self, "line") else 0.0
        self.story.append(f"{now:7.2f}  {line}")


def _line_of(report: CallReport) -> str:
    match report:
        case BotSaid():
            how = ", interrupted" if report.interrupted else ""
            wait = report.timeline.wait_ms() if report.timeline is not None else None
            return f"reported: bot said {report.text!r}{how}{f' after {wait} ms' if wait else ''}"
        case CallerSaid():
            return f"reported: caller said {report.text!r} in turn {report.turn}"
        case _:
            return f"reported: {report}"
