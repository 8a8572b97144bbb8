"""One call of a phone: speaking, listening, keys and the recording."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bench.baresip import Baresip, PhoneError
from bench.microphone import SPEECH_RATE, Microphone
from bench.recording import Deck, Recording
from bench.waveform import Samples, Segment, segments

if TYPE_CHECKING:
    from pathlib import Path

LISTEN_SECONDS = 0.05
SPEECH_DBFS = -45.0
# Shorter pauses are inside words.
PAUSE_SECONDS = 0.1


class CallFailedError(PhoneError):
    """The call was not answered. ``reason`` is what the other side or baresip gave."""

    def __init__(self, number: str, reason: str) -> None:
        super().__init__(f"{number}: {reason}")
        self.number = number
        self.reason = reason


class PhoneCall:
    """One call, in either direction. It comes from ``Phone``."""

    def __init__(self, baresip: Baresip, microphone: Microphone, folder: Path, number: str) -> None:
        self.number = number
        self._baresip = baresip
        self._microphone = microphone
        self._folder = folder
        loop = asyncio.get_running_loop()
        self._established: asyncio.Future[str] = loop.create_future()
        self._closed: asyncio.Future[str] = loop.create_future()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._deck: Deck | None = None
        self._listened = 0.0

    @property
    def is_up(self) -> bool:
        """Whether both sides can talk now."""
        return self._established.done() and not self._closed.done()

    async def answered(self, *, within: float = 30) -> None:
        """Wait until the call is answered. Raises ``CallFailedError``."""
        await asyncio.wait(
            {self._established, self._closed}, timeout=within, return_when="FIRST_COMPLETED"
        )
        if not self._established.done():
            reason = self._closed.result() if self._closed.done() else f"no answer in {within:g} s"
            raise CallFailedError(self.number, reason)

    async def closed(self, *, within: float = 30) -> str:
        """Wait until the call is over; return the reason. Raises ``PhoneError`` if it goes on."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._closed), within)
        except TimeoutError:
            raise PhoneError(f"the call with {self.number} goes on after {within:g} s") from None

    async def say(self, samples: Samples, *, wait: bool = True) -> None:
        """Say ``samples`` (of ``SPEECH_RATE`` Hz) now, in place of anything still being said.

        Waits until it has been said or the call is over, unless ``wait`` is false; no samples at
        all break off what is being said. Raises ``PhoneError`` when the call is over already.
        """
        if not self.is_up:
            raise PhoneError(f"the call with {self.number} is not up")
        await self._microphone.say(samples)
        if wait:
            await asyncio.wait({self._closed}, timeout=len(samples) / SPEECH_RATE)

    async def listen(self, *, quiet: float = 0.8, within: float = 20) -> Segment:
        """Wait until the other side has spoken and then been quiet for ``quiet`` seconds.

        Returns the stretch it spoke, in seconds of the recording; what an earlier ``listen``
        returned is not heard again. With ``quiet=0`` it returns as soon as something is heard.
        Raises ``PhoneError`` when nothing is heard in ``within`` seconds or before the call ends.
        """
        deadline = time.monotonic() + within
        while True:
            over = self._closed.done() or time.monotonic() > deadline
            recording = self.recording()
            now = recording.position(time.monotonic())
            spoken = self._heard_since(recording, gap=max(quiet, PAUSE_SECONDS))
            if spoken is not None and (over or now - spoken.end >= quiet):
                self._listened = spoken.end
                return spoken
            if over:
                why = "the call is over" if self._closed.done() else f"in {within:g} s"
                raise PhoneError(f"nothing heard from {self.number}: {why}")
            await asyncio.sleep(LISTEN_SECONDS)

    async def press(self, keys: str) -> None:
        """Press telephone keys (RFC 4733 events)."""
        await self._baresip.command("sndcode", keys)

    async def hold(self) -> None:
        """Put the other side on hold."""
        await self._baresip.command("hold")

    async def resume(self) -> None:
        """Take the other side off hold."""
        await self._baresip.command("resume")

    async def transfer(self, uri: str) -> None:
        """Transfer the other side to a SIP address, without a talk before (RFC 3515).

        An address with ``?Replaces=…`` takes the place of another call (RFC 3891): an attended
        transfer.
        """
        await self._baresip.command("transfer", uri)

    async def key(self, *, within: float = 5) -> str:
        """Wait for a key that the other side presses, each one once. Raises ``PhoneError``."""
        try:
            return await asyncio.wait_for(self._keys.get(), within)
        except TimeoutError:
            raise PhoneError(f"no key from {self.number} in {within:g} s") from None

    def recording(self) -> Recording:
        """Return what was said and heard so far. Raises ``PhoneError`` before there is media."""
        if self._deck is None:
            raise PhoneError(f"the call with {self.number} has no media yet")
        return self._deck.recording()

    async def hang_up(self) -> None:
        """End the call, or give up one that is not answered yet. Twice is allowed."""
        if not self._closed.done():
            await self._baresip.command("hangup")
            await self.closed(within=5)

    def note(self, event: str, detail: str) -> None:
        """Take notice of what baresip reports about this call."""
        dump = next(self._folder.glob("dump-*-enc.wav"), None)
        if self._deck is None and dump is not None:
            self._deck = Deck(dump, dump.with_name(dump.name.replace("-enc.wav", "-dec.wav")))
            self._deck.start()
        if event == "CALL_ESTABLISHED":
            self._established.set_result(detail)
            self._microphone.opened()
        elif event == "CALL_DTMF_START":
            self._keys.put_nowait(detail)
        elif event == "CALL_CLOSED" and not self._closed.done():
            self._closed.set_result(detail)
            self._microphone.closed()
            if self._deck is not None:
                self._deck.stop()

    def release(self) -> None:
        """Let the recording's files go: nothing can be read after this."""
        if self._deck is not None:
            self._deck.close()

    def _heard_since(self, recording: Recording, *, gap: float) -> Segment | None:
        unheard = recording.heard[round(self._listened * recording.rate) :]
        found = segments(unheard, recording.rate, gap=gap, threshold=SPEECH_DBFS)
        if not found:
            return None
        return Segment(found[0].start + self._listened, found[0].end + self._listened)
