from __future__ import annotations

import pytest

from tests.turns.conversation import Talk
from tests.turns.signals import echo, joined, noise, samples, silence, tone, voice
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    CallerSilent,
    SpeechContested,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)
from voicebot.turns.languages import ENGLISH
from voicebot.turns.states import State


def ms(position: int) -> float:
    return position * 1000 / SAMPLE_RATE


def replying(*words: str | None, said: str = "We are open from nine to five.", **settings) -> Talk:
    """A talk in which the bot has just begun to say ``said``."""
    talk = Talk(*words, **settings)
    talk.wait(500)
    talk.turns.bot_started(said)
    return talk


# A turn


def test_a_finished_sentence_ends_the_turn_after_200_ms():
    talk = Talk("Are you open on Saturday?")
    talk.wait(1000)
    talk.hear(voice(1200))
    talk.wait(1000)
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "TurnEnded"]
    started, paused, ended = talk.events
    assert isinstance(started, SpeechStarted)
    assert isinstance(paused, SpeechPaused)
    assert isinstance(ended, TurnEnded)
    assert ms(started.at) == pytest.approx(1000, abs=20)
    assert not started.over_bot
    assert ms(paused.utterance.ended) == pytest.approx(2200, abs=10)
    assert ms(paused.noticed) == pytest.approx(2300, abs=20)
    assert ms(ended.at) == pytest.approx(2400, abs=20)
    assert ended.text == "Are you open on Saturday?"
    assert ended.utterance == paused.utterance
    assert talk.turns.state is State.PREPARING


@pytest.mark.parametrize(("names", "ended"), [(("Sales",), 1), ((), 0)])
def test_the_name_of_somebody_here_ends_the_turn_as_a_sentence_does(
    names: tuple[str, ...], ended: int
):
    talk = Talk("Sales, please", names=names)
    talk.hear(joined(silence(500), voice(600), silence(300)))
    assert len(talk.only(TurnEnded)) == ended


def test_an_open_clause_is_given_more_time():
    talk = Talk("My number is")
    talk.hear(joined(silence(500), voice(1000), silence(1400)))
    assert talk.only(TurnEnded) == []
    talk.wait(200)
    assert len(talk.only(TurnEnded)) == 1


def test_a_pause_in_mid_turn_makes_a_revision_that_holds_everything():
    talk = Talk("I would like", "I would like to speak to sales.")
    talk.hear(joined(silence(500), voice(800), silence(400), voice(800), silence(800)))
    assert talk.names() == [
        "SpeechStarted",
        "SpeechPaused",
        "SpeechStarted",
        "SpeechPaused",
        "TurnEnded",
    ]
    first, second = talk.only(SpeechPaused)
    assert (first.utterance.number, first.utterance.revision) == (1, 1)
    assert (second.utterance.number, second.utterance.revision) == (1, 2)
    assert second.utterance.started == first.utterance.started
    assert second.utterance.pcm.startswith(first.utterance.pcm)
    assert talk.only(TurnEnded)[0].text == "I would like to speak to sales."


def test_the_utterance_has_its_lead_in_and_its_whole_speech():
    talk = Talk()
    talk.hear(joined(silence(500), voice(1000), silence(500)))
    utterance = talk.only(TurnEnded)[0].utterance
    length = len(utterance.pcm) // 2
    spoken = utterance.ended - utterance.started
    assert samples(150) <= length - spoken <= samples(400)


def test_a_transcript_that_comes_late_ends_the_turn_at_once():
    talk = Talk(None)
    talk.hear(joined(silence(500), voice(1000), silence(900)))
    assert talk.only(TurnEnded) == []
    utterance = talk.only(SpeechPaused)[0].utterance
    events = talk.turns.transcribed(utterance.number, utterance.revision, "Are you open today?")
    assert [type(event) for event in events] == [TurnEnded]


def test_without_a_transcript_no_turn_ends():
    talk = Talk(None)
    talk.hear(joined(silence(500), voice(1000), silence(5000)))
    assert talk.names() == ["SpeechStarted", "SpeechPaused"]
    assert talk.turns.state is State.PAUSING


