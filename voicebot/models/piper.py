"""Piper voices on onnxruntime."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import numpy as np
import onnxruntime
from piper.config import PiperConfig, SynthesisConfig
from piper.voice import PiperVoice

from voicebot.models.onnx_output import with_output_of
from voicebot.models.piper_words import is_mark, sounds_of, words_of
from voicebot.models.seams import Speech
from voicebot.models.trimming import finished

if TYPE_CHECKING:
    from pathlib import Path

    from voicebot.models.seams import Word

_ERRORS_ONLY = 3
_DURATIONS: Final = "Ceil"
"""The operator that rounds how long each phoneme is made; a voice has only one of it."""


class Piper:
    """A Piper voice: ``NAME.onnx`` and ``NAME.onnx.json`` beside it."""

    def __init__(self, model: Path, *, threads: int) -> None:
        config = PiperConfig.from_dict(
            json.loads(model.with_name(f"{model.name}.json").read_text())
        )
        self._rate = config.sample_rate
        self._length = config.length_scale
        self._voice = PiperVoice(_session(model, threads), config)

    def synthesise(self, text: str, *, speed: float) -> Speech:
        """Return the speech of ``text``; see ``Synthesiser``."""
        how = SynthesisConfig(length_scale=self._length / speed)
        chunks = list(self._voice.synthesize(text, how, include_alignments=True))
        if not chunks:
            return Speech(b"")
        sounds, at = [], 0
        for chunk in chunks:
            told = chunk.phoneme_alignments or ()
            sounds += sounds_of(((one.phoneme, int(one.num_samples)) for one in told), at)
            at += len(chunk.audio_float_array)
        words: tuple[Word, ...] = ()
        if all(chunk.phoneme_alignments for chunk in chunks):
            words = words_of(text, sounds, self._rate, self._count)
        samples = np.concatenate([chunk.audio_float_array for chunk in chunks])
        return finished(samples, self._rate, words)

    def _count(self, word: str) -> int:
        """Return how many sounds ``word`` has by itself."""
        phonemes = [one for sentence in self._voice.phonemize(word) for one in sentence]
        return sum(one.isalpha() and not is_mark(one) for one in phonemes)


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Idle threads must not take the processor from the media loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    voice = with_output_of(_DURATIONS, model.read_bytes())
    return onnxruntime.InferenceSession(voice, options, providers=["CPUExecutionProvider"])
