"""Tones that the bot makes itself, so that they need nothing of the PBX."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm

_AMPLITUDE = 3000
_RAMP_SECONDS = 0.005

# Frequencies in Hz, then seconds of tone and of silence: ITU-T E.180, by language spoken.
_RINGBACK: dict[str, tuple[tuple[float, ...], float, float]] = {
    "en": ((440.0, 480.0), 2.0, 4.0),
    "ru": ((425.0,), 1.0, 4.0),
}
_RINGBACK_ELSEWHERE = ((425.0,), 1.0, 4.0)


@cache
def ringback(language: str) -> Pcm:
    """Return one period of the ringing tone that callers of ``language`` know, as slin16."""
    frequencies, on, off = _RINGBACK.get(language, _RINGBACK_ELSEWHERE)
    time = np.arange(round(on * SAMPLE_RATE)) / SAMPLE_RATE
    sines = np.sin(2 * np.pi * np.outer(frequencies, time))
    tone = sines.mean(axis=0) * _AMPLITUDE
    # A ramp, so that the tone starts and ends without a click.
    ramp = np.minimum(1.0, np.minimum(time, time[::-1]) / _RAMP_SECONDS)
    silence = np.zeros(round(off * SAMPLE_RATE))
    return bytes(np.concatenate([tone * ramp, silence]).astype("<i2").tobytes())
