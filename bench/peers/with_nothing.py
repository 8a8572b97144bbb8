"""The feed and nobody who listens: what the bench itself costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.peers.feed import run

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.peers.scenario import Call, Order


class Nobody:
    """Takes every frame and says nothing."""

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Take a call."""
        del call
        return _ignore


async def serve(order: Order) -> Nobody:
    """Return nobody."""
    del order
    return Nobody()


def _ignore(_frame: bytes) -> None:
    """Hear nothing."""


if __name__ == "__main__":
    run(serve)
