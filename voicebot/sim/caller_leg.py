"""The phone of a simulated caller: its voice, its ears and its clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, FRAME_SECONDS, SILENCE
from voicebot.sim.legs import NarrowBand
from voicebot.sim.recording import SPEECH_LEVEL, Recording, Spoken, speech_bounds
from voicebot.sim.tones import loudness

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.media.audio import Frame, Pcm
    from voicebot.sim.agenda import Agenda


class CallerLeg:
    """Sends a frame each 20 ms, silence too, as phones do; nothing while ``on_hold``.

    A phone without a wide-band codec speaks and hears through A-law. ``on_tick`` is called before
    each frame.
    """

    def __init__(self, agenda: Agenda, *, wideband: bool, record: bool) -> None:
        self.recording = Recording(keep=record)
        self.heard_at: float | None = None
        self.on_hold = False
        self.on_tick: Callable[[], None] = lambda: None
        self._agenda = agenda
        self._began = agenda.tick + 1
        self._microphone = None if wideband else NarrowBand()
        self._earpiece = None if wideband else NarrowBand()
        self._saying: Pcm = b""
        self._text = ""
        self._offset = 0
        self._started = 0
        self._said: Frame = SILENCE

    @property
    def now(self) -> float:
        """Seconds since the call began, which is where the recording begins."""
        return self._tick * FRAME_SECONDS

    @property
    def _tick(self) -> int:
        return self._agenda.tick - self._began

    @property
    def speaking(self) -> bool:
        """Whether the last sentence is still being said."""
        return bool(self._saying)

    def say(self, pcm: Pcm, text: str = "") -> None:
        """Say ``pcm`` (slin16) from the next frame on; what is being said is cut off."""
        self._stop_saying()
        self._saying, self._text, self._offset = pcm, text, 0

    def speak(self) -> Frame | None:
        """Return the next 20 ms of the caller's."""
        self.on_tick()
        self._said = self._next_frame()
        if self.on_hold:
            return None
        return self._microphone.carry(self._said) if self._microphone else self._said

    def hear(self, frame: Frame | None) -> None:
        """Take 20 ms of what the caller hears."""
        heard = SILENCE if frame is None else frame
        if self._earpiece is not None:
            heard = self._earpiece.carry(heard)
        if loudness(heard) >= SPEECH_LEVEL:
            self.heard_at = self.now
        self.recording.add(self._tick, self._said, heard)

    def close(self) -> None:
        """Label what was being said when the call ended."""
        self._stop_saying()

    def _next_frame(self) -> Frame:
        if not self._saying:
            return SILENCE
        if self._offset == 0:
            self._started = self._tick * FRAME_SAMPLES
        frame = self._saying[self._offset : self._offset + FRAME_BYTES]
        self._offset += FRAME_BYTES
        if self._offset >= len(self._saying):
            self._stop_saying()
        return frame.ljust(FRAME_BYTES, b"\0")

    def _stop_saying(self) -> None:
        """Label what was said: its bounds on the recording's time base."""
        if self._offset:
            first, last = speech_bounds(self._saying[: self._offset])
            spoken = Spoken(self._text, self._started + first, self._started + last)
            self.recording.spoken.append(spoken)
        self._saying, self._offset = b"", 0
