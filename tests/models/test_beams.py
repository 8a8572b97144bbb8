"""The likeliest texts of a decoder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from voicebot.models.beams import BEGIN, END, likeliest
from voicebot.models.readings import MOST, TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicebot.models.beams import Floats

PLAIN = ["", "", "", " oh", "", " wait", " a", " second", " oh", " ok"]
OH, COMMA, WAIT, A, SECOND, CAPITAL_OH, OK = range(3, 10)
NEVER = 1e-9


class Decoder:
    """Knows how likely each token is after each text; what it does not know ends."""

    def __init__(self, odds: Mapping[tuple[int, ...], Mapping[int, float]]) -> None:
        self.odds = odds
        self.texts: list[tuple[int, ...]] = [()]
        self.steps = 0

    def __call__(self, tokens: Sequence[int], parents: Sequence[int]) -> Floats:
        before = self.texts if self.steps else [()]
        added = [(token,) if token != BEGIN else () for token in tokens]
        self.texts = [before[parent] + token for parent, token in zip(parents, added, strict=True)]
        self.steps += 1
        rows = []
        for text in self.texts:
            known = self.odds.get(text, {END: 1.0})
            rows.append([math.log(known.get(token, NEVER)) + 7.0 for token in range(len(PLAIN))])
        return np.array(rows, np.float32)


def test_a_text_is_as_likely_as_all_of_its_tokens_and_its_end():
    decoder = Decoder(
        {
            (): {WAIT: 0.6, OH: 0.4},
            (WAIT,): {A: 0.5, END: 0.5},
            (WAIT, A): {SECOND: 0.9, END: 0.1},
        }
    )

    found = likeliest(decoder, PLAIN)

    assert found == pytest.approx(
        {" oh": 0.4, " wait": 0.3, " wait a second": 0.27, " wait a": 0.03}, rel=1e-3
    )
    assert list(found) == [" oh", " wait", " wait a second", " wait a"]


def test_capitals_and_marks_make_no_other_text():
    decoder = Decoder(
        {(): {OH: 0.3, CAPITAL_OH: 0.5, OK: 0.2}, (CAPITAL_OH,): {COMMA: 0.4, END: 0.6}}
    )

    found = likeliest(decoder, PLAIN)

    assert found == pytest.approx({" oh": 0.8, " ok": 0.2}, rel=1e-3)


def test_each_text_goes_on_from_its_own():
    decoder = Decoder(
        {
            (): {OH: 0.55, WAIT: 0.45},
            (OH,): {WAIT: 0.2, END: 0.8},
            (WAIT,): {A: 1.0},
            (WAIT, A): {SECOND: 1.0},
        }
    )

    found = likeliest(decoder, PLAIN)

    assert found == pytest.approx({" wait a second": 0.45, " oh": 0.44, " oh wait": 0.11}, rel=1e-3)


def test_only_the_likeliest_are_followed():
    plain = [*PLAIN, *(f" {letter}" for letter in "bcdefghi")]
    likely = {10 + number: 0.1 - number / 1000 for number in range(8)}
    rest = {WAIT: 1 - sum(likely.values())}

    class Wide(Decoder):
        def __call__(self, tokens: Sequence[int], parents: Sequence[int]) -> Floats:
            known = super().__call__(tokens, parents)
            assert len(known) <= MOST
            odds = {} if self.steps > 1 else likely
            more = [[math.log(odds.get(10 + n, NEVER)) + 7.0 for n in range(8)]] * len(known)
            return np.concatenate((known, np.array(more, np.float32)), axis=1)

    found = likeliest(Wide({(): rest}), plain)

    assert list(found) == [" wait", " b", " c", " d", " e", " f"]


def test_who_never_ends_is_left():
    class Endless(Decoder):
        def __call__(self, tokens: Sequence[int], parents: Sequence[int]) -> Floats:
            known = super().__call__(tokens, parents)
            known[:, :] = math.log(NEVER)
            known[:, OH] = 0.0
            return known

    decoder = Endless({})

    assert likeliest(decoder, PLAIN) == {}
    assert decoder.steps == TOKENS


def test_nobody_is_followed_who_is_far_behind_what_has_ended():
    decoder = Decoder({(): {OK: 0.997, A: 0.003}, (A,): {A: 1.0}, (A, A): {A: 1.0}})

    assert likeliest(decoder, PLAIN) == pytest.approx({" ok": 0.997}, rel=1e-3)
    assert decoder.steps == 2
