from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.expectation import Answer, Expectation
from voicebot.turns.interruption import Evidence, Interruption, Reason, Verdict
from voicebot.turns.languages import ENGLISH, NEUTRAL, RUSSIAN, Language

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet


def samples(ms: int) -> int:
    return ms * SAMPLE_RATE // 1000


def evidence(spoken_ms: int = 300, elapsed_ms: int = 600, **rest) -> Evidence:
    plain = Evidence(samples(spoken_ms), samples(elapsed_ms), paused=True, level=-22.0)
    return replace(plain, **rest)


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        (evidence(300, 300, paused=False), None),
        (evidence(690, 690, paused=False), None),
        (evidence(700, 700, paused=False), Verdict()),
        (evidence(300, 500), None),
        (evidence(100, 200), Verdict(Reason.NOISE)),
        (evidence(100, 100, paused=False), None),
        (evidence(400, 1490), None),
        (evidence(300, 1500), Verdict(Reason.UNHEARD)),
        (evidence(400, 1500), Verdict()),
        (evidence(300, 300, paused=False, echo=True), Verdict(Reason.ECHO)),
        (evidence(900, 900, paused=False, echo=True), Verdict(Reason.ECHO)),
        (evidence(300, echo=True, text="stop"), Verdict(Reason.ECHO)),
        (evidence(800, 800, paused=False, level=-45.0, usual=-22.0), Verdict(Reason.FAR)),
        (evidence(300, 300, paused=False, level=-45.0, usual=-22.0), None),
        (evidence(800, 800, paused=False, level=-30.0, usual=-22.0), Verdict()),
        (evidence(800, 800, paused=False, level=-45.0), Verdict()),
        # Words that were asked for get time to come.
        (evidence(1190, 1190, paused=False, asked=True), None),
        (evidence(1200, 1200, paused=False, asked=True), Verdict()),
        (evidence(600, 1590, asked=True), None),
        (evidence(600, 1600, asked=True), Verdict()),
        # A recogniser that was asked, and found none in all that time, was right.
        (evidence(2390, 2390, paused=False, asked=True, wordless=samples(900)), None),
        (evidence(2400, 2400, paused=False, asked=True, wordless=samples(900)), Verdict()),
        (
            evidence(1420, 1420, paused=False, asked=True, wordless=samples(1350)),
            Verdict(Reason.NOISE),
        ),
    ],
)
def test_without_words_length_level_and_echo_decide(given_: Evidence, verdict: Verdict | None):
    assert Interruption(ENGLISH).judge(given_) == verdict


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *((ENGLISH, text) for text in ("Uh-huh.", "Mm-hmm", "Yeah.", "Okay", "Right, okay.")),
        *((ENGLISH, text) for text in ("I see.", "Got it, thanks.", "Go on.", "yeah yeah yeah")),
        *((RUSSIAN, text) for text in ("Ага.", "Угу", "Да-да.", "Так.", "Понятно, хорошо.")),
        *((RUSSIAN, text) for text in ("Ясно", "Мгм", "Продолжайте.", "Ну да")),
    ],
)
def test_back_channels_let_the_bot_go_on(language: Language, text: str):
    verdict = Interruption(language).judge(evidence(text=text))
    assert verdict == Verdict(Reason.BACK_CHANNEL)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *((ENGLISH, text) for text in ("Stop!", "Wait.", "No.", "Hold on", "Okay, but", "What?")),
        *((ENGLISH, text) for text in ("Yeah, wait a second.", "Sales.", "I want sales")),
        *((RUSSIAN, text) for text in ("Стоп.", "Подождите!", "Нет", "Погоди-погоди", "Да нет")),
        *((RUSSIAN, text) for text in ("Мне отдел продаж", "Хорошо, но")),
        (NEUTRAL, "Joo"),
    ],
)
def test_words_take_the_word(language: Language, text: str):
    assert Interruption(language).judge(evidence(text=text)) == Verdict()


