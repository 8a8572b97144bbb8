from __future__ import annotations

import pytest

from voicebot.turns.completeness import Completeness, judge
from voicebot.turns.expectation import Answer, Expectation, expect
from voicebot.turns.languages import ENGLISH, NEUTRAL, RUSSIAN

DONE, LIKELY = Completeness.FINISHED, Completeness.LIKELY
UNSURE, MORE = Completeness.UNSURE, Completeness.OPEN
YES_NO = Expectation(Answer.YES_NO)
NUMBER = Expectation(Answer.NUMBER)
OPEN = Expectation()


def digits(count: int) -> Expectation:
    return Expectation(Answer.NUMBER, count)


@pytest.mark.parametrize(
    ("text", "expectation", "verdict"),
    [
        # finished
        ("I want to talk to somebody about it.", OPEN, DONE),
        ("What time do you open?", OPEN, DONE),
        ("Thank you.", OPEN, DONE),
        ("That's all, thank you, goodbye", OPEN, DONE),
        ("Bye bye", OPEN, DONE),
        ("Have a nice day", OPEN, DONE),
        ("Which one are you on?", OPEN, DONE),
        # a question that a courtesy ends, whatever mark the recogniser puts there
        ("And what is your address please.", OPEN, DONE),
        ("Where is your office, please", OPEN, DONE),
        ("How much is it, thank you.", OPEN, DONE),
        ("And what is your address please,", OPEN, MORE),
        ("Could you please", OPEN, MORE),
        ("What, please", OPEN, UNSURE),
        # open
        ("My number is.", OPEN, MORE),
        ("I would like to speak to.", OPEN, MORE),
        ("I want the", OPEN, MORE),
        ("Yes, and", OPEN, MORE),
        ("Um.", OPEN, MORE),
        ("Well, you know", OPEN, MORE),
        ("I'd like to book a table,", OPEN, MORE),
        ("So I was thinking...", OPEN, MORE),
        ("Because", OPEN, MORE),
        # unsure
        ("Tomorrow.", OPEN, UNSURE),
        ("Yes.", OPEN, UNSURE),
        # yes or no
        ("Yes.", YES_NO, DONE),
        ("No", YES_NO, DONE),
        ("Yes, of course", YES_NO, DONE),
        ("Sounds good.", YES_NO, DONE),
        ("Yeah, I think so.", YES_NO, DONE),
        ("I don't think so", YES_NO, DONE),
        ("Yes, but", YES_NO, MORE),
        ("Yes,", YES_NO, MORE),
        ("Yes sales", YES_NO, LIKELY),
        # what often leads into a sentence
        ("Hello.", OPEN, LIKELY),
        ("Sorry.", OPEN, LIKELY),
        ("Sorry?", OPEN, DONE),
        ("Hello, thank you.", OPEN, DONE),
        # orders to stop
        ("Hold on.", OPEN, DONE),
        ("Stop!", OPEN, DONE),
        # what could go on: the recogniser has to tell
        ("I would like to speak to sales.", OPEN, LIKELY),
        ("Do you open early?", OPEN, LIKELY),
        # yes-or-no questions that are all there, however short
        ("Is there parking?", OPEN, LIKELY),
        ("Is their parking?", OPEN, LIKELY),
        ("Is it late?", OPEN, LIKELY),
        ("Do you have parking?", OPEN, LIKELY),
        ("Does it cost extra?", OPEN, LIKELY),
        ("Is their parking", OPEN, UNSURE),
        # questions that break off
        ("Do you sell?", OPEN, MORE),
        ("Could you tell me?", OPEN, MORE),
        ("Is it possible to?", OPEN, MORE),
        ("Is it?", OPEN, MORE),
        ("Where are you from?", OPEN, DONE),
        ("I will wait.", OPEN, DONE),
        ("No, I asked about Sunday, didn't I?", OPEN, DONE),
        # numbers
        ("I don't have one.", digits(4), UNSURE),
        ("I don't have one", NUMBER, UNSURE),
        ("The code is one", digits(4), MORE),
        ("6, 4, 4, 4,", digits(4), MORE),
        ("My phone number is 555 01", OPEN, MORE),
        ("My phone number is 555 0199 321.", OPEN, DONE),
        ("five five", digits(4), MORE),
        ("five five one nine.", digits(4), DONE),
        ("It's 5519.", digits(4), DONE),
        ("It's 551.", digits(4), MORE),
        ("555", NUMBER, MORE),
        ("I don't have that", digits(4), MORE),
        ("I haven't got it here", digits(4), LIKELY),
        ("I don't know", digits(4), DONE),
        ("My number is 555 01", OPEN, UNSURE),
        ("My number is 555 019 9999", OPEN, DONE),
        ("S M I", OPEN, MORE),
    ],
)
def test_english(text: str, expectation: Expectation, verdict: Completeness):
    assert judge(text, expectation, ENGLISH) is verdict


