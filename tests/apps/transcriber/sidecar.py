"""A whole sidecar on a simulated PBX; only what is said is understood by a script."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from tests.apps.transcriber.harness import Notes
from tests.call.voices import speech
from voicebot.apps.switchboard import Switchboard
from voicebot.apps.transcriber.consent import Discretion
from voicebot.apps.transcriber.scribe import Scribe
from voicebot.apps.transcriber.studio import Studio
from voicebot.apps.transcriber.transcriber import Transcriber
from voicebot.ari import AriClient, Backoff
from voicebot.config import TranscribeSettings
from voicebot.media.endpoint import RtpEndpoint
from voicebot.records.events import CallEnded, Final, PartyJoined
from voicebot.server import wall_clock
from voicebot.sim import Phone, SimulatedPbx
from voicebot.speech.protocols import Transcript

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from voicebot.media.audio import Pcm
    from voicebot.records.events import CallEvent
    from voicebot.sim import RestFault, SimCaller

ECHO, QUIET = "201", "202"
"""Who says what is said to them, and who says nothing."""

WORDS = speech(1.0)

E = TypeVar("E", bound="CallEvent")


class WordsStt:
    """Understands that something is said."""

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        assert pcm
        assert not hint
        return Transcript("words", language)


class Sidecar:
    """The sidecar at work: the PBX, what it told, and the task that is it."""

    def __init__(self, pbx: SimulatedPbx, app: str, notes: Notes, task: asyncio.Task[None]) -> None:
        self.pbx = pbx
        self.app = app
        self.task = task
        self._notes = notes

    def told(self, kind: type[E]) -> list[E]:
        return [event for event in self._notes.events if isinstance(event, kind)]

    def speakers(self) -> Counter[str]:
        """Return how much was written down of whom, by number.

        Where the machine stalls, one sentence may become two.
        """
        numbers = {event.party: event.number for event in self.told(PartyJoined)}
        return Counter(numbers[final.party] for final in self.told(Final))

    def ears(self) -> list[str]:
        """Return the channels and bridges of the sidecar that are in the PBX now."""
        left = self.pbx.leftovers()
        return [name for name in left.channels + left.bridges if "voicebot-ear" in name]

    def channel(self, technology: str, of: str = "") -> str:
        """Return the sidecar's channel of a technology; a snoop channel on the channel ``of``."""
        (found,) = [
            channel.id
            for channel in self.pbx.exchange.channels.values()
            if channel.name.startswith(f"{technology}/{of}") and channel.id in self.ears()
        ]
        return found

    async def call(self, extension: str, number: str = "100", *, people: int = 2) -> SimCaller:
        """Return a caller who talks with ``extension``, once so many are heard in all calls."""
        caller = await self.pbx.dial(extension, number=number)
        await until(lambda: len(self.told(PartyJoined)) >= people, self.pbx.leftovers)
        return caller

    async def writes(self, *numbers: str) -> None:
        """Wait until something is written down of these, and of nobody else so far."""
        await until(lambda: self.speakers().keys() >= set(numbers), self.speakers)
        assert self.speakers().keys() == set(numbers)

    async def ends(self, calls: int = 1) -> None:
        """Wait until so many calls are told to be over, and nothing is left of them."""
        await until(lambda: len(self.told(CallEnded)) >= calls)
        await self.until_empty()

    async def until_empty(self) -> None:
        await until(lambda: not self.pbx.leftovers(), self.pbx.leftovers)


async def until(condition: Callable[[], object], found: Callable[[], object] = str) -> None:
    """Wait until ``condition()`` holds. Raises ``AssertionError`` with what was ``found``."""
    try:
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - the PBX has no event for it
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(f"it did not come true: {found()}") from None


@asynccontextmanager
async def at_work(*faults: RestFault, **settings: object) -> AsyncIterator[Sidecar]:
    """Run a sidecar; whatever was done to it, it must still be running at the end."""
    plan = {ECHO: Phone(after=0.0, echo=True), QUIET: Phone(after=0.0)}
    async with SimulatedPbx(username="bot", password="secret", dialplan=plan) as pbx:
        pbx.faults.rest += faults
        own = TranscribeSettings.model_validate(settings)
        async with running(pbx, own) as sidecar:
            await pbx.wait_for_app(own.app)
            yield sidecar
            assert not sidecar.task.done(), "it gave up"


@asynccontextmanager
async def running(pbx: SimulatedPbx, own: TranscribeSettings) -> AsyncIterator[Sidecar]:
    """Run a sidecar on ``pbx``."""
    notes, transport = Notes(), RtpEndpoint()
    sink = Discretion(notes)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(transport.close)
        await transport.start()
        studio = Studio(
            ari=await stack.enter_async_context(_client(pbx, own.app)),
            app=own.app,
            board=Switchboard(),
            transport=transport,
            listener=await stack.enter_async_context(Scribe(WordsStt(), sink, own)),
            sink=sink,
            announce=own.announce,
            clock=time.monotonic,
            wall_clock=wall_clock,
        )
        task = asyncio.create_task(Transcriber(studio, own, sink).run())
        try:
            yield Sidecar(pbx, own.app, notes, task)
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _client(pbx: SimulatedPbx, app: str) -> AriClient:
    """Return a client that soon gives up a request, and soon comes back."""
    backoff = Backoff(first_s=0.02, longest_s=0.05)
    return AriClient(
        pbx.url, "bot", "secret", app=app, subscribe_all=True, timeout_s=1, backoff=backoff
    )
