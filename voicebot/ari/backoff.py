"""How long to wait before the next attempt."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True)
class Backoff:
    """Exponential backoff with full jitter: any wait from 0 to the current bound is equally likely.

    The bound starts at ``first_s``, doubles with each attempt and never exceeds ``longest_s``.
    Full jitter spreads the clients of a PBX that restarts; short first waits keep the silence of
    live calls short. ``draw`` returns a number from 0 to 1.
    """

    first_s: float = 0.1
    longest_s: float = 5.0
    draw: Callable[[], float] = random.random
    _attempts: int = field(default=0, init=False)

    def next_wait(self) -> float:
        """Return the wait before the next attempt, in seconds."""
        # 2**30 is beyond any sensible bound and keeps the product finite however long it lasts.
        bound = min(self.longest_s, self.first_s * 2.0 ** min(self._attempts, 30))
        self._attempts += 1
        return self.draw() * bound

    def reset(self) -> None:
        """Start again from ``first_s``: an attempt has succeeded."""
        self._attempts = 0
