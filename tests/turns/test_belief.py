from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.turns.belief import Shares, Words, is_believed, wants_word

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


shares = st.builds(Shares, total=share, nods=share, known=share, likeness=share)


@pytest.mark.parametrize("field", ["nods", "likeness"])
@given(heard=shares, one=share, other=share)
def test_who_may_have_nodded_is_never_more_taken_to_want_the_word(
    field: str, heard: Shares, one: float, other: float
):
    less, more = (heard._replace(**{field: value}) for value in sorted((one, other)))
    assert not wants_word(more) or wants_word(less)


@pytest.mark.parametrize("field", ["total", "known"])
@given(heard=shares, one=share, other=share)
def test_what_is_clear_and_what_callers_say_is_never_less_taken_for_a_wish_to_speak(
    field: str, heard: Shares, one: float, other: float
):
    less, more = (heard._replace(**{field: value}) for value in sorted((one, other)))
    assert not wants_word(less) or wants_word(more)


@pytest.mark.parametrize(
    ("heard", "wanted"),
    [
        (Shares(total=0.6, nods=0.9, known=0.1, likeness=0.9), False),
        (Shares(total=0.6, nods=0.1, known=0.9, likeness=0.5), True),
        # A name that no table knows, clear and hardly heard.
        (Shares(total=0.6, nods=0.0, known=0.0, likeness=0.5), True),
        (Shares(total=0.005, nods=0.0, known=0.0, likeness=0.5), False),
    ],
)
def test_all_that_may_have_been_said_tells_who_wants_the_word(heard: Shares, wanted: bool):
    assert wants_word(heard) == wanted
