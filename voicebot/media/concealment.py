"""What is heard where no packet came: the last sounds, fading, then silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicebot.media.audio import Pcm

FADE_SAMPLES: Final = 3 * FRAME_SAMPLES
"""60 ms: longer than that a made-up sound is heard as one (G.711 appendix I)."""

_JOIN_SAMPLES: Final = SAMPLE_RATE // 200
_SHORTEST_PERIOD: Final = SAMPLE_RATE // 400
_LONGEST_PERIOD: Final = FRAME_SAMPLES
_HEARD_BYTES: Final = 4 * FRAME_SAMPLES


class Concealer:
    """Repeats the last period of the voice while it fades, and joins it to what comes next."""

    def __init__(self) -> None:
        self._heard: Pcm = b""
        self._before: Pcm = b""
        self._period: NDArray[np.float64] | None = None
        self._made = 0

    def heard(self, pcm: Pcm) -> Pcm:
        """Take note of real audio; return it, joined smoothly to what was made up before it."""
        if self._made:
            pcm = self._join(pcm)
            self._made = 0
            self._period = None
        if len(self._heard) < FRAME_BYTES:
            # Of short packets it takes several to find a period in.
            self._before, self._heard = (self._before + self._heard)[-_HEARD_BYTES:], pcm
        else:
            self._before, self._heard = self._heard, pcm
        return pcm

    @property
    def active(self) -> bool:
        """Whether what is heard now was made up."""
        return self._made > 0

    @property
    def latest(self) -> tuple[Pcm, Pcm]:
        """The last real audio, after what came before it."""
        return self._before, self._heard

    @latest.setter
    def latest(self, heard: tuple[Pcm, Pcm]) -> None:
        self._before, self._heard = heard

    def make(self, samples: int) -> Pcm:
        """Return the next ``samples`` samples of a gap."""
        sounding = min(samples, max(0, FADE_SAMPLES - self._made))
        pcm = self._continue(sounding) if sounding else b""
        self._made += samples
        return pcm + bytes(2 * samples - len(pcm))

    def _continue(self, samples: int) -> Pcm:
        if self._period is None:
            heard = (self._before + self._heard)[-_HEARD_BYTES:]
            self._period = _last_period(np.frombuffer(heard, "<i2").astype(np.float64))
        if not len(self._period):
            return bytes(2 * samples)
        place = np.arange(self._made, self._made + samples)
        fading = 1 - place / FADE_SAMPLES
        return (self._period[place % len(self._period)] * fading).astype("<i2").tobytes()

    def _join(self, pcm: Pcm) -> Pcm:
        count = min(_JOIN_SAMPLES, len(pcm) // 2)
        old = np.frombuffer(self.make(count), "<i2")
        new = np.frombuffer(pcm, "<i2", count)
        rise = np.arange(count) / count
        return (old * (1 - rise) + new * rise).astype("<i2").tobytes() + pcm[2 * count :]


def _last_period(heard: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the last pitch period of ``heard``, found where it is most like what came before."""
    if len(heard) < 2 * _LONGEST_PERIOD:
        return heard[-_LONGEST_PERIOD:]
    pattern = heard[-_LONGEST_PERIOD:]
    past = heard[-2 * _LONGEST_PERIOD : -_SHORTEST_PERIOD]
    likeness = np.correlate(past, pattern, "valid")
    power = np.cumsum(np.concatenate(([0.0], past**2)))
    energy = power[_LONGEST_PERIOD:] - power[:-_LONGEST_PERIOD]
    best = int(np.argmax(likeness / np.sqrt(energy + 1.0)))
    return heard[-(_LONGEST_PERIOD - best) :]
