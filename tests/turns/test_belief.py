from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.turns.belief import Shares, Words, evidence, is_believed, wants_word

share = st.floats(0, 1)
words = st.builds(
    Words,
    confidence=share,
    seconds=st.floats(0, 3),
    likeness=share,
    known=st.booleans(),
)


@given(words, share)
def test_more_confidence_never_makes_words_less_believed(doubted: Words, more: float):
    surer = doubted._replace(confidence=max(doubted.confidence, more))
    assert not is_believed(doubted) or is_believed(surer)


@given(words)
def test_what_is_long_is_believed(heard: Words):
    assert is_believed(heard._replace(seconds=1.0))


@given(words)
def test_a_word_that_callers_say_is_believed_sooner(heard: Words):
    assert not is_believed(heard._replace(known=False)) or is_believed(heard._replace(known=True))


shares = st.builds(Shares, clear=share, nods=share, known=share, likeness=share)


@pytest.mark.parametrize("field", ["nods", "likeness"])
@given(heard=shares, one=share, other=share)
def test_who_may_have_nodded_is_never_more_taken_to_want_the_word(
    field: str, heard: Shares, one: float, other: float
):
    less, more = (heard._replace(**{field: value}) for value in sorted((one, other)))
    assert not wants_word([more]) or wants_word([less])


@pytest.mark.parametrize("field", ["clear", "known"])
@given(heard=shares, one=share, other=share)
def test_what_is_clear_and_what_callers_say_is_never_less_taken_for_a_wish_to_speak(
    field: str, heard: Shares, one: float, other: float
):
    less, more = (heard._replace(**{field: value}) for value in sorted((one, other)))
    assert not wants_word([less]) or wants_word([more])


@pytest.mark.parametrize(
    ("heard", "wanted"),
    [
        (Shares(clear=0.6, nods=0.9, known=0.1, likeness=0.9), False),
        (Shares(clear=0.6, nods=0.1, known=0.9, likeness=0.5), True),
        # A name that no table knows, clear and hardly heard.
        (Shares(clear=0.6, nods=0.0, known=0.0, likeness=0.5), True),
        (Shares(clear=0.005, nods=0.0, known=0.0, likeness=0.5), False),
    ],
)
def test_all_that_may_have_been_said_tells_who_wants_the_word(heard: Shares, wanted: bool):
    assert wants_word([heard]) == wanted


@given(st.lists(shares, min_size=1, max_size=3), st.data())
def test_the_order_of_recognisers_tells_nothing(heard: list[Shares], data: st.DataObject):
    shuffled = data.draw(st.permutations(heard))
    assert evidence(heard) == pytest.approx(evidence(shuffled))


def test_one_who_heard_nothing_like_a_nod_outweighs_one_who_may_have():
    order = Shares(clear=0.6, nods=0.0, known=1.0, likeness=0.4)
    nod = Shares(clear=0.6, nods=1.0, known=0.0, likeness=1.0)

    assert wants_word([order, nod])
    assert not wants_word([nod])
