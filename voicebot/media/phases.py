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
    from collections.abc import Container

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]

LOOKS: Final = 25
"""Packets, half a second of them, before a call's waits are judged; each time twice as many."""

MOST_LOOKS: Final = 32 * LOOKS
"""The most that are ever waited for. What was right once is rarely wrong later, and each move is a
step of up to 10 ms."""

RARE: Final = 2 / LOOKS
"""Share of these that came otherwise than the rest and are not looked at."""

WORTH: Final = 2
"""Places by which the longest wait must become shorter, except at first: a busy core reads a packet
now in one slot, now in the next."""

_PLACE_SECONDS: Final = FRAME_SECONDS / SLOTS
_HAIR: Final = 1e-6
"""Seconds, for two times of the clock differ by hardly less than whole places."""


class Phases:
    """The waits of many calls, each a row of ``rows``: how often each place of the clock was it."""

    def __init__(self, rows: int) -> None:
        self._arrived = np.full(rows, -np.inf)
        self._waited = np.zeros((rows, SLOTS), np.intp)
        self._looks = np.zeros(rows, np.intp)
        self._wanted = np.full(rows, LOOKS)

    def open(self, row: int) -> None:
        """Forget what was noted of ``row``: a new call has it."""
        self._arrived[row] = -np.inf
        self._waited[row] = 0
        self._looks[row] = 0
        self._wanted[row] = LOOKS

    def arrived(self, rows: int | Rows, answered: float) -> None:
        """Note that a packet has come for each of ``rows``, to be answered from that time on."""
        self._arrived[rows] = answered

    def ticked(
        self, rows: Rows, due: float, *, speaking: Container[int] = ()
    ) -> list[tuple[int, int]]:
        """Note that ``rows`` are ticked; return which had better be earlier, by how many places.

        ``due`` is when the tick was to come: waits do not depend on how busy the core is.

        Those who are ``speaking`` cannot be moved now; they are judged when they have finished.
        """
        waits = due - self._arrived[rows] + _HAIR
        fresh = (waits >= 0) & (waits < FRAME_SECONDS)
        seen = rows[fresh]
        places = np.minimum(waits[fresh] // _PLACE_SECONDS, SLOTS - 1).astype(np.intp)
        self._waited[seen, places] += 1
        self._looks[seen] += 1
        ready = rows[self._looks[rows] >= self._wanted[rows]].tolist()
        judged = np.array([row for row in ready if row not in speaking], np.intp)
        if not len(judged):
            return []
        wanted, looks = self._wanted[judged], self._looks[judged]
        earlier, gained = _best(self._waited[judged] > RARE * looks[:, np.newaxis])
        self._waited[judged] = 0
        self._looks[judged] = 0
        self._wanted[judged] = np.minimum(2 * wanted, MOST_LOOKS)
        moves = gained >= np.where(wanted == LOOKS, 1, WORTH)
        return list(zip(judged[moves].tolist(), earlier[moves].tolist(), strict=True))


def _best(waited: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return by how many places each row should be earlier, so that its longest wait is short.

    And by how many it then is shorter. ``waited`` says which waits occur, in places; a wait that
    becomes negative is of the next tick.
    """
    turned = np.stack([np.roll(waited, -earlier, axis=1) for earlier in range(SLOTS)])
    longest = np.where(turned, np.arange(SLOTS), 0).max(axis=2)
    return longest.argmin(axis=0), longest[0] - longest.min(axis=0)
