"""What is left of written text when it is read aloud, whatever the language."""

from __future__ import annotations

import pytest

from voicebot.speech.reading import speakable


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("**Sure**, *yes* and `code`", "Sure, yes and code"),
        ("# Title", "Title"),
        ("- one\n- two", "one\ntwo"),
        ("1. one", "one"),
        ("see [our page](http://a.b/c)", "see our page"),
        ("Fine 😀👍🏽!", "Fine !"),
        ("snake_case and 2 * 3", "snake_case and two * three"),
    ],
)
def test_markup_is_not_read(written: str, spoken: str):
    assert speakable(written, "en") == spoken


def test_another_language_has_its_plain_numbers_read():
    assert speakable("Wir haben **24** Häuser.", "de") == "Wir haben vierundzwanzig Häuser."


def test_a_language_without_number_words_is_left_as_it_is():
    assert speakable("abc 24, 10:30", "xx") == "abc 24, 10:30"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("1070281090000001,5", "один ноль семь ноль два восемь один ноль девять"),
        ("0,0000001", "ноль,ноль ноль ноль ноль ноль ноль один"),
    ],
)
def test_a_number_that_has_no_words_is_read_digit_by_digit(written: str, spoken: str):
    assert speakable(written, "ru").startswith(spoken)


@pytest.mark.parametrize(
    ("written", "language"),
    [("12345678", "am"), ("0,00001", "it"), ("-5", "ce"), ("-0,5", "de"), ("-0,5", "fr")],
)
def test_a_number_that_a_language_cannot_say_is_left_as_it_is(written: str, language: str):
    assert speakable(f"{written} °C", language) == f"{written} °C"
