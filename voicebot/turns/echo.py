"""Whether what comes from the caller is only the bot's own voice, coming back."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, SILENCE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

    Signal = NDArray[np.float32]

LONGEST_DELAY_MS: Final = 500

# An echo holds most of its energy below 2 kHz: every fourth sample is enough.
_DECIMATION: Final = 4
_SHARE: Final = np.float32(1 / _DECIMATION)
_RATE: Final = SAMPLE_RATE // _DECIMATION
_FRAME: Final = FRAME_SAMPLES // _DECIMATION
_LAGS: Final = LONGEST_DELAY_MS // 20 * _FRAME + 1
_LOOK_FRAMES: Final = 15
_GLANCE_FRAMES: Final = 5
_HISTORY_FRAMES: Final = LONGEST_DELAY_MS // 20 + _LOOK_FRAMES
_FFT: Final = 1 << (_HISTORY_FRAMES * _FRAME).bit_length()
_LEAST_ENERGY: Final = 1.0
# Mean square of -60 dBFS: below, there is no echo that matters.
_LEAST_POWER: Final = 1e-6 * 32768.0**2

# Correlation of 300 ms at the best of all delays: 95 % of echoes through a room reach 0.54, 99 %
# of other speech stay below 0.54. 100 ms say less: other vowels reach 0.8.
_LOOK_ALIKE: Final = 0.6
_GLANCE_ALIKE: Final = 0.8
# On a line that had no echo so far, a look must leave no doubt: of 320 pieces of speech of 0.2 to
# 0.45 s, 7 reach 0.6 there and none this.
_UNEXPECTED_ALIKE: Final = 0.75
_EARLY_ALIKE: Final = 0.6
_EARLY_LOOKS: Final = 6

# The mean of signed correlations stays below 0.2 at every delay unless there is an echo.
_FORGET: Final = 0.3
_PATH_ALIKE: Final = 0.3
_PATH_LOOKS: Final = 3
_ABSENT_ALIKE: Final = 0.12

# A room's answer lasts for some time: 20 ms of it are learned, a little of it before the peak.
_TAPS: Final = 80
_BEFORE: Final = 16
_LOADING: Final = 0.01
_EXPLAINED: Final = 0.35
# A caller who is heard over the echo is 6 dB louder than it.
_AS_LOUD: Final = 4.0
_NEAR_ALIKE: Final = 0.65


class EchoPath:
    """How the bot's voice comes back: after which delay, and through which filter.

    Learned by correlation, one look of 300 ms at a time (4 kHz); the filter is Wiener's.
    """

    def __init__(self) -> None:
        self.looks = 0
        self.delay: int | None = None
        # Whether the line has no echo: that stays so until the path of one is known, for what
        # somebody says resembles the bot's voice now and then.
        self.absent = False
        self._alike: Signal = np.zeros(_LAGS, np.float32)
        self._cross: Signal = np.zeros(_LAGS, np.float32)
        self._auto: Signal = np.zeros(_TAPS, np.float32)
        self._filter: Signal = np.zeros(_TAPS, np.float32)

    @property
    def early(self) -> bool:
        """Whether too little was heard yet to know much."""
        return self.looks < _EARLY_LOOKS

    def fade(self) -> None:
        """Learn that the bot spoke and nothing came back."""
        self.looks += 1
        self._alike *= 1 - _FORGET
        self._settle(float(np.abs(self._alike).max()))

    def learn(self, heard: Signal, played: Signal, *, sure: bool = False) -> None:
        """Look at ``heard`` and at what was played until then; ``sure``: it is an echo."""
        alike, cross, auto = correlate(heard, played)
        self.looks = max(self.looks + 1, _PATH_LOOKS if sure else 0)
        new = 1.0 if sure else max(_FORGET, 1 / self.looks)
        self._alike += new * (alike - self._alike)
        self._cross += new * (cross - self._cross)
        self._auto += new * (auto[:_TAPS] - self._auto)
        best = int(np.abs(self._alike).argmax())
        most = abs(float(self._alike[best]))
        known = self.looks >= _PATH_LOOKS and most >= _PATH_ALIKE
        self.delay = best if known else None
        self._settle(most)
        if known:
            self._solve(max(best - _BEFORE, 0))

    def explains(self, heard: Signal, played: Signal) -> bool:
        """Return whether ``heard`` is no more than the echo of ``played``, which ends with it."""
        if self.delay is None:
            return False
        first = max(self.delay - _BEFORE, 0)
        end = max(len(played) - first, 0)
        source = played[max(end - len(heard) - _TAPS + 1, 0) : end]
        source = np.pad(source, (len(heard) + _TAPS - 1 - len(source), 0))
        echo = np.convolve(source, self._filter, "valid")
        energy = max(float(heard @ heard), _LEAST_ENERGY)
        rest = heard - echo
        explained = 1 - float(rest @ rest) / energy
        return explained >= _EXPLAINED or energy <= _AS_LOUD * float(echo @ echo)

    def _settle(self, most: float) -> None:
        """Decide whether there is no echo; ``most`` is the mean at the best of all delays."""
        gone = most < _ABSENT_ALIKE
        if gone:
            self.delay = None
        self.absent = not self.early and self.delay is None and (self.absent or gone)

    def _solve(self, first: int) -> None:
        """Find the filter whose output resembles the echo most (the normal equations)."""
        cross = self._cross[first : first + _TAPS]
        size = len(cross)
        lags = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
        auto = self._auto[lags]
        auto[np.diag_indices(size)] += _LOADING * self._auto[0] + _LEAST_ENERGY
        self._filter[:] = 0
        self._filter[:size] = np.linalg.solve(auto, cross)


class EchoGuard:
    """Compares what is heard with what was played in the half second before.

    Nothing is cancelled. While the bot speaks, the path of its echo is learned; once it is known,
    100 ms of an echo are told from speech by what the path explains of them.
    """

    __slots__ = (
        "_active",
        "_heard",
        "_path",
        "_played",
        "_quiet",
        "_until_look",
    )

    def __init__(self) -> None:
        self._played: deque[Frame] = deque(maxlen=_HISTORY_FRAMES)
        self._heard: deque[Frame] = deque(maxlen=_LOOK_FRAMES)
        self._active = 0
        self._quiet = 0
        self._until_look = _LOOK_FRAMES
        self._path = EchoPath()

    @property
    def delay_ms(self) -> float | None:
        """The delay of the line's echo, as far as there is one."""
        delay = self._path.delay
        return None if delay is None else delay * 1000 / _RATE

    @property
    def possible(self) -> bool:
        """Whether what is heard now may hold an echo of what was played."""
        return self._active > 0 and not self._path.absent

    def push(self, frame: Frame, bot: Frame | None, *, quiet: bool = False) -> None:
        """Take 20 ms of the caller's and what was played in the same 20 ms (``None``: nothing).

        ``quiet`` says that the caller's frame is known to be below -60 dBFS: it has no echo.
        """
        if bot is not None and bot != SILENCE:
            self._active = _HISTORY_FRAMES
        if self._active == 0:
            return
        self._active -= 1
        self._played.append(bot or SILENCE)
        self._heard.append(frame)
        self._quiet = self._quiet + 1 if quiet else 0
        self._until_look -= 1
        if self._until_look == 0:
            self._until_look = _LOOK_FRAMES // 2 if self._path.early else _LOOK_FRAMES
            self._learn()
        if self._active == 0:
            self._played.clear()
            self._heard.clear()

    def is_speech(self, pcm: Pcm) -> bool:
        """Return whether the last 100 ms of ``pcm`` are more than the bot's echo."""
        if not self.possible:
            return True
        heard = _decimated(pcm)[-_GLANCE_FRAMES * _FRAME :]
        played = _decimated(b"".join(self._played))
        if self._path.explains(heard, played):
            return False
        alike = np.abs(correlate(heard, played)[0])
        if self._path.delay is not None:
            first = max(self._path.delay - _BEFORE, 0)
            return float(alike[first : first + _TAPS].max()) < _NEAR_ALIKE
        return float(alike.max()) < (_EARLY_ALIKE if self._path.early else _GLANCE_ALIKE)

    def is_echo(self) -> bool:
        """Return whether the last 300 ms heard are an echo of what was played before.

        If so, its path is known from then on.
        """
        if not self._active or not self._heard:
            return False
        heard = _decimated(b"".join(self._heard))
        played = _decimated(b"".join(self._played))
        if self._path.explains(heard, played):
            return True
        alike, _, _ = correlate(heard, played)
        least = _UNEXPECTED_ALIKE if self._path.absent else _LOOK_ALIKE
        if float(np.abs(alike).max()) < least:
            return False
        self._path.learn(heard, played, sure=True)
        return True

    def _learn(self) -> None:
        if self._quiet >= _LOOK_FRAMES:
            self._path.fade()
            return
        heard = _decimated(b"".join(self._heard))
        if float(heard @ heard) >= _LEAST_POWER * len(heard):
            self._path.learn(heard, _decimated(b"".join(self._played)))
        else:
            self._path.fade()


