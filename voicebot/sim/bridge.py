"""Bridges of the simulated PBX, and what is heard in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Frame
    from voicebot.sim.channel import Channel


@dataclass(eq=False, slots=True)
class Bridge:
    """Channels that hear each other. ``watchers`` are the applications that are told about it."""

    id: str
    created: str
    name: str = ""
    type: str = "mixing"
    bridge_class: str = "stasis"
    members: list[Channel] = field(default_factory=list)
    music: bool = False
    watchers: set[str] = field(default_factory=set)

    @property
    def technology(self) -> str:
        """Two parties are passed through, more are mixed, as Asterisk chooses."""
        if self.type == "holding":
            return "holding_bridge"
        return "simple_bridge" if len(self.members) < 3 else "softmix"

    def describe(self) -> dict[str, Any]:
        """Return ARI's ``Bridge``."""
        return {
            "id": self.id,
            "technology": self.technology,
            "bridge_type": self.type.split(",")[0],
            "bridge_class": self.bridge_class,
            "creator": "Stasis" if self.bridge_class == "stasis" else "",
            "name": self.name,
            "channels": [member.id for member in self.members],
            "creationtime": self.created,
            "video_mode": "talker",
        }


def mix(frames: Sequence[Frame]) -> Frame | None:
    """Return the sum of ``frames``, limited to 16 bits; one passes unchanged, none stays none."""
    if len(frames) < 2:
        return frames[0] if frames else None
    total = np.sum([np.frombuffer(frame, "<i2") for frame in frames], axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype("<i2").tobytes()
