"""RTP over UDP: one socket for all calls, and the stream that each call sees."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from voicebot.errors import MediaError
from voicebot.media.address import (
    advertised_host,
    bind_address,
    channel_address,
    external_host,
    open_socket,
)
from voicebot.media.audio import SAMPLE_RATE, SILENCE
from voicebot.media.clock import MediaClock
from voicebot.media.codecs import G722_TYPE, L16_8000
from voicebot.media.playout import Playout
from voicebot.media.ports import CallPorts
from voicebot.media.receiver import RtpReceiver
from voicebot.media.sender import RtpSender
from voicebot.media.statistics import MediaStatistics

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from voicebot.media.address import Address
    from voicebot.media.stream import ExternalMedia, FrameListener

LARGEST_DATAGRAM: Final = 2048
"""Octets. No phone audio is longer; what fills the buffer was cut off, and is dropped."""

BATCH: Final = 64
"""Datagrams read in a row before others on the event loop get their turn."""

MANY: Final = 40
"""Calls from which on the socket is read by the clock alone: a wake-up costs more than a packet."""

UNCLAIMED: Final = 30.0
"""Seconds after which a call's own port is released when no call has taken it."""

_LONGEST_READ: Final = 0.01
"""Seconds of reading after which the calls are ticked, whatever still waits: sending goes on."""

_log = structlog.get_logger(__name__)


class RtpStream:
    """The audio of one call over RTP: a ``MediaStream``.

    Made by ``RtpEndpoint.open``. The clock's tick sends one packet and lets time go on for what is
    received; datagrams come in between.
    """

    def __init__(
        self, endpoint: RtpEndpoint, sock: socket.socket, remote: Address, payload_type: int
    ) -> None:
        clock = endpoint.clock
        self._endpoint = endpoint
        self._socket, self._remote = sock, remote
        self._playout = Playout()
        self._receiver = RtpReceiver(
            clock.now(), max_delay=endpoint.max_delay, name=external_host(*remote[:2])
        )
        self._sender = RtpSender(payload_type)
        self._unsent = 0
        self._last_tick: int | None = None
        self._foreign_before = endpoint.foreign
        self._stalls_before = clock.stalls
        self._key: int | None = clock.add(self._tick)
        self._final: MediaStatistics | None = None

    @property
    def playout(self) -> Playout:
        """What is being said to the caller."""
        return self._playout

    @property
    def remote(self) -> Address:
        """The address that this call's packets come from and go to."""
        return self._remote

    def listen(self, listener: FrameListener) -> None:
        """Hand every frame of the caller's to ``listener`` from now on: 50 a second."""
        self._receiver.listen(listener)

    def receive(self, datagram: memoryview, now: float) -> None:
        """Take a datagram from this call's address."""
        self._receiver.receive(datagram, now)

    def statistics(self) -> MediaStatistics:
        """Return what was received, lost and sent so far."""
        if self._final is not None:
            return self._final
        reception = self._receiver.reception
        return MediaStatistics(
            received=reception.received,
            lost=reception.lost,
            late=reception.late,
            duplicates=reception.duplicates,
            strange=reception.strange,
            malformed=reception.malformed,
            foreign=self._endpoint.foreign - self._foreign_before,
            jitter=reception.jitter,
            concealed=self._receiver.concealed / SAMPLE_RATE,
            sent=self._sender.sent - self._unsent,
            unsent=self._unsent,
            stalls=self._endpoint.clock.stalls - self._stalls_before,
        )

    async def close(self) -> None:
        """Stop both directions and release everything. Closing twice is allowed."""
        if self._key is None:
            return
        self._final = self.statistics()
        self._endpoint.clock.remove(self._key)
        self._key = None
        self._endpoint.forget(self, self._socket)

    def _tick(self, now: float, number: int) -> None:
        skipped = 0 if self._last_tick is None else number - self._last_tick - 1
        self._last_tick = number
        if skipped:
            self._endpoint.catch_up(self._socket, now)
        self._receiver.poll(now)
        frame = self._playout.pull(now)
        self._send(self._sender.datagram(SILENCE if frame is None else frame, skipped=skipped))

    def _send(self, datagram: bytes) -> None:
        try:
            self._socket.sendto(datagram, self._remote)
        except OSError as error:
            self._unsent += 1
            if self._unsent == 1:
                _log.warning(
                    "packet not sent", call=external_host(*self._remote[:2]), error=str(error)
                )


