"""Ports of their own for calls, where one for all will not do."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from voicebot.errors import MediaError, PortInUseError
from voicebot.media.address import open_socket

if TYPE_CHECKING:
    import socket

    from voicebot.media.address import IP


class CallPorts:
    """Opens a socket for each call on one of ``ports`` (0: any free one); keeps it until taken.

    The ports take turns: what still comes to the port of a call that has ended meets no new one,
    and a port in use is not tried for each call anew.
    """

    def __init__(self, address: IP, ports: range) -> None:
        self._address = address
        self._ports = ports
        self._turn = 0
        self._waiting: dict[socket.socket, float] = {}

    def open(self, now: float) -> socket.socket:
        """Bind the next port that is free. Raises ``PortInUseError`` when none is."""
        for _ in self._ports:
            port = self._ports[self._turn % len(self._ports)]
            self._turn += 1
            try:
                sock = open_socket(self._address, port)
            except PortInUseError:
                continue
            self._waiting[sock] = now
            return sock
        raise PortInUseError(
            f"no UDP port of {self._ports.start} to {self._ports.stop - 1} is free on"
            f" {self._address}: each call takes one, so allow more with media.ports"
        )

    def take(self, port: int | None) -> socket.socket:
        """Return the socket on ``port``, or the one that has waited longest where none is named.

        Raises ``MediaError`` when there is no such socket.
        """
        for sock in self._waiting:
            if port is None or sock.getsockname()[1] == port:
                del self._waiting[sock]
                return sock
        raise MediaError(f"no port waits for this call ({port or 'none was opened for it'})")

    def drain(self, *, before: float = inf) -> list[socket.socket]:
        """Return the sockets opened ``before`` and never taken; they are the caller's to close."""
        sockets = [sock for sock, opened in self._waiting.items() if opened < before]
        for sock in sockets:
            del self._waiting[sock]
        return sockets
