"""What lies in Asterisk's queue: its marks tell, and between two marks our clock."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from voicebot.media.audio import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Sequence

QUEUE_FRAMES: Final = 10
"""200 ms: as long may our event loop stall without the caller noticing."""

PATIENCE: Final = 0.5
"""Seconds that a mark may be late before Asterisk is asked what is the matter."""

ASK_AGAIN: Final = 1.0
"""Seconds between two such questions."""


class _Message(NamedTuple):
    mark: int
    positions: Sequence[int]


class RemoteQueue:
    """The account of the frames that Asterisk was sent and has not played yet.

    Frames travel in messages, each followed by a mark; a mark that comes back confirms its message
    and all before. Within a message the clock counts frames, but never its last one. ``processed``
    and ``advance`` return the position up to which more was heard, ``None`` when there is no news.
    ``silent`` says that nothing but silence is in the queue.

    Without marks nothing leaves the account, so nothing more is sent. When Asterisk still answers a
    question, it is the marks that are missing: then the clock decides alone until one comes.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.silent = True
        self._messages: deque[_Message] = deque()
        self._begun = 0.0
        self._mark = 0
        self._stopped = False
        self._asked = float("-inf")
        self._blind = False

    @property
    def room(self) -> int:
        """Frames of speech that may be sent now; silence gives way to it."""
        if self._stopped:
            return 0
        return QUEUE_FRAMES if self.silent else QUEUE_FRAMES - self.frames

    @property
    def room_for_silence(self) -> int:
        """Frames of silence that may be sent now: none while there is speech in the queue."""
        return 0 if self._stopped or not self.silent else QUEUE_FRAMES - self.frames

    @property
    def blind(self) -> bool:
        """Whether the clock alone decides, for want of marks."""
        return self._blind

    def add(self, positions: Sequence[int], now: float, *, silent: bool = False) -> int:
        """Take a message into account that is sent now; return the number for its mark.

        ``positions`` are where the content stands after each of its frames.
        """
        self.silent = silent and self.silent
        if not self._messages:
            self._begun = now
        self._mark += 1
        self._messages.append(_Message(self._mark, positions))
        self.frames += len(positions)
        return self._mark

    def processed(self, mark: int, now: float) -> int | None:
        """Take note that Asterisk has come to ``mark``. Those of flushed audio are ignored."""
        if not self._messages or not self._messages[0].mark <= mark <= self._messages[-1].mark:
            return None
        heard = 0
        while self._messages and self._messages[0].mark <= mark:
            heard = self._remove()
        self._begun = now
        self._blind = False
        return heard

    def advance(self, now: float) -> int | None:
        """Let the clock count what must have been played by now."""
        heard = None
        while self._messages:
            positions = self._messages[0].positions
            played = int((now - self._begun) / FRAME_SECONDS)
            if self._blind and played >= len(positions):
                heard = self._remove()
                self._begun += len(positions) * FRAME_SECONDS
                continue
            known = min(played, len(positions) - 1)
            return positions[known - 1] if known > 0 else heard
        return heard

    def clear(self) -> None:
        """Forget everything: Asterisk is told to do the same."""
        self._messages.clear()
        self.frames = 0
        self.silent = True

    def stop(self) -> None:
        """Obey ``MEDIA_XOFF``: nothing may be sent until ``go_on``."""
        self._stopped = True

    def go_on(self) -> None:
        """Obey ``MEDIA_XON``."""
        self._stopped = False

    def question(self, now: float) -> bool:
        """Return whether Asterisk should be asked for its status now."""
        if not self._stuck(now) or now - self._asked < ASK_AGAIN:
            return False
        self._asked = now
        return True

    def answered(self, now: float) -> None:
        """Take note that Asterisk has answered, whatever length it believes its queue to have.

        Its counter is known to be wrong at times, and would then hold us up for ever.
        """
        if not self._stuck(now):
            return
        self._stopped = False
        self._blind = bool(self._messages)

    def go_blind(self) -> None:
        """Let the clock alone decide from now on: nobody is there to confirm anything."""
        self._stopped = False
        self._blind = True

    def _stuck(self, now: float) -> bool:
        if not self._messages:
            return self._stopped
        expected = self._begun + len(self._messages[0].positions) * FRAME_SECONDS
        return not self._blind and now > expected + PATIENCE

    def _remove(self) -> int:
        message = self._messages.popleft()
        self.frames -= len(message.positions)
        self.silent = self.silent or not self.frames
        return message.positions[-1]
