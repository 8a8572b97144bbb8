from __future__ import annotations

import numpy as np
import pytest

from tests.media.wire import numbered, pcm, signal_to_noise, sine
from voicebot.media import g711
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.codecs import CODECS, Codec

SPOKEN = [codec for codec in CODECS.values() if codec.encoder is not None]
NARROW = [codec for codec in SPOKEN if codec.name != "G.722"]


def encoded(codec: Codec, audio: bytes) -> bytes:
    assert codec.encoder is not None
    encoder = codec.encoder()
    frames = range(0, len(audio), FRAME_BYTES)
    return b"".join(encoder.encode(audio[at : at + FRAME_BYTES]) for at in frames)


def heard(codec: Codec, audio: bytes, *, octets: int = 0) -> bytes:
    payload = encoded(codec, audio)
    step = octets or len(payload)
    decoder = codec.decoder()
    return b"".join(decoder.decode(payload[at : at + step]) for at in range(0, len(payload), step))


def round_trip_quality(codec: Codec, audio: bytes) -> float:
    """Return the signal-to-noise ratio in dB at the delay that the codec states."""
    delay = codec.encoding_delay + codec.decoding_delay
    sent, received = pcm(audio), pcm(heard(codec, audio))
    settled = 800
    return signal_to_noise(sent[settled:-delay], received[settled + delay :])


@pytest.mark.parametrize(
    ("payload_type", "octets"), [(0, 160), (8, 160), (9, 160), (10, 320), (11, 320), (118, 640)]
)
def test_twenty_milliseconds_have_their_known_size(payload_type: int, octets: int):
    assert CODECS[payload_type].samples(bytes(octets)) == 320


@pytest.mark.parametrize("payload_type", [10, 11, 118])
def test_half_a_sample_is_no_audio(payload_type: int):
    assert CODECS[payload_type].samples(bytes(321)) == 0


def test_slin16_is_big_endian_on_the_wire():
    assert pcm(CODECS[118].decoder().decode(b"\x01\x02\xff\xfe")).tolist() == [0x0102, -2]


def test_slin16_is_not_spoken_because_asterisk_does_not_hear_it():
    assert CODECS[118].encoder is None


@pytest.mark.parametrize(
    ("payload_type", "frequency", "least"),
    [(9, 1000, 20), (9, 5000, 20), (11, 1000, 55), (10, 3000, 55), (0, 1000, 36), (8, 1000, 36)],
)
def test_a_tone_survives_the_codec(payload_type: int, frequency: int, least: float):
    assert round_trip_quality(CODECS[payload_type], sine(frequency)) > least


def test_five_kilohertz_get_through_g722_and_not_through_a_narrow_codec():
    tone = sine(5000)

    wide, narrow = pcm(heard(CODECS[9], tone)), pcm(heard(CODECS[11], tone))

    assert np.std(wide[800:]) > 0.8 * np.std(pcm(tone))
    assert np.std(narrow[800:]) < 0.01 * np.std(pcm(tone))


def test_one_kilohertz_through_l16_is_exact_to_the_sample_after_the_stated_delay():
    codec = CODECS[11]
    tone = pcm(sine(1000))

    samples = np.frombuffer(encoded(codec, tone.astype("<i2").tobytes()), ">i2").astype(int)

    delay = codec.encoding_delay // 2
    assert codec.encoding_delay % 2 == 0
    difference = samples[100:] - tone[::2][100 - delay : -delay]
    assert np.abs(difference).max() <= 8  # of 8,000: the ripple of the filter


@pytest.mark.parametrize("codec", SPOKEN, ids=lambda codec: codec.name)
@pytest.mark.parametrize("milliseconds", [10, 30, 50])
def test_the_length_of_packets_does_not_change_what_is_heard(codec: Codec, milliseconds: int):
    tone = sine(700, 0.6)
    octets = milliseconds * len(encoded(codec, SILENCE)) // 20

    assert heard(codec, tone, octets=octets) == heard(codec, tone)


@pytest.mark.parametrize("codec", SPOKEN, ids=lambda codec: codec.name)
def test_silence_is_heard_as_silence(codec: Codec):
    assert np.abs(pcm(heard(codec, SILENCE * 10))).max() <= 16  # A-law has no zero


@pytest.mark.parametrize("codec", NARROW, ids=lambda codec: codec.name)
def test_the_short_cut_for_silence_changes_nothing(codec: Codec):
    assert codec.encoder is not None
    short, long = codec.encoder(), codec.encoder()
    equal_silence = bytes(bytearray(SILENCE))  # the same octets, not the same object
    speech = sine(400, 0.02)

    one = [short.encode(frame) for frame in (speech, *[SILENCE] * 9, speech, speech)]
    other = [long.encode(frame) for frame in (speech, *[equal_silence] * 9, speech, speech)]

    assert one == other


@pytest.mark.parametrize("codec", SPOKEN, ids=lambda codec: codec.name)
def test_the_loudest_audio_is_clipped_not_wrapped(codec: Codec):
    square = np.where(np.arange(3200) // 16 % 2, 32767, -32768).astype("<i2")

    out = pcm(heard(codec, square.tobytes()))

    delay = codec.encoding_delay + codec.decoding_delay
    middles = np.arange(808, 3000, 16)
    assert (np.sign(out[middles + delay]) == np.sign(square[middles])).all()


@pytest.mark.parametrize("payload_type", [0, 8])
def test_g711_codes_come_back_as_themselves(payload_type: int):
    """Any of the 256 codes, decoded and encoded, is a code of the same level."""
    levels, codes = {
        0: (g711.ULAW_LEVELS, g711.ULAW_CODES),
        8: (g711.ALAW_LEVELS, g711.ALAW_CODES),
    }[payload_type]

    assert (levels[codes[levels.view(np.uint16)]] == levels).all()


@pytest.mark.parametrize(
    ("payload_type", "code", "level"),
    [(0, 0xFF, 0), (0, 0x80, 32124), (0, 0x00, -32124), (8, 0xD5, 8), (8, 0xAA, 32256)],
)
def test_g711_has_the_levels_of_the_recommendation(payload_type: int, code: int, level: int):
    table = {0: g711.ULAW_LEVELS, 8: g711.ALAW_LEVELS}[payload_type]

    assert table[code] == level


def test_a_stream_keeps_its_own_state():
    codec = CODECS[11]
    assert codec.encoder is not None
    alone, beside = codec.encoder(), codec.encoder()
    other = codec.encoder()
    audio = numbered(960)

    mixed = []
    for at in range(0, len(audio), FRAME_BYTES):
        other.encode(sine(2000, 0.02))
        mixed.append(beside.encode(audio[at : at + FRAME_BYTES]))

    assert mixed == [
        alone.encode(audio[at : at + FRAME_BYTES]) for at in range(0, len(audio), FRAME_BYTES)
    ]
