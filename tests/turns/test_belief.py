from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from voicebot.turns.belief import is_believed

share = st.floats(0, 1)
seconds = st.floats(0, 3)


@given(share, share, seconds, share)
def test_more_confidence_never_makes_words_less_believed(
    least: float, more: float, length: float, likeness: float
):
    low, high = sorted((least, more))
    doubted = is_believed(confidence=low, seconds=length, likeness=likeness)
    assert not doubted or is_believed(confidence=high, seconds=length, likeness=likeness)


@given(share, share)
def test_what_is_long_is_believed(confidence: float, likeness: float):
    assert is_believed(confidence=confidence, seconds=1.3, likeness=likeness)


@given(share)
def test_a_click_s_worth_of_a_nod_is_not(confidence: float):
    assert not is_believed(confidence=confidence, seconds=0.2, likeness=0.6)