@pytest.mark.parametrize(("number", "revision"), [(1, 0), (1, 2), (2, 1), (0, 1)])
def test_a_transcript_of_another_revision_is_ignored(number: int, revision: int):
    talk = Talk(None)
    talk.hear(joined(silence(500), voice(1000), silence(900)))
    assert talk.turns.transcribed(number, revision, "Are you open today?") == []


def test_a_transcript_of_the_turn_before_is_ignored_after_the_turn():
    talk = Talk("Are you open today?")
    talk.hear(joined(silence(500), voice(1000), silence(500)))
    assert talk.turns.transcribed(1, 1, "Something else entirely, is it?") == []


@pytest.mark.parametrize("text", ["", " ", "...", "[coughs]", "(music)", "*sighs*", "♪"])
def test_noise_without_words_is_dropped_quietly(text: str):
    talk = Talk(text)
    talk.hear(joined(silence(500), voice(300), silence(500)))
    assert talk.names() == ["SpeechStarted", "SpeechPaused"]
    assert talk.turns.state is State.LISTENING


@pytest.mark.parametrize("text", [None, "My number is"])
def test_a_turn_that_is_abandoned_never_ends_and_silence_counts_again(text: str | None):
    talk = Talk(text, silence_s=3)
    talk.hear(joined(silence(500), voice(1000), silence(500)))
    talk.turns.abandon()
    assert talk.turns.state is State.LISTENING
    assert talk.turns.transcribed(1, 1, "Are you open today?") == []
    talk.wait(1100)
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "CallerSilent"]


def test_who_has_not_paused_yet_cannot_be_abandoned():
    talk = Talk("Are you open today?")
    talk.hear(joined(silence(500), voice(1000)))
    talk.turns.abandon()
    talk.hear(silence(500))
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "TurnEnded"]


def test_noise_after_words_does_not_take_them_away():
    talk = Talk("My name is", "")
    talk.hear(joined(silence(500), voice(800), silence(300), voice(100), silence(1600)))
    assert [event.text for event in talk.only(TurnEnded)] == ["My name is"]


def test_numbers_go_on_after_a_dropped_noise():
    talk = Talk("", "Are you open today?")
    talk.hear(joined(silence(500), voice(300), silence(500), voice(900), silence(500)))
    assert talk.only(TurnEnded)[0].utterance.number == 2


def test_a_turn_that_becomes_too_long_is_ended_with_what_there_is():
    talk = Talk("This never ends and", longest_s=2)
    talk.hear(joined(silence(500), voice(5000)))
    ended = talk.only(TurnEnded)
    assert len(ended) == 1
    assert len(ended[0].utterance.pcm) == 2 * 2 * SAMPLE_RATE
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "TurnEnded"]


def test_a_pause_can_make_a_turn_too_long_as_well():
    talk = Talk(None, longest_s=2)
    talk.hear(joined(silence(500), voice(1000), silence(1200)))
    assert talk.turns.state is State.CLOSING
    assert [event.utterance.revision for event in talk.only(SpeechPaused)] == [1, 2]
    assert talk.turns.transcribed(1, 1, "And then") == []
    ended = talk.turns.transcribed(1, 2, "And then")
    assert [type(event) for event in ended] == [TurnEnded]


def test_a_turn_too_long_without_words_is_dropped():
    talk = Talk("", longest_s=2)
    talk.hear(joined(silence(500), voice(3000)))
    assert talk.turns.state is State.LISTENING
    assert talk.only(TurnEnded) == []


def test_who_speaks_on_without_a_pause_is_heard_again_after_the_answer():
    talk = Talk("This never ends and", longest_s=2, silence_s=2)
    talk.hear(joined(silence(500), voice(3000)))
    talk.turns.bot_started("I see.")
    talk.hear(voice(500), voice(500, seed=7, pitch=200))
    talk.finish("I see.")
    talk.hear(voice(6000))
    assert talk.only(CallerSilent) == []
    assert [event.utterance.number for event in talk.only(TurnEnded)] == [1, 2]


