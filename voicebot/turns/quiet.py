"""Quiet frames that are looked at together: a line is quiet most of the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.turns.activity import QUIET

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.turns.detector import SpeechDetector
    from voicebot.turns.echo import EchoGuard

MOST_FRAMES: Final = 16
"""Frames kept at most, 320 ms."""


class QuietFrames:
    """Keeps frames in which nothing can happen, and gives them to the detector a few at a time.

    ``room`` is how many more may be kept; 0 while quiet frames matter one by one.
    """

    __slots__ = (
        "_bots",
        "_detector",
        "_echo",
        "_energies",
        "_frames",
        "room",
    )

    def __init__(self, detector: SpeechDetector, echo: EchoGuard) -> None:
        self._detector = detector
        self._echo = echo
        self._frames: list[Frame] = []
        self._bots: list[Frame | None] = []
        self._energies: list[float] = []
        self.room = 0

    def __len__(self) -> int:
        """Return how many frames are kept."""
        return len(self._frames)

    def allow(self, frames: int) -> None:
        """Keep the next quiet frames, if the detector does not need them, but no more than these.

        Nothing may be kept now.
        """
        self.room = min(frames, MOST_FRAMES) if self._detector.resting else 0

    def take(self, frame: Frame, bot: Frame | None, energy: float) -> bool:
        """Keep a frame if it is quiet and there is room; return whether it was kept."""
        if not self.room or energy >= QUIET:
            return False
        self.room -= 1
        self._frames.append(frame)
        self._bots.append(bot)
        self._energies.append(energy)
        return True

    def settle(self) -> None:
        """Let the frames kept be heard, as if each had been at its time; there is no room then."""
        self.room = 0
        if not self._frames:
            return
        for frame, bot in zip(self._frames, self._bots, strict=True):
            self._echo.push(frame, bot, quiet=True)
        self._detector.push_quiet(self._frames, self._energies)
        self._frames.clear()
        self._bots.clear()
        self._energies.clear()
