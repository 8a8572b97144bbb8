"""Speech as a provider sends it, made slin16 while it streams."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import soxr

from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm

_PCM_FORMATS = {1, 0xFFFE}
_RIFF_HEADER = 12
_CHUNK_HEADER = 8


class PcmDecoder:
    """Takes 16-bit little-endian PCM in pieces of any size, gives slin16.

    ``rate`` is that of bare PCM. A stream that begins with a RIFF header is read as WAV: rate and
    channels come from there. Raises ``ValueError`` for a WAV that is not 16-bit PCM.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._channels = 1
        self._rest = b""
        self._begun = False
        self._resampler: soxr.ResampleStream | None = None

    def push(self, data: bytes) -> Pcm:
        """Return the slin16 that is ready with ``data``; possibly nothing."""
        self._rest += data
        if not self._begun and not self._begin():
            return b""
        return self._convert(last=False)

    def finish(self) -> Pcm:
        """Return what is left; half a sample at the end is dropped."""
        if not self._begun:
            if self._rest.startswith(b"RIFF"):
                raise ValueError("the WAV ends before its audio")
            self._open()
        return self._convert(last=True)

    def _begin(self) -> bool:
        """Find out what the stream is; false while that takes more bytes."""
        if len(self._rest) < 4:
            return False
        if self._rest.startswith(b"RIFF"):
            start = self._read_header(self._rest)
            if start is None:
                return False
            self._rest = self._rest[start:]
        self._open()
        return True

    def _open(self) -> None:
        self._begun = True
        if self._rate != SAMPLE_RATE:
            self._resampler = soxr.ResampleStream(
                self._rate, SAMPLE_RATE, 1, dtype="int16", quality="HQ"
            )

    def _read_header(self, data: bytes) -> int | None:
        """Return where the audio begins, ``None`` while the header is not complete."""
        if len(data) >= _RIFF_HEADER and data[8:12] != b"WAVE":
            raise ValueError("RIFF, but not WAVE")
        position = _RIFF_HEADER
        while len(data) >= position + _CHUNK_HEADER:
            name, size = struct.unpack_from("<4sI", data, position)
            position += _CHUNK_HEADER
            # The size of the audio is not needed, and streaming servers do not know it.
            if name == b"data":
                return position
            if name == b"fmt " and len(data) >= position + 16:
                kind, self._channels, self._rate, _, _, bits = struct.unpack_from(
                    "<HHIIHH", data, position
                )
                if kind not in _PCM_FORMATS or bits != 16 or not self._channels or not self._rate:
                    raise ValueError(f"a WAV of format {kind} with {bits} bits, not 16-bit PCM")
            position += size + size % 2
        return None

    def _convert(self, *, last: bool) -> Pcm:
        width = 2 * self._channels
        whole = len(self._rest) - len(self._rest) % width
        data, self._rest = self._rest[:whole], self._rest[whole:]
        audio = np.frombuffer(data, dtype="<i2")
        if self._channels > 1:
            audio = audio.reshape(-1, self._channels).mean(axis=1).astype("<i2")
        if self._resampler is not None:
            audio = self._resampler.resample_chunk(audio, last=last)
        return audio.tobytes()
