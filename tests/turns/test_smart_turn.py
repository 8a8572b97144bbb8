from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.conftest import unavailable
from tests.turns.signals import silence, voice
from voicebot.errors import ConfigError
from voicebot.turns.smart_turn import WEIGHTS, SmartTurn, load_smart_turn, log_mel
from voicebot.turns.weights import Weights, load_session, locate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SECOND = 16_000


def pcm(signal: NDArray[np.float64]) -> bytes:
    return signal.astype(np.int16).tobytes()


class Scripted:
    """A session that gives one answer and remembers what it was asked."""

    def __init__(self, answer: float) -> None:
        self.answer = answer
        self.features: NDArray[np.float32] | None = None

    def run(
        self, outputs: None, inputs: Mapping[str, NDArray[np.float32]]
    ) -> Sequence[NDArray[np.float32]]:
        assert outputs is None
        self.features = inputs["input_features"]
        return [np.array([[self.answer]], np.float32)]


@pytest.mark.parametrize("seconds", [0.1, 3, 8, 30])
async def test_the_model_hears_eight_seconds_whatever_was_said(seconds: float):
    session = Scripted(0.75)
    spoken = pcm(voice(int(seconds * 1000)))

    assert await SmartTurn(session).probability(spoken) == 0.75

    assert session.features is not None
    assert session.features.shape == (1, 80, 800)
    assert session.features.dtype == np.float32


def test_what_was_said_last_is_at_the_end_after_silence():
    features = log_mel(pcm(voice(1000)))
    assert features[:, -90:-10].mean() > features[:, :690].mean() + 0.5
    assert np.ptp(features[:, :690], axis=1).max() < 1e-3


def test_of_a_long_turn_its_end_counts():
    end = voice(8000)
    longer = np.concatenate([voice(4000, seed=5), end])
    assert np.array_equal(log_mel(pcm(longer)), log_mel(pcm(end)))


def test_how_loud_somebody_speaks_makes_no_difference():
    spoken = np.concatenate([silence(500), voice(1500)])
    assert np.abs(log_mel(pcm(spoken)) - log_mel(pcm(spoken / 2))).max() < 0.05


def missing(package: str, sha256: str = "") -> Weights:
    return Weights(package, "model.onnx", sha256, "turns.end_of_turn", "set it to words")


@pytest.mark.parametrize("package", ["no_such_package", "numpy"])
def test_missing_weights_are_an_error_that_names_the_setting_and_the_way_out(package: str):
    with pytest.raises(ConfigError, match=r"turns\.end_of_turn: model\.onnx of .*set it to words"):
        locate(missing(package))


def test_other_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "some_weights"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "model.onnx").write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigError, match="SHA-256"):
        load_session(missing("some_weights", "0" * 64))


@pytest.mark.local
def test_the_real_model_tells_an_end_from_a_pause():
    try:
        locate(WEIGHTS)
    except ConfigError as error:
        unavailable(str(error))
    model = load_smart_turn()
    assert load_smart_turn() is model
    assert 0 <= model.hear(pcm(voice(1000))) <= 1
