"""What callers say in tests, spoken anew for each try.

A voice makes every sentence a little differently, and now and then one in which a recogniser
mishears a word, each time that it is heard: then every try would fail that says the same.
"""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.waveform import Samples


class Voice(Protocol):
    """Speaks English."""

    def __call__(self, text: str) -> Samples:
        """Return the speech of ``text``, the same one each time, at ``SPEECH_RATE``."""
        ...


class Callers:
    """Their voice: ``synthesise`` is asked once for each text and each try of a test."""

    def __init__(self, synthesise: Callable[[str], Samples]) -> None:
        self._spoken = cache(lambda text, _try: synthesise(text))

    def of_try(self, number: int) -> Voice:
        """Return the voice with which the try of that ``number`` speaks."""
        return partial(self._speak, number)

    def _speak(self, number: int, text: str) -> Samples:
        return self._spoken(text, number)