def test_a_noise_that_lasts_longer_than_a_turn_is_no_caller_who_speaks_on():
    talk = Talk("", longest_s=2, silence_s=2)
    talk.hear(joined(silence(500), voice(5000)))
    talk.turns.bot_started("Are you still there?")
    talk.hear(voice(1000))
    talk.finish("Are you still there?")
    talk.hear(voice(5000))
    assert talk.names() == ["SpeechStarted", "SpeechPaused", *["CallerSilent"] * 4]
    assert talk.only(TurnEnded) == []


# The caller goes on before the answer is heard


def test_an_addition_before_the_answer_takes_the_turn_up_again():
    talk = Talk("Are you open on Friday?", "Are you open on Friday? And on Saturday?")
    talk.hear(joined(silence(500), voice(900), silence(600), voice(700), silence(800)))
    assert talk.names() == [
        "SpeechStarted",
        "SpeechPaused",
        "TurnEnded",
        "SpeechStarted",
        "SpeechPaused",
        "TurnEnded",
    ]
    first, second = talk.only(TurnEnded)
    assert (first.utterance.number, second.utterance.number) == (1, 1)
    assert second.utterance.revision == 2
    assert second.utterance.pcm.startswith(first.utterance.pcm)
    assert not any(event.over_bot for event in talk.only(SpeechStarted))


def test_who_was_cut_off_is_given_more_time():
    talk = Talk("Are you open on Friday?")
    talk.hear(joined(silence(500), voice(900), silence(400), voice(900), silence(800)))
    first, second = talk.only(TurnEnded)
    assert second.at - second.utterance.ended > first.at - first.utterance.ended


def test_a_turn_closed_for_its_length_is_not_taken_up_again():
    talk = Talk("It goes on", "Is that all of it?", longest_s=2)
    talk.hear(joined(silence(500), voice(2500), silence(500), voice(700), silence(800)))
    assert [event.utterance.number for event in talk.only(TurnEnded)] == [1, 2]


# Interruptions


def test_real_speech_over_the_bot_is_confirmed_before_its_transcript():
    talk = replying(None)
    bot = voice(1500, seed=7, pitch=200)
    talk.hear(joined(silence(400), voice(1100)), bot)
    assert talk.names() == ["SpeechStarted", "SpeechContested", "SpeechContested"]
    talk.hear(voice(300))
    assert talk.names()[3:] == ["BargeInConfirmed"]
    (started,), (confirmed,) = talk.only(SpeechStarted), talk.only(BargeInConfirmed)
    assert started.over_bot
    assert 1180 <= ms(confirmed.at - started.at) <= 1300
    assert talk.turns.state is State.SPEAKING


def test_who_speaks_on_is_yielded_to_before_the_end():
    talk = replying("No, I asked about Sunday.", beginning="No, I asked")
    talk.hear(voice(1300))
    looks = ["SpeechContested"] * 2
    assert talk.names() == ["SpeechStarted", *looks, "BargeInConfirmed"]
    talk.finish("We are open")
    talk.wait(600)
    assert [event.text for event in talk.only(TurnEnded)] == ["No, I asked about Sunday."]


def test_only_short_speech_over_the_bot_is_hinted_at():
    talk = replying(None, beginning="Right")
    talk.hear(voice(1900))
    hints = [event.utterance.hint for event in talk.only(SpeechContested)]
    assert hints == [ENGLISH.over_bot] * 3 + [""]
    plain = Talk("Are you open?")
    plain.hear(joined(silence(500), voice(600), silence(200)))
    assert [event.utterance.hint for event in plain.only(SpeechPaused)] == [""]


def test_who_was_not_understood_and_tries_again_is_yielded_to():
    talk = replying("B.")
    talk.hear(voice(300))
    talk.wait(900)
    assert [event.reason for event in talk.only(BargeInRejected)] == ["too short to tell"]
    talk.hear(voice(300))
    talk.wait(300)
    assert len(talk.only(BargeInConfirmed)) == 1


def test_music_that_goes_on_does_not_take_the_word_where_no_words_are_found_in_it():
    talk = replying("", beginning="")
    talk.hear(voice(2500))
    assert talk.only(BargeInConfirmed) == []
    assert [event.reason for event in talk.only(BargeInRejected)] == ["noise"]


def test_who_hums_before_the_words_is_yielded_to():
    talk = replying("Hmm, no, I asked about Sunday.", beginning="")
    talk.hear(voice(1100))
    talk.beginning = "No, I asked"
    talk.hear(voice(300, seed=4))
    assert talk.only(BargeInRejected) == []
    assert len(talk.only(BargeInConfirmed)) == 1


