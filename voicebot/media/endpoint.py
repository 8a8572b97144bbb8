"""RTP over UDP: one socket for all calls, or one for each."""

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
    widen,
)
from voicebot.media.clock import MediaClock
from voicebot.media.codecs import G722_TYPE, L16_8000
from voicebot.media.datagrams import age
from voicebot.media.exchange import Exchange
from voicebot.media.ports import CallPorts
from voicebot.media.rtp_stream import RtpStream

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from voicebot.media.address import Address
    from voicebot.media.exchange import Measure
    from voicebot.media.stream import ExternalMedia

UNCLAIMED: Final = 30.0
"""Seconds after which a call's own port is released when no call has taken it."""

SHORT_BUFFER: Final = 0.1
"""Seconds: a system is often busy with something else for less."""

_log = structlog.get_logger(__name__)


class RtpEndpoint:
    """A ``MediaTransport``: RTP with Asterisk's externalMedia channels.

    A datagram belongs to the call whose channel has the address it came from; any other is dropped
    and counted in ``foreign``. Nothing is ever sent to an address that Asterisk has not named.

    ``host`` and ``port`` are bound (0: any free port), ``advertise`` is what Asterisk is told where
    that differs. With ``per_call_port`` each call has a socket of its own on a free port, or on one
    of ``ports``. ``max_delay`` bounds the wait for packets out of order, in seconds. ``at_once``
    lets one system call read or send many datagrams, where the system has such calls. Where it is
    only ``listening``, nothing is sent, and what comes late is not given up. ``measure`` says for
    how long the datagram read last had waited, if that is known.
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
        at_once: bool = True,
        listening: bool = False,
        measure: Measure = age,
    ) -> None:
        self.clock = MediaClock() if clock is None else clock
        self._address = bind_address(host)
        self._advertise = advertised_host(advertise, self._address)
        self._port = port
        self._ports = CallPorts(self._address, ports) if per_call_port else None
        self._socket: socket.socket | None = None
        self._streams: dict[Address, RtpStream] = {}
        self._exchange = Exchange(
            self.clock,
            max_delay=max_delay,
            closed=self._forget,
            at_once=at_once,
            listening=listening,
            measure=measure,
        )
        self._watched = False
        self._room = 0

    async def start(self) -> None:
        """Bind the socket. Raises ``PortInUseError`` or ``MediaError``."""
        if self._ports is None and self._socket is None:
            self._socket = open_socket(self._address, self._port)
            self._watch()

    @property
    def foreign(self) -> int:
        """Datagrams that came from no call's address; they were dropped."""
        return self._exchange.foreign

    @property
    def port(self) -> int:
        """The port that is bound, 0 when each call has its own."""
        return 0 if self._socket is None else int(self._socket.getsockname()[1])

    def external_media(self) -> ExternalMedia:
        """Return the transport's own arguments of ``POST /channels/externalMedia``.

        With ``per_call_port`` this opens the call's port; ``open`` takes it. Raises
        ``PortInUseError`` when none is free, and ``MediaError`` before ``start`` and while the core
        does not keep up with the calls that there are.
        """
        self._exchange.require_room()
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

        A wide-band caller is sent G.722, another one L16/8000, also one who speaks G.711: out of
        that Asterisk would first make L16, for the channel itself is slin16. With
        ``per_call_port``, an ``external_host`` among the variables tells which port the channel was
        given; without it the one opened first is taken. Raises ``MediaError`` when the variables do
        not name the channel's address, or name one that another call has, and while the core does
        not keep up.
        """
        # A port of its own is not taken in vain.
        self._exchange.require_room()
        remote = channel_address(variables, self._address)
        if remote in self._streams:
            raise MediaError(f"{external_host(*remote[:2])} is the address of another call")
        sock = self._socket
        if self._ports is not None:
            sock = self._ports.take(_port(variables.get("external_host")))
        if sock is None:
            raise MediaError("the RTP endpoint has not been started")
        payload_type = G722_TYPE if wideband else L16_8000
        stream = RtpStream(self._exchange, sock, remote, payload_type)
        self._streams[remote] = stream
        self._watch()
        self._widen()
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

    def _forget(self, stream: RtpStream) -> None:
        self._streams.pop(stream.remote, None)
        if stream.socket is self._socket:
            self._watch()
        else:
            _release(stream.socket)

    def _watch(self) -> None:
        """Let the event loop watch the shared socket, unless reading it in ticks will do."""
        exchange = self._exchange
        before, self._watched = self._watched, not (exchange.many or exchange.listening)
        if self._socket is not None and self._watched and not before:
            self._listen(self._socket)
        elif self._socket is not None and before and not self._watched:
            asyncio.get_running_loop().remove_reader(self._socket)

    def _widen(self) -> None:
        """Let the shared socket hold what comes for all calls while the event loop is busy."""
        if self._socket is None or len(self._streams) <= self._room:
            return
        self._room = 2 * len(self._streams)
        seconds = widen(self._socket, self._room)
        if seconds < SHORT_BUFFER:
            _log.warning(
                "the receive buffer is small: raise net.core.rmem_max",
                calls=self._room,
                milliseconds=round(1000 * seconds),
            )

    def _listen(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(sock, self._exchange.read, sock)


def _port(told: str | None) -> int | None:
    """Return the port in an ``external_host``."""
    return None if told is None else int(told.rpartition(":")[2])


def _release(sock: socket.socket) -> None:
    asyncio.get_running_loop().remove_reader(sock)
    sock.close()
