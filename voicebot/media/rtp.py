"""RTP packets (RFC 3550 section 5.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

from voicebot.errors import MediaError

HEADER_BYTES: Final = 12

_HEADER: Final = struct.Struct("!BBHII")
_EXTENSION: Final = struct.Struct("!HH")
PLAIN: Final = 0x80
"""First octet of a packet without padding, extension and contributing sources."""

Octets: TypeAlias = "bytes | bytearray | memoryview"


@dataclass(slots=True)
class RtpPacket:
    """One RTP packet.

    ``sequence`` has 16 bits, ``timestamp``, ``ssrc`` and each of ``csrcs`` 32. ``extension`` is the
    profile's number and its data (whole 32-bit words). ``padding`` counts the octets after the
    payload, the last of which holds the count itself.
    """

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False
    csrcs: tuple[int, ...] = ()
    extension: tuple[int, bytes] | None = None
    padding: int = 0

    @classmethod
    def parse(cls, datagram: Octets) -> RtpPacket:
        """Return the packet in ``datagram``. Raises ``MediaError`` when there is none."""
        if len(datagram) < HEADER_BYTES:
            raise MediaError(f"RTP packet of {len(datagram)} octets: the header alone has 12")
        first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(datagram)
        if first == PLAIN:
            payload = bytes(datagram[HEADER_BYTES:])
            return cls(second & 0x7F, sequence, timestamp, ssrc, payload, second > 0x7F)
        if first >> 6 != 2:
            raise MediaError(f"RTP version {first >> 6}: only version 2 is spoken")
        csrcs, start = _parse_csrcs(datagram, first & 0x0F)
        extension = None
        if first & 0x10:
            extension, start = _parse_extension(datagram, start)
        padding = _parse_padding(datagram, start) if first & 0x20 else 0
        payload = bytes(datagram[start : len(datagram) - padding])
        return cls(
            second & 0x7F,
            sequence,
            timestamp,
            ssrc,
            payload,
            second > 0x7F,
            csrcs,
            extension,
            padding,
        )

    def serialise(self) -> bytes:
        """Return the packet as it goes on the wire."""
        first = PLAIN | len(self.csrcs)
        parts = [b"", *(csrc.to_bytes(4, "big") for csrc in self.csrcs)]
        if self.extension is not None:
            profile, data = self.extension
            first |= 0x10
            parts += (_EXTENSION.pack(profile, len(data) // 4), data)
        parts.append(self.payload)
        if self.padding:
            first |= 0x20
            parts.append(bytes(self.padding - 1) + bytes((self.padding,)))
        second = self.payload_type | (0x80 if self.marker else 0)
        parts[0] = _HEADER.pack(first, second, self.sequence, self.timestamp, self.ssrc)
        return b"".join(parts)


def plain_packet(
    payload_type: int, sequence: int, timestamp: int, ssrc: int, payload: bytes, *, marker: bool
) -> bytes:
    """Serialise a packet without any option: the sender's short way, one call and one copy."""
    second = payload_type | 0x80 if marker else payload_type
    return _HEADER.pack(PLAIN, second, sequence, timestamp, ssrc) + payload


def _parse_csrcs(datagram: Octets, count: int) -> tuple[tuple[int, ...], int]:
    end = HEADER_BYTES + 4 * count
    if end > len(datagram):
        raise MediaError(f"RTP packet ends within its {count} contributing sources")
    return struct.unpack_from(f"!{count}I", datagram, HEADER_BYTES), end


def _parse_extension(datagram: Octets, start: int) -> tuple[tuple[int, bytes], int]:
    data = start + _EXTENSION.size
    if data > len(datagram):
        raise MediaError("RTP packet ends within the header of its extension")
    profile, words = _EXTENSION.unpack_from(datagram, start)
    end = data + 4 * words
    if end > len(datagram):
        raise MediaError(f"RTP packet ends within its extension of {words} words")
    return (profile, bytes(datagram[data:end])), end


def _parse_padding(datagram: Octets, start: int) -> int:
    room = len(datagram) - start
    padding = datagram[-1] if room else 0
    if not 1 <= padding <= room:
        raise MediaError(f"RTP padding of {padding} octets where {room} follow the header")
    return padding
