"""Whether a sentence ends after the last word."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from voicebot.models.endings import Endings

WORDS = {word: number for number, word in enumerate((".", "?", ",", "...", "<|endoftext|>", "to"))}


@pytest.fixture
def endings() -> Endings:
    return Endings(Tokenizer(models.WordLevel(WORDS, unk_token="to")))


def step(**odds: float) -> np.ndarray:
    """Return the logits of one step of the decoder; what is not named is as good as impossible."""
    named = {"stop": ".", "question": "?", "comma": ",", "dots": "...", "end": "<|endoftext|>"}
    logits = np.full(len(WORDS), -50.0, np.float32)
    for name, share in odds.items():
        logits[WORDS[named.get(name, "to")]] = np.log(share)
    return logits


ANYTHING = step(more=1.0)


@pytest.mark.parametrize(
    ("odds", "finished"),
    [
        ({"stop": 0.9, "comma": 0.1}, 0.9),
        ({"question": 0.3, "stop": 0.3, "dots": 0.4}, 0.6),
        ({"stop": 0.2, "more": 0.8}, 0.2),
    ],
)
def test_a_stop_is_weighed_against_all_that_goes_on(
    endings: Endings, odds: dict[str, float], finished: float
):
    ids = [WORDS["to"], WORDS["."]]

    assert endings.finished(ids, [ANYTHING, step(**odds), ANYTHING]) == pytest.approx(finished)


def test_that_no_mark_is_written_says_nothing(endings: Endings):
    after = step(stop=0.1, comma=0.1, end=0.8)

    assert endings.finished([WORDS["to"]], [ANYTHING, after]) == pytest.approx(0.5)


def test_it_is_the_step_after_the_last_word_that_counts_whatever_marks_follow(endings: Endings):
    ids = [WORDS["to"], WORDS["..."], WORDS["."]]

    found = endings.finished(ids, [ANYTHING, step(stop=0.25, dots=0.75), step(stop=1.0), ANYTHING])

    assert found == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("ids", "steps"),
    [
        pytest.param([], 1, id="nothing was written"),
        pytest.param([WORDS["."]], 2, id="a mark alone"),
        pytest.param([WORDS["to"]] * 3, 3, id="stopped at the longest"),
        pytest.param([WORDS["to"]], 0, id="no logits"),
    ],
)
def test_without_an_end_nothing_is_known(endings: Endings, ids: list[int], steps: int):
    assert endings.finished(ids, [ANYTHING] * steps) is None
