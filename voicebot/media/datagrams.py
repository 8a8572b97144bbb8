"""Many datagrams with one system call: ``recvmmsg`` and ``sendmmsg``, where the system has them.

On loopback a datagram read alone costs 1.8 µs and one sent alone 4.5; read and sent fifty at a
time they cost 1.1 and 3.1. Where the calls are missing the same is done one by one.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from voicebot.media.rtp import HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicebot.media.address import Address

    Rows: TypeAlias = "NDArray[np.intp]"

LARGEST_DATAGRAM: Final = 2048
"""Octets. No phone audio is longer; what fills the buffer was cut off, and is dropped."""

_STRIDE: Final = LARGEST_DATAGRAM + 64
"""Octets from one datagram to the next: a power of two would put all heads into the same few lines
of the core's cache."""

BATCH: Final = 256
"""Datagrams read at once at most; those of 1,000 calls that come within a place of the clock are
fewer."""

Octets: TypeAlias = "NDArray[np.uint8]"
Key: TypeAlias = "int | bytes"
"""A source as it is looked up: family, port and address, and an IPv6 address's scope."""

_NAME_ROOM: Final = 32
_SHORT_NAME: Final = 8
"""Octets of ``sockaddr_in`` that say anything: family, port, address."""

_LONG_NAME: Final = 28
"""Octets of ``sockaddr_in6``."""

_MSG_DONTWAIT: Final = 0x40
_SIOCGSTAMP: Final = 0x8906
_TIMEVAL: Final = struct.Struct("ll")

# struct mmsghdr and struct iovec of Linux on 64 bits (recvmmsg(2), readv(2)).
_MESSAGE: Final = np.dtype(
    [
        ("name", np.uint64),
        ("name_size", np.uint32),
        ("_gap", np.uint32),
        ("parts", np.uint64),
        ("part_count", np.uint64),
        ("control", np.uint64),
        ("control_size", np.uint64),
        ("flags", np.uint64),
        ("size", np.uint32),
        ("_end", np.uint32),
    ]
)
_PART: Final = np.dtype([("base", np.uint64), ("size", np.uint64)])


def _system() -> ctypes.PyDLL | None:
    """Return the C library if it has both calls and lays its structures out as above.

    The interpreter's lock is kept in them: they never wait, and a thread that got the lock
    meanwhile would keep it for 5 ms.
    """
    if sys.platform != "linux" or sys.maxsize < 1 << 32:
        return None
    library = ctypes.PyDLL(None, use_errno=True)
    try:
        library.recvmmsg.argtypes = (
            ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p,
        )  # fmt: skip
        library.sendmmsg.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    except AttributeError:
        return None
    return library


_SYSTEM: Final = _system()


def socket_name(address: Address) -> bytes:
    """Return an address as the kernel's ``sockaddr_in`` or ``sockaddr_in6``."""
    host, port = address[0], address[1]
    if len(address) == 2:
        packed = socket.inet_pton(socket.AF_INET, host)
        return struct.pack("=H", socket.AF_INET) + struct.pack("!H4s8x", port, packed)
    packed = socket.inet_pton(socket.AF_INET6, host)
    head = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI16s", port, address[2], packed)
    return head + struct.pack("=I", address[3])


def source_key(address: Address) -> Key:
    """Return what ``Inbox.sources`` gives for a datagram from ``address``, and for no other."""
    name = socket_name(address)
    return int.from_bytes(name[:_SHORT_NAME], sys.byteorder) if len(address) == 2 else name


def age(sock: socket.socket) -> float | None:
    """Return for how long the datagram read last had waited in ``sock``, in seconds.

    The kernel keeps when it came (``SIOCGSTAMP``, socket(7)), of those that come after it was asked
    first. ``None`` where it does not.
    """
    try:
        stamp = fcntl.ioctl(sock.fileno(), _SIOCGSTAMP, bytes(_TIMEVAL.size))
    except OSError:
        return None
    seconds, microseconds = _TIMEVAL.unpack(stamp)
    came: float = seconds + microseconds / 1e6
    return max(0.0, time.time() - came)


