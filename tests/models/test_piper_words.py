"""Words are found in what a voice tells of its phonemes."""

from __future__ import annotations

from voicebot.models.piper_words import sounds_of, words_of

RATE = 1000


def spans(text: str, phonemes: str, **sizes: int) -> list[tuple[str, float, float]]:
    """The words of ``text`` in seconds, where each phoneme takes 10 ms; ``sizes`` said alone."""
    sounds = sounds_of(((one, 10) for one in phonemes), 0)
    return [
        (word.text, word.start, word.end)
        for word in words_of(text, sounds, RATE, lambda word: sizes[word.strip(".,")])
    ]


def test_a_word_is_what_lies_between_spaces_and_stops():
    assert spans("Hello, this is us.", "^həloʊ, ðɪs ɪz ʌs.$") == [
        ("Hello,", 0.01, 0.06),
        ("this", 0.08, 0.11),
        ("is", 0.12, 0.14),
        ("us.", 0.15, 0.17),
    ]


def test_the_marks_of_stress_and_length_belong_to_their_word():
    assert spans("on you", "ˈɔn juː.") == [("on", 0.0, 0.03), ("you", 0.04, 0.07)]


def test_words_that_were_run_together_share_their_sounds():
    assert spans("one of the best", "wʌn ʌvðə bɛst", one=3, of=2, the=2, best=4) == [
        ("one", 0.0, 0.03),
        ("of", 0.04, 0.06),
        ("the", 0.06, 0.08),
        ("best", 0.09, 0.13),
    ]


def test_a_number_that_was_said_in_several_words_is_one():
    assert spans("at 9:30 sharp", "æt naɪn θɜti ʃɑp", at=2, **{"9:30": 8}, sharp=3) == [
        ("at", 0.0, 0.02),
        ("9:30", 0.03, 0.12),
        ("sharp", 0.13, 0.16),
    ]


def test_what_stands_alone_and_is_not_said_is_no_word():
    assert [word for word, _, _ in spans("yes – no", "jɛs  nəʊ")] == ["yes", "no"]


def test_fewer_sounds_than_words_tell_nothing():
    assert spans("one two three", "wʌ") == []
    assert spans("...", "") == []


def test_the_second_sentence_begins_where_the_first_has_ended():
    first, second = sounds_of([("a", 10), (".", 5)], 0), sounds_of([("b", 10)], 15)

    assert [(one.start, one.end) for one in (*first, *second)] == [(0, 10), (15, 25)]
