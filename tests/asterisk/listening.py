"""What a phone hears of a call, waited for and judged."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import numpy as np

from bench.baresip import PhoneError
from bench.microphone import SPEECH_RATE
from bench.waveform import tone_level
from tests.asterisk.helpers import hear, hearings

if TYPE_CHECKING:
    from bench.phone import PhoneCall
    from bench.waveform import Samples, Segment


def tone(frequency: float, seconds: float) -> Samples:
    phase = 2 * np.pi * frequency * np.arange(round(seconds * SPEECH_RATE)) / SPEECH_RATE
    return (8000 * np.sin(phase)).astype(np.int16)


async def words(call: PhoneCall, segment: Segment) -> str:
    """Return what the phone heard in ``segment``, in lower case."""
    recording = call.recording()
    return (await hear(segment.of(recording.heard, recording.rate), recording.rate)).lower()


def assert_heard(call: PhoneCall, frequency: float) -> None:
    """The last second and a half holds a tone of ``frequency``."""
    recording = call.recording()
    last = recording.heard[-round(1.5 * recording.rate) :]
    assert tone_level(last, recording.rate, frequency) > -40


async def until_said(call: PhoneCall, expected: str) -> None:
    """Listen until the bot has said ``expected``, past announcements and ringing.

    It was said if one of two recognisers hears it: to the smaller one 'sales' now and then are
    'sails', each time that the same recording is heard.
    """
    heard: list[tuple[str, str]] = []
    while not any(expected in text for texts in heard for text in texts):
        instead = f"{expected!r} was not said, but {heard}"
        assert len(heard) < 6, instead
        try:
            segment = await call.listen(quiet=1.0)
        except PhoneError as error:
            raise AssertionError(instead) from error
        recording = call.recording()
        heard.append(await hearings(segment.of(recording.heard, recording.rate), recording.rate))


async def until_heard(call: PhoneCall, *frequencies: float) -> None:
    """Listen until half a second of nothing but these tones was heard."""
    async with asyncio.timeout(20):
        while True:
            recording = call.recording()
            last = recording.heard[-recording.rate // 2 :]
            levels = [tone_level(last, recording.rate, frequency) for frequency in frequencies]
            tones = sum(10 ** (level / 10) for level in levels)
            if min(levels) > -35 and tones > 0.5 * np.mean((last / 32768) ** 2):
                return
            await asyncio.sleep(0.1)
