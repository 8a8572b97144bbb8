"""A voice has a pitch and overtones: noise has none, and a tone has nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm

_WINDOW_MS = 60
_DECIMATION = 2
_RATE = SAMPLE_RATE // _DECIMATION
_SAMPLES = _WINDOW_MS * _RATE // 1000
_FFT = 1024
_WINDOW = np.hanning(_SAMPLES).astype(np.float32)
_FREQUENCIES = np.fft.rfftfreq(_FFT, 1 / _RATE)
# Where a tone begins or ends within the window, the edge smears it: the loudest 40 ms have none.
_TONE_SAMPLES = 40 * _RATE // 1000
_TONE_WINDOW = np.hanning(_TONE_SAMPLES).astype(np.float32)
_TONE_STEP = 10 * _RATE // 1000

# The first difference takes the slope out of the spectrum, so that the pitch stands out.
_WHITENING = (2 * np.sin(np.pi * _FREQUENCIES / _RATE)) ** 2
# Later lags have fewer products, through the window: divide by what the window alone gives.
_WINDOW_CORRELATION = np.fft.irfft(np.abs(np.fft.rfft(_WINDOW, _FFT)) ** 2)
_LAGS = slice(_RATE // 400, _RATE // 73)
_LAG_GAIN = 1 / (_WINDOW_CORRELATION[_LAGS] / _WINDOW_CORRELATION[0] + 1e-3)

# Bursts of white and pink noise, and breathing, reach 0.27 at most; the median of speech is 0.67,
# and 0.56 in noise 5 dB below it.
_LEAST_PITCH = 0.33

# Half the main lobe of the window of 40 ms, in bins.
_LOBE = 7
_TONES = 2
_TONAL_SHARE = 0.985
_HUM_HZ = 70
_TONE_HZ = 330


class PitchCheck:
    """Refuses tones (DTMF, ringing, busy, fax) and sound without pitch (clicks, breath, noise).

    A word may begin without pitch, so a refusal only lasts until the next frame. 'Tone' means that
    one or two peaks hold 98.5 % of the energy in the loudest 40 ms, the stronger above 330 Hz: no
    voice is that pure, except when it hums, with its strongest partial lower.
    """

    def is_speech(self, pcm: Pcm) -> bool:
        """Return whether the last 60 ms of ``pcm`` have a pitch and are no tone."""
        signal = np.frombuffer(pcm, np.int16)[-_SAMPLES * _DECIMATION :].astype(np.float32)
        if len(signal) < _SAMPLES * _DECIMATION:
            return True
        # How loud it is does not matter.
        signal = signal[::2] + signal[1::2]
        # Most that is refused has no pitch.
        if _pitch(_power(signal * _WINDOW)) < _LEAST_PITCH:
            return False
        return not _is_tone(_power(_loudest(signal) * _TONE_WINDOW))


def _power(signal: np.ndarray) -> np.ndarray:
    spectrum = np.fft.rfft(signal, _FFT)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def _loudest(signal: np.ndarray) -> np.ndarray:
    """Return the loudest 40 ms of ``signal``, to 10 ms."""
    energies = (signal**2).reshape(-1, _TONE_STEP).sum(axis=1)
    steps = _TONE_SAMPLES // _TONE_STEP
    start = int(np.convolve(energies, np.ones(steps), "valid").argmax()) * _TONE_STEP
    return signal[start : start + _TONE_SAMPLES]


def _pitch(power: np.ndarray) -> float:
    """Return how periodic, from 0 to 1, a signal with this power spectrum is at 73 to 400 Hz."""
    correlation = np.fft.irfft(power * _WHITENING)
    peak = float((correlation[_LAGS] * _LAG_GAIN).max())
    return peak / max(float(correlation[0]), 1e-9)


def _is_tone(power: np.ndarray) -> bool:
    """Return whether two peaks at most hold nearly all of ``power``."""
    rest = power.copy()
    rest[:_LOBE] = 0
    total = float(rest.sum())
    strongest = float(_FREQUENCIES[rest.argmax()])
    if _HUM_HZ <= strongest < _TONE_HZ:
        return False
    for _ in range(_TONES):
        peak = int(rest.argmax())
        rest[max(peak - _LOBE, 0) : peak + _LOBE + 1] = 0
    return float(rest.sum()) <= (1 - _TONAL_SHARE) * total
