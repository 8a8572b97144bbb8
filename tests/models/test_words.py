"""Words in time from tokens in time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from voicebot.models.seams import WHISPER_RATE
from voicebot.models.words import Alignment, words_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from voicebot.models.seams import Samples, Word

SECOND = WHISPER_RATE


def decoder(*pieces: str) -> Callable[[Sequence[int]], str]:
    """A tokenizer whose token ``n`` is ``pieces[n]``."""
    return lambda tokens: "".join(pieces[token] for token in tokens)


def aligned(*starts: float) -> Alignment:
    """Tokens that begin at these seconds; the last one is where the text ends."""
    path = [(token, round(50 * start)) for token, start in enumerate(starts)]
    return Alignment(range(len(starts) - 1), path, [0.5 + token / 10 for token in range(9)])


def loud(*spans: tuple[float, float], seconds: float = 3.0) -> Samples:
    """A tone in these spans, and a little noise everywhere."""
    samples = np.random.default_rng(1).normal(0, 1e-4, int(seconds * SECOND)).astype(np.float32)
    for start, end in spans:
        time = np.arange(round((end - start) * SECOND)) / SECOND
        samples[round(start * SECOND) :][: len(time)] += 0.3 * np.sin(1000 * time)
    return samples


def spans(words: Iterable[Word]) -> list[tuple[str, float, float]]:
    return [(word.text, word.start, word.end) for word in words]


def test_a_word_of_several_tokens_lasts_from_the_first_to_the_last():
    found = words_in(
        aligned(0.2, 0.5, 1.0, 1.6),
        decoder(" tele", "phone", " number"),
        loud((0.2, 1.6)),
        "en",
    )

    assert spans(found) == [("telephone", 0.2, 1.0), ("number", 1.0, 1.6)]
    assert [round(word.probability, 2) for word in found] == [0.55, 0.7]


def test_marks_belong_to_the_word_before_without_their_time():
    found = words_in(
        aligned(0.2, 0.8, 1.4, 1.9, 2.4),
        decoder(" Yes", ",", " please", "."),
        loud((0.2, 0.8), (1.4, 1.9)),
        "en",
    )

    assert spans(found) == [("Yes,", 0.2, 0.8), ("please.", 1.4, 1.9)]


def test_a_pause_belongs_to_neither_word():
    found = words_in(
        aligned(0.0, 0.7, 2.5), decoder(" one", " two"), loud((0.3, 0.6), (1.7, 2.3)), "en"
    )

    assert spans(found) == [("one", 0.3, 0.6), ("two", 1.7, 2.3)]


def test_sound_before_a_word_that_is_nobody_elses_is_its_beginning():
    found = words_in(
        aligned(0.0, 0.5, 1.2, 2.0),
        decoder(" one", ",", " two"),
        loud((0.0, 0.5), (1.0, 2.0)),
        "en",
    )

    assert spans(found) == [("one,", 0.0, 0.5), ("two", 1.0, 2.0)]


def test_where_noise_is_as_loud_as_the_voice_the_path_alone_tells():
    noise = np.random.default_rng(2).normal(0, 0.1, 3 * SECOND).astype(np.float32)

    found = words_in(aligned(0.1, 0.9, 2.0), decoder(" one", " two"), noise, "en")

    assert [(word.start, word.end) for word in found][-1] == (0.9, 3.0)


def test_languages_without_spaces_are_split_at_every_token_that_makes_a_letter():
    letters = ("你".encode(), "好".encode()[:2], "好".encode()[2:])

    found = words_in(
        aligned(0.2, 0.6, 0.9, 1.4),
        lambda tokens: b"".join(letters[token] for token in tokens).decode(errors="replace"),
        loud((0.2, 1.4)),
        "zh",
    )

    assert spans(found) == [("你", 0.2, 0.6), ("好", 0.6, 1.4)]


def test_no_tokens_are_no_words():
    assert words_in(aligned(0.0), decoder(), loud(), "en") == ()


def test_a_path_that_ends_early_leaves_the_rest_at_its_end():
    found = words_in(
        Alignment([0, 1, 2], [(0, 10), (1, 40)], [1.0, 1.0, 1.0]),
        decoder(" a", " b", " c"),
        loud((0.2, 0.8)),
        "en",
    )

    assert [word.text for word in found] == ["a", "b", "c"]
    assert found[-1].end <= 3.0
