"""Voices for the people of the demonstration: the receptionist's own, made higher or lower."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import soxr

from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE
from voicebot.speech.protocols import audio, closing

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import TextToSpeech

CALLER_PITCH: Final = 1.06
COLLEAGUE_PITCH: Final = 0.9


async def speak(tts: TextToSpeech, text: str, *, language: str, pitch: float) -> Pcm:
    """Return the speech of ``text`` in whole frames, its pitch and speed multiplied by ``pitch``.

    Raises ``ProviderError``.
    """
    async with closing(audio(tts.synthesise(text, language=language))) as chunks:
        pcm = b"".join([chunk async for chunk in chunks])
    # Played faster than it was recorded: higher and quicker, as another person.
    changed = soxr.resample(np.frombuffer(pcm, "<i2"), SAMPLE_RATE * pitch, SAMPLE_RATE)
    spoken: Pcm = changed.astype("<i2").tobytes()
    return spoken + bytes(-len(spoken) % FRAME_BYTES)
