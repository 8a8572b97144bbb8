from __future__ import annotations

import pytest

from tests.turns.conversation import SILENCES
from voicebot.config import TurnSettings
from voicebot.turns.endpointing import Completeness, Endpointing, judge
from voicebot.turns.expectation import Answer, Expectation, expect
from voicebot.turns.languages import ENGLISH, NEUTRAL, RUSSIAN, Language

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


def test_silences_are_the_settings():
    settings = TurnSettings(sentence_ms=250, unsure_ms=700, open_ms=1800)
    endpointing = Endpointing(settings, ENGLISH)
    assert endpointing.silence_ms("What time do you open?") == 250
    assert endpointing.silence_ms("Tomorrow.") == 700
    assert endpointing.silence_ms("My number is") == 1800


def test_a_caller_of_long_pauses_is_given_more_time_where_unsure():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    before = endpointing.silence_ms("Tomorrow.")
    for _ in range(5):
        endpointing.resumed(900)
    assert endpointing.silence_ms("Tomorrow.") > before
    assert endpointing.silence_ms("What time do you open?") == 200


def test_habits_never_exceed_the_longest_silence():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    for _ in range(20):
        endpointing.resumed(9000)
    assert endpointing.silence_ms("Tomorrow.") == 1500


def test_two_pauses_are_no_habit():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    endpointing.resumed(1200)
    endpointing.resumed(1200)
    assert endpointing.silence_ms("Tomorrow.") == 600


def test_cut_offs_make_patient_and_are_forgotten():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    silences = [endpointing.silence_ms("What time do you open?")]
    for _ in range(5):
        endpointing.resumed(300, cut_off=True)
        silences.append(endpointing.silence_ms("What time do you open?"))
    assert silences == sorted(silences)
    assert 200 < silences[1] < silences[-1] <= 600
    for _ in range(5):
        endpointing.completed()
    assert endpointing.silence_ms("What time do you open?") == 200


@pytest.mark.parametrize(
    ("text", "finished", "silence"),
    [
        ("I would like to speak to sales.", 0.99, 200),
        ("I would like to speak to sales.", 0.85, 400),
        ("I would like to speak to sales.", 0.5, 1500),
        ("Tomorrow.", 0.97, 600),
        ("Tomorrow.", 0.1, 600),
        ("What time do you open?", 0.75, 200),
        ("What time do you?", 0.1, 1500),
        ("Is there parking?", 0.88, 400),
        ("Is there parking?", 0.4, 1500),
        ("And what is your address please.", 0.4, 200),
        ("My number is", 0.99, 1500),
        ("Thank you, goodbye.", 0.1, 200),
    ],
)
def test_the_recogniser_shifts_what_the_words_say(text: str, finished: float, silence: int):
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    assert endpointing.silence_ms(text, finished=finished) == silence


def test_the_sound_speaks_for_an_end_and_against_it():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    text = "I would like to speak to sales."
    silences = [endpointing.silence_ms(text, sound=sound) for sound in (0.99, None, 0.02)]
    assert silences == [200, 400, 600]


def test_in_a_language_of_which_nothing_was_learned_the_recogniser_alone_decides():
    endpointing = Endpointing(TurnSettings(**SILENCES), NEUTRAL)
    text = "Haluaisin varata ajan huomiseksi."
    silences = [endpointing.silence_ms(text, finished=one) for one in (None, 0.97, 0.9, 0.4)]
    assert silences == [200, 200, 400, 1500]


def test_silences_out_of_order_never_make_a_surer_end_later():
    settings = TurnSettings(sentence_ms=900, likely_ms=200, unsure_ms=100, open_ms=100)
    endpointing = Endpointing(settings, ENGLISH)
    texts = ("What time do you open?", "I would like to speak to sales.", "Tomorrow.", "My number")
    assert [endpointing.silence_ms(text) for text in texts] == [900, 900, 900, 900]


def test_a_caller_of_long_pauses_is_given_more_time_where_the_end_is_only_likely():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    for _ in range(5):
        endpointing.resumed(420)
    assert endpointing.silence_ms("I would like to speak to sales.") == 525


def test_a_caller_who_pauses_briefly_is_waited_for_no_longer():
    endpointing = Endpointing(TurnSettings(**SILENCES), ENGLISH)
    for _ in range(5):
        endpointing.resumed(150)
    assert endpointing.silence_ms("I would like to speak to sales.") == 400
