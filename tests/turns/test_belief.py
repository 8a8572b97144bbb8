from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.turns.belief import Words, is_believed

share = st.floats(0, 1)
words = st.builds(
    Words,
    confidence=share,
    seconds=st.floats(0, 3),
    likeness=share,
    known=st.booleans(),
    nodding=st.none() | share,
)


@given(words, share)
def test_more_confidence_never_makes_words_less_believed(doubted: Words, more: float):
    surer = doubted._replace(confidence=max(doubted.confidence, more))
    assert not is_believed(doubted) or is_believed(surer)


@given(words, share, share)
def test_words_that_begin_more_like_a_nod_are_never_more_believed(
    heard: Words, one: float, other: float
):
    less, more = sorted((one, other))
    assert not is_believed(heard._replace(nodding=more)) or is_believed(
        heard._replace(nodding=less)
    )


@given(words)
def test_what_is_long_is_believed(heard: Words):
    assert is_believed(heard._replace(seconds=1.0))


@given(words)
def test_a_word_that_callers_say_is_believed_sooner(heard: Words):
    assert not is_believed(heard._replace(known=False)) or is_believed(heard._replace(known=True))


@pytest.mark.parametrize(
    ("nodding", "believed"),
    [
        # It might as well have been 'yeah' or 'mm'; or nothing of the kind; or it does not tell.
        (0.5, False),
        (0.0, True),
        (None, False),
    ],
)
def test_how_else_words_may_begin_tells_what_they_are(nodding: float | None, believed: bool):
    heard = Words(confidence=0.5, seconds=0.3, likeness=0.6, known=False, nodding=nodding)
    assert is_believed(heard) == believed
