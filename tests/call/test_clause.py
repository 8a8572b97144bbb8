"""How many words of a clause have been heard."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from voicebot.call.clause import Clause
from voicebot.media.audio import SAMPLE_RATE, Pcm
from voicebot.speech.protocols import SpokenWord


def sound(seconds: float, loudest: int = 8000) -> Pcm:
    noise = np.random.default_rng(1).integers(-loudest, loudest, round(seconds * SAMPLE_RATE))
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
    said = clause("aaaa, bbbb.", silence(0.5), sound(1.0), silence(0.5))

    assert heard(said, 0.9) == ""
    assert heard(said, 1.05) == "aaaa,"
    assert heard(said, 1.55) == "aaaa, bbbb."


def test_a_pause_is_taken_for_the_comma():
    # However fast the first words are said.
    said = clause("No problem at all, yes.", sound(0.4), silence(0.3), sound(2.0))

    assert heard(said, 0.45) == "No problem at all,"
    assert heard(said, 2.0) == "No problem at all,"
    assert heard(said, 2.7) == "No problem at all, yes."


def test_a_short_gap_is_no_pause():
    said = clause("aaaa, bbbb.", sound(0.15), silence(0.04), sound(0.85))

    assert heard(said, 0.35) == ""
    assert heard(said, 0.65) == "aaaa,"


def test_two_words_part_where_it_is_quiet():
    said = clause("aaaa bbbb", sound(0.4), silence(0.04), sound(0.6))

    assert heard(said, 0.38) == ""
    assert heard(said, 0.46) == "aaaa"


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


def told(text: str, *spans: tuple[float, float], audio: Pcm, complete: bool = True) -> Clause:
    """A clause of which the voice has told when its words are, played from 1 s on."""
    made = Clause(text, "en")
    for word, (start, end) in zip(text.split(), spans, strict=False):
        made.tell(SpokenWord(word, round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)))
    made.play(audio, SAMPLE_RATE)
    made.complete = complete
    return made


def boundary(said: Clause, seconds: float) -> float | None:
    found = said.boundary(round(seconds * SAMPLE_RATE))
    return None if found is None else found / SAMPLE_RATE


def test_a_voice_that_tells_its_words_is_believed():
    said = told("a extraordinary b", (0.0, 0.9), (0.9, 1.0), (1.2, 1.9), audio=sound(2.0))

    assert [heard(said, 1 + at) for at in (0.85, 0.95, 1.05, 1.95)] == [
        "",
        "a",
        "a extraordinary",
        "a extraordinary b",
    ]


def begun(*words: str) -> Clause:
    """The first 2 s of a clause, of which the voice has told the first words."""
    made = Clause("extraordinarily b, c extraordinarily extraordinarily", "en")
    for start, end, word in zip((0.0, 1.0, 1.9), (0.9, 1.7, 2.0), words, strict=False):
        made.tell(SpokenWord(word, round(start * SAMPLE_RATE), round(end * SAMPLE_RATE)))
    made.play(sound(2.0), 0)
    return made


def test_a_voice_that_tells_each_word_as_it_comes_to_it_is_believed():
    assert heard(begun("Extraordinarily", "b", "c"), 1.8) == "extraordinarily b,"


def test_a_voice_that_tells_other_words_as_it_comes_to_them_is_not():
    assert heard(begun("ex", "tra", "or"), 1.8) == heard(begun(), 1.8)


def test_a_voice_that_tells_too_few_words_is_not():
    said = told("aaaa bbbb", (0.0, 0.1), audio=sound(1.0))

    assert heard(said, 1.2) == ""
    assert heard(said, 1.6) == "aaaa"


def test_what_is_written_in_one_word_is_heard_with_its_last():
    said = Clause("At 15:30 sharp", "en")
    for number, word in enumerate(("at", "three", "thirty", "pm", "sharp")):
        said.tell(SpokenWord(word, number * SAMPLE_RATE, (number + 1) * SAMPLE_RATE))
    said.play(sound(5.5), 0)

    assert [heard(said, at) for at in (1.5, 3.5, 4.5, 5.2)] == [
        "At",
        "At",
        "At 15:30",
        "At 15:30 sharp",
    ]


def test_what_is_written_otherwise_in_its_sentence_shifts_no_other_word():
    said = Clause("Встреча 5-7 мая в офисе.", "ru")
    for number, word in enumerate(said.spoken.split()):
        said.tell(SpokenWord(word, number * SAMPLE_RATE, (number + 1) * SAMPLE_RATE))
    said.play(sound(8.5), 0)

    # 'Встреча с пятого по седьмое мая в офисе.'
    assert [heard(said, 0.2 + at) for at in range(1, 9)] == [
        "Встреча",
        "Встреча",
        "Встреча",
        "Встреча",
        "Встреча 5-7",
        "Встреча 5-7 мая",
        "Встреча 5-7 мая в",
        "Встреча 5-7 мая в офисе.",
    ]


def test_the_groups_of_a_phone_number_are_heard_one_after_the_other():
    said = Clause("call +44 20 7946 0958 now", "en")
    for number, word in enumerate(said.spoken.split()):
        said.tell(SpokenWord(word, number * SAMPLE_RATE, (number + 1) * SAMPLE_RATE))
    said.play(sound(15.5), 0)

    groups = [heard(said, 0.2 + at) for at in range(1, 16)]

    assert groups[0] == "call"
    assert groups[12] == "call +44 20 7946"
    assert groups[13] == "call +44 20 7946 0958"
    assert groups[14] == said.text


def test_the_interrupted_word_begins_again():
    words = sound(0.5) + silence(0.06) + sound(0.6)
    said = told("aaaa bbbb", (0.0, 0.5), (0.56, 1.16), audio=words)

    assert boundary(said, 1.3) == 1.0
    assert boundary(said, 1.8) == pytest.approx(1.53, abs=0.031)


def test_between_two_words_nothing_is_said_again():
    audio = sound(0.5) + silence(0.3) + sound(0.6) + silence(0.2)
    said = told("aaaa, bbbb", (0.0, 0.5), (0.8, 1.4), audio=audio)

    assert boundary(said, 1.7) == 1.7
    assert boundary(said, 2.5) == 2.5


def test_a_long_silence_before_the_word_is_not_heard_again():
    said = told("aaaa, bbbb", (0.0, 0.5), (1.5, 2.0), audio=sound(0.5) + silence(1.0) + sound(0.5))

    assert boundary(said, 2.7) == pytest.approx(2.45, abs=0.06)


def test_nor_is_a_long_one_whose_quietest_place_is_far_back():
    faint = silence(0.4) + sound(0.6, loudest=20)
    said = told("aaaa, bbbb", (0.0, 0.5), (1.5, 2.0), audio=sound(0.5) + faint + sound(0.5))

    found = boundary(said, 2.7)
    assert found is not None
    assert 2.4 < found <= 2.5


def test_the_first_word_begins_again_with_its_soft_beginning():
    said = told("aaaa", (0.3, 0.8), audio=silence(0.3) + sound(0.5))

    assert boundary(said, 1.6) == pytest.approx(1.28)


def test_a_word_may_be_told_a_little_early():
    said = told("aaaa bbbb", (0.0, 0.5), (0.5, 1.0), audio=sound(0.51) + silence(0.01) + sound(0.5))

    assert boundary(said, 1.8) == pytest.approx(1.51)


def test_nothing_that_was_not_heard_yet_is_left_out():
    said = told("aaaa bbbb", (0.0, 0.5), (0.5, 1.0), audio=sound(0.51) + silence(0.01) + sound(0.5))

    assert boundary(said, 1.505) == 1.505


def test_where_the_voice_tells_nothing_the_boundary_is_where_it_is_quiet():
    said = clause("aaaa bbbb cccc", sound(0.6), silence(0.04), sound(1.4))

    assert boundary(said, 0.9) == pytest.approx(0.62, abs=0.03)


def test_before_the_clause_and_while_its_end_is_not_known_there_is_no_boundary():
    said = Clause("aaaa bbbb", "en")
    assert boundary(said, 0.5) is None

    said.play(sound(0.6), SAMPLE_RATE)

    assert boundary(said, 0.9) is None
    assert boundary(said, 1.5) is None


def test_a_voice_that_tells_its_words_need_not_have_said_them_all():
    said = told("aaaa bbbb", (0.0, 0.5), (0.5, 1.0), audio=sound(0.8), complete=False)

    assert boundary(said, 1.7) == pytest.approx(1.5, abs=0.03)


def test_what_sounds_after_the_clause_has_no_boundary_in_it():
    # A filler, which is no part of the reply.
    said = told("aaaa bbbb", (0.0, 0.5), (0.5, 1.0), audio=sound(1.0))

    assert boundary(said, 1.99) == pytest.approx(1.5, abs=0.03)
    assert boundary(said, 2.3) is None


@pytest.mark.parametrize("written", ["call +44 20 7946 0958 now", "from 9:00 to 18:00", "– Yes –"])
def test_all_of_it_is_heard_at_its_end_and_never_more_than_before(written: str):
    said = clause(written, sound(3.0))

    parts = [heard(said, at / 20) for at in range(62)]

    assert parts[0] == ""
    assert parts[-1] == written
    assert all(after.startswith(before) for before, after in pairwise(parts))
