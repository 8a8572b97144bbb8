"""How far the transcription is behind the talk, and when that is worth a line in the log."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

if TYPE_CHECKING:
    from voicebot.errors import ProviderError

_log = structlog.get_logger(__name__)

BEHIND_S: Final = 5.0
"""A lag that is told."""

_CAUGHT_UP_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Load:
    """How the transcription is doing, of all calls together.

    ``lag_s``: the age of the oldest utterance that has ended and waits for its text. ``waiting``
    utterances are not begun, ``spilled`` of them lie on disk. ``dropped`` partials were never
    asked for, ``lost`` utterances are kept without text: both since the start. ``failing`` says
    what the provider's failure is, while it fails.
    """

    lag_s: float
    waiting: int
    spilled: int
    dropped: int
    lost: int
    failing: str | None


class Gauge:
    """Logs when transcription falls behind and when it has caught up, fails and works again."""

    def __init__(self) -> None:
        self._behind = False
        self._failing: str | None = None

    @property
    def failing(self) -> str | None:
        """Why the provider fails, if it does."""
        return self._failing

    def read(self, load: Load) -> None:
        """Take the load of the moment."""
        if not self._behind and load.lag_s > BEHIND_S:
            self._behind = True
            _log.warning(
                "transcription falls behind the talk",
                lag_s=round(load.lag_s, 1),
                waiting=load.waiting,
            )
        elif self._behind and load.lag_s < _CAUGHT_UP_S:
            self._behind = False
            _log.info("transcription has caught up", dropped_partials=load.dropped)

    def failed(self, error: ProviderError) -> None:
        """Note that the provider did not transcribe."""
        reason = str(error)
        if reason != self._failing:
            _log.warning("no transcription; what is said waits", reason=reason)
        self._failing = reason

    def succeeded(self) -> None:
        """Note that the provider has transcribed."""
        if self._failing is not None:
            _log.info("transcription is back")
        self._failing = None
