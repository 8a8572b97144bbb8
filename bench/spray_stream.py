"""What a caller sends in a spraying run, and whether a call has heard that and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SILENCE

if TYPE_CHECKING:
    from voicebot.media.audio import Frame

CIRCLE: Final = 200
"""Frames of noise that a caller sends again and again; each call has noise of its own."""

LOUDEST: Final = 8_000
FOREIGN: Final = 12_345
"""Every sample of a stranger's: louder than any of a caller's."""


def noise(call: int) -> bytes:
    """Return the samples of a call, little-endian: ``CIRCLE`` frames, without silence in them."""
    source = np.random.default_rng(call)
    samples = source.integers(1, LOUDEST, CIRCLE * FRAME_SAMPLES) * source.choice((-1, 1))
    return bytes(samples.astype("<i2").tobytes())


def payloads(call: int) -> list[bytes]:
    """Return the same as RTP payloads of slin16."""
    wire = np.frombuffer(noise(call), "<i2").astype(">i2").tobytes()
    return [wire[at : at + FRAME_BYTES] for at in range(0, len(wire), FRAME_BYTES)]


@dataclass(slots=True)
class Heard:
    """Frames that a call has heard.

    ``exact`` are the caller's to the bit and in their order, ``silent`` those before the first.
    ``altered`` were concealed for want of packets, ``foreign`` hold a sample of a stranger's,
    ``jumps`` is how often the place in the stream changed: what was left out or came again.
    """

    exact: int = 0
    silent: int = 0
    altered: int = 0
    foreign: int = 0
    jumps: int = 0


class Comparison:
    """Follows what one call hears along what its caller sends."""

    def __init__(self, call: int) -> None:
        self.heard = Heard()
        circle = noise(call)
        self._length = len(circle)
        self._twice = circle + circle
        self._place: int | None = None

    def push(self, frame: Frame) -> None:
        """Take the next frame."""
        heard = self.heard
        if self._place is None:
            self._begin(frame)
            return
        expected = self._twice[self._place : self._place + FRAME_BYTES]
        self._place = (self._place + FRAME_BYTES) % self._length
        if frame == expected:
            heard.exact += 1
            return
        found = self._twice.find(frame)
        if found >= 0 and found % 2 == 0:
            heard.exact += 1
            heard.jumps += 1
            self._place = (found + FRAME_BYTES) % self._length
        elif np.any(np.frombuffer(frame, "<i2") == FOREIGN):
            heard.foreign += 1
        else:
            heard.altered += 1

    def _begin(self, frame: Frame) -> None:
        """Find the place of the first sound, which need not begin with a frame."""
        if frame == SILENCE:
            self.heard.silent += 1
            return
        sound = frame.lstrip(b"\0")
        sound = frame[-(len(sound) + len(sound) % 2) :]
        found = self._twice.find(sound)
        if found < 0:
            self.heard.foreign += bool(np.any(np.frombuffer(frame, "<i2") == FOREIGN))
            self.heard.altered += 1
            return
        self.heard.exact += 1
        self._place = (found + len(sound)) % self._length
