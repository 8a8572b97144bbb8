"""Moonshine on onnxruntime: what else may have been said, by one who learned apart from Whisper.

Its encoder sees the audio itself, of any length, and its decoder has no prompt that would lead it.
The weights (MIT) come with ``moonshine-voice``, which is not imported: an encoder, and a decoder
that is one file for the first step and for those that know the keys and values of all before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import onnxruntime

from voicebot.errors import ModelError
from voicebot.models.beams import likeliest
from voicebot.models.readings import LONGEST_S
from voicebot.models.seams import WHISPER_RATE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from voicebot.models.seams import Samples

    Floats = npt.NDArray[np.float32]
    State = Mapping[str, Floats]
    """What the decoder knows of the steps before, by its names for it; a row for each text."""

_ERRORS_ONLY = 3
_PAST, _PRESENT = "past_key_values.", "present."
# The convolutions want more than the shortest sound has.
_SHORTEST = WHISPER_RATE // 10
_WORD_BEGINS = "\u2581"
_LONG_PIECE = 128
# <unk>, <s> and </s>.
_SPECIAL = 3


class Moonshine:
    """Hears English that is short; see ``Hearer``.

    ``folder`` has the encoder, the decoder and ``tokenizer.bin``.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._encoder = _session(folder / "encoder_model.ort", threads)
        self._decoder = _session(folder / "decoder_model_merged.ort", threads)
        self._plain = plain_pieces((folder / "tokenizer.bin").read_bytes())

    def readings(self, samples: Samples, *, language: str, prompt: str) -> Mapping[str, float]:
        """Return the likeliest texts, in small letters and without punctuation.

        What is not English it takes for English, and no ``prompt`` leads it.
        """
        del language, prompt
        if not _SHORTEST <= len(samples) <= LONGEST_S * WHISPER_RATE:
            return {}
        inputs = {"input_values": samples[None], "attention_mask": _ones(1, len(samples))}
        (heard,) = self._encoder.run(None, inputs)
        found = likeliest(_Listening(self._decoder, heard), self._plain)
        return {" ".join(text.split()): likely for text, likely in found.items() if text.strip()}


class _Listening:
    """The decoder at one utterance; a ``Step``. ``heard`` is ``[1, frames, width]``."""

    def __init__(self, decoder: onnxruntime.InferenceSession, heard: Floats) -> None:
        self._decoder = decoder
        self._heard = heard
        self._told = [output.name for output in decoder.get_outputs()[1:]]
        self._state: State = {}

    def __call__(self, tokens: Sequence[int], parents: Sequence[int]) -> Floats:
        count = len(tokens)
        state = self._begun() if not self._state else self._of(parents)
        logits, *told = self._decoder.run(
            None,
            {
                "input_ids": np.array(tokens, np.int64)[:, None],
                "encoder_hidden_states": np.repeat(self._heard, count, axis=0),
                "encoder_attention_mask": _ones(count, self._heard.shape[1]),
                "use_cache_branch": np.array([bool(self._state)]),
                **state,
            },
        )
        new = {
            name.replace(_PRESENT, _PAST): one for name, one in zip(self._told, told, strict=True)
        }
        # What is known of the audio is told in the first step alone.
        self._state = {
            name: state[name] if self._state and ".encoder." in name else one
            for name, one in new.items()
        }
        last: Floats = logits[:, -1]
        return last

    def _begun(self) -> State:
        """Return what is known before the first step: nothing."""
        shapes = {
            one.name: one.shape for one in self._decoder.get_inputs() if one.name.startswith(_PAST)
        }
        return {
            name: np.zeros((1, heads, 0, width), np.float32)
            for name, (_, heads, _, width) in shapes.items()
        }

    def _of(self, parents: Sequence[int]) -> State:
        return {name: one[list(parents)] for name, one in self._state.items()}


def plain_pieces(tokenizer: bytes) -> list[str]:
    """Return what each token says: small letters, digits, apostrophes, and spaces between words.

    The file is one piece after another, each behind its length in bytes: one, or where that is 128
    or more, two, the lower seven bits first. Raises ``ModelError`` where it is no such file.
    """
    pieces: list[str] = []
    at = 0
    while at < len(tokenizer):
        length, at = tokenizer[at], at + 1
        if length >= _LONG_PIECE:
            high = int.from_bytes(tokenizer[at : at + 1], "little")
            length, at = length + _LONG_PIECE * (high - 1), at + 1
        pieces.append(_plain(tokenizer[at : at + length]) if len(pieces) >= _SPECIAL else "")
        at += length
    if at != len(tokenizer):
        raise ModelError("tokenizer.bin is cut short")
    return pieces


def _plain(piece: bytes) -> str:
    text = piece.decode(errors="ignore").lower().replace(_WORD_BEGINS, " ").replace("-", " ")
    return "".join(letter for letter in text if letter.isalnum() or letter in " '")


def _ones(rows: int, length: int) -> npt.NDArray[np.int64]:
    return np.ones((rows, length), np.int64)


def _session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # Idle threads must not take the processor from the media loop.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
