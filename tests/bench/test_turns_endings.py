from __future__ import annotations

import numpy as np
import pytest

from bench.turns_cutoffs import by_kind, by_length, figures
from bench.turns_endings import Given, Heard, Pause, by_model, by_settings, fixed, scaled
from bench.turns_pauses import BREAKS
from bench.turns_speech import Break, Spoken
from voicebot.config import TurnSettings

MS = 16
SAID = "I would like to speak to sales."
SETTINGS = TurnSettings(sentence_ms=250, likely_ms=500, unsure_ms=800, open_ms=1800)


def turn(
    *pauses: tuple[str, float],
    end_ms: float = 3000,
    gap_ms: int = 400,
    asked: str = "",
    kind: Break = Break.OPEN,
    finished: float | None = 0.99,
) -> Heard:
    """A turn with one gap of ``gap_ms``; ``pauses`` are texts and how long each pause lasted."""
    spoken = Spoken(np.zeros(MS), SAID, "en", ((MS * 1000, gap_ms * MS),), asked, kind)
    found = []
    for number, (text, length) in enumerate(pauses):
        ended = end_ms if length == np.inf else 1000.0 * (number + 1)
        found.append(Pause(text, ended, ended + 150, ended + length, finished, 0.9))
    return Heard(spoken, end_ms, tuple(found))


FINISHED = turn(("I would like to", 400), (SAID, np.inf))
CUT = turn((SAID, 400), (SAID, np.inf))
TAKEN = turn((SAID, 400), (SAID, np.inf), kind=Break.WHOLE)


@pytest.mark.parametrize(
    ("wait_ms", "ended_ms", "cut_off"),
    [(100, 1150, True), (390, 1390, True), (410, 3410, False), (1000, 4000, False)],
)
def test_a_turn_ends_in_the_first_pause_that_is_longer_than_the_wait(
    wait_ms: float, ended_ms: float, cut_off: bool
):
    assert CUT.ended(fixed(wait_ms))[:2] == (ended_ms, cut_off)


@pytest.mark.parametrize("resumed_ms", [5000, np.inf])
def test_who_has_said_all_is_not_cut_off_whatever_is_taken_for_speech_later(resumed_ms: float):
    faded = Heard(CUT.spoken, 3000, (Pause(SAID, 2800, 2950, resumed_ms, 0.99),))
    assert faded.ended(fixed(300)) == (3100, False, 200)
    assert figures([faded], fixed(300))["faint"] == 1


def test_who_is_still_speaking_is_cut_off_even_if_no_more_of_it_is_heard():
    faint = Heard(CUT.spoken, 3000, (Pause(SAID, 2000, 2150, np.inf, 0.99),))
    assert faint.ended(fixed(300)).cut_off
    assert figures([faint], fixed(300))["faint"] == 0


def test_a_pause_without_words_ends_nothing():
    heard = turn(("", 400), ("", np.inf))
    assert heard.ended(fixed(200)).at_ms == np.inf
    assert heard.ended(by_settings(SETTINGS)).at_ms == np.inf
    assert heard.ended(by_model(0.5)).at_ms == np.inf


def test_figures_count_those_cut_off_and_how_long_the_others_wait():
    found = figures([CUT, FINISHED], by_settings(SETTINGS))
    assert found["turns"] == 2
    assert found["false_cut_offs"] == 0.5
    assert found["sentence_ms"] == {"p5": 250, "p50": 250, "p95": 250}
    assert found["mean_sentence_ms"] == 250


def test_a_turn_that_is_taken_after_what_could_be_all_is_counted_apart():
    found = figures([TAKEN, FINISHED], by_settings(SETTINGS))
    assert (found["false_cut_offs"], found["after_whole"], found["cut_off"]) == (0, 1, 0.5)
    rows = by_kind([TAKEN, FINISHED], by_settings(SETTINGS))
    assert [(row["pause"], row["cut_off"]) for row in rows] == [("open", 0), ("whole", 1)]


def test_evidence_can_be_withheld():
    doubtful = turn((SAID, 600), (SAID, np.inf), finished=0.2)
    assert not doubtful.ended(by_settings(SETTINGS)).cut_off
    assert doubtful.ended(by_settings(SETTINGS, given=Given(recogniser=False))).cut_off


def test_the_model_alone_ends_a_turn_where_it_is_sure():
    settings = TurnSettings()
    assert CUT.ended(by_model(0.8)).at_ms == 1000 + settings.sentence_ms
    assert CUT.ended(by_model(0.95)).at_ms == 3000 + settings.open_ms


def test_what_the_bot_asked_for_is_known():
    dictated = turn(
        ("Five five", 900),
        ("Five five one nine.", np.inf),
        asked="Tell me your 4 digit code.",
        kind=Break.NUMBER,
    )
    assert figures([dictated], by_settings(SETTINGS))["false_cut_offs"] == 0.0


def test_cut_offs_are_told_by_the_longest_pause():
    rows = by_length([CUT, FINISHED], by_settings(SETTINGS))
    assert [row["turns"] for row in rows] == [0, 2, 0, 0, 0]
    assert rows[1]["false_cut_offs"] == 0.5


def test_every_silence_is_scaled():
    longer = scaled(SETTINGS, 2)
    silences = (longer.sentence_ms, longer.likely_ms, longer.unsure_ms, longer.open_ms)
    assert silences == (500, 1000, 1600, 3600)


def test_every_break_of_the_table_is_of_a_known_kind_and_between_words():
    lines = [line.split("\t") for line in BREAKS.read_text().splitlines() if line[0] != "#"]
    assert len(lines) > 250
    for kind, language, _name, start, end, text in lines:
        assert kind in {"open", "whole"}
        assert language in {"en", "ru"}
        assert 0 < int(start) < int(end)
        assert all(text.split(" | ", 1))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("That conference is full.", True),
        ("Which folder?", True),
        ("has left the conference", False),
        ("...to lock the conference.", False),
        ("If this is correct, press...", False),
    ],
)
def test_pieces_for_others_to_go_on_with_are_no_sentences(text: str, whole: bool):
    assert Spoken(np.zeros(1), text, "en").whole is whole
