"""One party's frames, from one capture after the other, with nothing missing in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE, SILENCE

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from voicebot.media.audio import Frame

LATE: Final = 180 * SAMPLE_RATE // 1000
"""Samples behind the clock at which a capture is to be replaced."""

LOST: Final = 560 * SAMPLE_RATE // 1000
"""Samples behind the clock that are more than Asterisk keeps: they never come."""

_FOR_GOOD: Final = SAMPLE_RATE // 5
"""Samples of time after which what is late is not just a packet that is waited for."""

_LONGEST_WAIT: Final = SAMPLE_RATE
"""Samples of the next capture that wait for the one before at most."""


class Feed:
    """Joins what captures of one party hear; ``begin`` is the position of the first frame.

    What a snoop channel hears may come later and later: Asterisk queues the audio where its timer's
    ticks are lost, and throws half a second of speech away when the queue has grown to that.
    So a capture is ``late`` long before, and another one, whose queue is new, takes over: its
    frames wait until the one before has got as far as they begin. Where that is too late, the one
    before is not behind any more, it has a hole; who waited for it would hear the same twice.
    """

    def __init__(self, source: Hashable, begin: int) -> None:
        self.heard = begin
        self.longest_lag = 0
        self._source = source
        self._next: list[Frame] = []
        self._next_source: Hashable = None
        self._next_begin = 0
        self._past: list[Hashable] = []
        self._late_since: int | None = None
        self._lost_since: int | None = None
        self._position = begin

    @property
    def source(self) -> Hashable:
        """The capture that is heard."""
        return self._source

    @property
    def late(self) -> bool:
        """Whether what is heard now is late, and not only for a moment."""
        return self._lasts(self._late_since)

    def take(self, source: Hashable, frame: Frame, position: int) -> Sequence[Frame]:
        """Take a frame that has come at ``position``; return those whose turn it is now."""
        if source in self._past:
            return ()
        self._position = position
        if source == self._source:
            self.heard += FRAME_SAMPLES
            self._note_lag(position - self.heard)
            return (frame, *self._take_over()) if self._next else (frame,)
        if not self._next:
            self._next_source, self._next_begin = source, position - FRAME_SAMPLES
        self._next.append(frame)
        return self._take_over()

    def _take_over(self) -> Sequence[Frame]:
        """Go on with the next capture, where the one before has come to its beginning."""
        waited = len(self._next) * FRAME_SAMPLES
        awaited = self.heard + FRAME_SAMPLES // 2 < self._next_begin and waited < _LONGEST_WAIT
        if awaited and not self._lasts(self._lost_since):
            return ()
        missing = max(0, round((self._next_begin - self.heard) / FRAME_SAMPLES))
        frames, self._next = [SILENCE] * missing + self._next, []
        self.heard += len(frames) * FRAME_SAMPLES
        self._past.append(self._source)
        self._source = self._next_source
        self._late_since = self._lost_since = None
        return frames

    def _note_lag(self, lag: int) -> None:
        self.longest_lag = max(self.longest_lag, lag)
        self._late_since = self._since(self._late_since, yes=lag >= LATE)
        self._lost_since = self._since(self._lost_since, yes=lag >= LOST)

    def _since(self, since: int | None, *, yes: bool) -> int | None:
        """Return since when it is so, which was ``since`` before."""
        if not yes:
            return None
        return self._position if since is None else since

    def _lasts(self, since: int | None) -> bool:
        return since is not None and self._position - since >= _FOR_GOOD