def test_a_long_back_channel_lets_the_bot_go_on():
    talk = replying("Yeah, right, okay.", beginning="Yeah, right")
    talk.hear(voice(1800))
    assert talk.only(BargeInConfirmed) == []
    talk.wait(400)
    assert [event.reason for event in talk.only(BargeInRejected)] == ["back-channel"]
    assert talk.turns.state is State.REPLYING


def test_words_over_the_bot_are_asked_for_again_while_the_caller_goes_on():
    talk = replying(None, beginning="Uh-huh")
    talk.hear(voice(1700))
    looks = [event.utterance for event in talk.only(SpeechContested)]
    assert [look.revision for look in looks] == [1, 2, 3]
    assert [len(look.pcm) for look in looks] == sorted({len(look.pcm) for look in looks})


def test_nobody_asks_for_early_words_while_the_bot_is_silent():
    talk = Talk("Are you open on Friday?")
    talk.hear(joined(silence(500), voice(1500)))
    assert talk.only(SpeechContested) == []


def test_a_look_that_a_pause_has_overtaken_is_ignored():
    talk = replying(None)
    talk.hear(voice(600))
    look = talk.only(SpeechContested)[0].utterance
    talk.wait(200)
    assert talk.turns.transcribed(look.number, look.revision, "Stop, stop") == []
    pause = talk.only(SpeechPaused)[0].utterance
    verdict = talk.turns.transcribed(pause.number, pause.revision, "Uh-huh")
    assert [type(event) for event in verdict] == [BargeInRejected]


def test_hold_on_stops_the_bot_and_ends_its_turn_soon():
    talk = replying("Hold on.")
    talk.hear(voice(300))
    talk.wait(600)
    (ended,) = talk.only(TurnEnded)
    assert ended.text == "Hold on."
    assert ms(ended.at - ended.utterance.ended) < 300


def test_a_confirmed_interruption_becomes_a_turn():
    talk = replying("No, I asked about Sunday, didn't I?")
    talk.hear(voice(1400))
    talk.finish("We are open")
    talk.wait(600)
    assert [name for name in talk.names() if name != "SpeechContested"] == [
        "SpeechStarted",
        "BargeInConfirmed",
        "SpeechPaused",
        "TurnEnded",
    ]


@pytest.mark.parametrize("text", ["Stop.", "wait", "Hold on.", "No!"])
def test_a_short_stop_word_takes_the_word(text: str):
    talk = replying(text)
    talk.hear(voice(300))
    talk.wait(2000)
    assert talk.names()[:3] == ["SpeechStarted", "SpeechPaused", "BargeInConfirmed"]
    assert len(talk.only(TurnEnded)) == 1


@pytest.mark.parametrize(
    ("text", "language"),
    [("Uh-huh.", "en"), ("Okay, right.", "en"), ("Угу.", "ru"), ("Да-да, понятно.", "ru")],
)
def test_a_back_channel_lets_the_bot_go_on(text: str, language: str):
    talk = replying(text, language=language)
    talk.hear(voice(350))
    talk.wait(1000)
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "BargeInRejected"]
    assert talk.only(BargeInRejected)[0].reason == "back-channel"
    assert talk.turns.state is State.REPLYING


def test_yes_answers_a_question_even_over_the_bot():
    talk = replying("Yes.", said="Shall I put you through to sales?")
    talk.hear(voice(350))
    talk.wait(600)
    assert [event.text for event in talk.only(TurnEnded)] == ["Yes."]


def test_a_word_without_transcript_is_decided_by_its_length_after_1500_ms():
    talk = replying(None)
    talk.hear(voice(500))
    talk.wait(1500)
    confirmed = talk.only(BargeInConfirmed)[0]
    assert ms(confirmed.at - talk.only(SpeechStarted)[0].at) == pytest.approx(1500, abs=40)

    talk = replying(None)
    talk.hear(voice(250))
    talk.wait(1500)
    assert [event.reason for event in talk.only(BargeInRejected)] == ["too short to tell"]