def correlate(heard: Signal, played: Signal) -> tuple[Signal, Signal, Signal]:
    """Return how ``heard`` resembles what was played before, by delay.

    ``played`` ends with ``heard``. The result: correlations from -1 to 1, the same unnormalised,
    and the autocorrelation of ``played``, unnormalised too.
    """
    size = len(heard)
    played = np.pad(played, (max(_LAGS + size - 1 - len(played), 0), 0))[-(_LAGS + size - 1) :]
    spectrum = np.fft.rfft(played, _FFT)
    cross = np.fft.irfft(spectrum * np.conj(np.fft.rfft(heard, _FFT)), _FFT)[:_LAGS][::-1]
    auto = np.fft.irfft(np.abs(spectrum) ** 2, _FFT)[:_LAGS]
    sums = np.concatenate(([0.0], np.cumsum(played.astype(np.float64) ** 2)))
    energies = (sums[size:] - sums[:-size])[::-1]
    # A quiet stretch of the bot's resembles everything: it is measured against the loudest.
    energies = np.maximum(energies, max(float(energies.max()) * 1e-3, _LEAST_ENERGY))
    alike = cross / np.sqrt(energies * max(float(heard @ heard), _LEAST_ENERGY))
    return (
        np.asarray(alike, np.float32),
        np.asarray(cross, np.float32),
        np.asarray(auto * (size / len(played)), np.float32),
    )


def _decimated(pcm: Pcm) -> Signal:
    """Return ``pcm`` at 4 kHz."""
    signal = np.frombuffer(pcm, np.int16).astype(np.float32)
    # A mean over lines of four would take ten times as long.
    means: Signal = signal[::_DECIMATION] * _SHARE
    for at in range(1, _DECIMATION):
        means += signal[at::_DECIMATION] * _SHARE
    return means
