"""Piper voices on onnxruntime."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import onnxruntime
from piper.config import PiperConfig, SynthesisConfig
from piper.voice import PiperVoice

from voicebot.models.trimming import finished

if TYPE_CHECKING:
    from pathlib import Path

_ERRORS_ONLY = 3


class Piper:
    """A Piper voice: ``NAME.onnx`` and ``NAME.onnx.json`` beside it."""

    def __init__(self, model: Path, *, threads: int) -> None:
        config = PiperConfig.from_dict(
            json.loads(model.with_name(f"{model.name}.json").read_text())
        )
        self._rate = config.sample_rate
        self._length = config.length_scale
        self._voice = PiperVoice(_session(model, threads), config)

    def synthesise(self, text: str, *, speed: float) -> bytes:
        """Return the speech of ``text`` as 24 kHz s16le."""
        how = SynthesisConfig(length_scale=self._length / speed)
        spoken = [chunk.audio_float_array for chunk in self._voice.synthesize(text, how)]
        return finished(np.concatenate(spoken), self._rate) if spoken else b""


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Idle threads must not take the processor from the media loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
