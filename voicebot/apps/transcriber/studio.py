"""What all transcriptions share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from voicebot.apps.switchboard import Switchboard
    from voicebot.ari.client import AriClient
    from voicebot.media.audio import Frame
    from voicebot.media.stream import MediaTransport
    from voicebot.records.events import Sink


class Hearing(Protocol):
    """The ear of one party; ``Ear`` is the real one."""

    @property
    def utterances(self) -> int:
        """The number of the party's last utterance so far."""
        ...

    def hear(self, frame: Frame, now: float) -> None:
        """Take the next 20 ms."""
        ...

    async def finish(self) -> None:
        """End what is being said; return when everything that was heard is in the sink."""
        ...


class Listener(Protocol):
    """Who understands what is said; ``Scribe`` is the real one."""

    def listen(self, call: str, party: str, *, position: int, after: int = 0) -> Hearing:
        """Return an ear for ``party``, which is heard from ``position`` on.

        ``after`` is the number of its last utterance where it was heard before.
        """
        ...


@dataclass(frozen=True, slots=True)
class Studio:
    """The PBX, who listens and who is told.

    ``app`` is the application of ``ari``, whose events go to ``board``. ``announce`` is played to
    people before they are heard. ``clock`` gives monotonic seconds, as frames carry them.
    """

    ari: AriClient
    app: str
    board: Switchboard
    transport: MediaTransport
    listener: Listener
    sink: Sink
    announce: str | None
    clock: Callable[[], float]
    wall_clock: Callable[[], datetime]
