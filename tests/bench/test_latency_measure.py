from __future__ import annotations

import numpy as np
import pytest

from bench.latency_measure import MeasuredCall, Outcome, find, locate, longest_silence, measure
from bench.latency_voice import Utterance
from bench.recording import Recording
from bench.waveform import Segment
from tests.bench.latency_calls import RATE, noise, recording, says, silence, spoken, track

BOT = 77
QUESTION = says(1.0)


def call(*heard: tuple[float, float], interrupts: bool = False, expects: bool = True):
    """One question, said from 2.0 s to 3.0 s of a call of 10 s; the bot is heard as given."""
    tape = recording(
        track(10, (1.9, QUESTION.samples)),
        track(10, *((start, noise(end - start, BOT)) for start, end in heard)),
    )
    item = spoken(QUESTION, 1.9, interrupts=interrupts, expects_answer=expects)
    return measure(tape, 0.0, [item])


def only(measured: MeasuredCall):
    (turn,) = measured.turns
    return turn


def test_voice_to_voice_runs_from_the_end_of_speech_to_the_onset_of_the_answer():
    turn = only(call((3.4, 5.0)))

    assert turn.outcome is Outcome.ANSWERED
    assert turn.wait_ms == pytest.approx(400, abs=2)
    assert turn.said.start == pytest.approx(2.0, abs=0.002)
    assert turn.said.end == pytest.approx(3.0, abs=0.002)


def test_a_phone_that_begins_late_changes_nothing():
    tape = recording(track(10, (2.3, QUESTION.samples)), track(10, (3.8, noise(1.0, BOT))))

    turn = only(measure(tape, 0.0, [spoken(QUESTION, 1.9)]))

    assert turn.wait_ms == pytest.approx(400, abs=2)


@pytest.mark.parametrize("hole", [0.02, 0.1, 0.3])
def test_a_hole_in_what_left_the_phone_moves_the_end(hole: float):
    first, rest = np.split(QUESTION.samples, [round(0.55 * RATE)])
    tape = recording(
        track(10, (1.9, first), (2.45 + hole, rest)), track(10, (3.4 + hole, noise(1.0, BOT)))
    )

    turn = only(measure(tape, 0.0, [spoken(QUESTION, 1.9)]))

    assert turn.said.end == pytest.approx(3.0 + hole, abs=0.002)
    assert turn.wait_ms == pytest.approx(400, abs=2)


def test_no_answer_is_a_missed_turn():
    turn = only(call())

    assert turn.outcome is Outcome.MISSED
    assert turn.wait_ms is None
    assert turn.dead_air_ms == pytest.approx(7000, abs=2)


def test_an_answer_after_the_caller_has_spoken_again_is_that_turns():
    again = says(1.0, seed=2, text="again")
    tape = recording(
        track(10, (1.9, QUESTION.samples), (4.9, again.samples)), track(10, (6.5, noise(1.0, BOT)))
    )

    first, second = measure(tape, 0.0, [spoken(QUESTION, 1.9), spoken(again, 4.9)]).turns

    assert first.outcome is Outcome.MISSED
    assert second.wait_ms == pytest.approx(500, abs=2)


def test_a_bot_that_speaks_before_the_caller_has_finished_cuts_off():
    turn = only(call((2.7, 4.0)))

    assert turn.outcome is Outcome.CUT_OFF
    assert turn.wait_ms is None


def test_the_greeting_runs_from_the_answered_call_to_the_first_sound():
    tape = recording(track(10), track(10, (0.65, noise(1.0, BOT))))

    assert measure(tape, 0.5, []).greeting_ms == pytest.approx(150, abs=2)


def test_what_comes_after_the_callers_first_words_is_no_greeting():
    assert call((3.4, 5.0)).greeting_ms is None


def test_stopping_runs_from_the_callers_onset_to_the_bots_last_sound():
    turn = only(call((1.0, 2.18), (3.5, 5.0), interrupts=True))

    assert turn.barge_in_ms == pytest.approx(180, abs=2)
    assert turn.wait_ms == pytest.approx(500, abs=2)


def test_a_pause_of_the_bots_is_not_yet_its_end():
    turn = only(call((1.0, 2.1), (2.4, 2.6), (3.5, 5.0), interrupts=True))

    assert turn.barge_in_ms == pytest.approx(600, abs=2)


