"""What is being said to the caller: queued, paused, resumed, dropped, and counted to the sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicebot.media.content import FADE_SAMPLES, Content
from voicebot.media.marks import Marks

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.media.audio import Frame, Pcm
    from voicebot.media.marks import Mark


def _nobody() -> None:
    """Wake nobody: the transport pulls in each tick anyway."""


class Playout:
    """The bot's side of one call: an endless queue of slin16 that a transport pulls in frames.

    Positions are samples of content since the call began; silence between replies isn't content.
    Three of them matter: ``position`` has been heard, ``pulled`` has been given to the transport,
    ``end`` has been queued. For a transport that sends each frame when it pulls it (RTP) the first
    two are one: pulling confirms. A transport that keeps a queue of its own (``ahead=True``) calls
    ``confirm`` when it learns what was heard, and ``flush`` is called when it must forget what was
    pulled and not confirmed. ``wake`` is called whenever something is asked of it: a transport that
    has found it ``resting`` need not pull until then.
    """

    __slots__ = (
        "_ahead",
        "_content",
        "_fade_in",
        "_fading",
        "_flush",
        "_marks",
        "_paused",
        "_position",
        "_sounding",
        "_wake",
    )

    def __init__(
        self,
        *,
        ahead: bool = False,
        flush: Callable[[], None] | None = None,
        wake: Callable[[], None] = _nobody,
    ) -> None:
        self._ahead = ahead
        self._flush = flush
        self._wake = wake
        self._content = Content()
        self._position = 0
        self._paused = False
        self._fade_in = False
        self._fading: Frame | None = None
        self._sounding: Frame | None = None
        self._marks = Marks()

    @property
    def position(self) -> int:
        """Samples of content heard so far. ``resume`` may take it back to repeat a word."""
        return self._position

    @property
    def pulled(self) -> int:
        """Position up to which the transport has been given content."""
        return self._content.cursor

    @property
    def end(self) -> int:
        """Position at which everything queued now will have been heard."""
        return self._content.end

    @property
    def paused(self) -> bool:
        """Whether silence is sent although there may be more to say."""
        return self._paused

    @property
    def idle(self) -> bool:
        """Whether everything queued has been heard."""
        return self._position >= self._content.end

    @property
    def resting(self) -> bool:
        """Whether pulling would give nothing and change nothing until something is asked."""
        silent = self._paused or self._content.cursor >= self._content.end
        done = self._fading is None and self._sounding is None
        return silent and done and not self._marks.waiting(self._position)

    @property
    def sounding(self) -> Frame | None:
        """The frame being heard, ``None`` if it is silence: what an echo would be made of."""
        if not self._ahead:
            return self._sounding
        return self._content.peek(self._position)

    def play(self, pcm: Pcm) -> None:
        """Append audio: any whole number of samples."""
        if len(pcm) % 2:
            raise ValueError(f"{len(pcm)} bytes are no whole number of 16-bit samples")
        self._content.append(pcm)
        self._wake()

    def mark(self, callback: Mark, *, at: int | None = None) -> None:
        """Call ``callback(now)`` once ``position`` reaches ``at`` (the ``end`` of now by default).

        It is called by the pull or confirmation that reaches it; a position that was already heard
        is reached by the next pull. Dropping unheard content forgets the marks in it. A callback
        that raises is logged.
        """
        self._marks.add(self._content.end if at is None else at, callback)
        self._wake()

    def pause(self) -> None:
        """Send silence from the next frame on, after a fade of 5 ms. ``position`` stands still."""
        if self._paused:
            return
        self._paused = True
        self._take_back()
        self._fading = self._content.faded() or self._fading
        self._wake()

    def resume(self, at: int | None = None) -> None:
        """Go on at the position ``at``, up to 1 s back: where the interrupted word began.

        Without it, or where that is further back, go on at the quietest place within the last
        500 ms heard, most likely between words; what has been going on for less than that begins
        again. A pause that no frame was pulled in leaves no trace.
        """
        if not self._paused:
            return
        self._paused = False
        if self._fading is None:
            self._position -= self._content.rewind(at)
            self._fade_in = True
        self._fading = None
        self._wake()

    def drop(self) -> int:
        """Forget what was not heard yet and the marks in it; return how many samples that were.

        What was sounding fades within 5 ms. A pause ends: what is played next is heard.
        """
        self._take_back()
        if not self._paused:
            self._fading = self._content.faded() or self._fading
        self._paused = self._fade_in = False
        self._marks.forget(self._position)
        self._wake()
        return self._content.truncate()

    def pull(self, now: float) -> Frame | None:
        """Return the next frame to send, ``None`` when there is nothing to say.

        What is left of the queue is padded with silence when it doesn't fill a frame: more that is
        queued before the pull that needs it joins without a gap.
        """
        frame = self._fading
        if frame is not None:
            self._fading = None
        elif not self._paused:
            frame = self._content.take()
            if frame is not None and self._fade_in:
                frame = _faded_in(frame)
                self._fade_in = False
        self._sounding = frame
        if not self._ahead and frame is not None:
            self._position = max(self._position, self._content.cursor)
        self._marks.reach(self._position, now)
        return frame

    def confirm(self, position: int, now: float) -> None:
        """Take note that the caller has heard everything up to ``position``.

        A transport without a queue of its own never needs this. A confirmation of what was dropped
        or taken back in the meantime counts only as far as it was pulled again.
        """
        self._position = max(self._position, min(position, self._content.cursor))
        self._marks.reach(self._position, now)

    def _take_back(self) -> None:
        """Put what was pulled and not heard back into the queue."""
        if self._content.cursor > self._position:
            self._content.seek(self._position)
            if self._flush is not None:
                self._flush()


def _faded_in(frame: Frame) -> Frame:
    """Return ``frame`` with its first 5 ms raised from nothing."""
    pcm = np.frombuffer(frame, "<i2").copy()
    pcm[:FADE_SAMPLES] = pcm[:FADE_SAMPLES] * np.linspace(0.0, 1.0, FADE_SAMPLES, endpoint=False)
    return pcm.tobytes()
