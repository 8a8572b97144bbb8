"""Which numbers nobody ever gets to read."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.records.telling import NOON, at, final
from voicebot.records.events import CallEnded, CallEvent, Partial, TurnTaken
from voicebot.records.masking import CARD, Masker
from voicebot.records.numerals import NUMERALS
from voicebot.records.sinks import MaskingSink

ENGLISH = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RUSSIAN = ["ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять"]


def masked(text: str) -> str:
    return Masker().mask(text)[0]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("My card is 4111 1111 1111 1111, thanks.", "My card is [card], thanks."),
        ("4111-1111-1111-1111", "[card]"),
        ("4111. 1111. 1111. 1111.", "[card]."),
        ("3782 822463 10005", "[card]"),
        ("It is 4111 1111 1111 1112.", "It is [number]."),
        ("four one one one, one one one one, one one one one, one one one one", "[card]"),
        ("четыре один один один один один один один 1111 1111", "[card]"),
        ("Call +7 (916) 123-45-67 please.", "Call +[phone] please."),
        ("8-800-555-35-35", "[phone]"),
        ("555-0134", "[phone]"),
        ("five, five, five, zero, one, three, four", "[phone]"),
        ("oh double four triple one five six", "[phone]"),
        ("five five five um oh one three four", "[phone]"),
        ("nine hundred and sixteen five five five twelve", "[phone]"),
        ("four ninety five one twenty three forty five", "[phone]"),
        ("восемь девятьсот шестнадцать сто двадцать три сорок пять", "[phone]"),
        (
            "Номер: восемь, девятьсот шестнадцать, сто один, сорок пять, семь семь.",
            "Номер: [phone].",
        ),
        ("double four double five double six double seven", "[phone]"),
        ("plus seven nine one six one two three four five six seven", "plus [phone]"),
        ("плюс семь девятьсот шестнадцать сто двадцать три сорок пять", "плюс [phone]"),
        ("three sevens, two zeros, five five", "[phone]"),
        ("четыре шестёрки три семёрки пять нулей", "[phone]"),
        ("восемь восемьсот две тысячи пятьсот сорок сорок", "[phone]"),
        (
            "Карта четыре тысячи сто одиннадцать" + ", тысяча сто одиннадцать" * 3 + ".",
            "Карта [card].",
        ),
        ("четыре тысячи сто одиннадцать" + " тысяча сто одиннадцать" * 3, "[card]"),
        (
            "four thousand one hundred and eleven"
            + ", one thousand one hundred eleven" * 2
            + ", eleven hundred eleven",
            "[card]",
        ),
        ("4 thousand 111 1 thousand 111", "[phone]"),
    ],
)
def test_cards_and_phone_numbers_are_masked(said, kept):
    assert masked(said) == kept


@pytest.mark.parametrize(
    "said",
    [
        "Extension 201, please.",
        "We met on 12.05.2026 at 15:30.",
        "From 2019-2020 on.",
        "It costs 1,000,000.",
        "From 10:15 to 12:45.",
        "Rooms 101, 102, 103.",
        "In nineteen ninety nine.",
        "one hundred twenty three thousand four hundred fifty six",
        "Two thousand twenty six.",
        "сто двадцать три тысячи четыреста пятьдесят шесть рублей",
        "двадцать одна тысяча сто рублей",
        "123 тысячи 456 рублей",
        "nine hundred thousand five hundred",
        "Пять тысяч, шесть тысяч, семь тысяч.",
        "Eighteen thousand, nineteen thousand five hundred, twenty thousand.",
        "In two thousand and nineteen, two thousand twenty.",
        "один раз в неделю",
        "",
    ],
)
def test_other_numbers_stay(said):
    assert masked(said) == said


def test_the_words_are_masked_with_the_time_of_the_whole_number():
    said = final("Call 8 916 123 45 67, please.", 1.0, word_s=0.5)

    text, words = Masker().mask(said.text, said.words)

    assert text == "Call [phone], please."
    assert [(word.text, word.start, word.end) for word in words] == [
        ("Call", at(1.0), at(1.5)),
        ("[phone],", at(1.5), at(4.0)),
        ("please.", at(4.0), at(4.5)),
    ]


def test_a_number_dictated_in_pieces_is_masked_from_its_seventh_digit():
    masker = Masker()

    kept = [masker.mask(text)[0] for text in ("It is 4111", "uh, 1111", "1111", "and 1111. Yes?")]

    assert kept == ["It is 4111", "uh, [phone]", "[phone]", "and 1111. Yes?"]


def test_the_last_piece_tells_that_it_was_a_card():
    masker = Masker()
    for piece in ("4111", "1111", "1111"):
        masker.mask(piece)

    assert masker.mask("1111.")[0] == "[card]."


def test_another_sentence_ends_the_number():
    masker = Masker()
    masker.mask("I am in room 4111")
    masker.mask("Really?")

    assert masker.mask("1111 of them.")[0] == "1111 of them."


def test_a_partial_does_not_count_as_said():
    masker = Masker()
    masker.preview("4111")
    masker.mask("4111")

    assert masker.preview("11") == "11"
    assert masker.preview("1111") == "[phone]"


@given(
    st.text(alphabet="0123456789", min_size=7, max_size=40), st.sampled_from(["", " ", "-", "."])
)
def test_no_long_number_gets_through_however_it_is_grouped(digits, separator):
    kept = masked("It is " + separator.join(digits) + " thanks")

    assert not any(sign.isdigit() for sign in kept)


@given(st.lists(st.integers(0, 9), min_size=7, max_size=25), st.sampled_from([ENGLISH, RUSSIAN]))
def test_no_long_number_gets_through_spoken_digit_by_digit(digits, names):
    kept = masked("so " + " ".join(names[digit] for digit in digits))

    assert not set(kept.lower().split()) & set(NUMERALS)


@given(st.text())
def test_any_text_can_be_masked_and_masking_it_again_changes_nothing(text):
    once = masked(text)

    assert masked(once) == once


@given(
    st.lists(
        st.sampled_from(
            ["4111", "one", "one,", "hundred", "please", "12.", "double", "+7", "тысяча", "sixes"]
        )
    )
)
def test_words_and_text_agree(pieces):
    said = final(" ".join(pieces), 1.0)

    text, words = Masker().mask(said.text, said.words)

    assert " ".join(word.text for word in words) == text
    assert all(earlier.end <= later.start for earlier, later in itertools.pairwise(words))


class Kept(list[CallEvent]):
    put = list.append


def test_every_text_on_its_way_to_a_sink_is_masked_by_party():
    kept = Kept()
    sink = MaskingSink(kept)

    sink.put(Partial("1.1", "anna", 1, 0, 1, "4111 1111"))
    sink.put(final("4111"))
    sink.put(final("1111", party="boris"))
    sink.put(final("1111 1111 1111"))
    sink.put(CallEnded("1.1", NOON, 1, "hung up"))
    sink.put(final("1111"))
    sink.put(TurnTaken("2.1", "caller", 1, 0, "4111 1111 1111 1111"))

    texts = [event.text for event in kept if not isinstance(event, CallEnded)]
    assert texts == ["[phone]", "4111", "1111", CARD, "1111", CARD]
