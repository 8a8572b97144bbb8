from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.models.clauses import clauses


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Hello.", ["Hello."]),
        ("Hello! How are you?", ["Hello!", "How are you?"]),
        (
            "I can connect you, or you can leave a message. What would you like?",
            ["I can connect you,", "or you can leave a message.", "What would you like?"],
        ),
        ("Yes, we are open.", ["Yes, we are open."]),
        ("That is 1,250.75 euros.", ["That is 1,250.75 euros."]),
        ("Dr. Smith is in. Please wait.", ["Dr. Smith is in.", "Please wait."]),
        ("Наш адрес: ул. Ленина, 5. Ждём вас!", ["Наш адрес:", "ул. Ленина, 5.", "Ждём вас!"]),
        ("One line\nanother line", ["One line", "another line"]),
        ('She said "stop." Then she left.', ['She said "stop."', "Then she left."]),
    ],
)
def test_text_is_spoken_in_clauses_the_first_one_short(text: str, pieces: list[str]):
    assert clauses(text) == pieces


@pytest.mark.parametrize("text", ["", "   ", "...", "?!", "—"])
def test_text_that_cannot_be_spoken_gives_no_pieces(text: str):
    assert clauses(text) == []


def test_a_very_long_sentence_is_cut_at_its_commas():
    text = ", ".join(f"item number {number}" for number in range(60))

    pieces = clauses(text)

    assert max(map(len, pieces)) <= 220
    assert " ".join(pieces) == text


@given(st.text(alphabet="ab ,.;!?1\n", max_size=200))
def test_no_word_is_lost_or_moved(text: str):
    spoken = "".join("".join(clauses(text)).split())

    letters = [character for character in text if character.isalnum()]
    assert [character for character in spoken if character.isalnum()] == letters