@pytest.mark.parametrize(
    ("text", "expectation", "verdict"),
    [
        ("Я хочу поговорить с отделом продаж.", OPEN, LIKELY),
        ("Когда вы работаете?", OPEN, DONE),
        ("Спасибо.", OPEN, DONE),
        ("Я подожду.", OPEN, DONE),
        ("Извините.", OPEN, LIKELY),
        ("Добрый день.", OPEN, LIKELY),
        ("Нет, спасибо, до свидания.", OPEN, DONE),
        ("А какой у вас адрес, пожалуйста.", OPEN, DONE),
        ("Сколько это стоит, пожалуйста", OPEN, DONE),
        ("Скажите, пожалуйста", OPEN, MORE),
        ("Мой номер.", OPEN, MORE),
        ("Я хотел бы.", OPEN, MORE),
        ("Соедините меня с.", OPEN, MORE),
        ("Ну вот", OPEN, MORE),
        ("Потому что", OPEN, MORE),
        ("Завтра.", OPEN, UNSURE),
        ("Отдел продаж", OPEN, MORE),
        ("Да.", YES_NO, DONE),
        ("Нет, не надо", YES_NO, DONE),
        ("Меня устраивает.", YES_NO, DONE),
        ("Конечно, нет", YES_NO, DONE),
        ("Можно.", YES_NO, LIKELY),
        ("Не", YES_NO, LIKELY),
        ("Да, но", YES_NO, MORE),
        ("восемь девятьсот шестнадцать", digits(10), MORE),
        ("9 1 6 1 2 3 4 5 6 7", digits(10), DONE),
        ("сорок два", digits(2), DONE),
    ],
)
def test_russian(text: str, expectation: Expectation, verdict: Completeness):
    assert judge(text, expectation, RUSSIAN) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Sales.", DONE),
        ("The sales department, please.", DONE),
        ("Hello. Accounts payable", DONE),
        ("Sales and", MORE),
        ("Sales,", MORE),
        ("Please.", UNSURE),
        ("Marketing.", UNSURE),
    ],
)
def test_a_name_that_can_be_asked_for_is_a_whole_turn(text: str, verdict: Completeness):
    here = ENGLISH.knowing(["sales", "Sales Department", "accounts payable"])

    assert judge(text, OPEN, here) is verdict


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Extension 201.", DONE),
        ("Put me through to extension two oh one", DONE),
        ("Extension double two one, please.", DONE),
        ("Extension 20", MORE),
        ("Extension twenty", MORE),
        ("Room 201", UNSURE),
    ],
)
def test_an_extension_has_as_many_digits_as_those_of_the_directory(
    text: str, verdict: Completeness
):
    assert judge(text, OPEN, ENGLISH.knowing([], ["201", "202"])) is verdict


@pytest.mark.parametrize("extensions", [["201", "1000"], ["201", "trunk"], []])
def test_extensions_of_several_lengths_may_always_go_on(extensions: list[str]):
    here = ENGLISH.knowing([], extensions)

    assert judge("Extension 201", OPEN, here) is UNSURE


@pytest.mark.parametrize(
    ("text", "verdict"), [("201", DONE), ("two oh one, please", DONE), ("two oh", MORE)]
)
def test_who_is_asked_for_an_extension_needs_say_no_more_than_that(
    text: str, verdict: Completeness
):
    here = ENGLISH.knowing([], ["201", "202"])

    assert judge(text, expect("Which extension would you like?", here), here) is verdict


def test_a_russian_extension_has_its_length_too():
    here = RUSSIAN.knowing([], ["201"])

    assert judge("Добавочный двести один.", OPEN, here) is DONE
    assert judge("Добавочный двести", OPEN, here) is LIKELY
    assert judge("Добавочный двадцать", OPEN, here) is MORE


def test_a_name_may_be_russian():
    here = RUSSIAN.knowing(["Отдел продаж", "Пётр"])

    assert judge("Отдел продаж, пожалуйста.", OPEN, here) is DONE
    assert judge("Петр.", OPEN, here) is DONE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Haluaisin varata ajan huomiseksi.", DONE),
        ("Haluaisin varata", UNSURE),
        ("Haluaisin,", MORE),
        ("Milloin?", DONE),
        ("我想预约。", UNSURE),
        ("12 34", UNSURE),
    ],
)
def test_a_language_without_tables_goes_by_punctuation(text: str, verdict: Completeness):
    assert judge(text, OPEN, NEUTRAL) is verdict
