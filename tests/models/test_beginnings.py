"""How a text may begin."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.models.beginnings import beginnings

WORDS = ("Yeah", " yeah", " Uh", "", " never")


def decode(tokens: list[int]) -> str:
    return "".join(WORDS[token] for token in tokens)


def test_likely_first_tokens_come_as_words_with_their_probability():
    logits = np.log(np.array([[0.3, 0.2, 0.35, 0.145, 0.005]], np.float32)) + 7

    found = beginnings(logits, decode)

    assert found == pytest.approx({"yeah": 0.5, "uh": 0.35})


def test_of_a_whole_vocabulary_only_the_likeliest_are_told():
    logits = np.arange(1000, dtype=np.float32) / 100

    found = beginnings(logits, lambda tokens: str(tokens[0]))

    assert found == {}
    assert len(beginnings(np.zeros(40, np.float32), lambda tokens: str(tokens[0]))) == 20