def test_a_blip_is_rejected_as_soon_as_it_has_paused():
    talk = replying(None)
    talk.hear(voice(80))
    talk.wait(300)
    rejected = talk.only(BargeInRejected)[0]
    assert rejected.reason == "noise"
    assert ms(rejected.at) < 500 + 80 + 140


def test_a_cough_that_is_transcribed_as_one_is_rejected():
    talk = replying("[coughing]")
    talk.hear(voice(300))
    talk.wait(300)
    assert [event.reason for event in talk.only(BargeInRejected)] == ["noise"]


def test_a_far_talker_is_rejected():
    talk = Talk("Are you open on Friday?", None)
    talk.hear(joined(silence(500), voice(1200, -20), silence(400)))
    talk.turns.bot_started("Yes, we are.")
    talk.hear(voice(1200, -42))
    assert [event.reason for event in talk.only(BargeInRejected)] == ["far talker"]


def test_an_interruption_that_pauses_and_goes_on_ends_in_one_verdict():
    talk = replying(None)
    talk.hear(joined(voice(300), silence(200), voice(900)))
    assert [event.over_bot for event in talk.only(SpeechStarted)] == [True, True]
    assert len(talk.only(BargeInConfirmed)) == 1


def test_a_bot_that_finishes_under_an_interruption_has_yielded():
    talk = replying("Okay")
    talk.hear(voice(300))
    assert talk.turns.state is State.INTERRUPTING
    assert [type(event) for event in talk.finish("We are open.")] == [BargeInConfirmed]
    talk.wait(800)
    assert [event.text for event in talk.only(TurnEnded)] == ["Okay"]


def test_a_bot_that_finishes_before_the_transcript_has_yielded():
    talk = replying(None)
    talk.hear(joined(voice(300), silence(200)))
    assert talk.turns.state is State.CONTESTING
    assert [type(event) for event in talk.finish("We are open.")] == [BargeInConfirmed]
    assert talk.turns.state is State.PAUSING


@pytest.mark.parametrize("delay_ms", [20, 150, 400])
@pytest.mark.parametrize("loss_db", [12, 24])
def test_an_echo_never_takes_the_word(delay_ms: float, loss_db: float):
    talk = replying(None)
    bot = voice(6000, -18, pitch=190, seed=3)
    line = noise(6000, -62)
    talk.hear(echo(bot, delay_ms, loss_db) + line, bot)
    assert talk.only(BargeInConfirmed) == []
    assert len(talk.only(SpeechStarted)) <= 1


def test_a_caller_is_heard_through_the_echo():
    talk = replying(None)
    bot = voice(6000, -18, pitch=190, seed=3)
    caller = joined(silence(3500), voice(2500, -22, pitch=110, seed=5))
    talk.hear(echo(bot, 120, 24) + caller + noise(6000, -62), bot)
    started = talk.only(SpeechStarted)[-1]
    assert 3400 <= ms(started.at) - 500 <= 3900
    assert len(talk.only(BargeInConfirmed)) == 1


@pytest.mark.parametrize(("level", "verdict"), [(-34, BargeInRejected), (-30, BargeInConfirmed)])
def test_a_caller_is_noticed_over_an_echo_in_line_noise(
    level: float, verdict: type[BargeInRejected | BargeInConfirmed]
):
    talk = replying("Wait, I have a question.")
    bot = voice(6500, -20, pitch=190, seed=3)
    caller = joined(silence(4500), voice(1200, level, pitch=115, seed=4), silence(800))
    talk.hear(echo(bot, 60, 20) + caller + noise(6500, -45), bot)
    assert ms(talk.only(SpeechStarted)[0].at) - 500 == pytest.approx(4500, abs=100)
    assert len(talk.only(verdict)) == 1


@pytest.mark.parametrize("frequencies", [(697, 1209), (941, 1633), (425,), (1100,), (2100,)])
def test_tones_are_no_interruption(frequencies: tuple[float, ...]):
    talk = replying(None)
    talk.hear(joined(noise(500, -60), tone(800, -15, *frequencies), noise(500, -60)))
    assert talk.events == []


