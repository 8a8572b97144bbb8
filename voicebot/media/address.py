"""Where RTP comes in and where it goes: addresses as the settings and Asterisk name them."""

from __future__ import annotations

import errno
import ipaddress
import socket
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.errors import ConfigError, MediaError, PortInUseError
from voicebot.media.datagrams import age

if TYPE_CHECKING:
    from collections.abc import Mapping

Address: TypeAlias = "tuple[str, int] | tuple[str, int, int, int]"
"""A socket address as the socket itself gives it: with flow and scope for IPv6."""

IP: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

RECEIVE_BUFFER: Final = 8 << 20
"""Octets that the kernel is asked to hold at least while the event loop is busy; it grants what its
limits allow."""

CALL_BUFFER: Final = 50 * 2304 // 2
"""Octets to ask for each call, for a second of packets: one of 20 ms counts as 2,304, and the
kernel grants twice what it is asked."""

_SO_RCVBUFFORCE: Final = 33


def bind_address(host: str) -> IP:
    """Return the address to bind. Raises ``ConfigError`` when ``host`` is none."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        raise ConfigError(
            f"media.host: {host!r} is no IP address; give the one that Asterisk reaches us at"
        ) from None


def advertised_host(advertise: str | None, bound: IP) -> str:
    """Return what Asterisk is told to send to. Raises ``ConfigError`` when it can't be reached."""
    if advertise is None:
        if bound.is_unspecified:
            raise ConfigError(
                f"media.advertise is missing: media.host is {bound}, which is no place to send to;"
                " name the address at which Asterisk reaches this machine with either of them"
            )
        return str(bound)
    try:
        address = ipaddress.ip_address(advertise)
    except ValueError:
        raise ConfigError(f"media.advertise: {advertise!r} is no IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise ConfigError(f"media.advertise: {advertise} is no place to send to")
    if address.version != bound.version:
        raise ConfigError(
            f"media.advertise: {advertise} and media.host {bound} are of different IP versions"
        )
    return str(address)


def external_host(host: str, port: int) -> str:
    """Return ``host:port`` as ``external_host`` wants it, IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def channel_address(variables: Mapping[str, str], bound: IP) -> Address:
    """Return the one address of an externalMedia channel: its packets' source and destination.

    Raises ``MediaError`` when ``variables`` do not name one that can be used.
    """
    host = variables.get("UNICASTRTP_LOCAL_ADDRESS", "")
    port = variables.get("UNICASTRTP_LOCAL_PORT", "")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        raise MediaError(f"UNICASTRTP_LOCAL_ADDRESS: {host!r} is no IP address") from None
    if address.is_unspecified or address.is_multicast:
        raise MediaError(f"UNICASTRTP_LOCAL_ADDRESS: {host} is no place to send to")
    if address.version != bound.version:
        raise MediaError(
            f"UNICASTRTP_LOCAL_ADDRESS: {host} is not reached from media.host {bound}:"
            " they are of different IP versions"
        )
    if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise MediaError(f"UNICASTRTP_LOCAL_PORT: {port!r} is no UDP port")
    return socket_address(address, int(port))


def socket_address(address: IP, port: int) -> Address:
    """Return the address as a socket of its family gives it."""
    return (str(address), port) if address.version == 4 else (str(address), port, 0, 0)


def open_socket(address: IP, port: int) -> socket.socket:
    """Return a non-blocking UDP socket bound to ``address`` and ``port`` (0: any free one).

    Raises ``PortInUseError`` when the port is taken and ``MediaError`` when it can't be bound.
    """
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        widen(sock)
        # From now on the kernel notes when datagrams come.
        age(sock)
        sock.bind(socket_address(address, port))
    except OSError as error:
        sock.close()
        where = external_host(str(address), port)
        if error.errno == errno.EADDRINUSE:
            raise PortInUseError(
                f"UDP {where} is taken by another program: set media.port to a free one, or to 0"
            ) from error
        raise MediaError(f"UDP {where} (media.host, media.port): {error.strerror}") from error
    return sock


def widen(sock: socket.socket, calls: int = 1) -> float:
    """Ask for a receive buffer for so many calls, beyond the limit where we have the right to.

    Return for how many seconds of their packets there is room now.
    """
    room = max(RECEIVE_BUFFER, calls * CALL_BUFFER)
    try:
        sock.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, room)
    except OSError:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    granted = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    return granted / 2 / (calls * CALL_BUFFER)
