"""What travels on the wire, to and from slin16.

=====  ==========  =====  =======  ======  ============================  =======================
type   name        clock  octets   speaks  delay (samples of 16 kHz)     remarks
=====  ==========  =====  =======  ======  ============================  =======================
118    slin16      16000  640      no      0                             Asterisk drops it inbound
9      G.722       8000   160      yes     11 each way                   7 kHz; RFC 3551: clock 8000
11, 10 L16/8000    8000   320      yes     30 out, 31 in                 8 kHz for Asterisk
0      PCMU        8000   160      yes     30 out, 31 in                 G.711 µ-law
8      PCMA        8000   160      yes     30 out, 31 in                 G.711 A-law
=====  ==========  =====  =======  ======  ============================  =======================

'octets' are those of 20 ms; 'clock' is the RTP timestamp's. All 16-bit payloads are big-endian.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
from G722 import G722

from voicebot.media.audio import SAMPLE_RATE, SILENCE
from voicebot.media.g711 import ALAW_CODES, ALAW_LEVELS, ULAW_CODES, ULAW_LEVELS
from voicebot.media.resampler import (
    DECIMATION_DELAY,
    INTERPOLATION_DELAY,
    Decimator,
    Interpolator,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from voicebot.media.audio import Frame, Pcm

G722_DELAY: Final = 11
"""Samples of 16 kHz that each of the two G.722 filter banks holds back (G.722 section 3.1)."""

SLIN16: Final = 118
G722_TYPE: Final = 9
L16_8000: Final = 11

_SWAP: Final = sys.byteorder == "little"
SETTLED: Final = 4
"""Frames of silence after which a filter holds nothing but silence."""


class Decoder(Protocol):
    """Turns payloads of one stream into slin16; keeps the state between them."""

    def decode(self, payload: bytes) -> Pcm:
        """Return the samples of ``payload``."""
        ...


class Packer(Protocol):
    """Writes samples of 8 kHz as octets of a payload; has no state."""

    def __call__(self, pcm: NDArray[np.int16]) -> NDArray[np.uint8]:
        """Return the octets of ``pcm``, line by line where it has several."""
        ...


class Encoder(Protocol):
    """Turns frames of one stream into payloads; keeps the state between them."""

    def encode(self, frame: Frame) -> bytes:
        """Return the payload of ``frame``."""
        ...


@dataclass(frozen=True, slots=True)
class Codec:
    """One wire format: ``group_octets`` of a payload hold ``group_samples`` samples of 16 kHz.

    Delays are in samples of 16 kHz. ``encoder`` is ``None`` where Asterisk does not hear it;
    ``packer`` is what follows the halving of the rate in a narrow-band encoder, for many at once.
    """

    payload_type: int
    name: str
    clock_rate: int
    group_octets: int
    group_samples: int
    decoder: Callable[[], Decoder]
    encoder: Callable[[], Encoder] | None
    decoding_delay: int
    encoding_delay: int
    packer: Packer | None = None

    def samples(self, payload: bytes) -> int:
        """Return how many samples of 16 kHz ``payload`` holds; 0 when it isn't whole samples."""
        octets = len(payload)
        whole = octets % self.group_octets == 0
        return octets // self.group_octets * self.group_samples if whole else 0

    @property
    def scale(self) -> int:
        """Samples of 16 kHz in one step of the timestamp."""
        return SAMPLE_RATE // self.clock_rate


class _SlinDecoder:
    def decode(self, payload: bytes) -> Pcm:
        return _swapped(payload)


class _G722Decoder:
    def __init__(self) -> None:
        self._g722 = G722(SAMPLE_RATE, 64_000)

    def decode(self, payload: bytes) -> Pcm:
        pcm: Pcm = self._g722.decode(payload).tobytes()
        return pcm


class _G722Encoder:
    def __init__(self) -> None:
        self._g722 = G722(SAMPLE_RATE, 64_000)

    def encode(self, frame: Frame) -> bytes:
        payload: bytes = self._g722.encode(np.frombuffer(frame, "<i2"))
        return payload


class _L16Decoder:
    def __init__(self) -> None:
        self._interpolator = Interpolator()

    def decode(self, payload: bytes) -> Pcm:
        return self._interpolator.process(np.frombuffer(payload, ">i2")).tobytes()


class _NarrowEncoder:
    """Halves the rate and packs what comes out. Continued silence takes a short cut."""

    def __init__(self, packer: Packer) -> None:
        self._packer = packer
        self._decimator = Decimator()
        self._silent = 0
        self._silence = self._packed(np.zeros(len(SILENCE) // 4, np.int16))

    def encode(self, frame: Frame) -> bytes:
        self._silent = self._silent + 1 if frame is SILENCE else 0
        if self._silent > SETTLED:
            return self._silence
        return self._packed(self._decimator.process(np.frombuffer(frame, "<i2")))

    def _packed(self, pcm: NDArray[np.int16]) -> bytes:
        return self._packer(pcm).tobytes()


class _G711Decoder:
    def __init__(self, levels: NDArray[np.int16]) -> None:
        self._levels = levels
        self._interpolator = Interpolator()

    def decode(self, payload: bytes) -> Pcm:
        pcm = self._levels[np.frombuffer(payload, np.uint8)]
        return self._interpolator.process(pcm).tobytes()


def _swapped(octets: bytes) -> bytes:
    """Return 16-bit numbers with their octets exchanged where the host is little-endian."""
    if not _SWAP:
        return octets
    numbers = array("h", octets)
    numbers.byteswap()
    return numbers.tobytes()


def _big_endian(pcm: NDArray[np.int16]) -> NDArray[np.uint8]:
    return pcm.astype(">i2").view(np.uint8)


def _companding(codes: NDArray[np.uint8]) -> Packer:
    """Return what packs samples by their code in G.711."""
    return lambda pcm: codes[pcm.view(np.uint16)]


def _l16(payload_type: int) -> Codec:
    return Codec(
        payload_type,
        "L16/8000",
        8000,
        2,
        2,
        _L16Decoder,
        lambda: _NarrowEncoder(_big_endian),
        INTERPOLATION_DELAY,
        DECIMATION_DELAY,
        _big_endian,
    )


def _g711(
    payload_type: int, name: str, levels: NDArray[np.int16], codes: NDArray[np.uint8]
) -> Codec:
    packer = _companding(codes)
    return Codec(
        payload_type,
        name,
        8000,
        1,
        2,
        lambda: _G711Decoder(levels),
        lambda: _NarrowEncoder(packer),
        INTERPOLATION_DELAY,
        DECIMATION_DELAY,
        packer,
    )


CODECS: Final = {
    codec.payload_type: codec
    for codec in (
        _g711(0, "PCMU", ULAW_LEVELS, ULAW_CODES),
        _g711(8, "PCMA", ALAW_LEVELS, ALAW_CODES),
        Codec(G722_TYPE, "G.722", 8000, 1, 2, _G722Decoder, _G722Encoder, G722_DELAY, G722_DELAY),
        _l16(10),
        _l16(L16_8000),
        Codec(SLIN16, "slin16", 16_000, 2, 1, _SlinDecoder, None, 0, 0),
    )
}
"""Every wire format by its payload type."""
