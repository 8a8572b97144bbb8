"""Who can be reached, and who stands in for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.speech.availability import Availability
from voicebot.speech.phrases import join_names

if TYPE_CHECKING:
    from voicebot.speech.availability import Whereabouts
    from voicebot.speech.prompt import Prompt


class Staff:
    """The directory of ``prompt``, of whose people ``whereabouts`` tells who is free."""

    def __init__(self, prompt: Prompt, whereabouts: Whereabouts) -> None:
        self._prompt = prompt
        self._whereabouts = whereabouts

    def name(self, key: str) -> str:
        """Return how ``key`` is called."""
        return self._prompt.directory[key].name

    def names(self) -> str:
        """Return how all are called, as one says it."""
        names = [entry.name for entry in self._prompt.directory.values()]
        return join_names(names, self._prompt.phrases)

    def at(self, number: str) -> str | None:
        """Return who has that extension."""
        for key, entry in self._prompt.directory.items():
            if entry.extension == number:
                return key
        return None

    def is_busy(self, key: str) -> bool:
        """Return whether ``key`` is known to be on another call."""
        return self._whereabouts(self._prompt.directory[key].extension) is Availability.BUSY

    def stand_in(self, key: str) -> str | None:
        """Return who may take the call of ``key``: nobody who is on another call too."""
        for other in (self._prompt.directory[key].instead, self._prompt.operator):
            if other is not None and other != key and not self.is_busy(other):
                return other
        return None
