"""What is learned of who wants the word."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bench.turns_belief import Example, across, figures, in_force, learn, matrix, threshold, weigh
from voicebot.turns.belief import ShareWeights, evidence
from voicebot.turns.languages import ENGLISH
from voicebot.turns.vocabulary import Vocabulary

YES, NO = ({"Stop.": 0.5}, {"Okay.": 0.5})
VOICES = ("anna", "joe")
PHRASES = ("one", "two", "three", "four", "five", "six")


def example(
    told: dict[str, float],
    *,
    wanted: bool,
    text: str = "said",
    voice: str = "joe",
    code: str = "en",
) -> Example:
    return Example(code, text, voice, wanted, {"tiny": told})


def clear_cases() -> list[Example]:
    """Orders and nods that were heard as such, of many phrases in two voices."""
    return [
        example(told, wanted=wanted, text=f"{text} {wanted}", voice=voice)
        for told, wanted in ((YES, True), (NO, False))
        for text in PHRASES
        for voice in VOICES
    ]


def test_the_evidence_is_that_of_turn_taking_for_those_who_were_asked():
    heard = Example("en", "Stop.", "joe", True, {"tiny": {"Stop.": 0.4}, "base": {"Okay.": 0.4}})

    both, tiny, unknown = (
        matrix([heard], names)[0] for names in (["tiny", "base"], ["tiny"], ["other"])
    )

    shares = [Vocabulary(ENGLISH).shares(told) for told in heard.told.values()]
    assert tuple(both) == evidence(shares)
    assert tuple(tiny) == evidence(shares[:1])
    assert tiny[2] > both[2] > matrix([heard], ["base"])[0][2]
    assert list(unknown) == list(both)


def test_orders_are_told_from_nods_with_weights_that_turn_taking_can_use():
    found = clear_cases()
    weights = ShareWeights(*learn(matrix(found, ["tiny"]), *weigh(found)))

    odds = matrix(found, ["tiny"]) @ np.array(weights)

    assert [odd > 0 for odd in odds] == [one.wanted for one in found]
    assert weights.nods < 0 < weights.known


def test_a_rare_kind_weighs_as_much_as_a_frequent_one():
    found = [
        *(example(NO, wanted=False) for _ in range(9)),
        example(YES, wanted=True),
        *(example(NO, wanted=False, code="ru") for _ in range(5)),
        *(example(YES, wanted=True, code="ru") for _ in range(5)),
    ]
    wanted, counts = weigh(found)

    assert counts.sum() == pytest.approx(len(found))
    assert counts[:9].sum() == pytest.approx(counts[9]) == pytest.approx(counts[10:15].sum())
    assert wanted.sum() == 6


def test_nobody_is_judged_by_his_own_phrase_or_voice():
    found = clear_cases()
    # Whatever this one says, it was never learned from: it is judged as all others like it.
    odd = example(NO, wanted=True, text="odd", voice="odd")

    alone = across([*found, odd], matrix([*found, odd], ["tiny"]))[-1]

    assert alone < 0


def test_coughs_are_nobody_s_voice():
    cough = [example({"Them.": 0.01}, wanted=False, text="", voice="") for _ in range(8)]
    found = [*clear_cases(), *cough]

    rows = json.loads(json.dumps(figures(found, [one.wanted or not one.voice for one in found])))

    assert rows == [
        {
            "language": "en",
            "interruptions": 12,
            "interruptions_yielded": 12,
            "back_channels": 12,
            "back_channels_yielded": 0,
            "coughs": 8,
            "coughs_yielded": 8,
        }
    ]


def test_what_is_in_force_is_what_turn_taking_does():
    # Of words that nobody hears clearly nothing is believed, whatever they are.
    cough = [example({"Stop.": 0.001}, wanted=False, text="", voice="") for _ in range(8)]

    (row,) = in_force([*clear_cases(), *cough])

    assert (row["interruptions_yielded"], row["back_channels_yielded"]) == (12, 0)
    assert row["coughs_yielded"] == 0


def test_the_line_lies_where_enough_nods_of_every_language_are_ignored():
    nods = [
        *(example(NO, wanted=False) for _ in range(100)),
        *(example(NO, wanted=False, code="ru") for _ in range(100)),
    ]
    odds = np.array([*range(100), *(value / 10 for value in range(100))], float)

    least = threshold(nods, odds)

    assert least == pytest.approx(91.08)
    english, russian = figures(nods, odds >= least)
    assert (english["back_channels_yielded"], russian["back_channels_yielded"]) == (8, 0)
