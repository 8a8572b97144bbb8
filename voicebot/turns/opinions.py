"""Whether all who look again at the beginning of speech take it for speech of the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from voicebot.media.audio import SILENCE, Concealed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.media.audio import Frame, Pcm


class SecondOpinion(Protocol):
    """Looks again where the first stage says that speech starts."""

    def is_speech(self, pcm: Pcm) -> bool:
        """Return whether the end of ``pcm`` (slin16, up to 300 ms) is speech of the caller's."""
        ...


def all_agree(opinions: Sequence[SecondOpinion], frames: Sequence[Frame]) -> bool:
    """Return whether each of ``opinions``, asked in order, takes ``frames`` for speech.

    What was made up repeats as a voice does, whatever was heard before it; but a tone with a gap is
    none any more. So where something was, they must do so with it and without.
    """
    looks = [frames]
    if any(isinstance(frame, Concealed) for frame in frames):
        looks.append([SILENCE if isinstance(frame, Concealed) else frame for frame in frames])
    heard = [b"".join(look) for look in looks]
    return all(opinion.is_speech(pcm) for pcm in heard for opinion in opinions)