@pytest.mark.parametrize(
    ("text", "spoken_ms", "confidence", "confirmed"),
    [
        # 'Hmm' and 'ага', as recognisers mishear them.
        ("them", 350, 0.22, False),
        ("Анна", 380, 0.25, False),
        # A word that is understood, and what is too long for a nod.
        ("Billing.", 450, 0.9, True),
        ("Billing.", 450, None, True),
        ("Reservations", 900, 0.4, True),
        ("the billing department", 900, 0.3, True),
        # An order is one where the recogniser is half sure, or does not tell.
        ("Stop", 300, 0.55, True),
        ("Stop", 300, None, True),
        ("Start", 300, 0.6, True),
        ("Стол", 300, 0.6, True),
        ("Stop", 300, 0.25, False),
        # Orders with a letter misheard.
        ("Кватит", 420, 0.5, True),
        ("Пустойте", 570, 0.46, True),
        ("Квалит", 490, 0.41, True),
        # One of some length is believed as other words are.
        ("Operator.", 680, 0.43, True),
        ("Оператор.", 680, 0.43, True),
        ("Goodbye", 500, 0.6, True),
        ("What does it cost", 600, 0.3, True),
    ],
)
def test_short_words_that_the_recogniser_itself_doubts_are_none(
    text: str, spoken_ms: int, confidence: float | None, confirmed: bool
):
    language = RUSSIAN if text[0] > "z" else ENGLISH
    verdict = Interruption(language).judge(evidence(spoken_ms, text=text, confidence=confidence))
    assert verdict == (Verdict() if confirmed else Verdict(Reason.UNHEARD))


@pytest.mark.parametrize(
    ("text", "readings", "reason"),
    [
        ("them", {}, Reason.UNHEARD),
        # It might as well have been a nod; mostly a nod; or nothing of the kind.
        ("them", {"Them.": 0.2, "Oh.": 0.1, "Mm.": 0.05}, Reason.UNHEARD),
        ("them", {"Them.": 0.1, "Hmmm.": 0.2}, Reason.BACK_CHANNEL),
        ("them", {"Them.": 0.4, "Then.": 0.3}, None),
        # Orders that were taken for a nod, and one that was.
        ("Okay.", {"Operator.": 0.3, "Stop.": 0.2, "Okay.": 0.02}, None),
        ("Okay.", {"Okay.": 0.5, "Stop.": 0.02}, Reason.BACK_CHANNEL),
        # Who is so unsure of everything has heard a noise.
        ("them", {"Them.": 0.002, "Then.": 0.001}, Reason.UNHEARD),
    ],
)
def test_all_texts_that_were_likely_tell_words_from_nods(
    text: str, readings: dict[str, float], reason: Reason | None
):
    heard = evidence(350, text=text, confidence=0.6, readings=[readings] if readings else [])
    assert Interruption(ENGLISH).judge(heard) == Verdict(reason)


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        # Where one has heard an order clearly, and nothing like a nod, it hardly was one.
        ([{"Help.": 0.4}, {"Okay.": 0.4}], None),
        ([{"Hope.": 0.3, "Okay.": 0.1}, {"Okay.": 0.4}], Reason.BACK_CHANNEL),
        ([{"Them.": 0.002}, {"Hut.": 0.001}], Reason.UNHEARD),
    ],
)
def test_two_recognisers_are_judged_together(
    readings: list[dict[str, float]], reason: Reason | None
):
    heard = evidence(350, text="Okay.", confidence=0.6, readings=readings)
    assert Interruption(ENGLISH).judge(heard) == Verdict(reason)


def test_readings_do_not_take_back_an_answer_an_order_before_or_an_echo():
    doubted = [{"No.": 0.01, "Mm.": 0.2}]
    heard = evidence(350, text="No.", confidence=0.4, readings=doubted)
    judge = Interruption(ENGLISH).judge

    assert judge(heard) == Verdict(Reason.BACK_CHANNEL)
    assert judge(heard, expectation=Expectation(Answer.YES_NO)) == Verdict()
    assert judge(replace(heard, again=True)) == Verdict()
    assert judge(replace(heard, before="Stop.", believed=0.6)) == Verdict()
    echo = replace(heard, text="we are open today", readings=[{"we are open today": 0.5}])
    assert judge(echo, said="Yes, we are open today.") == Verdict(Reason.ECHO)


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        (RUSSIAN, "Нухрошу.", Reason.BACK_CHANNEL),
        (RUSSIAN, "Всуверна", Reason.BACK_CHANNEL),
        (ENGLISH, "Yank, sure", None),
    ],
)
def test_a_long_doubted_murmur_is_one_where_spelling_follows_the_sound(
    language: Language, text: str, reason: Reason | None
):
    heard = evidence(1000, text=text, confidence=0.7)
    assert Interruption(language).judge(heard) == Verdict(reason)


