"""What the receptionist does besides talking: transfers, hangs up, repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from voicebot.call.report import Ending, ToolUsed, TransferOutcome
from voicebot.call.tools import HANG_UP, REPEAT, STATUS, TRANSFER, WAIT
from voicebot.speech.availability import Availability
from voicebot.speech.situation import STILL_WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from voicebot.call.common import Common
    from voicebot.call.reaching import Reaching
    from voicebot.call.reply import Reply
    from voicebot.call.timeline import Timeline
    from voicebot.call.voice import Voice
    from voicebot.speech.protocols import ToolCall

_log = structlog.get_logger(__name__)

_MOST_ROUNDS = 4


class Desk:
    """Executes the tools that a reply asks for, once it has been heard.

    ``reaching`` is for those that are about somebody; ``answer`` has the model go on, heard as
    the answer to the turn whose timeline it is given.
    """

    def __init__(
        self,
        common: Common,
        voice: Voice,
        reaching: Reaching,
        *,
        answer: Callable[[Timeline | None], None],
    ) -> None:
        self._common = common
        self._prompt = common.prompt
        self._voice = voice
        self._reaching = reaching
        self._answer = answer
        self._rounds = 0

    def begin_turn(self) -> None:
        """Allow tools again: the caller has spoken."""
        self._rounds = 0

    async def use_tools(self, reply: Reply) -> None:
        """Execute what ``reply`` asks for; a reply without words is announced first."""
        for call in reply.calls:
            # Whatever keeps a tool from its end: a model must never see a call without a result.
            result = STILL_WAITING if call.name == WAIT else "interrupted"
            self._common.history.answer_tool(call, result)
        # After a reply without words the caller still waits for the first one.
        timeline = None if reply.text else reply.timeline
        announcement = "" if reply.text else self._announcement(reply.calls)
        if announcement:
            self._voice.say(
                announcement,
                lambda _said: self._execute(reply.calls, None),
                keep=False,
                timeline=timeline,
            )
        elif reply.calls:
            await self._execute(reply.calls, timeline)

    async def reach_operator(self) -> None:
        """Connect the caller with the operator; where that fails, the conversation goes on."""
        phrases, key = self._prompt.phrases, self._prompt.operator
        name, question = self._prompt.directory[key].name, phrases.anything_else
        if self._reaching.status(key) is Availability.BUSY:
            told = phrases.on_call
            question = phrases.offer_wait if self._reaching.may_wait else question
        else:
            outcome = await self._reaching.ring(key)
            if outcome is TransferOutcome.ANSWERED:
                return
            told = getattr(phrases, outcome.value)
        self._voice.say(f"{told.format(name=name)} {question}")

    async def hand_over(self) -> None:
        """Connect the caller with the operator; where that fails, apologise and end the call."""
        outcome = await self._reaching.ring(self._prompt.operator)
        if outcome is not TransferOutcome.ANSWERED:
            self._voice.say(self._prompt.phrases.apology_hang_up, self._give_up)

    async def hand_over_after(self, _reply: Reply) -> None:
        """Hand over once an apology was heard."""
        await self.hand_over()

    def _announcement(self, calls: Sequence[ToolCall]) -> str:
        """Return what to say before ``calls`` where the model has said nothing."""
        phrases = self._prompt.phrases
        for call in calls:
            if call.name == HANG_UP:
                return phrases.goodbye
            key = str(call.arguments.get("destination"))
            if key not in self._prompt.directory or call.name not in (TRANSFER, WAIT):
                continue
            name = self._prompt.directory[key].name
            if call.name == WAIT:
                return phrases.waiting.format(name=name)
            if self._reaching.status(key) is not Availability.BUSY:
                return phrases.transferring.format(name=name)
        return ""

    async def _execute(self, calls: Sequence[ToolCall], timeline: Timeline | None) -> None:
        """Use the tools one after the other; then the model goes on with their results."""
        self._rounds += 1
        for call in calls:
            result = await self._use(call)
            if result is None:
                return
            self._common.history.answer_tool(call, result)
        if any(call.name == REPEAT for call in calls):
            again = self._common.history.last_said() or self._prompt.greeting
            self._voice.say(again, timeline=timeline)
        elif self._rounds < _MOST_ROUNDS:
            self._answer(timeline)
        else:
            _log.warning("tools used in circles", rounds=self._rounds)
            await self.hand_over()

    async def _use(self, call: ToolCall) -> str | None:
        """Return the tool's result, or ``None`` when it ended the conversation."""
        if call.name in (TRANSFER, STATUS, WAIT):
            return await self._reaching.use(call)
        if call.name not in (HANG_UP, REPEAT):
            _log.warning("unknown tool", tool=call.name)
            return "unknown_tool"
        self._common.report(ToolUsed(call.name, "", "done"))
        if call.name == REPEAT:
            return "done"
        self._common.end(Ending.GOODBYE)
        return None

    async def _give_up(self, _reply: Reply) -> None:
        self._common.end(Ending.FAILED)
