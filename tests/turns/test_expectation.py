from __future__ import annotations

import pytest

from voicebot.turns.expectation import Answer, Expectation, expect
from voicebot.turns.languages import ENGLISH, NEUTRAL, RUSSIAN, Language

YES_NO = Expectation(Answer.YES_NO)
NUMBER = Expectation(Answer.NUMBER)
OPEN = Expectation()


def digits(count: int) -> Expectation:
    return Expectation(Answer.NUMBER, count)


@pytest.mark.parametrize(
    ("said", "expectation"),
    [
        ("Hello. How can I help you?", OPEN),
        ("Shall I put you through to sales?", YES_NO),
        ("We open at nine. Is that all right?", YES_NO),
        ("Is that all right? I hope so.", YES_NO),
        ("Sales or billing?", OPEN),
        ("What is your phone number?", digits(10)),
        ("Please tell me the four-digit code.", digits(4)),
        ("Please enter your 6 digit PIN.", digits(6)),
        ("Please say your extension number.", NUMBER),
        ("Is that your number?", YES_NO),
        ("We are open from nine to five.", OPEN),
        ("", OPEN),
        ("...", OPEN),
    ],
)
def test_what_english_questions_expect(said: str, expectation: Expectation):
    assert expect(said, ENGLISH) == expectation


@pytest.mark.parametrize(
    ("said", "expectation"),
    [
        ("Здравствуйте. Чем могу помочь?", OPEN),
        ("Соединить вас с отделом продаж?", YES_NO),
        ("Вам удобно утром или вечером?", OPEN),
        ("Продиктуйте, пожалуйста, номер телефона.", digits(10)),
        ("Назовите код из четырёх цифр.", digits(4)),
        ("Назовите добавочный номер.", NUMBER),
        ("Мы работаем до шести.", OPEN),
    ],
)
def test_what_russian_questions_expect(said: str, expectation: Expectation):
    assert expect(said, RUSSIAN) == expectation


@pytest.mark.parametrize(("said", "tables"), [("Onko selvä?", NEUTRAL), ("Is it?", NEUTRAL)])
def test_a_language_without_tables_expects_nothing(said: str, tables: Language):
    assert expect(said, tables) == OPEN