def test_a_doubted_word_that_is_like_a_nod_does_not_count_as_a_try():
    heard = evidence(350, text="Oookay", confidence=0.4)
    assert Interruption(ENGLISH).judge(heard) == Verdict(Reason.BACK_CHANNEL)


@pytest.mark.parametrize("text", ["Stop.", "Oh."])
def test_what_is_brief_is_heard_out_before_it_is_judged(text: str):
    judge = Interruption(ENGLISH).judge
    assert judge(evidence(200, 490, text=text, confidence=0.7)) is None
    assert judge(evidence(200, 500, text=text, confidence=0.7)) is not None
    assert judge(evidence(300, 490, text=text, confidence=0.7)) is not None


@pytest.mark.parametrize(
    ("before", "believed", "reason"),
    [
        ("Постойте.", 0.66, None),
        ("Постойте.", 0.3, Reason.UNHEARD),
        ("Постойте.", None, Reason.UNHEARD),
        ("Пастух.", 0.66, Reason.UNHEARD),
        ("", None, Reason.UNHEARD),
    ],
)
def test_an_order_that_was_clear_at_first_is_not_lost_in_a_doubtful_second_hearing(
    before: str, believed: float | None, reason: Reason | None
):
    heard = evidence(490, text="Васудири.", confidence=0.3, before=before, believed=believed)
    assert Interruption(RUSSIAN).judge(heard) == Verdict(reason)


@pytest.mark.parametrize(
    ("before", "believed", "text", "confidence", "reason"),
    [
        # Of the same words, the surer hearing counts.
        ("Ну ладно.", 0.6, "0.", 0.47, Reason.BACK_CHANNEL),
        ("Оператор.", 0.7, "Ага.", 0.46, None),
        ("0.", 0.4, "Ну ладно.", 0.6, Reason.BACK_CHANNEL),
        # More has been said since then.
        ("Да.", 0.9, "Да нет.", 0.6, None),
        ("Ага.", 0.9, "Подождите.", 0.6, None),
        # Who does not tell how sure he is has the last word.
        ("Ну ладно.", 0.6, "Хватит.", None, None),
        ("", None, "Ну ладно.", 0.6, Reason.BACK_CHANNEL),
        # What no table knows is not preferred, however sure he was.
        ("Пастух.", 0.7, "Ага.", 0.5, Reason.BACK_CHANNEL),
        # Who is half sure of an order has heard one, whatever came before it.
        ("Right.", 0.7, "Stop.", 0.6, None),
        ("Alright.", 0.7, "Wait.", 0.65, None),
        ("Okay.", 0.6, "Oh no.", 0.5, None),
        ("Yeah.", 0.62, "Who?", 0.6, None),
        ("Хорошо.", 0.6, "Стоп.", 0.55, None),
        ("Понятно.", 0.7, "Не надо.", 0.65, None),
        ("Ладно.", 0.7, "Нет.", 0.65, None),
        ("Хорошо.", 0.7, "Стоп.", 0.4, Reason.BACK_CHANNEL),
    ],
)
def test_of_two_hearings_the_surer_one_counts_unless_more_was_said(
    before: str, believed: float | None, text: str, confidence: float | None, reason: Reason | None
):
    language = RUSSIAN if text[0] > "z" or before[:1] > "z" else ENGLISH
    heard = evidence(700, text=text, confidence=confidence, before=before, believed=believed)
    assert Interruption(language).judge(heard) == Verdict(reason)


def test_who_tries_again_is_believed():
    heard = evidence(350, text="them", confidence=0.22)
    assert Interruption(ENGLISH).judge(heard) == Verdict(Reason.UNHEARD)
    assert Interruption(ENGLISH).judge(replace(heard, again=True)) == Verdict()
    nod = evidence(350, text="Uh-huh", again=True)
    assert Interruption(ENGLISH).judge(nod) == Verdict(Reason.BACK_CHANNEL)


