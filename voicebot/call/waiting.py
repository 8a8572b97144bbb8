"""Waiting for a colleague who is on another call."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import structlog

from voicebot.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from voicebot.call.common import Common
    from voicebot.call.voice import Voice
    from voicebot.speech.availability import Availability

_log = structlog.get_logger(__name__)

IN_VAIN = "waited_in_vain"
"""The result of the tool ``wait`` when nobody became free."""


class Colleagues(Protocol):
    """Knows who is free, by the directory's extensions."""

    def availability(self, extension: str) -> Availability:
        """Return whether ``extension`` is free, as far as that is known now."""
        ...

    def turn(self, extension: str) -> AbstractAsyncContextManager[None]:
        """Wait until ``extension`` is not known to be busy and it is one's turn.

        Who came first is first; the turn lasts as long as the context.
        """
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """How callers wait for somebody who is on another call.

    ``music()`` is entered while nothing is said. After ``longest_s`` a caller has waited in vain;
    with 0 nobody waits. Every ``remind_s`` the caller is told that it is not forgotten.
    """

    colleagues: Colleagues
    longest_s: float
    remind_s: float = 20.0
    music: Callable[[], AbstractAsyncContextManager[None]] = nullcontext


class WaitingRoom:
    """Where one caller waits. Cancelling ends the wait: the caller has given up or gone."""

    def __init__(self, common: Common, voice: Voice, waiting: Waiting) -> None:
        self._prompt = common.prompt
        self._voice = voice
        self._waiting = waiting
        self.occupied = False
        """Whether the caller waits."""

    @property
    def open(self) -> bool:
        """Whether anybody may wait at all."""
        return self._waiting.longest_s > 0

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncIterator[bool]:
        """Wait for the directory's ``key``; yield whether it became free in time."""
        phrases, entry = self._prompt.phrases, self._prompt.directory[key]
        async with AsyncExitStack() as stack:
            company = asyncio.create_task(
                self._keep_company(phrases.still_waiting.format(name=entry.name))
            )
            self.occupied = True
            try:
                async with asyncio.timeout(self._waiting.longest_s):
                    turn = self._waiting.colleagues.turn(entry.extension)
                    await stack.enter_async_context(turn)
            except TimeoutError:
                came = False
            else:
                came = True
            finally:
                self.occupied = False
                company.cancel()
                await asyncio.gather(company, return_exceptions=True)
            if came:
                await self._tell(phrases.now_free.format(name=entry.name))
            yield came

    async def _keep_company(self, reminder: str) -> None:
        while True:
            async with self._waiting.music():
                await asyncio.sleep(self._waiting.remind_s)
            await self._tell(reminder)

    async def _tell(self, sentence: str) -> None:
        try:
            await self._voice.remark(sentence)
        except ProviderError as error:
            # A voice that fails must not cost the caller the place in the line.
            _log.warning("a waiting caller cannot be told", reason=str(error))
