"""How Moonshine's files are read, and what it hears with its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.conftest import unavailable
from voicebot.errors import ModelError, ModelMissingError
from voicebot.models.moonshine import Moonshine, plain_pieces
from voicebot.models.seams import SPEECH_RATE, WHISPER_RATE
from voicebot.models.weights import MOONSHINE_EN, PIPER_EN, Store

if TYPE_CHECKING:
    from voicebot.models.piper import Piper
    from voicebot.models.seams import Samples

SPECIAL = b"\x05<unk>\x03<s>\x04</s>"


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        ("▁Okay", " okay"),
        (",", ""),
        ("▁uh-", " uh "),
        ("'s", "'s"),
        ("▁I", " i"),
        ("42", "42"),
    ],
)
def test_a_piece_says_words_alone(piece: str, said: str):
    text = piece.encode()

    assert plain_pieces(SPECIAL + bytes([len(text)]) + text) == ["", "", "", said]


def test_a_long_piece_has_its_length_in_two_bytes():
    text = b"a" * 300

    assert plain_pieces(SPECIAL + bytes([128 + 300 % 128, 300 // 128]) + text + b"\x01b")[3:] == [
        "a" * 300,
        "b",
    ]


def test_half_a_letter_says_nothing():
    assert plain_pieces(SPECIAL + b"\x01\xd0")[3:] == [""]


@pytest.mark.parametrize("cut", [SPECIAL[:-1], SPECIAL + b"\x09abc", SPECIAL + b"\x80"])
def test_a_file_that_is_cut_short_is_told(cut: bytes):
    with pytest.raises(ModelError, match=r"tokenizer\.bin"):
        plain_pieces(cut)


@pytest.fixture(scope="module")
def moonshine() -> Moonshine:
    try:
        return Moonshine(Store().folder(MOONSHINE_EN), threads=1)
    except ModelMissingError as error:
        unavailable(str(error))


@pytest.fixture(scope="module")
def piper() -> Piper:
    from voicebot.models.piper import Piper  # noqa: PLC0415 - the library of an extra

    return Piper(Store().file(PIPER_EN), threads=1)


def spoken(piper: Piper, text: str) -> Samples:
    pcm = piper.synthesise(text, speed=1.0).pcm
    speech = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768
    count = len(speech) * WHISPER_RATE // SPEECH_RATE
    places = np.arange(count) * (SPEECH_RATE / WHISPER_RATE)
    return np.interp(places, np.arange(len(speech)), speech).astype(np.float32)


@pytest.mark.local
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Okay, thanks.", "okay thanks"),
        ("Wait a moment.", "wait a moment"),
        ("That's right.", "that's right"),
    ],
)
def test_it_holds_for_likeliest_what_was_said(
    moonshine: Moonshine, piper: Piper, text: str, said: str
):
    found = moonshine.readings(spoken(piper, text), language="en", prompt="Stop.")

    assert next(iter(found)) == said
    assert 0.2 < sum(found.values()) <= 1.01


@pytest.mark.local
@pytest.mark.parametrize("seconds", [0.0, 0.05, 1.6])
def test_what_is_too_short_or_too_long_it_leaves_to_others(moonshine: Moonshine, seconds: float):
    noise = np.random.default_rng(3).normal(0, 0.1, int(seconds * WHISPER_RATE))

    assert moonshine.readings(noise.astype(np.float32), language="en", prompt="") == {}


@pytest.mark.local
@pytest.mark.parametrize("loudness", [0.0, 0.001, 0.3])
def test_of_what_is_no_speech_it_is_never_sure(moonshine: Moonshine, loudness: float):
    noise = np.random.default_rng(3).normal(0, 1.0, WHISPER_RATE // 2) * loudness

    found = moonshine.readings(noise.astype(np.float32), language="en", prompt="")

    assert sum(found.values()) <= 1.01
    assert all(0.0 <= likely < 0.9 for likely in found.values())
