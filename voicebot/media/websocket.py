"""Audio over chan_websocket: the second transport, for a PBX that is not on the same network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from voicebot.errors import MediaError
from voicebot.media import websocket_messages as messages
from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.clock import MediaClock
from voicebot.media.joined import JoinedTimeline
from voicebot.media.statistics import MediaStatistics
from voicebot.media.websocket_connection import MediaDoor
from voicebot.media.websocket_receiver import PcmReceiver
from voicebot.media.websocket_sender import AheadSender

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from voicebot.media.audio import Frame
    from voicebot.media.playout import Playout
    from voicebot.media.stream import ExternalMedia, FrameListener
    from voicebot.media.websocket_connection import MediaConnection

FORMAT: Final = "slin16"
CONNECTION_ID: Final = "MEDIA_WEBSOCKET_CONNECTION_ID"

_log = structlog.get_logger(__name__)


class WebsocketStream:
    """The audio of one call over a websocket: a ``MediaStream``.

    Made by ``WebsocketTransport.open``. When the connection ends, Asterisk hangs the channel up;
    until the call is closed here, time goes on as on a line that has gone silent.
    """

    def __init__(
        self, transport: WebsocketTransport, connection: MediaConnection, name: str
    ) -> None:
        clock = transport.clock
        self._transport = transport
        self._connection = connection
        self._name = name
        now = clock.now()
        timeline = JoinedTimeline(now) if transport.listening else None
        self._receiver = PcmReceiver(now, timeline=timeline)
        self._sender = AheadSender(connection.send, connection.unsend, name=name)
        self._listeners: tuple[FrameListener, ...] = ()
        self._malformed = 0
        self._lost: str | None = None
        self._last_tick: int | None = None
        self._stalls_before = clock.stalls
        self._key: int | None = clock.add(self._tick)
        self._final: MediaStatistics | None = None
        connection.start(self)

    @property
    def playout(self) -> Playout:
        """What is being said to the caller."""
        return self._sender.playout

    @property
    def lost(self) -> str | None:
        """Why the connection has ended, ``None`` while it stands or when it was closed here."""
        return self._lost

    @property
    def energy(self) -> None:
        """Unknown: messages are placed one by one."""

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame of the caller's to ``listener`` from now on: 50 a second."""
        self._listeners = (*self._listeners, listener)

    def statistics(self) -> MediaStatistics:
        """Return what was received and sent so far; packets are messages in, and frames out."""
        if self._final is not None:
            return self._final
        reception = self._receiver.reception
        return MediaStatistics(
            received=reception.received,
            late=reception.late,
            malformed=self._malformed,
            jitter=reception.jitter,
            concealed=self._receiver.concealed / SAMPLE_RATE,
            sent=self._sender.sent,
            unsent=self._sender.unsent,
            stalls=self._transport.clock.stalls - self._stalls_before,
        )

    async def close(self) -> None:
        """Stop both directions and release everything. Closing twice is allowed."""
        if self._key is not None:
            self._final = self.statistics()
            self._transport.clock.remove(self._key)
            self._key = None
            self._transport.forget(self)
        await self._connection.close()

    def hear(self, audio: bytes) -> None:
        """Take a binary message: the caller's voice, also before ``MEDIA_START``."""
        now = self._transport.clock.now()
        self._hand_on(self._receiver.push(audio, now), now)

    def read(self, text: str) -> None:
        """Take a text message: an event of chan_websocket. Unknown ones are ignored."""
        try:
            event = messages.parse_event(text)
        except MediaError as error:
            self._malformed += 1
            _log.warning("not an event", call=self._name, error=str(error))
            return
        if event.event == messages.START and event.format != FORMAT:
            _log.error("asterisk sends another format", call=self._name, format=event.format)
        elif event.event == messages.ERROR:
            _log.warning("asterisk refused a command", call=self._name, error=event.error_text)
        else:
            self._sender.told(event, self._transport.clock.now())

    def lose(self, reason: str) -> None:
        """Take note that the connection has ended."""
        self._lost = reason
        self._sender.disconnect()
        _log.warning("media websocket lost", call=self._name, reason=reason)

    def _tick(self, now: float, number: int) -> None:
        steady = number - 1 == self._last_tick
        self._last_tick = number
        # What has arrived during a stall has not been read yet, and must not be taken for missing.
        if steady:
            self._hand_on(self._receiver.poll(now), now)
        if not self._transport.listening:
            self._sender.poll(now)

    def _hand_on(self, frames: Sequence[Frame], now: float) -> None:
        for frame in frames:
            for listener in self._listeners:
                try:
                    listener(frame, now)
                except Exception:  # noqa: BLE001 - one call's fault must not stop the others
                    _log.exception("frame listener failed and hears no more", call=self._name)
                    self._listeners = tuple(one for one in self._listeners if one is not listener)


class WebsocketTransport:
    """A ``MediaTransport``: websockets to Asterisk's chan_websocket, one for each call.

    ``url`` is the base URL of ARI with the HTTP prefix (``https`` for TLS), and user name and
    password are ARI's own. ``ca_file`` is a certificate authority to trust beside the system's.
    ``timeout_s`` bounds the opening of a connection. Where it is only ``listening``,
    nothing is sent, and what comes late is not given up.
    """

    def __init__(
        self,
        url: str,
        username: str,
        password: str,
        *,
        ca_file: Path | str | None = None,
        timeout_s: float = 5.0,
        clock: MediaClock | None = None,
        listening: bool = False,
    ) -> None:
        self.clock = MediaClock() if clock is None else clock
        self.listening = listening
        self._door = MediaDoor(url, username, password, ca_file=ca_file, timeout_s=timeout_s)
        self._streams: set[WebsocketStream] = set()

    async def start(self) -> None:
        """Prepare for calls. Nothing is sent."""
        self._door.open()

    def external_media(self) -> ExternalMedia:
        """Return the transport's own arguments of ``POST /channels/externalMedia``.

        The channel is answered by ``open``: it enters Stasis only then.
        """
        return {
            "external_host": "INCOMING",
            "format": FORMAT,
            "encapsulation": "none",
            "transport": "websocket",
            "connection_type": "server",
            "transport_data": "f(json)",
        }

    async def open(self, variables: Mapping[str, str], *, wideband: bool) -> WebsocketStream:
        """Join the externalMedia channel whose ``channelvars`` are ``variables``.

        Asterisk converts to what the caller's channel carries, so ``wideband`` changes nothing.
        Raises ``MediaError`` when the variables do not name the connection, and
        ``MediaUnreachableError`` when it cannot be made.
        """
        del wideband
        connection_id = variables.get(CONNECTION_ID)
        if not connection_id:
            raise MediaError(f"{CONNECTION_ID} is missing: is the channel one of chan_websocket?")
        connection = await self._door.connect(connection_id)
        stream = WebsocketStream(self, connection, connection_id)
        self._streams.add(stream)
        return stream

    async def close(self) -> None:
        """Close all streams. Closing twice is allowed."""
        for stream in tuple(self._streams):
            await stream.close()
        await self._door.close()

    def forget(self, stream: WebsocketStream) -> None:
        """Let go of a stream that is closed."""
        self._streams.discard(stream)
