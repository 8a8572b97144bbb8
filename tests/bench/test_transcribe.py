"""The parts of the transcription bench that need no PBX."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bench.recording import Recording
from bench.transcribe_figures import Said, Written, figures, liveness, matched, out_of_order
from bench.transcribe_loss import heard
from bench.transcribe_talk import OWN_GAP_S, Conversation, conversation
from tests.conftest import unavailable
from voicebot.media.audio import SAMPLE_RATE

CALLER, CALLEE = (0, 0), (0, 1)


def said(party: tuple[int, int], text: str, start: float, end: float) -> Said:
    return Said(party, text, start, end)


def written(party: tuple[int, int], text: str, end: float, came: float) -> Written:
    return Written(party, text, end - 1.0, end, came)


@pytest.fixture(scope="module")
def spoken() -> Conversation:
    try:
        return conversation(60.0, seed=3)
    except FileNotFoundError as error:
        unavailable(str(error))


class TestConversation:
    def test_both_speak_in_turn_and_sometimes_at_once(self, spoken: Conversation):
        parties = [line.party for line in spoken.lines]
        overlaps = [one.end > two.start for one, two in pairwise(spoken.lines)]

        assert parties == [number % 2 for number in range(len(parties))]
        assert len(parties) > 10
        assert 0 < sum(overlaps) < len(parties) / 2

    def test_nobody_goes_on_at_once(self, spoken: Conversation):
        for party in (0, 1):
            own = [line for line in spoken.lines if line.party == party]
            gaps = [two.start - one.end for one, two in pairwise(own)]
            assert min(gaps) >= OWN_GAP_S - 0.001

    def test_each_voice_sounds_where_its_lines_are_and_nowhere_else(self, spoken: Conversation):
        for party, voice in enumerate(spoken.voices):
            silent = voice.copy()
            for line in spoken.lines:
                if line.party == party:
                    span = slice(int(line.start * SAMPLE_RATE), int(line.end * SAMPLE_RATE) + 1)
                    assert np.abs(voice[span]).max() > 500
                    silent[span] = 0
            assert not silent.any()

    def test_the_same_seed_gives_the_same_talk(self, spoken: Conversation):
        again = conversation(60.0, seed=3)

        assert again.lines == spoken.lines
        assert conversation(60.0, seed=4).lines != spoken.lines


class TestFigures:
    def test_a_sentence_is_matched_with_the_final_that_ends_where_it_does(self):
        sentences = [said(CALLER, "one", 0, 1), said(CALLEE, "two", 0, 1), said(CALLER, "x", 5, 6)]
        finals = [written(CALLEE, "two", 1.1, 1.5), written(CALLER, "one", 0.9, 1.4)]

        pairs = matched(sentences, finals)

        assert [(one.text, two.text) for one, two in pairs] == [("one", "one"), ("two", "two")]

    def test_words_waits_and_places_of_a_run(self):
        sentences = [
            said(CALLER, "Good morning, how are you?", 0, 1),
            said(CALLEE, "I am fine.", 2, 3),
            said(CALLER, "Nothing comes of this", 4, 5),
        ]
        finals = [
            written(CALLER, "good morning how are you", 1.02, 1.5),
            written(CALLEE, "I was fine", 3.01, 9.0),
        ]

        report = figures(sentences, finals, "en")

        assert (report["sentences"], report["finals"], report["missed"]) == (3, 2, 1)
        assert report["wer"] == {"all": 0.417, "best_party": 0.333, "worst_party": 0.444}
        assert report["wait_s"] == {"p50": 3.25, "p95": 5.72}
        assert (report["worst_wait_s"], report["late_share"]) == (6.0, 0.5)
        assert report["end_error_ms"]["p50"] == 15

    def test_a_run_in_which_nothing_was_written_has_no_waits(self):
        report = figures([said(CALLER, "hello", 0, 1)], [], "en")

        assert (report["missed"], report["wait_s"], report["worst_wait_s"]) == (1, {}, None)
        assert report["wer"]["all"] == 1.0

    def test_finals_that_come_after_later_ones_are_counted_by_call(self):
        other = (1, 0)
        finals = [
            written(CALLER, "", 3.0, 3.5),
            written(CALLEE, "", 2.0, 3.6),
            written(other, "", 1.0, 9.0),
            written(other, "", 2.0, 9.1),
        ]

        assert out_of_order(finals) == 1

    def test_what_is_shown_of_a_sentence_first_may_be_a_partial_or_a_final(self):
        sentences = [
            said(CALLER, "one", 10.0, 13.0),
            said(CALLEE, "two", 10.5, 12.0),
            said(CALLER, "of which nothing is shown", 20.0, 25.0),
            said(CALLER, "so short that nobody waits for it", 30.0, 30.9),
        ]
        partials = [
            Written(CALLER, "o", 10.1, 10.8, 10.9),
            Written(CALLER, "on", 10.1, 11.8, 12.0),
            Written(CALLER, "so", 30.0, 30.8, 35.0),
        ]
        finals = [
            Written(CALLER, "one", 10.1, 13.0, 13.4),
            Written(CALLEE, "two", 10.4, 12.0, 12.5),
        ]

        report = liveness(sentences, partials, finals)

        assert report["partials"] == 3
        assert report["first_text_s"] == {"p50": 1.45, "p95": 1.95}
        assert report["worst_first_text_s"] == 2.0
        assert report["shown_late"] == 0.667
        assert report["behind_s"]["p50"] == 0.2

    def test_where_nothing_is_said_nothing_is_late(self):
        report = liveness([], [], [])

        assert (report["first_text_s"], report["shown_late"]) == ({}, None)


class TestLoss:
    def test_a_sentence_is_cut_out_of_what_was_sent_and_what_was_received(self):
        # Given recordings whose samples tell tenths of a second, begun at different times.
        tenths = np.arange(100, dtype=np.int16).repeat(800)
        quiet = np.zeros_like(tenths)
        sender = Recording(tenths, quiet, 8000, 100.0)
        receiver = Recording(quiet, tenths, 8000, 99.0)

        sentence = heard(said(CALLER, "one", 102.0, 103.0), sender, receiver)

        assert (sentence.sent[0], sentence.sent[-1]) == (18, 33)
        assert (sentence.received[0], sentence.received[-1]) == (28, 43)

    def test_what_a_recording_does_not_reach_back_to_is_left_out(self):
        short = Recording(np.ones(8000, np.int16), np.ones(8000, np.int16), 8000, 100.0)

        sentence = heard(said(CALLER, "one", 100.1, 100.5), short, short)

        assert len(sentence.sent) == 0.9 * 8000
