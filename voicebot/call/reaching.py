"""Reaching the people of the directory: who is free, ringing them, waiting for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

import structlog

from voicebot.call.playing import loop
from voicebot.call.report import Ending, ToolUsed, TransferOutcome
from voicebot.call.tools import STATUS, TRANSFER, WAIT, destination_of
from voicebot.call.waiting import IN_VAIN, WaitingRoom
from voicebot.errors import TransferRefusedError
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from voicebot.call.common import Common
    from voicebot.call.voice import Voice
    from voicebot.call.waiting import Waiting
    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import ToolCall

_log = structlog.get_logger(__name__)


class Transfer(Protocol):
    """Connects the caller with a colleague."""

    async def __call__(self, extension: str) -> TransferOutcome:
        """Ring ``extension`` and, when it answers, bridge the two.

        Cancelling it takes the attempt back.
        """
        ...


class Reaching:
    """Uses the tools that are about somebody of the directory.

    ``while_ringing`` is played again and again during a transfer. ``waiting`` knows who is free;
    without it everybody is simply tried. ``ringing`` is the directory's key that rings now.
    """

    def __init__(
        self,
        common: Common,
        voice: Voice,
        *,
        transfer: Transfer,
        while_ringing: Pcm,
        waiting: Waiting | None = None,
    ) -> None:
        self._common = common
        self._prompt = common.prompt
        self._voice = voice
        self._transfer = transfer
        self._while_ringing = while_ringing
        self._colleagues = waiting.colleagues if waiting is not None else None
        self._room = WaitingRoom(common, voice, waiting) if waiting is not None else None
        self.ringing: str | None = None

    @property
    def may_wait(self) -> bool:
        """Whether callers may wait for somebody who is on another call."""
        return self._room is not None and self._room.open

    @property
    def waiting(self) -> bool:
        """Whether the caller waits for somebody who is on another call."""
        return self._room is not None and self._room.occupied

    def status(self, key: str) -> Availability:
        """Return whether the directory's ``key`` is free."""
        if self._colleagues is None:
            return Availability.UNKNOWN
        return self._colleagues.availability(self._prompt.directory[key].extension)

    async def use(self, call: ToolCall) -> str | None:
        """Return the result of ``call``, or ``None`` when it ended the conversation."""
        try:
            key = destination_of(call, self._prompt)
        except TransferRefusedError as error:
            self._common.report(ToolUsed(call.name, "", "unknown_destination"))
            _log.warning("transfer refused", reason="not in the directory")
            return str(error)
        status = self.status(key)
        if call.name == STATUS:
            self._common.report(ToolUsed(STATUS, key, status.value))
            return status.value
        if call.name == WAIT and self._room is not None:
            return await self._wait(key, self._room)
        if status is Availability.BUSY:
            self._common.report(ToolUsed(TRANSFER, key, TransferOutcome.BUSY.value))
            others = [
                key for key in self._prompt.directory if self.status(key) is Availability.FREE
            ]
            return f"busy; on another call. Free are: {', '.join(others) or 'nobody known'}"
        return _result(await self.ring(key))

    async def ring(self, key: str) -> TransferOutcome:
        """Ring the directory's ``key`` while the caller hears that it rings."""
        self.ringing = key
        tone = asyncio.create_task(loop(self._voice.playout, self._while_ringing))
        try:
            outcome = await self._transfer(self._prompt.directory[key].extension)
        finally:
            self.ringing = None
            tone.cancel()
            await asyncio.gather(tone, return_exceptions=True)
        self._common.report(ToolUsed(TRANSFER, key, outcome.value))
        if outcome is TransferOutcome.ANSWERED:
            self._common.end(Ending.TRANSFERRED)
        return outcome

    async def _wait(self, key: str, room: WaitingRoom) -> str | None:
        """Let the caller wait for ``key``, then ring; others who wait come after that."""
        async with room.turn(key) as came:
            self._common.report(ToolUsed(WAIT, key, "free" if came else IN_VAIN))
            return _result(await self.ring(key)) if came else IN_VAIN


def _result(outcome: TransferOutcome) -> str | None:
    return None if outcome is TransferOutcome.ANSWERED else outcome.value
