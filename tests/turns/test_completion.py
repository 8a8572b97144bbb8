"""What was learned of whole texts and of pieces of them."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.turns import words as w
from voicebot.turns.completion import BUCKETS, STEP, Completion, bucket, completion, features


@pytest.mark.parametrize(
    ("language", "piece", "whole"),
    [
        ("en", "I would like to", "I would like to talk to somebody"),
        ("en", "Can you put me through to", "Can you put me through to somebody"),
        ("en", "the number of my", "I forgot the number"),
        ("en", "I'm calling about the", "I'm calling about it"),
        ("ru", "Я хотел бы", "Я хотел бы это сделать"),
        ("ru", "Соедините меня с", "Соедините меня с ним"),
        ("ru", "Я думаю, что", "Я думаю, что это так"),
    ],
)
def test_pieces_are_told_from_what_is_whole(language: str, piece: str, whole: str):
    learned = completion(language)
    assert learned is not None
    odds = learned.log_odds(w.tokens(piece))
    assert odds < -1
    assert learned.log_odds(w.tokens(whole)) > odds + 2


def test_it_does_not_matter_what_the_recogniser_writes_after_the_words():
    learned = completion("en")
    assert learned is not None
    texts = ("I would like to", "i would like to.", "I would like to...", "I would LIKE to?")
    assert len({learned.log_odds(w.tokens(text)) for text in texts}) == 1


def test_the_odds_are_the_sum_of_the_features_weights():
    weights = np.zeros(BUCKETS, np.int8)
    weights[bucket("1 sales")] = 12
    weights[bucket("bias")] = -24
    learned = Completion(weights)
    assert learned.log_odds(["sales"]) == pytest.approx(-12 * STEP)
    assert learned.log_odds(["billing"]) == pytest.approx(-24 * STEP)


def test_the_last_words_count_more_than_those_before():
    words = w.tokens("So I told them that I would")
    longer = features(["and", *words])
    assert set(features(words)) - set(longer) == {"f so", "f2 so i", "fn so 7", "n 7"}


def test_of_other_languages_nothing_is_known():
    assert completion("fi") is None
    assert completion("") is None


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_weights_are_whole_and_small(language: str):
    learned = completion(language)
    assert learned is not None
    assert abs(learned.log_odds(["zzzz"])) < 20
