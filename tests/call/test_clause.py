"""How many words of a clause have been heard."""

from __future__ import annotations

import numpy as np
import pytest

from voicebot.call.clause import Clause
from voicebot.media.audio import SAMPLE_RATE, Pcm


def sound(seconds: float) -> Pcm:
    noise = np.random.default_rng(1).integers(-8000, 8000, round(seconds * SAMPLE_RATE))
    return noise.astype("<i2").tobytes()


def silence(seconds: float) -> Pcm:
    return bytes(2 * round(seconds * SAMPLE_RATE))


def clause(text: str, *audio: Pcm, at: float = 0.0, language: str = "en") -> Clause:
    """A clause that is played from ``at`` seconds on."""
    made = Clause(text, language)
    position = round(at * SAMPLE_RATE)
    for pcm in audio:
        made.play(pcm, position)
        position += len(pcm) // 2
    made.complete = True
    return made


def heard(said: Clause, seconds: float) -> str:
    return said.heard(round(seconds * SAMPLE_RATE))


def test_nothing_is_heard_before_the_first_word_has_ended():
    said = clause("One two", sound(1.0), at=5.0)

    assert heard(said, 4.0) == heard(said, 5.0) == heard(said, 5.3) == ""


def test_words_are_heard_one_after_the_other():
    said = clause("aaaa bbbb cccc dddd", sound(2.0), at=1.0)

    assert [heard(said, 1.0 + at) for at in (0.6, 1.1, 1.6, 2.0)] == [
        "aaaa",
        "aaaa bbbb",
        "aaaa bbbb cccc",
        "aaaa bbbb cccc dddd",
    ]


def test_a_long_word_takes_longer():
    said = clause("a extraordinarily b", sound(1.8))

    assert heard(said, 0.3) == "a"
    assert heard(said, 1.3) == "a"
    assert heard(said, 1.7) == "a extraordinarily"


def test_a_number_takes_as_long_as_it_is_read():
    said = clause("bbbb 777 cccc", sound(2.5))

    # 'seven hundred and seventy-seven' is most of it.
    assert heard(said, 1.9) == "bbbb"


def test_silence_before_and_after_belongs_to_no_word():
    said = clause("aaaa bbbb", silence(0.5), sound(1.0), silence(0.5))

    assert heard(said, 0.9) == ""
    assert heard(said, 1.05) == "aaaa"
    assert heard(said, 1.55) == "aaaa bbbb"


def test_a_pause_is_taken_for_the_comma():
    # However fast the first words are said.
    said = clause("No problem at all, yes.", sound(0.4), silence(0.3), sound(2.0))

    assert heard(said, 0.45) == "No problem at all,"
    assert heard(said, 2.0) == "No problem at all,"
    assert heard(said, 2.7) == "No problem at all, yes."


def test_a_short_gap_is_no_pause():
    said = clause("aaaa, bbbb", sound(0.4), silence(0.04), sound(0.6))

    assert heard(said, 0.45) == ""
    assert heard(said, 0.55) == "aaaa,"


def test_of_a_clause_that_is_still_being_spoken_no_more_is_heard_than_can_have_been_said():
    said = Clause("one two three four five six seven eight nine ten", "en")
    said.play(sound(0.5), 0)

    assert heard(said, 0.5) in {"one", "one two"}


@pytest.mark.parametrize("size", [2, 100, 4000])
def test_the_size_of_the_pieces_changes_nothing(size):
    audio = silence(0.1) + sound(0.5) + silence(0.2) + sound(0.5)
    pieces = [audio[at : at + size] for at in range(0, len(audio), size)]
    whole, cut = clause("aaaa, bbbb", audio), clause("aaaa, bbbb", *pieces)

    assert [heard(cut, at / 10) for at in range(15)] == [heard(whole, at / 10) for at in range(15)]


def test_a_clause_without_any_sound_was_said_all_the_same():
    assert heard(clause("Hello there.", silence(0.5)), 0.5) == "Hello there."