class RtpEndpoint:
    """A ``MediaTransport``: RTP with Asterisk's externalMedia channels.

    A datagram belongs to the call whose channel has the address it came from; any other is dropped
    and counted in ``foreign``. Nothing is ever sent to an address that Asterisk has not named.

    ``host`` and ``port`` are bound (0: any free port), ``advertise`` is what Asterisk is told where
    that differs. With ``per_call_port`` each call has a socket of its own on a free port, or on one
    of ``ports``. ``max_delay`` bounds the wait for packets out of order, in seconds.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        advertise: str | None = None,
        per_call_port: bool = False,
        ports: range = range(1),
        max_delay: float = 0.08,
        clock: MediaClock | None = None,
    ) -> None:
        self.max_delay = max_delay
        self.clock = MediaClock() if clock is None else clock
        self.foreign = 0
        self._address = bind_address(host)
        self._advertise = advertised_host(advertise, self._address)
        self._port = port
        self._ports = CallPorts(self._address, ports) if per_call_port else None
        self._socket: socket.socket | None = None
        self._streams: dict[Address, RtpStream] = {}
        self._buffer = bytearray(LARGEST_DATAGRAM)
        self._view = memoryview(self._buffer)
        self._watched = False

    async def start(self) -> None:
        """Bind the socket. Raises ``PortInUseError`` or ``MediaError``."""
        if self._ports is None and self._socket is None:
            self._socket = open_socket(self._address, self._port)
            self.clock.before(self._read_shared)
            self._watch()

    @property
    def port(self) -> int:
        """The port that is bound, 0 when each call has its own."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def external_media(self) -> ExternalMedia:
        """Return the transport's own arguments of ``POST /channels/externalMedia``.

        With ``per_call_port`` this opens the call's port; ``open`` takes it. Raises
        ``PortInUseError`` when none is free and ``MediaError`` before ``start``.
        """
        sock = self._socket
        if self._ports is not None:
            for stale in self._ports.drain(before=self.clock.now() - UNCLAIMED):
                _release(stale)
            sock = self._ports.open(self.clock.now())
            self._listen(sock)
        if sock is None:
            raise MediaError("the RTP endpoint has not been started")
        return {
            "external_host": external_host(self._advertise, sock.getsockname()[1]),
            "format": "slin16",
            "encapsulation": "rtp",
            "transport": "udp",
        }

    async def open(self, variables: Mapping[str, str], *, wideband: bool) -> RtpStream:
        """Join the externalMedia channel whose ``channelvars`` are ``variables``.

        A wide-band caller is sent G.722, another one L16/8000. With ``per_call_port``, an
        ``external_host`` among the variables tells which port the channel was given; without it
        the one opened first is taken. Raises ``MediaError`` when the variables do not name the
        channel's address, or name one that another call has.
        """
        remote = channel_address(variables, self._address)
        if remote in self._streams:
            raise MediaError(f"{external_host(*remote[:2])} is the address of another call")
        sock = self._socket
        if self._ports is not None:
            sock = self._ports.take(_port(variables.get("external_host")))
        if sock is None:
            raise MediaError("the RTP endpoint has not been started")
        stream = RtpStream(self, sock, remote, G722_TYPE if wideband else L16_8000)
        self._streams[remote] = stream
        self._watch()
        return stream

    async def close(self) -> None:
        """Close all streams and sockets. Closing twice is allowed."""
        for stream in tuple(self._streams.values()):
            await stream.close()
        for sock in [] if self._ports is None else self._ports.drain():
            _release(sock)
        if self._socket is not None:
            _release(self._socket)
            self._socket = None
            self._watched = False

    def forget(self, stream: RtpStream, sock: socket.socket) -> None:
        """Drop what comes from the address of ``stream`` from now on."""
        self._streams.pop(stream.remote, None)
        if sock is self._socket:
            self._watch()
        else:
            _release(sock)

    def catch_up(self, sock: socket.socket, now: float) -> None:
        """Deliver what came to a call's own socket in a stall: it must not be taken for missing."""
        if sock is not self._socket:
            self._read(sock, BATCH, now)

    def _read_shared(self, now: float) -> None:
        end = now + _LONGEST_READ
        while self._socket and self._read(self._socket, BATCH, now) and self.clock.now() < end:
            pass

    def _watch(self) -> None:
        """Let the event loop watch the shared socket, unless there are many calls."""
        before, self._watched = self._watched, len(self._streams) < MANY
        if self._socket is not None and self._watched and not before:
            self._listen(self._socket)
        elif self._socket is not None and before and not self._watched:
            asyncio.get_running_loop().remove_reader(self._socket)

    def _listen(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(sock, lambda: self._read(sock, BATCH, self.clock.now()))

    def _read(self, sock: socket.socket, limit: int, now: float) -> bool:
        """Deliver up to ``limit`` datagrams; return whether there may be more."""
        for _ in range(limit):
            try:
                size, source = sock.recvfrom_into(self._buffer)
            except BlockingIOError:
                return False
            except OSError as error:
                _log.warning("UDP socket", error=str(error))
                return False
            stream = self._streams.get(source)
            if stream is None or size == LARGEST_DATAGRAM:
                self.foreign += 1
                continue
            stream.receive(self._view[:size], now)
        return True


def _port(told: str | None) -> int | None:
    """Return the port in an ``external_host``."""
    return None if told is None else int(told.rpartition(":")[2])


def _release(sock: socket.socket) -> None:
    asyncio.get_running_loop().remove_reader(sock)
    sock.close()
