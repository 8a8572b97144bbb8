"""All that speaks for the end of a turn, together."""

from __future__ import annotations

from itertools import product

import pytest

from voicebot.turns.evidence import Evidence


def odds(evidence: Evidence) -> float:
    found = evidence.log_odds()
    assert found is not None
    return found


KNOWN = [known for known in product((False, True), repeat=3) if any(known)]


@pytest.mark.parametrize("known", KNOWN)
def test_whatever_is_known_more_for_an_end_makes_it_likelier(known: tuple[bool, ...]):
    found = [
        odds(Evidence(*(value if given else None for value, given in zip(row, known, strict=True))))
        for row in ROWS
    ]
    assert found == sorted(found)
    assert found[0] < 0 < found[-1]


ROWS = ((-4.0, 0.1, 0.02), (-1.0, 0.5, 0.3), (1.0, 0.9, 0.8), (3.0, 0.99, 0.99))


def test_nothing_known_is_no_evidence():
    assert Evidence().log_odds() is None


def test_certainty_is_bounded():
    assert odds(Evidence(recogniser=1.0)) == odds(Evidence(recogniser=0.999))
    assert odds(Evidence(sound=0.0)) == odds(Evidence(sound=0.001))


def test_the_words_weigh_against_a_recogniser_that_always_writes_a_full_stop():
    assert odds(Evidence(words=-6.0, recogniser=0.9)) < 0
    assert odds(Evidence(words=2.0, recogniser=0.9)) > 0


@pytest.mark.parametrize("sound", [None, 0.9])
def test_a_sure_full_stop_after_doubtful_words_is_no_sure_end(sound: float | None):
    doubtful = Evidence(words=-1.0, recogniser=0.95, sound=sound)
    assert odds(doubtful) < odds(Evidence(words=1.0, recogniser=0.9, sound=sound))
