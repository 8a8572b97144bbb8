"""One call from answer to hang-up: who does what when."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import structlog

from voicebot.call.common import Common
from voicebot.call.company import Company
from voicebot.call.desk import Desk
from voicebot.call.hearing import Hearing
from voicebot.call.history import History
from voicebot.call.reaching import Reaching
from voicebot.call.report import Ending
from voicebot.call.speculation import Speculation
from voicebot.call.tasks import Tasks
from voicebot.call.tones import ringback
from voicebot.call.tools import tools_of
from voicebot.call.voice import Voice
from voicebot.errors import VoicebotError
from voicebot.media.audio import SILENCE
from voicebot.speech.prompt import system_prompt
from voicebot.turns.turntaker import TurnTaker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from voicebot.call.common import Providers
    from voicebot.call.reaching import Transfer
    from voicebot.call.report import Reporter
    from voicebot.call.speculation import Limits
    from voicebot.call.timeline import Timeline
    from voicebot.call.waiting import Waiting
    from voicebot.config import TurnSettings
    from voicebot.media.audio import Frame
    from voicebot.media.stream import MediaStream
    from voicebot.speech.prompt import Prompt
    from voicebot.turns.events import TurnEvent
    from voicebot.turns.opinions import SecondOpinion

_log = structlog.get_logger(__name__)

OPERATOR_KEY = "0"


class Conversation:
    """Answers a caller, talks, and ends in one of the ways of ``Ending``.

    It owns the call's tasks and nothing else: ``Hearing`` reacts to the caller, ``Voice`` speaks,
    ``Desk`` executes tools. ``transfer`` reaches a colleague; while it tries, the caller hears
    ringing unless ``rings`` is false. ``waiting`` knows who is free; without it everybody is simply
    tried. After ``filler_s`` of silence a filler is said, after ``hand_over_s`` without an answer
    the caller is handed over. ``limits`` bound what is prepared before a turn has ended, in all
    calls together. ``wall_clock`` tells the office's time. Cancelling ``run()`` ends everything at
    once.
    """

    def __init__(
        self,
        stream: MediaStream,
        providers: Providers,
        prompt: Prompt,
        *,
        turns: TurnSettings,
        limits: Limits,
        filler_s: float,
        hand_over_s: float,
        transfer: Transfer,
        rings: bool = True,
        waiting: Waiting | None = None,
        report: Reporter,
        wall_clock: Callable[[], datetime],
        opinions: Sequence[SecondOpinion] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._prompt = prompt
        self._report = report
        self._tasks = Tasks(self._fail)
        self._ending: asyncio.Future[Ending] | None = None
        self._failures = 0
        self._to_operator: asyncio.Task[None] | None = None
        self._turns = _turn_taker(turns, prompt, opinions)
        history = History(lambda: system_prompt(prompt, wall_clock()))
        self._common = common = self._shared(providers, history, limits, clock)
        self._voice = Voice(common, stream.playout)
        self._company = Company(common, stream.playout, every_s=filler_s, longest_s=hand_over_s)
        sound = ringback(prompt.language) if rings else SILENCE
        self._reaching = Reaching(
            common, self._voice, transfer=transfer, while_ringing=sound, waiting=waiting
        )
        self._desk = Desk(common, self._voice, self._reaching, answer=self._answer)
        tools = tools_of(prompt, status=waiting is not None, wait=self._reaching.may_wait)
        self._speculation = Speculation(limits)
        self._hearing = Hearing(
            common, self._voice, self._desk, tools=tools, speculation=self._speculation
        )

    def _shared(
        self, providers: Providers, history: History, limits: Limits, clock: Callable[[], float]
    ) -> Common:
        return Common(
            prompt=self._prompt,
            providers=providers,
            turns=self._turns,
            history=history,
            tasks=self._tasks,
            report=self._report,
            limits=limits,
            react=self._react,
            end=self._end,
            fail=self._fail,
            clock=clock,
        )

    def _answer(self, timeline: Timeline | None) -> None:
        self._hearing.answer(self._common.history.messages(), timeline)

    async def run(self, *, pressed: Iterable[str] = ()) -> Ending:
        """Greet the caller and talk until the end; return how it ended.

        ``pressed`` are digits of before: who knows the key does not wait to be greeted.
        """
        self._ending = asyncio.get_running_loop().create_future()
        try:
            self._voice.say(self._prompt.greeting)
            self._stream.listen(self._hear)
            for digit in pressed:
                self.press(digit)
            return await self._ending
        finally:
            self._ending = None
            self._stream.listen(_ignore)
            self._hearing.stop()
            self._voice.break_off()
            await self._tasks.close()
            self._voice.playout.drop()
            self._report(self._speculation.report())

    def press(self, digit: str) -> None:
        """React to a DTMF digit of the caller's: ``0`` reaches the operator at any time."""
        if self._ending is None or digit != OPERATOR_KEY:
            return
        if self._reaching.ringing == self._prompt.operator:
            return
        # Pressed twice in a moment, the operator does not ring yet.
        if self._to_operator is None or self._to_operator.done():
            self._clear()
            self._to_operator = self._tasks.start(self._desk.reach_operator())

    def _hear(self, frame: Frame, now: float) -> None:
        if self._reaching.ringing is None:
            bot, energy = self._voice.playout.sounding, self._stream.energy
            self._react(self._turns.push(frame, bot=bot, energy=energy))
            # Who waits for a colleague does not wait for us.
            owed = self._voice.owes and not self._reaching.waiting
            self._company.poll(now, owed=owed or self._hearing.owes)

    def _react(self, events: list[TurnEvent]) -> None:
        for event in events:
            self._hearing.react(event)

    def _clear(self) -> None:
        """Drop what is being said and prepared, and the turn that it is for: a person is wanted."""
        self._hearing.stop()
        heard = self._voice.break_off()
        if heard is not None:
            # Nobody reacts to what comes of that.
            self._turns.bot_finished(heard)
        self._turns.abandon()

    def _end(self, ending: Ending) -> None:
        if self._ending is not None and not self._ending.done():
            self._ending.set_result(ending)

    def _fail(self, error: Exception) -> None:
        """Apologise and hand over; then hand over without words; then give up.

        Not while it rings: whatever else has failed then is nobody's trouble.
        """
        if self._ending is None:
            # What fails while the call is taken apart is nobody's trouble any more.
            _log.warning("failed at the end of the call", exc_info=error)
            return
        if isinstance(error, VoicebotError):
            _log.error("call in trouble", error=str(error))
        else:
            _log.error("call in trouble", exc_info=error)
        if self._reaching.ringing is not None:
            return
        self._failures += 1
        self._clear()
        if self._failures == 1:
            self._voice.say(self._prompt.phrases.apology, self._desk.hand_over_after)
        elif self._failures == 2:
            self._tasks.start(self._desk.hand_over())
        else:
            self._end(Ending.FAILED)


def _turn_taker(
    settings: TurnSettings, prompt: Prompt, opinions: Sequence[SecondOpinion]
) -> TurnTaker:
    """Return one that knows the names and the extensions of the directory."""
    directory = prompt.directory.values()
    return TurnTaker(
        settings,
        prompt.language,
        opinions=opinions,
        names=[name for entry in directory for name in entry.names],
        extensions=[entry.extension for entry in directory],
    )


def _ignore(_frame: Frame, _now: float) -> None:
    """Hear nothing: the conversation is over."""