@pytest.mark.parametrize(
    ("language", "text", "spoken_ms", "verdict"),
    [
        (ENGLISH, "Mm-hm-hmm", 500, Verdict(Reason.BACK_CHANNEL)),
        (ENGLISH, "M-H-M.", 500, Verdict(Reason.BACK_CHANNEL)),
        (RUSSIAN, "Мгмммм", 400, Verdict(Reason.BACK_CHANNEL)),
        # Letters that nobody could have said in the time.
        (ENGLISH, "A-K-A-K", 600, Verdict(Reason.UNHEARD)),
        (ENGLISH, "B B C", 1100, Verdict()),
    ],
)
def test_hums_may_be_spelled_as_they_like(
    language: Language, text: str, spoken_ms: int, verdict: Verdict
):
    assert Interruption(language).judge(evidence(spoken_ms, text=text)) == verdict


@pytest.mark.parametrize("text", ["", "[coughing]", "(door slams)", "..."])
def test_sounds_are_noise(text: str):
    assert Interruption(ENGLISH).judge(evidence(text=text)) == Verdict(Reason.NOISE)


@pytest.mark.parametrize(
    ("text", "language", "confirmed"),
    [
        ("Yes", ENGLISH, True),
        ("Okay", ENGLISH, True),
        ("Mm-hmm", ENGLISH, False),
        ("Да", RUSSIAN, True),
        ("Ага", RUSSIAN, True),
        ("Мм", RUSSIAN, False),
    ],
)
@pytest.mark.parametrize("confidence", [None, 0.4])
def test_a_yes_is_an_answer_where_it_was_asked_for(
    text: str, language: Language, confirmed: bool, confidence: float | None
):
    verdict = Interruption(language).judge(
        evidence(text=text, confidence=confidence), expectation=Expectation(Answer.YES_NO)
    )
    assert verdict is not None
    assert verdict.confirmed is confirmed


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("open from nine to", Verdict(Reason.ECHO)),
        ("We are open from nine to five.", Verdict(Reason.ECHO)),
        ("nine to", Verdict()),
        ("open on Saturday too", Verdict()),
    ],
)
def test_the_bot_s_own_words_are_its_echo(text: str, verdict: Verdict):
    said = "Hello. We are open from nine to five."
    assert Interruption(ENGLISH).judge(evidence(text=text), said=said) == verdict


@pytest.mark.parametrize(
    ("language", "words", "verdict"),
    [
        (ENGLISH, "I wanted to", None),
        (ENGLISH, "stop", None),
        (ENGLISH, "we are open from", Verdict(Reason.ECHO)),
        # Half a word says nothing, and whose back-channel goes on may be saying more.
        (ENGLISH, "excu", None),
        (ENGLISH, "b", None),
        (RUSSIAN, "С", None),
        (ENGLISH, "yeah", None),
        (RUSSIAN, "да да", None),
        (RUSSIAN, "Нет, я", None),
        (ENGLISH, "", None),
    ],
)
def test_a_beginning_may_tell_an_echo_but_no_interruption(
    language: Language, words: str, verdict: Verdict | None
):
    heard = evidence(950, 950, paused=False, words=words, asked=True)
    assert Interruption(language).judge(heard, said="We are open from nine to five.") == verdict


class Table(frozenset[str]):
    """A table that counts how often it is looked at."""

    looks = 0

    def __or__(self, other: AbstractSet[object], /) -> frozenset[str]:
        self.looks += 1
        return super().__or__(other)


def test_a_beginning_is_judged_once_however_long_the_speech_goes_on():
    yes = Table(ENGLISH.yes)
    interruption = Interruption(replace(ENGLISH, yes=yes))
    for spoken_ms in range(460, 900, 20):
        heard = evidence(spoken_ms, spoken_ms, paused=False, words="Yeah I want to", asked=True)
        interruption.judge(heard, said="We are open from nine to five.")
    looks = yes.looks
    assert looks > 0
    interruption.judge(heard, said="We are open from nine to five. And on Saturdays.")
    interruption.judge(replace(heard, words="We are open from"), said="We are open from nine.")
    assert yes.looks == 2 * looks


