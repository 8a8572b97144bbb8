from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.turns.signals import noise, silence, voice
from voicebot.errors import ConfigError
from voicebot.turns.silero import WEIGHTS, WINDOW, Silero, load_silero
from voicebot.turns.weights import locate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from tests.turns.signals import Signal


def pcm(signal: Signal) -> bytes:
    return signal.astype(np.int16).tobytes()


class Scripted:
    """A session that answers with given probabilities and remembers what it was asked."""

    def __init__(self, *probabilities: float) -> None:
        self.probabilities = probabilities
        self.inputs: Mapping[str, NDArray[np.float32]] = {}

    def run(
        self, outputs: None, inputs: Mapping[str, NDArray[np.float32]]
    ) -> Sequence[NDArray[np.float32]]:
        assert outputs is None
        self.inputs = inputs
        return [np.array(self.probabilities[-len(inputs["input"]) :], np.float32)]


@pytest.mark.parametrize(
    ("probabilities", "speech"),
    [
        ((0.0, 0.0, 0.9), True),
        ((0.9, 0.0, 0.0), True),
        ((0.36, 0.1, 0.1), True),
        ((0.34, 0.1, 0.1), False),
        ((0.9, 0.1, 0.1, 0.1), False),
    ],
)
def test_one_of_the_last_three_windows_must_convince(
    probabilities: tuple[float, ...], speech: bool
):
    heard = bytes(2 * WINDOW * len(probabilities))
    assert Silero(Scripted(*probabilities)).is_speech(heard) is speech


def test_windows_end_with_the_audio_and_begin_with_the_end_of_the_one_before():
    session = Scripted(0.1, 0.2)
    ramp = np.arange(2 * WINDOW + 100, dtype=np.int16)
    found = Silero(session).probabilities(ramp.tobytes())
    assert list(found) == pytest.approx([0.1, 0.2])
    first, second = session.inputs["input"] * 32768
    assert list(first[:64]) == [0] * 64
    assert list(first[64:]) == list(range(100, 100 + WINDOW))
    assert list(second) == list(range(100 + WINDOW - 64, 100 + 2 * WINDOW))


def test_too_little_audio_is_left_to_the_other_stages():
    assert Silero(Scripted()).is_speech(bytes(2 * WINDOW - 2))


@pytest.mark.parametrize("package", ["no_such_package", "numpy"])
def test_missing_weights_are_an_error_that_names_the_setting(package: str):
    with pytest.raises(ConfigError, match=r"turns\.second_opinion.*voicebot\[local\]"):
        locate(replace(WEIGHTS, package=package))


@pytest.mark.local
def test_the_real_weights_are_known_and_shared():
    pytest.importorskip("onnxruntime")
    silero = load_silero()
    assert load_silero() is silero
    assert not silero.is_speech(pcm(silence(300)))
    assert not silero.is_speech(pcm(noise(300, -30)))
    assert len(silero.probabilities(pcm(voice(300)))) == 300 * 16 // WINDOW
