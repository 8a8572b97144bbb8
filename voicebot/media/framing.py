"""Audio of any length in, frames of 20 ms out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, Concealed, energy, samples
from voicebot.media.concealment import Concealer

if TYPE_CHECKING:
    from voicebot.media.audio import Frame, Pcm

_QUIET: Final = 300
"""Peak of a frame in which a change of length is not noticed: 40 dB below full scale."""

_PATIENCE: Final = 50
"""Frames to wait for a quiet one."""

_SOUNDING: Final = 100.0
"""Root mean square from which on a stream may be somebody's voice: 50 dB below full scale."""

_RISE: Final = np.arange(FRAME_SAMPLES) / FRAME_SAMPLES


class Framer:
    """Cuts one stream into frames, fills its gaps and takes out or puts in frames on request.

    The frames of a stream and the samples given in add up, to the sample; a change of length asked
    for with ``slip`` follows within a second, in a quiet frame if there is one.
    """

    def __init__(self) -> None:
        self._concealer = Concealer()
        self._rest: Pcm = b""
        self._slip = 0
        self._waited = 0
        self._previous: Frame = bytes(FRAME_BYTES)
        self._blend: Frame | None = None

    def add(self, pcm: Pcm) -> list[Frame]:
        """Append audio that was received; return the frames it completes."""
        return self._cut(self._concealer.heard(pcm))

    def fill(self, samples: int) -> list[Frame]:
        """Append a gap of ``samples`` samples; return the frames it completes, as made up."""
        return [Concealed(frame) for frame in self._cut(self._concealer.make(samples))]

    @property
    def plain(self) -> bool:
        """Whether a frame that comes next goes on as it is."""
        return not (self._rest or self._slip or self._blend or self._concealer.active)

    @property
    def sounding(self) -> bool:
        """Whether what was heard last may be the middle of a word."""
        heard = b"".join(self._concealer.latest)
        loud = energy(heard) >= samples(heard) * _SOUNDING**2
        return loud and bool(heard) and not self._concealer.active

    @property
    def latest(self) -> tuple[Pcm, Pcm]:
        """The last audio received, after what came before it: what a gap is filled with."""
        return self._concealer.latest

    def went_on(self, before: Pcm, latest: Pcm) -> None:
        """Take note that frames went by, the last of them ``latest``, while it was ``plain``."""
        self._concealer.latest = (before, latest)
        self._previous = latest

    def slip(self, frames: int) -> None:
        """Lengthen (or shorten, when negative) the stream by whole frames when it is quiet."""
        self._slip += frames
        self._waited = 0

    def _cut(self, pcm: Pcm) -> list[Frame]:
        if not self._rest and len(pcm) == FRAME_BYTES:
            frames = [pcm]
        else:
            pcm = self._rest + pcm
            whole = len(pcm) - len(pcm) % FRAME_BYTES
            frames = [pcm[at : at + FRAME_BYTES] for at in range(0, whole, FRAME_BYTES)]
            self._rest = pcm[whole:]
        if self._slip or self._blend is not None:
            frames = [out for frame in frames for out in self._slipped(frame)]
        if frames:
            self._previous = frames[-1]
        return frames

    def _slipped(self, frame: Frame) -> list[Frame]:
        """Return what stands for ``frame``: itself, nothing, or one more with it."""
        if self._blend is not None:
            frame, self._blend = _blended(self._blend, frame), None
            return [frame]
        if not self._slip or not self._fitting(frame):
            return [frame]
        if self._slip < 0:
            self._slip += 1
            self._blend = frame
            return []
        self._slip -= 1
        return [_blended(frame, self._previous), frame]

    def _fitting(self, frame: Frame) -> bool:
        self._waited += 1
        if self._waited > _PATIENCE:
            return True
        return int(np.abs(np.frombuffer(frame, "<i2").astype(np.int32)).max()) <= _QUIET


def _blended(first: Frame, second: Frame) -> Frame:
    """Return a frame that begins as ``first`` and ends as ``second``."""
    old, new = np.frombuffer(first, "<i2"), np.frombuffer(second, "<i2")
    return (old + (new - old.astype(np.float64)) * _RISE).astype("<i2").tobytes()
