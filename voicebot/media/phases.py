"""How long the callers' packets wait for the ticks of their calls, and which should come earlier.

What a caller says is judged when its packet comes, and what is said to it leaves with the next
tick: 10 ms later on average, 20 at worst, unless the tick follows the packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.media.audio import FRAME_SECONDS
from voicebot.media.clock import SLOTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

LOOKS: Final = 25
"""Packets, half a second of them, before a call's waits are judged."""

MARGIN: Final = 0.002
"""Seconds that the latest of them is to come before the tick: a little jitter must not matter."""


_PLACE_SECONDS: Final = FRAME_SECONDS / SLOTS


class Phases:
    """The waits of many calls, each a row of ``rows``."""

    def __init__(self, rows: int) -> None:
        self._arrived = np.full(rows, -np.inf)
        self._least = np.full(rows, np.inf)
        self._looks = np.zeros(rows, np.intp)

    def open(self, row: int) -> None:
        """Forget what was noted of ``row``: a new call has it."""
        self._arrived[row] = -np.inf
        self._least[row] = np.inf
        self._looks[row] = 0

    def arrived(self, rows: int | Rows, now: float) -> None:
        """Note that a packet has come for each of ``rows``."""
        self._arrived[rows] = now

    def ticked(self, rows: Rows, now: float) -> list[tuple[int, int]]:
        """Note that ``rows`` are ticked; return which could be earlier, by how many places.

        Even the packet that came last before its tick would still do so.
        """
        waits = now - self._arrived[rows]
        fresh = waits < FRAME_SECONDS
        self._least[rows] = np.minimum(self._least[rows], np.where(fresh, waits, np.inf))
        self._looks[rows] += fresh
        judged = rows[self._looks[rows] >= LOOKS]
        if not len(judged):
            return []
        least = self._least[judged]
        self._least[judged] = np.inf
        self._looks[judged] = 0
        places = ((least - MARGIN) // _PLACE_SECONDS).astype(np.intp)
        late = places > 0
        return list(zip(judged[late].tolist(), places[late].tolist(), strict=True))