class Inbox:
    """Room for ``BATCH`` datagrams, and what fills it from a socket.

    After ``read`` returned ``n``, the first ``n`` rows of ``octets`` and ``sizes`` are valid, and
    those of ``headers`` show the first three 32-bit words of each.
    """

    def __init__(self, *, at_once: bool = True) -> None:
        self.octets: Octets = np.zeros((BATCH, _STRIDE), np.uint8)[:, :LARGEST_DATAGRAM]
        self.headers = self.octets[:, :HEADER_BYTES].view(">u4")
        self._names: Octets = np.zeros((BATCH, _NAME_ROOM), np.uint8)
        self._short_names = self._names[:, :_SHORT_NAME].view(np.uint64)[:, 0]
        self._parts = _parts(self.octets)
        self._messages = _messages(self._parts, self._names)
        self.sizes = self._messages["size"]
        self._where = self._messages.ctypes.data
        self._views: list[memoryview] = [row.data for row in self.octets]
        self._receive = _SYSTEM.recvmmsg if _SYSTEM is not None and at_once else None

    def read(self, sock: socket.socket, most: int = BATCH) -> int:
        """Take the datagrams that wait, no more than ``most``; return how many.

        ``most`` is ``BATCH`` or less. Raises ``OSError``.
        """
        if self._receive is None:
            return self._read_singly(sock, most)
        # The kernel writes the length of each source over the room for it.
        self._messages["name_size"] = _NAME_ROOM
        count: int = self._receive(sock.fileno(), self._where, most, _MSG_DONTWAIT, None)
        if count >= 0:
            return count
        error = _last_error()
        if isinstance(error, BlockingIOError | InterruptedError):
            return 0
        raise error

    def sources(self, count: int) -> Sequence[Key]:
        """Return where the first ``count`` datagrams came from, as ``source_key`` has it."""
        if self._names[0, :2].view(np.uint16)[0] == socket.AF_INET:
            keys: list[int] = self._short_names[:count].tolist()
            return keys
        return [name[:_LONG_NAME] for name in map(bytes, self._names[:count])]

    def payloads(self, rows: Rows, size: int) -> Octets:
        """Return the ``size`` octets after the plain header of the datagrams in ``rows``."""
        room = slice(HEADER_BYTES, HEADER_BYTES + size)
        if len(rows) and rows[-1] == len(rows) - 1:
            # All from the first one on, as is usual: nothing has to be gathered.
            return self.octets[: len(rows), room]
        return self.octets[rows, room]

    def datagram(self, row: int) -> memoryview:
        """Return what was read into a row."""
        return self._views[row][: int(self.sizes[row])]

    def _read_singly(self, sock: socket.socket, most: int) -> int:
        for row in range(most):
            try:
                size, source = sock.recvfrom_into(self._views[row])
            except (BlockingIOError, InterruptedError):
                return row
            name = socket_name(source)
            self._names[row, : len(name)] = np.frombuffer(name, np.uint8)
            self.sizes[row] = size
        return most


class Outbox:
    """Datagrams in the rows of ``octets``, each with a size and an address of its own."""

    def __init__(self, octets: Octets, *, at_once: bool = True) -> None:
        self._octets = octets
        self._addresses: list[Address] = [("", 0)] * len(octets)
        self._names: Octets = np.zeros((len(octets), _NAME_ROOM), np.uint8)
        self._parts = _parts(octets)
        self._messages = _messages(self._parts, self._names)
        # As words they are gathered five times as fast.
        self._words = self._messages.view(np.uint64).reshape(len(octets), -1)
        self._send = _SYSTEM.sendmmsg if _SYSTEM is not None and at_once else None

    def open(self, row: int, address: Address, size: int) -> None:
        """Let the first ``size`` octets of ``row`` be a datagram for ``address``."""
        name = socket_name(address)
        self._addresses[row] = address
        self._names[row, : len(name)] = np.frombuffer(name, np.uint8)
        self._messages["name_size"][row] = len(name)
        self._parts["size"][row] = size

    def datagram(self, row: int) -> bytes:
        """Return the datagram in ``row``."""
        return self._octets[row, : int(self._parts["size"][row])].tobytes()

    def send(self, sock: socket.socket, rows: Rows) -> list[tuple[int, OSError]]:
        """Send the datagrams in ``rows`` in this order; return those not sent, and why."""
        if self._send is None:
            return self._send_singly(sock, rows)
        failed = []
        messages = self._words.take(rows, axis=0)
        where, done, count = messages.ctypes.data, 0, len(messages)
        while done < count:
            sent: int = self._send(
                sock.fileno(), where + done * _MESSAGE.itemsize, count - done, _MSG_DONTWAIT
            )
            if sent < 0:
                # The first of the rest is the one that could not be sent.
                failed.append((int(rows[done]), _last_error()))
                sent = 1
            done += sent
        return failed

    def _send_singly(self, sock: socket.socket, rows: Rows) -> list[tuple[int, OSError]]:
        failed = []
        for row in rows.tolist():
            try:
                sock.sendto(self.datagram(row), self._addresses[row])
            except OSError as error:
                failed.append((row, error))
        return failed


def _parts(octets: Octets) -> NDArray[np.void]:
    """Return ``struct iovec`` for each row of ``octets``, as long as the row."""
    parts = np.zeros(len(octets), _PART)
    parts["base"] = _addresses(octets)
    parts["size"] = octets.shape[1]
    return parts


def _messages(parts: NDArray[np.void], names: Octets) -> NDArray[np.void]:
    """Return ``struct mmsghdr`` for each of ``parts``. Both arrays must outlive it."""
    messages = np.zeros(len(parts), _MESSAGE)
    messages["name"] = _addresses(names)
    messages["name_size"] = names.shape[1]
    messages["parts"] = _addresses(parts)
    messages["part_count"] = 1
    return messages


def _addresses(rows: NDArray[Any]) -> NDArray[np.uint64]:
    """Return where each row of an array is in memory."""
    return np.arange(len(rows), dtype=np.uint64) * rows.strides[0] + rows.ctypes.data


def _last_error() -> OSError:
    error = ctypes.get_errno()
    return OSError(error, os.strerror(error))
