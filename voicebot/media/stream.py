"""What a call sees of its audio, whatever the transport."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, Protocol, TypeAlias, TypedDict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from voicebot.media.audio import Frame
    from voicebot.media.playout import Playout
    from voicebot.media.statistics import MediaStatistics

FrameListener: TypeAlias = "Callable[[Frame, float], None]"
"""Called with each frame of the caller's and the monotonic time when it became due (seconds)."""


class MediaStream(Protocol):
    """The audio of one call, both ways: frames in, ``playout`` out."""

    @property
    def playout(self) -> Playout:
        """What is being said to the caller."""
        ...

    @property
    def energy(self) -> float | None:
        """The ``audio.energy`` of the frame being handed to a listener, where it is known already.

        It saves the listener work; ``None`` says that the listener has to find out.
        """
        ...

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame of the caller's to ``listener`` from now on: 50 a second, silence too.

        The listener is called on the event loop, synchronously; it must return within one
        millisecond.
        """
        ...

    def statistics(self) -> MediaStatistics:
        """Return what was received, lost and sent so far."""
        ...

    async def close(self) -> None:
        """Stop both directions and release everything. Closing twice is allowed."""
        ...


class ExternalMedia(TypedDict):
    """What ``POST /channels/externalMedia`` is told of a transport, in ARI's words."""

    external_host: str
    format: str
    encapsulation: str
    transport: str
    connection_type: NotRequired[str]
    transport_data: NotRequired[str]


class MediaTransport(Protocol):
    """Opens media streams: the RTP endpoint or the websocket client."""

    def external_media(self) -> ExternalMedia:
        """Return the transport's own arguments of ``POST /channels/externalMedia``."""
        ...

    async def open(self, variables: Mapping[str, str], *, wideband: bool) -> MediaStream:
        """Join the externalMedia channel whose ``channelvars`` are ``variables``.

        ``wideband`` says whether the caller's channel can carry more than 8 kHz audio.
        Raises ``MediaError`` when the variables do not name the channel's address.
        """
        ...
