"""What a phone speaks into: a file that baresip plays, exchanged while the call goes on."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import numpy as np
import soxr

from bench.baresip import Baresip, PhoneError
from bench.waveform import Samples, write_wav

if TYPE_CHECKING:
    from pathlib import Path

SPEECH_RATE = 16_000

# baresip ends a call when its file ends: silence follows all speech, and is renewed well before.
SILENCE_SECONDS = 40.0
RENEW_SECONDS = 10.0


class Microphone:
    """One microphone of ``rate`` Hz, used by one call after the other."""

    def __init__(self, baresip: Baresip, folder: Path, *, rate: int) -> None:
        self.path = folder / "microphone.wav"
        self.rate = rate
        self._baresip = baresip
        self._renewing: asyncio.Task[None] | None = None

    def reset(self) -> None:
        """Be quiet from the beginning of the next call."""
        self._write(np.zeros(0, dtype=np.int16))

    def opened(self) -> None:
        """Keep a call that has begun in silence for as long as nothing is said."""
        self._renew_in(SILENCE_SECONDS)

    def closed(self) -> None:
        """Stop keeping the call, which is over."""
        if self._renewing is not None:
            self._renewing.cancel()

    async def say(self, samples: Samples) -> None:
        """Say ``samples`` (of ``SPEECH_RATE`` Hz) from now on, in place of what is being said."""
        at_rate = soxr.resample(samples, SPEECH_RATE, self.rate)
        self._write(at_rate)
        await self._baresip.command("ausrc", f"aufile,{self.path}")
        self._renew_in(len(samples) / SPEECH_RATE + SILENCE_SECONDS)

    def _write(self, samples: Samples) -> None:
        quiet = np.zeros(round(SILENCE_SECONDS * self.rate), dtype=np.int16)
        write_wav(self.path, self.rate, np.concatenate([samples, quiet]))

    def _renew_in(self, length: float) -> None:
        if self._renewing is not None and self._renewing is not asyncio.current_task():
            self._renewing.cancel()
        self._renewing = asyncio.ensure_future(self._renew(length))

    async def _renew(self, length: float) -> None:
        await asyncio.sleep(length - RENEW_SECONDS)
        with contextlib.suppress(PhoneError):
            await self.say(np.zeros(0, dtype=np.int16))
