"""WAV files: read with the formats that telephony knows, written for streaming."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_UNKNOWN_LENGTH = 0xFFFFFFFF


class AudioError(ValueError):
    """The bytes are not audio that can be read."""


def is_wav(data: bytes) -> bool:
    """Say whether ``data`` begins as a WAV file does."""
    return data[:4] == b"RIFF" and data[8:12] == b"WAVE"


def decode_wav(data: bytes) -> tuple[npt.NDArray[np.float32], int]:
    """Return the samples (-1 to 1, channels averaged) and the rate of a WAV file.

    Lengths that a streaming writer left open are tolerated. Raises ``AudioError``.
    """
    if not is_wav(data):
        message = "not a WAV file"
        raise AudioError(message)
    form: bytes | None = None
    for name, body in _chunks(data):
        if name == b"fmt ":
            form = body
        elif name == b"data" and form is not None:
            return _samples(form, body)
    message = "the WAV file has no format or no data"
    raise AudioError(message)


def wav_header(rate: int, data_bytes: int | None = None) -> bytes:
    """Return the header of a 16-bit mono file; ``None`` for a length not known yet."""
    size = _UNKNOWN_LENGTH if data_bytes is None else data_bytes
    whole = _UNKNOWN_LENGTH if data_bytes is None else 36 + data_bytes
    form = struct.pack("<IHHIIHH", 16, _PCM, 1, rate, 2 * rate, 2, 16)
    return (
        b"RIFF" + struct.pack("<I", whole) + b"WAVEfmt " + form + b"data" + struct.pack("<I", size)
    )


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = 12
    while position + 8 <= len(data):
        (size,) = struct.unpack_from("<I", data, position + 4)
        body = position + 8
        yield data[position : position + 4], data[body : body + size]
        position = body + size + size % 2


def _samples(form: bytes, body: bytes) -> tuple[npt.NDArray[np.float32], int]:
    if len(form) < 16:
        message = "the WAV file's format is cut off"
        raise AudioError(message)
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", form)
    if code == _EXTENSIBLE and len(form) >= 26:
        (code,) = struct.unpack_from("<H", form, 24)
    if channels < 1 or not 1_000 <= rate <= 384_000:
        message = f"{channels} channels at {rate} Hz cannot be read"
        raise AudioError(message)
    width = max(1, bits // 8)
    whole = len(body) // (width * channels) * width * channels
    samples = _decode(code, bits, body[:whole])
    if channels > 1:
        samples = samples.reshape(-1, channels) @ np.full(channels, 1 / channels, np.float32)
    return samples, rate


def _decode(code: int, bits: int, body: bytes) -> npt.NDArray[np.float32]:
    match code, bits:
        case 1, 8:
            return (np.frombuffer(body, np.uint8).astype(np.float32) - 128.0) / 128.0
        case 1, 16:
            return np.frombuffer(body, "<i2").astype(np.float32) / 32768.0
        case 1, 24:
            octets = np.frombuffer(body, np.uint8).reshape(-1, 3)
            padded = np.zeros((len(octets), 4), np.uint8)
            padded[:, 1:] = octets
            return padded.view("<i4").ravel().astype(np.float32) / 2147483648.0
        case 1, 32:
            return np.frombuffer(body, "<i4").astype(np.float32) / 2147483648.0
        case 3, 32:
            floats: npt.NDArray[np.float32] = np.nan_to_num(np.frombuffer(body, "<f4"))
            return floats.astype(np.float32)
        case ((6 | 7), 8):
            return _companded(np.frombuffer(body, np.uint8), alaw=code == _ALAW)
    message = f"format {code} with {bits} bits cannot be read"
    raise AudioError(message)


def _companded(codes: npt.NDArray[np.uint8], *, alaw: bool) -> npt.NDArray[np.float32]:
    """Expand G.711 (ITU-T G.711, tables 1 and 2)."""
    code = (codes ^ 0x55 if alaw else ~codes).astype(np.int32)
    exponent, mantissa = (code >> 4) & 7, code & 15
    if alaw:
        level = np.where(
            exponent == 0,
            (mantissa << 4) + 8,
            ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0),
        )
        sign = np.where(code & 0x80, 1, -1)
    else:
        level = (((mantissa << 3) + 132) << exponent) - 132
        sign = np.where(code & 0x80, -1, 1)
    return (sign * level).astype(np.float32) / 32768.0
