"""Datagrams that are nearly RTP: a valid stream whose packets are bent in many ways."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from voicebot.media.audio import FRAME_SECONDS
from voicebot.media.codecs import CODECS
from voicebot.media.rtp import RtpPacket

if TYPE_CHECKING:
    import random

LARGEST: Final = 2047
"""Octets that the endpoint hands on at most."""

_SOUND_SHARE: Final = 0.4
_TICKS: Final = (10, 20, 30, 40, 60)


class Mutator:
    """One call's datagrams. The same ``random`` gives the same ones."""

    def __init__(self, source: random.Random) -> None:
        self._random = source
        self._type = source.choice(tuple(CODECS))
        self._ms = source.choice(_TICKS)
        self._sequence = source.getrandbits(16)
        self._timestamp = source.getrandbits(32)
        self._ssrc = source.getrandbits(32)
        self._noise = source.randbytes(4096)

    def pause(self) -> float:
        """Return the seconds until the next datagram: in step, at once, late, or after ages."""
        chance = self._random.random()
        if chance < 0.8:
            return FRAME_SECONDS
        if chance < 0.95:
            return 0.0
        return self._random.random() * (0.2 if chance < 0.998 else 20.0)

    def datagram(self) -> bytes:
        """Return the next datagram: sound, or bent in one or two ways."""
        packet = self._next()
        if self._random.random() < _SOUND_SHARE:
            return packet.serialise()
        return self._random.choice(self._WAYS)(self, packet)[:LARGEST]

    def _next(self) -> RtpPacket:
        codec = CODECS[self._type]
        groups = codec.clock_rate * codec.scale // 1000 * self._ms // codec.group_samples
        size = groups * codec.group_octets
        start = self._random.randrange(4096 - min(size, 2000))
        packet = RtpPacket(
            self._type,
            self._sequence,
            self._timestamp,
            self._ssrc,
            self._noise[start : start + size],
        )
        self._sequence = self._sequence + 1 & 0xFFFF
        self._timestamp = self._timestamp + codec.clock_rate * self._ms // 1000 & 0xFFFF_FFFF
        return packet

    def _reordered(self, packet: RtpPacket) -> bytes:
        packet.sequence = packet.sequence + self._random.randint(-120, 120) & 0xFFFF
        return packet.serialise()

    def _jumped(self, packet: RtpPacket) -> bytes:
        """Return the packet; the stream itself goes on elsewhere."""
        if self._random.random() < 0.5:
            self._timestamp = self._random.getrandbits(32)
        else:
            self._sequence = self._random.getrandbits(16)
        return packet.serialise()

    def _from_elsewhere(self, packet: RtpPacket) -> bytes:
        packet.ssrc = self._random.getrandbits(32)
        if self._random.random() < 0.3:
            self._ssrc = packet.ssrc
        return packet.serialise()

    def _of_another_type(self, packet: RtpPacket) -> bytes:
        packet.payload_type = self._random.getrandbits(7)
        if self._random.random() < 0.3:
            self._type = self._random.choice(tuple(CODECS))
        return packet.serialise()

    def _of_another_length(self, packet: RtpPacket) -> bytes:
        packet.payload = self._noise[: self._random.randrange(2000)]
        return packet.serialise()

    def _with_options(self, packet: RtpPacket) -> bytes:
        packet.csrcs = tuple(
            self._random.getrandbits(32) for _ in range(self._random.randrange(16))
        )
        if self._random.random() < 0.5:
            words = self._random.randrange(20)
            packet.extension = (self._random.getrandbits(16), self._noise[: 4 * words])
        packet.padding = self._random.choice((0, 1, 4, 255))
        packet.marker = True
        return packet.serialise()

    def _cut(self, packet: RtpPacket) -> bytes:
        octets = packet.serialise()
        return octets[: self._random.randrange(len(octets) + 1)]

    def _flipped(self, packet: RtpPacket) -> bytes:
        octets = bytearray(packet.serialise())
        for _ in range(self._random.randint(1, 8)):
            octets[self._random.randrange(len(octets))] ^= 1 << self._random.randrange(8)
        return bytes(octets)

    def _with_lies(self, packet: RtpPacket) -> bytes:
        """Let the first octet promise sources, an extension or padding that are not there."""
        octets = bytearray(packet.serialise())
        octets[0] = 0x80 | self._random.getrandbits(6)
        octets[-1] = self._random.getrandbits(8)
        return bytes(octets)

    def _nothing_like_it(self, _packet: RtpPacket) -> bytes:
        return self._noise[: self._random.randrange(LARGEST)]

    # Of the class, for an object that held its own methods would wait for the collector.
    _WAYS: ClassVar = (
        _reordered,
        _jumped,
        _from_elsewhere,
        _of_another_type,
        _of_another_length,
        _with_options,
        _cut,
        _flipped,
        _with_lies,
        _nothing_like_it,
    )
