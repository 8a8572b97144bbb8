"""The UDP socket of an externalMedia channel, as Asterisk's ``chan_rtp`` has it."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_BYTES, FRAME_SAMPLES, SILENCE
from voicebot.media.codecs import CODECS, SLIN16
from voicebot.media.rtp import RtpPacket, plain_packet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from voicebot.media.audio import Frame
    from voicebot.media.codecs import Decoder
    from voicebot.sim.faults import Fate

HEARD_TYPES: Final = frozenset({0, 8, 9, 10, 11})
"""Payload types that Asterisk understands without SDP. All others it drops without a word."""

FORMATS: Final = {"slin16": SLIN16, "g722": 9, "ulaw": 0, "alaw": 8, "slin": 11}
"""Payload type that Asterisk sends for each ``format`` of externalMedia."""

_QUEUE_LIMIT: Final = 50 * FRAME_BYTES
_BATCH: Final = 64


@dataclass(slots=True)
class RtpCounters:
    """What came from the application and what was sent to it, in packets.

    ``underruns`` counts how often the application's audio ran dry, ``overflows`` the packets thrown
    away because a second of audio was waiting.
    """

    sent: int = 0
    received: int = 0
    dropped: int = 0
    underruns: int = 0
    overflows: int = 0


class RtpLeg:
    """Sends what the bridge says as RTP, and says in the bridge what comes as RTP.

    ``on_packet`` sees each datagram when it arrives: the place for a load test to take the time.
    """

    def __init__(
        self,
        host: str,
        remote: tuple[str, int],
        *,
        payload_type: int = SLIN16,
        outbound: Iterator[Fate],
        inbound: Iterator[Fate],
        on_packet: Callable[[bytes], None] | None = None,
    ) -> None:
        self.counters = RtpCounters()
        self._remote = remote
        self._outbound, self._inbound = outbound, inbound
        self._on_packet = on_packet
        codec = CODECS[payload_type]
        self._payload_type = payload_type
        self._step = FRAME_SAMPLES // codec.scale
        self._encode = codec.encoder().encode if codec.encoder else _big_endian
        self._sequence = 0
        self._timestamp = 0
        self._talking = False
        self._speaking = False
        self._decoders: dict[int, Decoder] = {}
        self._waiting = bytearray()
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self._ssrc = self.address[1] * 65_537
        self._loop.add_reader(self._socket, self._readable)

    @property
    def address(self) -> tuple[str, int]:
        """Where the application sends to: ``UNICASTRTP_LOCAL_ADDRESS`` and ``_PORT``."""
        host, port = self._socket.getsockname()
        return host, port

    def speak(self) -> Frame | None:
        """Return the next 20 ms of the application's audio, ``None`` while it sends nothing."""
        if not self._waiting:
            self.counters.underruns += self._speaking
            self._speaking = False
            return None
        self._speaking = True
        frame = bytes(self._waiting[:FRAME_BYTES]).ljust(FRAME_BYTES, b"\0")
        del self._waiting[:FRAME_BYTES]
        return frame

    def hear(self, frame: Frame | None) -> None:
        """Send ``frame``; nothing at all when there is none, while the timestamp goes on."""
        self._timestamp = (self._timestamp + self._step) & 0xFFFF_FFFF
        if frame is None:
            self._talking = False
            return
        datagram = plain_packet(
            self._payload_type,
            self._sequence,
            self._timestamp,
            self._ssrc,
            self._encode(frame),
            marker=not self._talking,
        )
        self._talking = True
        self._sequence = (self._sequence + 1) & 0xFFFF
        self.counters.sent += 1
        for delay in next(self._outbound):
            self._later(delay, self._send, datagram)

    def close(self) -> None:
        """Close the socket. Closing twice is allowed."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _later(self, delay: float, action: Callable[[bytes], None], datagram: bytes) -> None:
        if delay > 0:
            self._loop.call_later(delay, action, datagram)
        else:
            action(datagram)

    def _send(self, datagram: bytes) -> None:
        if self._socket.fileno() < 0:
            return
        try:
            self._socket.sendto(datagram, self._remote)
        except OSError:
            # Asterisk goes on when nobody listens at the other address, or the buffer is full.
            self.counters.dropped += 1

    def _readable(self) -> None:
        for _ in range(_BATCH):
            try:
                datagram = self._socket.recv(2048)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue  # the ICMP answer to a packet sent before
            if self._on_packet is not None:
                self._on_packet(datagram)
            for delay in next(self._inbound):
                self._later(delay, self._receive, datagram)

    def _receive(self, datagram: bytes) -> None:
        self.counters.received += 1
        try:
            packet = RtpPacket.parse(datagram)
        except MediaError:
            self.counters.dropped += 1
            return
        if packet.payload_type not in HEARD_TYPES:
            self.counters.dropped += 1
        elif len(self._waiting) >= _QUEUE_LIMIT:
            self.counters.overflows += 1
        else:
            self._waiting += self._decoder(packet.payload_type).decode(packet.payload)

    def _decoder(self, payload_type: int) -> Decoder:
        if payload_type not in self._decoders:
            self._decoders[payload_type] = CODECS[payload_type].decoder()
        return self._decoders[payload_type]


def _big_endian(frame: Frame) -> bytes:
    return SILENCE if frame is SILENCE else np.frombuffer(frame, "<i2").byteswap().tobytes()
