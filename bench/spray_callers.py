"""Callers and strangers of a spraying run, in a process of their own; see ``main``."""

from __future__ import annotations

import json
import math
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from bench.spray_stream import FOREIGN, payloads
from voicebot.media.audio import FRAME_SAMPLES, FRAME_SECONDS
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    from collections.abc import Iterator

SSRC: Final = 7
"""Of every call and of every stranger."""

STRANGERS: Final = 8
MOST_AT_ONCE: Final = 400
"""Packets of strangers between two looks at the callers' own."""

CLOCK: Final = 8000
"""Of what the bot sends."""

_ROUND_S: Final = 0.0005
_STAMP: Final = struct.Struct("@qq")
_SO_TIMESTAMPNS: Final = 35


class Caller:
    """One caller: its socket, its noise, and when the bot's packets came."""

    def __init__(self, number: int) -> None:
        self.socket = bound()
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self.offsets: list[float] = []
        self._payloads = payloads(number)
        self._sent = 0
        self._first: int | None = None

    def send_due(self, passed: float, phase: float) -> None:
        """Send what is due ``passed`` seconds after the start."""
        while self._sent * FRAME_SECONDS + phase <= passed:
            payload = self._payloads[self._sent % len(self._payloads)]
            self.socket.send(packet(self._sent, payload))
            self._sent += 1

    def receive(self) -> None:
        """Note the kernel's stamp of each packet against what its timestamp explains."""
        for datagram, at in stamped(self.socket):
            (timestamp,) = struct.unpack_from("!I", datagram, 4)
            if self._first is None:
                self._first = timestamp
            self.offsets.append(at - (timestamp - self._first & 0xFFFF_FFFF) / CLOCK)

    @property
    def next(self) -> int:
        """The number of the packet that comes next."""
        return self._sent


def main() -> None:
    """Run callers, and strangers beside them for the second part of the time.

    The arguments are the number of calls, the seconds without and with strangers, and the packets
    of strangers in a second. The callers' ports go out, ``go PORT`` comes in; ``quiet``, ``attack``
    and ``over`` go out when each part begins, and in the end the figures as JSON.
    """
    calls, quiet_s, attack_s, rate = (float(argument) for argument in sys.argv[1:5])
    callers = [Caller(number) for number in range(int(calls))]
    print(*(caller.socket.getsockname()[1] for caller in callers), flush=True)
    port = int(sys.stdin.readline().split()[1])
    for caller in callers:
        caller.socket.connect(("127.0.0.1", port))
    strangers = [bound() for _ in range(STRANGERS)]
    for stranger in strangers:
        stranger.connect(("127.0.0.1", port))
    print("quiet", flush=True)
    began = time.monotonic()
    talk(callers, began, quiet_s)
    calm = [collected(callers)]
    print("attack", flush=True)
    sent = talk(callers, began, quiet_s + attack_s, strangers=strangers, rate=rate)
    attacked = collected(callers)
    print("over", flush=True)
    answered = sum(1 for stranger in strangers for _ in stamped(stranger))
    told: dict[str, Any] = {
        "sent": sent,
        "answered": answered,
        "quiet": calm[0],
        "attack": attacked,
        "packets": sum(caller.next for caller in callers),
    }
    print(json.dumps(told), flush=True)


def talk(
    callers: list[Caller],
    began: float,
    until: float,
    *,
    strangers: list[socket.socket] | None = None,
    rate: float = 0.0,
) -> int:
    """Let the callers talk ``until`` so many seconds after the start.

    A stranger's packet has the SSRC, payload type and time of a call, and the number of its next.
    Returns how many of them were sent.
    """
    sent, loud = 0, FOREIGN.to_bytes(2, "big") * FRAME_SAMPLES
    start = time.monotonic()
    while (passed := time.monotonic() - began) < until:
        for number, caller in enumerate(callers):
            caller.send_due(passed, FRAME_SECONDS * number / len(callers))
            caller.receive()
        # What was missed while the machine was busy is not made up for in one burst.
        wanted = min(rate * (time.monotonic() - start), sent + MOST_AT_ONCE)
        while strangers and sent < wanted:
            following = callers[sent % len(callers)].next
            datagram = packet(following, loud)
            for stranger in strangers:
                _send(stranger, datagram)
            sent += len(strangers)
        time.sleep(_ROUND_S)
    return sent


def collected(callers: list[Caller]) -> dict[str, float]:
    """Return how late the bot's packets were since the last time, in ms, against their grid."""
    late: list[float] = []
    for caller in callers:
        if caller.offsets:
            offsets = np.array(caller.offsets)
            late += (1000 * (offsets - offsets.min())).tolist()
        caller.offsets.clear()
    if not late:
        return {"count": 0, "p50": math.nan, "p99": math.nan, "max": math.nan}
    p50, p99, most = (float(np.percentile(late, rank)) for rank in (50, 99, 100))
    return {"count": len(late), "p50": round(p50, 3), "p99": round(p99, 3), "max": round(most, 3)}


def packet(number: int, payload: bytes) -> bytes:
    """Return packet ``number`` of any call, or of a stranger who pretends to be one."""
    timestamp = number * FRAME_SAMPLES & 0xFFFF_FFFF
    return RtpPacket(118, number & 0xFFFF, timestamp, SSRC, payload).serialise()


def bound() -> socket.socket:
    """Return a UDP socket on loopback that never waits."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    sock.setblocking(False)
    return sock


def stamped(sock: socket.socket) -> Iterator[tuple[bytes, float]]:
    """Yield what waits in a socket, with the time of its arrival where the kernel tells it."""
    while True:
        try:
            datagram, extra, _, _ = sock.recvmsg(2048, 64)
        except BlockingIOError:
            return
        at = math.nan
        for _level, _kind, octets in extra:
            seconds, nanoseconds = _STAMP.unpack(octets[: _STAMP.size])
            at = seconds + nanoseconds / 1e9
        yield datagram, at


def _send(stranger: socket.socket, datagram: bytes) -> None:
    """Send, unless the sender's own buffer is full."""
    try:
        stranger.send(datagram)
    except BlockingIOError:
        return


if __name__ == "__main__":
    main()