def test_a_bot_that_stops_and_then_answers_too_early_has_yielded_and_cut_off():
    turn = only(call((1.0, 2.1), (2.8, 5.0), interrupts=True))

    assert turn.outcome is Outcome.CUT_OFF
    assert turn.barge_in_ms == pytest.approx(100, abs=2)


def test_a_bot_that_goes_on_has_not_yielded():
    turn = only(call((1.0, 4.5), interrupts=True))

    assert turn.outcome is Outcome.NOT_YIELDED
    assert turn.barge_in_ms is None


def test_an_interruption_of_nobody_is_a_turn_like_any_other():
    turn = only(call((0.5, 1.2), (3.3, 5.0), interrupts=True))

    assert turn.outcome is Outcome.ANSWERED
    assert turn.barge_in_ms is None


@pytest.mark.parametrize(
    ("heard", "outcome"), [([], Outcome.QUIET), ([(4.0, 5.0)], Outcome.UNEXPECTED)]
)
def test_silence_may_be_what_is_expected(heard: list[tuple[float, float]], outcome: Outcome):
    assert only(call(*heard, expects=False)).outcome is outcome


def test_dead_air_is_also_the_silence_after_a_filler():
    turn = only(call((3.2, 3.5), (5.0, 6.0)))

    assert turn.wait_ms == pytest.approx(200, abs=2)
    assert turn.dead_air_ms == pytest.approx(1500, abs=2)


def test_what_was_never_said_is_left_out():
    tape = recording(track(10), track(10))

    assert measure(tape, 0.0, [spoken(QUESTION, 1.9)]).turns == ()


def test_what_the_call_ended_in_is_left_out():
    until = round(2.6 * RATE)
    tape = recording(track(10, (1.9, QUESTION.samples))[:until], track(10)[:until])

    assert locate(tape, QUESTION, 1.9) is None


def test_a_narrow_band_recording_is_searched_at_its_own_rate():
    half = QUESTION.at(8000)[0]
    said = np.concatenate([np.zeros(8000, dtype=np.int16), half, np.zeros(8000, dtype=np.int16)])
    tape = Recording(said, np.zeros_like(said), 8000, started=0.0)

    found = locate(tape, QUESTION, 1.0)

    assert found is not None
    assert found.start == pytest.approx(1.1, abs=0.005)
    assert found.end == pytest.approx(2.1, abs=0.005)


def test_a_short_word_is_found_whole():
    word = says(0.2, seed=5)
    tape = recording(track(5, (1.0, word.samples)), track(5))

    found = locate(tape, word, 1.0)

    assert found is not None
    assert found.start == pytest.approx(1.1, abs=0.002)
    assert found.end == pytest.approx(1.3, abs=0.002)


def test_a_pattern_is_found_to_the_sample_at_any_volume():
    pattern = noise(0.3, 3)
    samples = track(5, (1.234, (pattern // 20).astype(np.int16)))

    found = find(samples, RATE, pattern, 0.5, 2.0)

    assert found == pytest.approx(1.234, abs=1 / RATE)


def test_a_pattern_is_not_found_in_other_noise_nor_outside_the_window():
    samples = track(5, (1.0, noise(3.0, 8)), (4.5, noise(0.3, 3)))

    assert find(samples, RATE, noise(0.3, 3), 0.5, 3.0) is None
    assert find(silence(0.1), RATE, noise(0.3, 3), 0.0, 1.0) is None


def test_the_longest_silence_ends_with_the_last_sound():
    heard = [Segment(1.0, 2.0), Segment(2.5, 3.0), Segment(9.0, 9.5)]

    assert longest_silence(0.8, heard, 8.0) == pytest.approx(0.5)
    assert longest_silence(1.5, heard, 8.0) == pytest.approx(0.5)
    assert longest_silence(4.0, heard, 8.0) == pytest.approx(4.0)


def test_the_end_of_an_utterance_is_the_same_at_any_volume():
    loud = says(1.0)
    quiet = Utterance("quiet", (loud.samples // 10).astype(np.int16))

    assert loud.at(RATE)[1].end == pytest.approx(quiet.at(RATE)[1].end, abs=0.002)
