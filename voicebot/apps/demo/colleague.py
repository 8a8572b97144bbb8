"""A colleague's end of a transferred call: speaks, listens, and speaks again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.media.audio import FRAME_BYTES, FRAME_SECONDS, SILENCE
from voicebot.sim.recording import SPEECH_LEVEL
from voicebot.sim.script import ScriptTimeoutError
from voicebot.sim.tones import loudness

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from voicebot.media.audio import Frame, Pcm
    from voicebot.sim.channel import Channel
    from voicebot.sim.exchange import Exchange
    from voicebot.sim.script import Stage

_PAUSE_TICKS: Final = round(0.7 / FRAME_SECONDS)


class Colleague:
    """Says its first line after a moment, each further one when the caller has said something.

    ``tell`` is called with the text of each line as it begins.
    """

    def __init__(self, lines: Sequence[tuple[str, Pcm]], tell: Callable[[str], None]) -> None:
        self._lines = deque(lines)
        self._tell = tell
        self._frames: deque[Frame] = deque()
        self._spoken_to = True
        self._quiet = 0

    @property
    def listening(self) -> bool:
        """Whether a line was said and nothing else was heard since."""
        return not self._frames and not self._spoken_to

    def speak(self) -> Frame | None:
        """Return the next 20 ms."""
        if self._lines and self._spoken_to and self._quiet >= _PAUSE_TICKS:
            text, pcm = self._lines.popleft()
            self._frames.extend(
                pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES)
            )
            self._spoken_to = False
            self._tell(text)
        return self._frames.popleft() if self._frames else SILENCE

    def hear(self, frame: Frame | None) -> None:
        """Notice whether the caller speaks."""
        loud = frame is not None and loudness(frame) >= SPEECH_LEVEL
        self._spoken_to = self._spoken_to or loud
        self._quiet = 0 if loud or self._frames else self._quiet + 1

    def close(self) -> None:
        """Have nothing to release."""


@dataclass(frozen=True, slots=True)
class WaitForColleague:
    """Wait until ``colleague`` has answered the phone ``extension`` and said the first line."""

    exchange: Exchange
    extension: str
    colleague: Colleague
    timeout: float = 20.0

    def play(self, stage: Stage) -> Iterator[None]:
        """Look at the phone once a tick. Raises ``ScriptTimeoutError``."""
        until = stage.now + self.timeout
        while (channel := self._answered()) is None:
            self._check(stage, until)
            yield
        channel.leg = self.colleague
        while not self.colleague.listening:
            self._check(stage, until)
            yield

    def _check(self, stage: Stage, until: float) -> None:
        if stage.ended:
            raise ScriptTimeoutError(f"the call ended before {self.extension} answered")
        if stage.now >= until:
            raise ScriptTimeoutError(f"nobody answered at {self.extension}")

    def _answered(self) -> Channel | None:
        phones = (
            channel
            for channel in self.exchange.channels.values()
            if channel.name.startswith(f"PJSIP/{self.extension}-") and channel.state == "Up"
        )
        return next(phones, None)
