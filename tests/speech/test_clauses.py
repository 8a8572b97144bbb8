"""Clauses: as soon as possible, and never in the wrong place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.speech.clauses import LONGEST_CLAUSE_CHARS, ClauseSplitter, sentences


def streamed(text: str, language: str = "en", size: int = 3) -> list[str]:
    splitter = ClauseSplitter(language)
    clauses = []
    for start in range(0, len(text), size):
        clauses += splitter.push(text[start : start + size])
    return clauses + splitter.flush()


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Hello. How are you?", ["Hello.", "How are you?"]),
        ("en", "It costs 3.5 pounds. Yes.", ["It costs 3.5 pounds.", "Yes."]),
        ("en", "We open at 10:30. Fine.", ["We open at 10:30.", "Fine."]),
        ("en", "Ask Dr. Smith. Now.", ["Ask Dr. Smith.", "Now."]),
        ("en", "On Nov. 30 or Sat. 5 Dec. at ten.", ["On Nov. 30 or Sat. 5 Dec. at ten."]),
        ("en", "In 2 hrs. or 5 km. away. Yes.", ["In 2 hrs. or 5 km. away.", "Yes."]),
        ("ru", "Пн. и вт. с 9:00. Ждём.", ["Пн. и вт. с 9:00.", "Ждём."]),
        ("en", "Ask J. Smith. Now.", ["Ask J. Smith.", "Now."]),
        ("en", "Until 5 p.m. today. Yes.", ["Until 5 p.m. today.", "Yes."]),
        ("en", "Until 5 p.m. Then we close.", ["Until 5 p.m.", "Then we close."]),
        ("en", "Mail a.b@c.de today. Yes.", ["Mail a.b@c.de today.", "Yes."]),
        ("en", "See www.a.org/b. Yes.", ["See www.a.org/b.", "Yes."]),
        ("en", "Really?! Yes!", ["Really?!", "Yes!"]),
        ("en", "Well... no. Yes.", ["Well... no.", "Yes."]),
        ("en", 'She said "no." Then left.', ['She said "no."', "Then left."]),
        ("en", "One\nTwo", ["One", "Two"]),
        ("en", "1. First. 2. Second.", ["1. First.", "2. Second."]),
        ("en", "We are in room 12. Come in.", ["We are in room 12.", "Come in."]),
        ("en", "... !", []),
        ("en", "", []),
        ("ru", "Портовая ул. дом 12. Да.", ["Портовая ул. дом 12.", "Да."]),
        ("ru", "Это г. Москва. Да.", ["Это г. Москва.", "Да."]),
        ("ru", "Стоит 5 тыс. руб. Да.", ["Стоит 5 тыс. руб.", "Да."]),
        ("ru", "Это, т. е. завтра. Да.", ["Это, т. е. завтра.", "Да."]),
        ("ru", "Там 5 чел. в очереди. Ждём.", ["Там 5 чел. в очереди.", "Ждём."]),
        ("en", "From £5 p.p. for all. Max. ten.", ["From £5 p.p. for all.", "Max. ten."]),
        ("en", "It's £9/mo. for a year. Yes.", ["It's £9/mo. for a year.", "Yes."]),
        ("en", "In 3 wks. or 2 mos. at most.", ["In 3 wks. or 2 mos. at most."]),
        ("en", "See ref. 12-34. Thanks.", ["See ref. 12-34.", "Thanks."]),
        ("ru", "Это 990 ₽/мес. на год. Да.", ["Это 990 ₽/мес. на год.", "Да."]),
        ("ru", "На 14 янв. 2025 г. в 14:15.", ["На 14 янв. 2025 г. в 14:15."]),
        ("ru", "Макс. 3 ч, ок. 5 раб. дней.", ["Макс. 3 ч, ок. 5 раб. дней."]),
        ("ru", "Акты, счета и т.д. Потом всё.", ["Акты, счета и т.д.", "Потом всё."]),
    ],
)
def test_sentences_end_where_they_end(language: str, text: str, expected: list[str]):
    assert sentences(text, language) == expected


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_the_size_of_the_pieces_does_not_move_the_ends(size: int):
    text = "Good day. It costs 3.5 pounds at 10:30. Ask Dr. Smith!"

    assert streamed(text, size=size) == [
        "Good day.",
        "It costs 3.5 pounds at 10:30.",
        "Ask Dr. Smith!",
    ]


def test_a_sentence_is_given_as_soon_as_the_next_one_begins():
    splitter = ClauseSplitter("en")

    assert splitter.push("Good morning.") == []
    assert splitter.push(" ") == ["Good morning."]


def test_the_first_clause_is_short_while_its_sentence_is_being_written():
    assert streamed("Certainly, of course, we can do that. And more, too.") == [
        "Certainly,",
        "of course, we can do that.",
        "And more, too.",
    ]


def test_a_first_sentence_that_arrives_whole_stays_whole():
    text = "I'm sorry, there is no answer from sales."

    assert ClauseSplitter("en").push(text) == []
    assert sentences(text, "en") == [text]


def test_a_long_sentence_is_cut_where_one_breathes():
    clauses = streamed("word " * 20 + "and, " + "word " * 20 + "end.")

    assert clauses[0].endswith("and,")
    assert clauses[-1].endswith("end.")


def test_a_sentence_without_any_pause_is_cut_between_words():
    clauses = streamed("word " * 200)

    assert all(len(clause) <= LONGEST_CLAUSE_CHARS for clause in clauses)
    assert {word for clause in clauses for word in clause.split()} == {"word"}


def test_a_splitter_can_be_used_for_the_next_reply():
    splitter = ClauseSplitter("en")
    splitter.push("One.")
    assert splitter.flush() == ["One."]

    assert splitter.push("Certainly, of course, yes") == ["Certainly,"]


@given(st.text(alphabet="ab.,!?: \n12", max_size=600), st.integers(1, 9))
def test_nothing_that_can_be_spoken_is_lost_or_made_up(text: str, size: int):
    spoken = "".join("".join(streamed(text, size=size)).split())

    letters = [char for char in text if char.isalnum()]
    assert [char for char in spoken if char.isalnum()] == letters


@pytest.mark.parametrize("word", ["No", "Yes", "Sure", "Конечно"])
def test_a_short_opening_is_spoken_while_the_rest_is_written(word: str):
    splitter = ClauseSplitter("en")

    assert splitter.push(f"{word}, we are open") == [f"{word},"]
    assert splitter.push(", until nine.") == []
    assert splitter.flush() == ["we are open, until nine."]
