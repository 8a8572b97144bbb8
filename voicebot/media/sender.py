"""The bot's halves of RTP streams: frames in, datagrams out, for many calls at once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

import numpy as np

from voicebot.errors import MediaError
from voicebot.media.audio import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SILENCE
from voicebot.media.codecs import CODECS, SETTLED
from voicebot.media.datagrams import Outbox
from voicebot.media.resampler import Decimators
from voicebot.media.rtp import HEADER_BYTES, PLAIN

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from voicebot.media.address import Address
    from voicebot.media.audio import Frame
    from voicebot.media.codecs import Encoder

    Rows = NDArray[np.intp]

_ROOM: Final = HEADER_BYTES + FRAME_BYTES // 2
"""Octets of the longest packet: L16 at 8 kHz."""

_NO_SOUND: Final = np.zeros(FRAME_SAMPLES // 2, np.int16)
_MARKER: Final = 0x80_0000


class RtpSenders:
    """Encodes the frames of many streams and numbers their packets without a break.

    Each stream is a row, of ``rows`` at most. Its source, first sequence number and first timestamp
    are random (RFC 3550 section 5.1). Sequence numbers count packets; timestamps count time, so a
    tick that was skipped shows in the timestamp alone, and the packet after it carries the marker
    (RFC 3551 section 4.1).

    In each tick ``encode`` what is heard, then ``stamp``, then ``send``. A row that is ``settled``
    need not be encoded while it is silent: its payload is silence already.
    """

    def __init__(self, rows: int, *, at_once: bool = True) -> None:
        self._octets = np.zeros((rows, _ROOM), np.uint8)
        self._words = self._octets[:, :HEADER_BYTES].view(">u4")
        self._outbox = Outbox(self._octets, at_once=at_once)
        self._first = np.zeros(rows, np.int64)
        self._sequence = np.zeros(rows, np.int64)
        self._timestamp = np.zeros(rows, np.int64)
        self._step = np.zeros(rows, np.int64)
        self.sent = np.zeros(rows, np.int64)
        self._types = [0] * rows
        self._silent = [0] * rows
        self._wide: dict[int, Encoder] = {}
        self._decimators = Decimators(rows)

    def open(self, row: int, payload_type: int, remote: Address) -> None:
        """Begin a stream to ``remote`` in ``row``. Raises ``MediaError`` for a type unheard."""
        codec = CODECS[payload_type]
        if codec.encoder is None:
            raise MediaError(f"Asterisk does not hear payload type {payload_type} ({codec.name})")
        self._wide.pop(row, None)
        if codec.packer is None:
            self._wide[row] = codec.encoder()
            payload = np.frombuffer(codec.encoder().encode(SILENCE), np.uint8)
        else:
            payload = codec.packer(_NO_SOUND)
        size = HEADER_BYTES + len(payload)
        self._octets[row, HEADER_BYTES:size] = payload
        self._outbox.open(row, remote, size)
        self._decimators.reset(row)
        self._types[row], self._silent[row] = payload_type, SETTLED + 1
        self._first[row] = PLAIN << 24 | payload_type << 16
        self._words[row, 2] = secrets.randbits(32)
        self._sequence[row] = secrets.randbits(16)
        self._timestamp[row] = secrets.randbits(32)
        self._step[row] = codec.clock_rate * FRAME_MS // 1000
        self.sent[row] = 0

    def settled(self, row: int) -> bool:
        """Return whether silence changes nothing any more in the payload of ``row``."""
        return self._silent[row] > SETTLED and row not in self._wide

    def encode(self, rows: Sequence[int], frames: Sequence[Frame]) -> None:
        """Make the payloads of ``frames``, one for each of ``rows``."""
        narrow: dict[int, list[int]] = {}
        for at, (row, frame) in enumerate(zip(rows, frames, strict=True)):
            encoder = self._wide.get(row)
            if encoder is not None:
                self._fill(row, np.frombuffer(encoder.encode(frame), np.uint8))
                continue
            self._silent[row] = self._silent[row] + 1 if frame is SILENCE else 0
            narrow.setdefault(self._types[row], []).append(at)
        for payload_type, places in narrow.items():
            chosen = np.array([rows[at] for at in places], np.intp)
            pcm = np.frombuffer(b"".join([frames[at] for at in places]), "<i2")
            halved = self._decimators.process(chosen, pcm.reshape(-1, FRAME_SAMPLES))
            packer = CODECS[payload_type].packer
            if packer is not None:
                self._fill(chosen, packer(halved))

    def stamp(self, rows: Rows, skipped: int = 0) -> None:
        """Write the next headers; ``skipped`` ticks passed without one, except for new rows."""
        sequence, timestamp, step = self._sequence[rows], self._timestamp[rows], self._step[rows]
        sent = self.sent[rows]
        if skipped:
            timestamp += skipped * step * (sent > 0)
        marker = np.where((sent == 0) | (skipped > 0), _MARKER, 0)
        self._words[rows, 0] = self._first[rows] | marker | sequence
        self._words[rows, 1] = timestamp & 0xFFFF_FFFF
        self._sequence[rows] = sequence + 1 & 0xFFFF
        self._timestamp[rows] = timestamp + step & 0xFFFF_FFFF
        self.sent[rows] = sent + 1

    def send(self, sock: socket.socket, rows: Rows) -> list[tuple[int, OSError]]:
        """Send the packets of ``rows``; return those that could not be sent, and why."""
        return self._outbox.send(sock, rows)

    def datagram(self, row: int) -> bytes:
        """Return the packet of ``row`` as it stands."""
        return self._outbox.datagram(row)

    def _fill(self, rows: int | Rows, payload: NDArray[np.uint8]) -> None:
        self._octets[rows, HEADER_BYTES : HEADER_BYTES + payload.shape[-1]] = payload
