from __future__ import annotations

import pytest

from tests.turns.conversation import SILENCES
from voicebot.config import TurnSettings
from voicebot.turns.endpointing import Endpointing
from voicebot.turns.languages import ENGLISH, NEUTRAL


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
