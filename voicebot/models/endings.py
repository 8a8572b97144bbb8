"""Whether a sentence ends after the last word, as a recogniser's decoder would have it.

Recognisers put a full stop after nearly everything, but not with the same conviction: at the step
after the last word the decoder weighs it against a comma, against dots and against another word.
It has heard the melody of the words and read them, so these odds tell a pause within a sentence
from its end better than the text does (``bench.turns``, part ``evidence``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokenizers import Tokenizer

_STOPS = (".", "?", "!", "。", "？", "！")
# 'Ġ' is how the tokenizer writes the space before a token.
_OTHERS = (",", "...", "Ġ...", "…", "-", "Ġ-", "--", "Ġ--", "–", "Ġ–", "—", "Ġ—", ":", ";")
_END = "<|endoftext|>"


class Endings:
    """Reads the odds from the logits of the decoder's steps."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._stops = _numbers(tokenizer, _STOPS)
        self._marks = frozenset(self._stops + _numbers(tokenizer, _OTHERS))
        self._end = _numbers(tokenizer, (_END,))

    def finished(self, ids: Sequence[int], logits: Sequence[object]) -> float | None:
        """Return how likely a sentence ends after the last word of ``ids``, from 0 to 1.

        ``logits`` are those of each step, of the whole vocabulary. That the text just breaks off
        there, without any mark, counts for neither side. ``None`` where no word was written, or the
        decoder was stopped before it came to the end of the last one.
        """
        words = len(ids)
        while words and ids[words - 1] in self._marks:
            words -= 1
        if not 0 < words < len(logits):
            return None
        step = np.array(logits[words], np.float64).reshape(-1)
        odds = np.exp(step - step.max())
        stop = float(odds[self._stops].sum())
        rest = float(odds.sum() - odds[self._end].sum())
        return stop / rest if rest else None


def _numbers(tokenizer: Tokenizer, tokens: Sequence[str]) -> list[int]:
    found = (tokenizer.token_to_id(token) for token in tokens)
    return [number for number in found if number is not None]