@pytest.mark.parametrize(
    ("spoken_ms", "paused", "verdict"),
    [
        (2390, False, None),
        (2400, False, Verdict()),
        (1000, True, Verdict(Reason.BACK_CHANNEL)),
    ],
)
def test_nobody_says_yeah_for_long(spoken_ms: int, paused: bool, verdict: Verdict | None):
    heard = evidence(spoken_ms, spoken_ms + 1000, paused=paused, words="Yeah.", asked=True)
    assert Interruption(ENGLISH).judge(heard) == verdict


@pytest.mark.parametrize(
    ("language", "text", "reason"),
    [
        (ENGLISH, "Oookay.", Reason.BACK_CHANNEL),
        (RUSSIAN, "Хорошок.", Reason.BACK_CHANNEL),
        (RUSSIAN, "Нухрошу.", Reason.BACK_CHANNEL),
        (RUSSIAN, "Нур ладне.", Reason.BACK_CHANNEL),
        (RUSSIAN, "Ака", Reason.BACK_CHANNEL),
        (RUSSIAN, "танда", Reason.BACK_CHANNEL),
        # As it sounds, not as it is spelled; and in the middle of others.
        (RUSSIAN, "Всуверна", Reason.BACK_CHANNEL),
        (RUSSIAN, "Да, спасиба", Reason.BACK_CHANNEL),
        (RUSSIAN, "Поня понятно", Reason.BACK_CHANNEL),
        # What is certain makes up for what is not, but not for what is like nothing.
        (RUSSIAN, "Ну карашо, ладно", Reason.BACK_CHANNEL),
        (RUSSIAN, "Ладно, бухгалтерия", None),
        (RUSSIAN, "Большое спасибо, сумма", None),
        (ENGLISH, "All right then, cat", None),
        (ENGLISH, "Oh, wonderfull, okay", Reason.BACK_CHANNEL),
        (RUSSIAN, "Нина-да", None),
        (RUSSIAN, "Да, сделайте", None),
        (RUSSIAN, "Скока", None),
        (RUSSIAN, "Слоп!", None),
        (RUSSIAN, "Анна", None),
        (ENGLISH, "Sales", None),
        (RUSSIAN, "Ж", Reason.UNHEARD),
        (ENGLISH, "B", Reason.UNHEARD),
        (ENGLISH, "4", None),
    ],
)
def test_misheard_words_are_what_they_sound_like(
    language: Language, text: str, reason: Reason | None
):
    assert Interruption(language).judge(evidence(text=text)) == Verdict(reason)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        *((ENGLISH, text) for text in ("I see red", "Sure, cheaper", "Yeah, price", "Nice price")),
        *(
            (ENGLISH, text)
            for text in ("Agreed price", "Perfectly useless, sir", "I see a problem")
        ),
        *((RUSSIAN, text) for text in ("Понятно, дорого", "Хорошо, дороговато", "Точно не так")),
        *((RUSSIAN, text) for text in ("Хорошо, говорите громче", "Понятно, где")),
    ],
)
def test_what_the_recogniser_is_sure_of_is_not_misheard(language: Language, text: str):
    heard = evidence(900, text=text, confidence=0.9)
    assert Interruption(language).judge(heard) == Verdict()


@pytest.mark.parametrize(
    ("text", "spoken_ms", "verdict"),
    [
        ("I'll", 260, Verdict(Reason.UNHEARD)),
        ("Sales", 300, Verdict()),
        ("Stop", 200, Verdict()),
        ("Help", 200, Verdict()),
        ("Five", 260, Verdict()),
        ("I do", 260, Verdict()),
    ],
)
def test_an_unknown_word_must_be_long_enough_to_be_one(text: str, spoken_ms: int, verdict: Verdict):
    assert Interruption(ENGLISH).judge(evidence(spoken_ms, text=text)) == verdict


PATIENCE = samples(1500)
PAUSED = st.builds(
    Evidence,
    spoken=st.integers(0, PATIENCE),
    elapsed=st.just(PATIENCE),
    paused=st.just(True),
    level=st.floats(-90, 0),
    echo=st.booleans(),
    usual=st.none() | st.floats(-60, -5),
    text=st.none() | st.text(max_size=30),
)


@given(paused=PAUSED, speaking=st.booleans())
def test_a_verdict_always_comes(paused: Evidence, speaking: bool):
    heard = replace(paused, spoken=PATIENCE, paused=False) if speaking else paused
    assert Interruption(ENGLISH).judge(heard) is not None
