"""The bot's half of a websocket stream: frames out ahead of time, and what was heard of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from voicebot.media import websocket_messages as messages
from voicebot.media.audio import FRAME_SAMPLES, SILENCE
from voicebot.media.playout import Playout
from voicebot.media.websocket_queue import RemoteQueue

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.media.audio import Frame
    from voicebot.media.websocket_messages import MediaEvent

MESSAGE_FRAMES: Final = 3
"""Frames of one message: 60 ms. Each costs a mark and its way back."""

SILENT_FRAMES: Final = 5
"""The same for silence, which nobody waits for the end of."""

TAIL_FRAMES: Final = 5
"""An incomplete frame waits for what may follow it until no more than this is left to play."""

_log = structlog.get_logger(__name__)


class AheadSender:
    """Keeps Asterisk's queue filled from ``playout``, and ``playout`` informed of what was heard.

    ``send`` takes messages in order, audio as bytes and commands as text; ``unsend`` forgets those
    it has not passed on yet. Neither waits. ``name`` is the call's in the log.

    Where there is nothing to say silence is sent: without it Asterisk sends the caller no packets
    at all, and phones and trunks take that for a dead line. It is flushed when there is speech.
    """

    def __init__(
        self, send: Callable[[bytes | str], None], unsend: Callable[[], None], *, name: str = ""
    ) -> None:
        self.playout = Playout(ahead=True, flush=self._flush)
        self.sent = 0
        self.unsent = 0
        self._send = send
        self._unsend = unsend
        self._name = name
        self._queue = RemoteQueue()
        self._connected = True

    def poll(self, now: float) -> None:
        """Send what there is to say and room for; let time go on for what was sent."""
        self._confirm(self._queue.advance(now), now)
        if self._queue.question(now):
            self._send(messages.GET_STATUS)
        while self._fill(now):
            pass

    def told(self, event: MediaEvent, now: float) -> None:
        """React to an event of Asterisk's about its queue; others are none of this half's."""
        if event.event == messages.MARK_PROCESSED:
            self._confirm(self._queue.processed(event.mark, now), now)
        elif event.event == messages.XOFF:
            self._queue.stop()
        elif event.event == messages.XON:
            self._queue.go_on()
        elif event.event == messages.STATUS:
            self._queue.answered(now)
            _log.warning(
                "asterisk's queue is not as expected",
                call=self._name,
                its_frames=event.queue_length,
                our_frames=self._queue.frames,
                marks=not self._queue.blind,
            )

    def disconnect(self) -> None:
        """Go on without anybody: what is said passes by the clock, unheard."""
        self._connected = False
        self._queue.go_blind()

    def _fill(self, now: float) -> bool:
        """Send one message, if there is one; return whether another may follow."""
        queue = self._queue
        room = min(queue.room, MESSAGE_FRAMES)
        if room < MESSAGE_FRAMES and queue.frames:
            return False
        frames: list[Frame] = []
        positions: list[int] = []
        while len(frames) < room:
            frame = self._next(queue.frames + len(frames), now)
            if frame is None:
                break
            frames.append(frame)
            positions.append(self.playout.pulled)
        if not frames:
            self._fall_silent(now)
            return False
        if queue.silent and queue.frames:
            self._flush()
        self._pass_on(frames, queue.add(positions, now))
        return len(frames) == MESSAGE_FRAMES

    def _fall_silent(self, now: float) -> None:
        if self._connected and self._queue.room_for_silence >= SILENT_FRAMES:
            positions = [self.playout.pulled] * SILENT_FRAMES
            mark = self._queue.add(positions, now, silent=True)
            self._send(SILENCE * SILENT_FRAMES)
            self._send(messages.mark_media(mark))

    def _pass_on(self, frames: list[Frame], mark: int) -> None:
        if not self._connected:
            self.unsent += len(frames)
            return
        self.sent += len(frames)
        self._send(b"".join(frames))
        self._send(messages.mark_media(mark))

    def _next(self, queued: int, now: float) -> Frame | None:
        left = self.playout.end - self.playout.pulled
        if 0 < left < FRAME_SAMPLES and queued > TAIL_FRAMES:
            return None
        return self.playout.pull(now)

    def _confirm(self, heard: int | None, now: float) -> None:
        self.playout.confirm(self.playout.position if heard is None else heard, now)

    def _flush(self) -> None:
        self._queue.clear()
        self._unsend()
        if self._connected:
            self._send(messages.FLUSH_MEDIA)