def test_without_barge_in_speech_over_the_bot_is_ignored():
    talk = replying("Are you open today?", barge_in=False)
    talk.hear(joined(voice(1500), silence(500)))
    assert talk.events == []
    talk.finish("We are open from nine to five.")
    talk.wait(500)
    assert talk.events == []


def test_without_barge_in_who_still_speaks_at_the_end_begins_a_turn():
    talk = replying("Are you open today?", barge_in=False)
    talk.hear(voice(1500))
    talk.finish("We are open from nine to five.")
    talk.hear(joined(voice(600, seed=1), silence(500)))
    assert talk.names() == ["SpeechStarted", "SpeechPaused", "TurnEnded"]
    pcm = talk.only(TurnEnded)[0].utterance.pcm
    assert samples(600 + 240) <= len(pcm) // 2 <= samples(600 + 240 + 140)


# Silence


def test_a_silent_caller_is_counted_again_and_again():
    talk = Talk(silence_s=2)
    talk.wait(6500)
    assert [event.count for event in talk.only(CallerSilent)] == [1, 2, 3]
    assert [ms(event.at) for event in talk.only(CallerSilent)] == [2000, 4000, 6000]


def test_silence_does_not_count_while_the_bot_speaks_or_prepares():
    talk = Talk("Are you open today?", silence_s=2)
    talk.hear(joined(silence(500), voice(900), silence(5000)))
    talk.turns.bot_started("Yes.")
    talk.wait(5000)
    assert talk.only(CallerSilent) == []
    talk.finish("Yes.")
    talk.wait(2100)
    assert talk.only(CallerSilent)


def test_a_turn_begins_the_count_anew():
    talk = Talk("Are you open today?", silence_s=2)
    talk.wait(2500)
    talk.hear(joined(voice(900), silence(500)))
    talk.finish("")
    talk.wait(2100)
    assert [event.count for event in talk.only(CallerSilent)] == [1, 1]


@pytest.mark.parametrize(("milliseconds", "unclear"), [(200, False), (700, True), (2500, False)])
def test_silence_tells_whether_something_was_said_without_words(milliseconds: int, unclear: bool):
    talk = Talk("", silence_s=2)
    talk.hear(joined(silence(500), voice(milliseconds), silence(500)))
    talk.wait(4100 - milliseconds)
    assert [event.unclear for event in talk.only(CallerSilent)] == [unclear, False]


def test_words_make_up_for_what_was_unclear_before():
    talk = Talk("", "Are you open today?", silence_s=4)
    talk.hear(joined(silence(500), voice(700), silence(500), voice(900, seed=1), silence(600)))
    talk.finish("")
    talk.wait(4100)
    assert [event.unclear for event in talk.only(CallerSilent)] == [False]


def test_no_reply_at_all_leads_back_to_listening():
    talk = Talk("Are you open today?")
    talk.hear(joined(silence(500), voice(900), silence(500)))
    assert talk.finish("") == []
    assert talk.turns.state is State.LISTENING


# What is expected


def test_a_yes_that_was_asked_for_ends_the_turn_soon():
    talk = replying("Yes", said="Shall I put you through to sales?")
    talk.finish("Shall I put you through to sales?")
    talk.hear(joined(voice(400), silence(260)))
    assert len(talk.only(TurnEnded)) == 1


def test_a_number_that_was_asked_for_is_waited_for():
    asked = "What is your four-digit code?"
    talk = replying("Two seven.", "Two seven one nine.", said=asked)
    talk.finish(asked)
    talk.hear(joined(voice(500), silence(1000), voice(500), silence(300)))
    assert [event.text for event in talk.only(TurnEnded)] == ["Two seven one nine."]


def test_the_recogniser_and_the_sound_can_end_the_turn_earlier_and_later():
    waits = []
    for evidence in ({"finished": 0.99, "sound": 0.99}, {}, {"finished": 0.4, "sound": 0.01}):
        talk = Talk(None)
        talk.hear(joined(silence(500), voice(500), silence(140)))
        text = "I would like to speak to sales."
        talk.take(talk.turns.transcribed(1, 1, text, **evidence))
        talk.wait(2000)
        ended = talk.only(TurnEnded)[0]
        waits.append(round(ms(ended.at - ended.utterance.ended), -2))
    assert waits == [200, 400, 1500]
