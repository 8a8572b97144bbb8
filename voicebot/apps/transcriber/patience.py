"""How long a provider that fails is asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable


class Patience:
    """Counts ``failures`` that follow each other, and knows who has left meanwhile.

    Whoever is still there waits for as long as it takes; who has left ``give_up_s`` ago does not,
    once the provider has failed for as long.
    """

    def __init__(self, give_up_s: float) -> None:
        self.failures = 0
        self._give_up_s = give_up_s
        self._failing_since = 0.0
        self._left: dict[Hashable, float] = {}

    def hurry(self, key: Hashable, now: float) -> None:
        """Note that the party has left: do not wait for a provider for ever."""
        self._left[key] = now

    def forget(self, key: Hashable) -> None:
        """Note that nothing of the party's waits any more."""
        self._left.pop(key, None)

    def worked(self) -> None:
        """Note that the provider has answered."""
        self.failures = 0

    def failed(self, now: float) -> list[Hashable]:
        """Note that it has not; return those whose texts are given up now."""
        if not self.failures:
            self._failing_since = now
        self.failures += 1
        limit = now - self._give_up_s
        if self._failing_since > limit:
            return []
        return [key for key, since in self._left.items() if since <= limit]
