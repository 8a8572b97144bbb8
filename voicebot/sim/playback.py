"""Sounds that the simulated PBX plays to a channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from voicebot.media.audio import FRAME_BYTES

if TYPE_CHECKING:
    from voicebot.media.audio import Frame, Pcm
    from voicebot.sim.channel import Channel

PlaybackState: TypeAlias = Literal["queued", "playing", "paused", "done", "failed", "cancelled"]


@dataclass(eq=False, slots=True)
class Playback:
    """One sound. ``pcm`` is ``None`` when there is no such file."""

    id: str
    media: str
    channel: Channel
    pcm: Pcm | None
    state: PlaybackState = "queued"
    offset: int = 0

    def describe(self) -> dict[str, str]:
        """Return ARI's ``Playback``."""
        return {
            "id": self.id,
            "media_uri": self.media,
            "target_uri": f"channel:{self.channel.id}",
            "language": "en",
            "state": self.state,
        }

    def next_frame(self) -> Frame | None:
        """Return the next 20 ms, the last one filled with silence, ``None`` at the end."""
        if self.pcm is None or self.offset >= len(self.pcm):
            return None
        frame = self.pcm[self.offset : self.offset + FRAME_BYTES]
        self.offset += FRAME_BYTES
        return frame.ljust(FRAME_BYTES, b"\0")
