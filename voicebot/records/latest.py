"""The latest partial of each party, while it is of interest."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from voicebot.records.events import Final, Partial

if TYPE_CHECKING:
    from voicebot.records.entry import Entry


class LatestPartials:
    """Partials that have not been shown yet, one for each party. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: dict[tuple[str, str], Entry] = {}

    def keep(self, entry: Entry) -> bool:
        """Take ``entry`` if it is a partial, in the place of an older one; return whether it is.

        A final makes the party's partial worthless.
        """
        event = entry.event
        with self._lock:
            if isinstance(event, Partial):
                self._entries[event.call, event.party] = entry
                return True
            if isinstance(event, Final):
                self._entries.pop((event.call, event.party), None)
        return False

    def take(self) -> list[Entry]:
        """Return what is there, which is then gone."""
        with self._lock:
            entries = list(self._entries.values())
            self._entries.clear()
        return entries
