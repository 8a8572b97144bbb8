"""The bot's half of an RTP stream: frames in, datagrams out."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_MS
from voicebot.media.codecs import CODECS
from voicebot.media.rtp import plain_packet

if TYPE_CHECKING:
    from voicebot.media.audio import Frame


class RtpSender:
    """Encodes frames and numbers their packets without a break.

    The source, the first sequence number and the first timestamp are random (RFC 3550 section 5.1).
    Sequence numbers count packets; timestamps count time, so a tick that was skipped shows in the
    timestamp alone, and the packet after it carries the marker (RFC 3551 section 4.1).
    """

    def __init__(self, payload_type: int) -> None:
        codec = CODECS[payload_type]
        if codec.encoder is None:
            raise MediaError(f"Asterisk does not hear payload type {payload_type} ({codec.name})")
        self.sent = 0
        self._payload_type = payload_type
        self._encoder = codec.encoder()
        self._step = codec.clock_rate * FRAME_MS // 1000
        self._ssrc = secrets.randbits(32)
        self._sequence = secrets.randbits(16)
        self._timestamp = secrets.randbits(32)

    def datagram(self, frame: Frame, *, skipped: int = 0) -> bytes:
        """Return the next packet; ``skipped`` ticks have passed without one."""
        datagram = plain_packet(
            self._payload_type,
            self._sequence,
            self._timestamp + skipped * self._step & 0xFFFF_FFFF,
            self._ssrc,
            self._encoder.encode(frame),
            marker=skipped > 0 or not self.sent,
        )
        self.sent += 1
        self._sequence = self._sequence + 1 & 0xFFFF
        self._timestamp = self._timestamp + (skipped + 1) * self._step & 0xFFFF_FFFF
        return datagram
