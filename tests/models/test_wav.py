from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.models.audio_file import read_audio
from voicebot.models.seams import WHISPER_RATE
from voicebot.models.wav import AudioError, decode_wav, wav_header

TONE = np.sin(2 * np.pi * 440 * np.arange(1600) / 16000).astype(np.float32) * 0.5


def wav(
    body: bytes, *, code: int = 1, bits: int = 16, channels: int = 1, rate: int = 16000
) -> bytes:
    block = bits // 8 * channels
    form = struct.pack("<HHIIHH", code, channels, rate, rate * block, block, bits)
    chunks = b"fmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def pcm16(samples: np.ndarray) -> bytes:
    return (samples * 32767).astype("<i2").tobytes()


@pytest.mark.parametrize(
    ("body", "code", "bits", "tolerance"),
    [
        (((TONE * 127) + 128).astype(np.uint8).tobytes(), 1, 8, 0.02),
        (pcm16(TONE), 1, 16, 1e-4),
        (
            b"".join(struct.pack("<i", int(x * 8388607))[:3] for x in TONE.tolist()),
            1,
            24,
            1e-5,
        ),
        ((TONE * 2147483000).astype("<i4").tobytes(), 1, 32, 1e-6),
        (TONE.astype("<f4").tobytes(), 3, 32, 1e-7),
    ],
)
def test_every_width_of_sample_is_read(body: bytes, code: int, bits: int, tolerance: float):
    samples, rate = decode_wav(wav(body, code=code, bits=bits))

    assert rate == 16000
    np.testing.assert_allclose(samples, TONE, atol=tolerance)


@pytest.mark.parametrize(
    ("code", "octet", "level"),
    [
        # ITU-T G.711: the ends and the middle of both laws, of 32768.
        (7, 0x80, 32124),
        (7, 0x00, -32124),
        (7, 0xFF, 0),
        (6, 0xAA, 32256),
        (6, 0x2A, -32256),
        (6, 0xD5, 8),
    ],
)
def test_telephone_companding_is_expanded(code: int, octet: int, level: int):
    samples, _ = decode_wav(wav(bytes([octet]), code=code, bits=8, rate=8000))

    assert samples[0] * 32768 == pytest.approx(level)


def test_channels_are_averaged():
    stereo = np.stack([TONE, -TONE], axis=1).ravel()

    samples, _ = decode_wav(wav(pcm16(stereo), channels=2))

    np.testing.assert_allclose(samples, np.zeros(1600), atol=1e-4)


def test_a_length_that_the_writer_left_open_is_tolerated():
    data = wav_header(16000) + pcm16(TONE)

    samples, rate = decode_wav(data)

    assert (len(samples), rate) == (1600, 16000)


def test_a_header_of_known_length_is_what_others_read():
    body = pcm16(TONE)

    with wave.open(io.BytesIO(wav_header(24000, len(body)) + body)) as file:
        assert (file.getframerate(), file.getnframes(), file.getnchannels()) == (24000, 1600, 1)


def test_chunks_before_the_data_are_passed_over():
    plain = wav(pcm16(TONE))
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"

    samples, _ = decode_wav(plain[:36] + extra + plain[36:])

    assert len(samples) == 1600


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        wav(b"", code=1)[:30],
        wav(b"\0" * 32, code=85),
        wav(b"\0" * 32, channels=0),
        wav(b"\0" * 32, rate=3),
    ],
)
def test_what_cannot_be_read_is_refused(data: bytes):
    with pytest.raises(AudioError):
        decode_wav(data)


@given(st.binary(max_size=200))
def test_garbage_after_a_good_beginning_never_breaks_it(garbage: bytes):
    try:
        samples, _ = decode_wav(b"RIFF\0\0\0\0WAVE" + garbage)
    except AudioError:
        return
    assert samples.ndim == 1


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 24000, 48000])
def test_any_rate_becomes_16_khz(rate: int):
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)

    samples = read_audio(wav(pcm16(tone), rate=rate))

    assert len(samples) == pytest.approx(WHISPER_RATE, abs=8)
    peak = np.abs(np.fft.rfft(samples)).argmax() * WHISPER_RATE / len(samples)
    assert peak == pytest.approx(440, abs=2)


@pytest.mark.parametrize("data", [b"", b"this is not audio", b"\0" * 5000, b"ID3" + b"\1" * 99])
def test_a_file_that_is_no_audio_is_refused(data: bytes):
    with pytest.raises(AudioError):
        read_audio(data)


def test_other_formats_are_read_too():
    import av  # noqa: PLC0415 - only this test writes with it

    file = io.BytesIO()
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=8000, layout="mono")
        pcm = (np.resize(TONE, 8000) * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))

    samples = read_audio(file.getvalue())

    assert len(samples) == pytest.approx(WHISPER_RATE, abs=200)
