"""Ends of channels that need no socket: colleagues at their phones, and Local channels."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.codecs import CODECS

if TYPE_CHECKING:
    from voicebot.media.audio import Frame
    from voicebot.sim.dialplan import Phone

_ALAW = CODECS[8]


class NarrowBand:
    """What a phone without wide-band codec makes of audio: A-law at 8 kHz, and back."""

    def __init__(self) -> None:
        if _ALAW.encoder is None:
            raise MediaError("A-law cannot be sent")
        self._encoder = _ALAW.encoder()
        self._decoder = _ALAW.decoder()

    def carry(self, frame: Frame) -> Frame:
        """Return the frame as it comes out at the other end."""
        return self._decoder.decode(self._encoder.encode(frame))


class PhoneLeg:
    """A colleague who has answered: says a sentence, then listens, or echoes."""

    def __init__(self, phone: Phone) -> None:
        self._says = phone.says
        self._echo = phone.echo
        self._offset = 0
        self._heard: Frame = SILENCE

    def speak(self) -> Frame | None:
        """Return the next 20 ms of the sentence, then the echo or silence."""
        if self._offset < len(self._says):
            frame = self._says[self._offset : self._offset + FRAME_BYTES]
            self._offset += FRAME_BYTES
            return frame.ljust(FRAME_BYTES, b"\0")
        return self._heard if self._echo else SILENCE

    def hear(self, frame: Frame | None) -> None:
        """Remember what was heard for the echo."""
        self._heard = SILENCE if frame is None else frame

    def close(self) -> None:
        """Have nothing to release."""


class PipeLeg:
    """One half of a Local channel: what is heard at one half is said at the other."""

    def __init__(self, outgoing: deque[Frame | None], incoming: deque[Frame | None]) -> None:
        self._outgoing, self._incoming = outgoing, incoming

    @classmethod
    def pair(cls) -> tuple[PipeLeg, PipeLeg]:
        """Return the two halves."""
        there: deque[Frame | None] = deque(maxlen=1)
        back: deque[Frame | None] = deque(maxlen=1)
        return cls(there, back), cls(back, there)

    def speak(self) -> Frame | None:
        """Return what the other half heard in the tick before."""
        return self._incoming.popleft() if self._incoming else None

    def hear(self, frame: Frame | None) -> None:
        """Hand ``frame`` to the other half."""
        self._outgoing.append(frame)

    def close(self) -> None:
        """Have nothing to release."""
