"""Whether what comes from the caller is only the bot's own voice, coming back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.audio import FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

    Signal = NDArray[np.float32]

LONGEST_DELAY_MS = 500

# An echo holds most of its energy below 2 kHz: every fourth sample is enough.
_DECIMATION = 4
_FRAME = FRAME_SAMPLES // _DECIMATION
_LAGS = LONGEST_DELAY_MS // 20 * _FRAME + 1
_LOOK_FRAMES = 15
_GLANCE_FRAMES = 5
_FFT = 1 << (_LAGS + 2 * _LOOK_FRAMES * _FRAME).bit_length()
_LEAST_ENERGY = 1.0

# Correlation of 300 ms at the best of all delays: 95 % of echoes through a room reach 0.54, 99 %
# of other speech stay below 0.54. 100 ms say less: other vowels reach 0.8.
_LOOK_ALIKE = 0.6
_GLANCE_ALIKE = 0.8

# The mean of signed correlations stays below 0.2 at every delay unless there is an echo.
_PATH_GAIN = 0.3
_PATH_ALIKE = 0.3
_PATH_LOOKS = 3
_PATH_SPREAD = 12
_KNOWN_ALIKE = 0.45


class EchoGuard:
    """Compares what is heard with what was played in the half second before.

    Nothing is cancelled. While the bot speaks, the delay of its echo is learned from 300 ms at a
    time; once it is known, 100 ms of an echo are told from speech by their correlation there.
    """

    def __init__(self) -> None:
        self._played: deque[Signal] = deque(maxlen=_LAGS // _FRAME + _LOOK_FRAMES)
        self._heard: deque[Signal] = deque(maxlen=_LOOK_FRAMES)
        self._active = 0
        self._until_look = _LOOK_FRAMES
        self._looks = 0
        self._path: Signal = np.zeros(_LAGS, np.float32)
        self._delay: int | None = None

    @property
    def delay_ms(self) -> float | None:
        """The delay of the line's echo, as far as there is one."""
        return None if self._delay is None else self._delay * _DECIMATION / 16

    def push(self, frame: Frame, bot: Frame | None) -> None:
        """Take 20 ms of the caller's and what was played in the same 20 ms (``None``: nothing)."""
        if bot is not None and bot != SILENCE:
            self._active = LONGEST_DELAY_MS // 20 + _LOOK_FRAMES
        if self._active == 0:
            return
        self._active -= 1
        self._played.append(_decimated(bot or SILENCE))
        self._heard.append(_decimated(frame))
        self._until_look -= 1
        if self._until_look == 0:
            self._until_look = _LOOK_FRAMES
            self._learn()
        if self._active == 0:
            self._played.clear()
            self._heard.clear()

    def is_speech(self, pcm: Pcm) -> bool:
        """Return whether the last 100 ms of ``pcm`` are more than the bot's echo."""
        if self._active == 0:
            return True
        heard = _decimated(pcm)[-_GLANCE_FRAMES * _FRAME :]
        alike = np.abs(self._correlation(heard))
        if self._delay is None:
            return float(alike.max()) < _GLANCE_ALIKE
        around = slice(max(self._delay - _PATH_SPREAD, 0), self._delay + _PATH_SPREAD + 1)
        return float(alike[around].max()) < _KNOWN_ALIKE

    def is_echo(self) -> bool:
        """Return whether the last 300 ms heard are an echo of what was played before.

        If so, its delay is known from then on.
        """
        if self._active == 0 or not self._heard:
            return False
        correlation = self._correlation(np.concatenate(self._heard))
        best = int(np.abs(correlation).argmax())
        if abs(float(correlation[best])) < _LOOK_ALIKE:
            return False
        self._path, self._delay, self._looks = correlation, best, _PATH_LOOKS
        return True

    def _learn(self) -> None:
        if len(self._heard) < _LOOK_FRAMES:
            return
        correlation = self._correlation(np.concatenate(self._heard))
        self._looks += 1
        self._path += max(_PATH_GAIN, 1 / self._looks) * (correlation - self._path)
        best = int(np.abs(self._path).argmax())
        known = self._looks >= _PATH_LOOKS and abs(float(self._path[best])) >= _PATH_ALIKE
        self._delay = best if known else None

    def _correlation(self, heard: Signal) -> Signal:
        """Return the normalised correlation of ``heard`` with what was played, by delay."""
        size = len(heard)
        played = np.concatenate(self._played)
        missing = _LAGS + size - 1 - len(played)
        played = np.pad(played, (max(missing, 0), 0))[-(_LAGS + size - 1) :]
        spectrum = np.fft.rfft(played, _FFT) * np.conj(np.fft.rfft(heard, _FFT))
        products = np.fft.irfft(spectrum, _FFT)[:_LAGS]
        sums = np.concatenate(([0.0], np.cumsum(played.astype(np.float64) ** 2)))
        energies = sums[size:] - sums[:-size]
        # A quiet stretch of the bot's resembles everything: it is measured against the loudest.
        energies = np.maximum(energies, max(float(energies.max()) * 1e-3, _LEAST_ENERGY))
        scale = np.sqrt(energies * max(float(heard @ heard), _LEAST_ENERGY))
        return np.asarray((products / scale)[::-1], np.float32)


def _decimated(pcm: Pcm) -> Signal:
    """Return ``pcm`` at 4 kHz."""
    signal = np.frombuffer(pcm, np.int16).astype(np.float32)
    means: Signal = signal.reshape(-1, _DECIMATION).mean(axis=1)
    return means
