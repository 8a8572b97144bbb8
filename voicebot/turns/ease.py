"""Frames that are looked at together, for nothing can happen in them: most of a call's are such.

What a call has in memory is far from the core by the next frame: to fetch it costs more than to
look at a frame. So what is of the same call is looked at in one go wherever nobody can tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.turns.activity import QUIET

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.turns.detector import Change, SpeechDetector
    from voicebot.turns.echo import EchoGuard

MOST_FRAMES: Final = 16
"""Quiet frames kept at most, 320 ms."""


class FramesAtEase:
    """Keeps frames in which nothing can happen, and gives them to the detector a few at a time.

    Those are quiet ones while nobody speaks, and any while somebody does, until he can have paused.
    ``room`` is how many more may be kept; 0 while frames matter one by one.
    """

    __slots__ = (
        "_bots",
        "_detector",
        "_echo",
        "_energies",
        "_frames",
        "_speech",
        "room",
    )

    def __init__(self, detector: SpeechDetector, echo: EchoGuard) -> None:
        self._detector = detector
        self._echo = echo
        self._frames: list[Frame] = []
        self._bots: list[Frame | None] = []
        self._energies: list[float] = []
        self._speech = False
        self.room = 0

    def __len__(self) -> int:
        """Return how many frames are kept."""
        return len(self._frames)

    def allow_quiet(self, frames: int) -> None:
        """Keep the next quiet frames, if the detector does not need them, but no more than these.

        Nothing may be kept now.
        """
        self._speech = False
        self.room = min(frames, MOST_FRAMES) if self._detector.resting else 0

    def allow_speech(self) -> None:
        """Keep the next frames until the speech that goes on can have paused or be too long.

        Nothing may be kept now.
        """
        self._speech = True
        self.room = self._detector.unbroken

    def take(self, frame: Frame, bot: Frame | None, energy: float) -> bool:
        """Keep a frame if nothing can happen in it and there is room; return whether it was kept.

        When that was the last for which there was room, ``settle`` now.
        """
        if not self.room or (energy >= QUIET and not self._speech):
            return False
        self.room -= 1
        self._frames.append(frame)
        self._bots.append(bot)
        self._energies.append(energy)
        return True

    def settle(self) -> Change | None:
        """Let the frames kept be heard, as if each had been at its time; there is no room then.

        Return what the last of them has changed: where there was room for more, nothing.
        """
        self.room = 0
        if not self._frames:
            return None
        if self._speech:
            change = self._listen()
        else:
            change = None
            self._pass()
        self._frames.clear()
        self._bots.clear()
        self._energies.clear()
        return change

    def _listen(self) -> Change | None:
        detector, echo, change = self._detector, self._echo, None
        for frame, bot, energy in zip(self._frames, self._bots, self._energies, strict=True):
            echo.push(frame, bot)
            change = detector.push(frame, echoes=echo.possible, energy=energy)
        return change

    def _pass(self) -> None:
        for frame, bot in zip(self._frames, self._bots, strict=True):
            self._echo.push(frame, bot, quiet=True)
        self._detector.push_quiet(self._frames, self._energies)
