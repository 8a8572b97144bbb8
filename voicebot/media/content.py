"""The samples that are to be said, and the last ones that were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

FADE_SAMPLES: Final = SAMPLE_RATE // 200
"""5 ms: too short to be heard as speech, long enough not to click."""

REWIND_SAMPLES: Final = SAMPLE_RATE // 2
"""How far back ``rewind`` looks for the gap between two words."""

LONGEST_WORD: Final = SAMPLE_RATE
"""How far back ``rewind`` goes where it is told."""

_KEPT: Final = LONGEST_WORD + SAMPLE_RATE // 2
"""Samples before the cursor that are kept: the cursor of a transport with a queue runs ahead."""

_WINDOW: Final = SAMPLE_RATE // 50
_HOP: Final = SAMPLE_RATE // 200
_NOTHING: Final = 50.0**2 * _WINDOW
"""Energy of a window that nobody hears anything in: 56 dB below full scale."""


class Content:
    """Audio from ``LONGEST_WORD`` before ``cursor`` to ``end``; both are positions in samples.

    Chunks stay as they came, so a frame is usually one slice of one of them.
    """

    __slots__ = (
        "_begun",
        "_chunks",
        "_current",
        "_starts",
        "cursor",
        "end",
    )

    def __init__(self) -> None:
        self.cursor = 0
        self.end = 0
        self._begun = 0
        self._chunks: list[Pcm] = []
        self._starts: list[int] = []
        self._current = 0

    def append(self, pcm: Pcm) -> None:
        """Add audio at the end. Where there was nothing left to say, something new begins."""
        if not pcm:
            return
        if self.cursor == self.end:
            self._begun = self.end
        self._chunks.append(pcm)
        self._starts.append(self.end)
        self.end += len(pcm) // 2

    def take(self) -> Frame | None:
        """Move the cursor by a frame and return it; ``None`` at the end."""
        if self.cursor >= self.end:
            return None
        frame = self.read(self.cursor, self.cursor + FRAME_SAMPLES)
        self.cursor = min(self.end, self.cursor + FRAME_SAMPLES)
        return _padded(frame)

    def peek(self, position: int) -> Frame | None:
        """Return the frame at ``position`` if it was taken already, ``None`` if not."""
        if position >= self.cursor:
            return None
        frame = self.read(position, min(position + FRAME_SAMPLES, self.cursor))
        return _padded(frame)

    def read(self, start: int, end: int) -> Pcm:
        """Return the samples from ``start`` to ``end``, as far as there are any."""
        self._find(start)
        pieces = []
        for index in range(self._current, len(self._chunks)):
            offset = self._starts[index]
            if offset >= end:
                break
            pieces.append(self._chunks[index][2 * max(0, start - offset) : 2 * (end - offset)])
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def seek(self, position: int) -> None:
        """Move the cursor back to ``position``."""
        self.cursor = position

    def truncate(self) -> int:
        """Forget everything; return how many samples after the cursor that were."""
        dropped = self.end - self.cursor
        self._chunks, self._starts, self._current = [], [], 0
        self.end = self._begun = self.cursor
        return dropped

    def rewind(self, to: int | None = None) -> int:
        """Move the cursor back ``to`` there, or else to the quietest place of late.

        Return by how many samples.
        """
        if to is not None and max(self._begun, self.cursor - LONGEST_WORD) <= to <= self.cursor:
            back = self.cursor - to
            self.cursor = to
            return back
        start = max(self._begun, self.cursor - REWIND_SAMPLES)
        heard = np.frombuffer(self.read(start, self.cursor), "<i2")
        back = len(heard) - _quietest(heard, begins=start == self._begun)
        self.cursor -= back
        return back

    def faded(self) -> Frame | None:
        """Return a frame that fades out what would have come next; ``None`` if nothing would."""
        tail = np.frombuffer(self.read(self.cursor, self.cursor + FADE_SAMPLES), "<i2")
        if not len(tail):
            return None
        ramp = np.linspace(1.0, 0.0, len(tail), endpoint=False)
        pcm = (tail * ramp).astype("<i2").tobytes()
        return pcm + bytes(FRAME_BYTES - len(pcm))

    def _find(self, position: int) -> None:
        """Make the chunk that holds ``position`` the current one, and forget what is long past."""
        last = len(self._chunks) - 1
        if self._chunks and self._starts[self._current] > position:
            self._current = 0
        while self._current < last and self._starts[self._current + 1] <= position:
            self._current += 1
        past = 0
        while past < self._current and self._starts[past + 1] <= self.cursor - _KEPT:
            past += 1
        if past:
            del self._chunks[:past], self._starts[:past]
            self._current -= past


def _padded(pcm: Pcm) -> Frame:
    """Return ``pcm`` and as much silence as makes a frame of it."""
    return pcm if len(pcm) == FRAME_BYTES else pcm + bytes(FRAME_BYTES - len(pcm))


def _quietest(heard: NDArray[Any], *, begins: bool) -> int:
    """Return where the latest of the quietest 20 ms of ``heard`` are; they may be at its end.

    ``begins`` says that there was silence before it.
    """
    if len(heard) < _WINDOW:
        return 0 if begins else len(heard)
    energy = np.cumsum(np.concatenate(([0.0], heard.astype(np.float64) ** 2)))
    starts = np.arange(len(heard) - _WINDOW, -1, -_HOP)
    windows = np.maximum(energy[starts + _WINDOW] - energy[starts], _NOTHING)
    best = int(np.argmin(windows))
    if begins and windows[best] > _NOTHING:
        return 0
    return len(heard) if best == 0 else int(starts[best]) + _WINDOW // 2
