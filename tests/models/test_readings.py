"""What else may have been said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest

from voicebot.models.readings import readings

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ("Sure", ".", " Sure", "Shler", " ")


def decode(tokens: Sequence[int]) -> str:
    return "".join(WORDS[token] for token in tokens)


def test_a_text_is_as_likely_as_all_of_its_tokens_together():
    found = readings([([0, 1], math.log(0.6)), ([3], math.log(0.2))], decode)

    assert found == pytest.approx({"Sure.": 0.36, "Shler": 0.2})


def test_the_same_text_in_other_tokens_counts_together_and_nothing_is_no_text():
    found = readings([([0], math.log(0.3)), ([2], math.log(0.2)), ([4], -0.1), ([], 0.0)], decode)

    assert found == pytest.approx({"Sure": 0.5})


def test_nothing_is_likelier_than_certain():
    assert readings([([0], 1e-7)], decode) == {"Sure": 1.0}
