"""What the scribe writes down of people who speak, and what it does when it cannot keep up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from tests.apps.transcriber.harness import CALL, Room, talk
from tests.turns.signals import noise, tone
from voicebot.errors import ProviderFailedError, ProviderProtocolError
from voicebot.media.audio import SAMPLE_RATE
from voicebot.records.events import Word
from voicebot.speech.protocols import SpokenWord, Transcript

AT = SAMPLE_RATE
DOWN = ProviderFailedError("stt", "openai", "500: the server failed")
GARBLED = ProviderProtocolError("stt", "openai", "the transcription has no text")


class TestUtterances:
    async def test_an_utterance_becomes_a_final_where_it_was_said(self):
        async with Room() as room:
            anna = room.ear("anna", position=5 * AT)

            await room.hear({anna: talk(1.0, 2.0, 1.0)})

            (final,) = room.notes.finals
            assert (final.call, final.party, final.utterance) == ("call", "anna", 1)
            assert abs(final.start - 6 * AT) <= AT // 20
            assert abs(final.end - 8 * AT) <= AT // 50
            assert (final.language, final.confidence) == ("en", 0.9)

    async def test_what_is_being_said_is_shown_within_a_second(self):
        # Where a recogniser takes 0.3 s, which is more than a small one does.
        async with Room(seconds=0.3) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.5, 1.0)})

            (partial,) = room.notes.partials
            assert partial.utterance == 1
            assert abs(partial.start - AT // 2) <= AT // 20
            assert partial.end <= 1.25 * AT

    async def test_partials_can_be_switched_off(self):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.2, 3.0)})

            assert room.notes.events == []

    async def test_a_final_comes_as_soon_as_the_pause_is_over(self):
        """The pause itself is enough time to transcribe what was said before it."""
        async with Room(seconds=0.2, pause_ms=500) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.2, 2.0, 1.0)})

            (final,) = room.notes.finals
            assert final.lag_s == pytest.approx(0.5, abs=0.03)
            assert len(room.stt.asked) == 4, "three partials; the pause's look is the final's"

    async def test_a_pause_within_an_utterance_does_not_end_it(self):
        async with Room(pause_ms=500) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.2, 1.0, 0.35, 1.0, 1.0)})

            (final,) = room.notes.finals
            assert final.end - final.start == pytest.approx(2.35 * AT, abs=0.1 * AT)

    async def test_hanging_up_in_the_middle_of_a_word_loses_nothing(self):
        async with Room(seconds=0.1) as room:
            anna = room.ear("anna")
            await room.hear({anna: talk(0.2, 1.1)})

            await room.finish(anna)

            assert [final.text for final in room.notes.finals] == ["1.3 seconds"]

    async def test_who_speaks_on_and_on_is_cut_into_pieces_that_miss_nothing(self):
        async with Room(longest_s=4.0, partial_ms=0) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.5, 11.0, 1.0)})

            finals = room.notes.finals
            assert [final.utterance for final in finals] == list(range(1, len(finals) + 1))
            assert all(final.end - final.start <= 4 * AT for final in finals)
            assert all(one.end == two.start for one, two in pairwise(finals))
            assert finals[-1].end == pytest.approx(11.5 * AT, abs=0.1 * AT)

    async def test_an_utterance_that_is_nearly_too_long_ends_with_its_next_short_pause(self):
        async with Room(longest_s=6.0, partial_ms=0, pause_ms=800) as room:
            anna = room.ear("anna")

            await room.hear({anna: talk(0.1, 4.5, 0.3, 3.0, 1.0)})

            assert [final.end / AT for final in room.notes.finals] == pytest.approx(
                [4.6, 7.9], abs=0.05
            )

    async def test_an_ear_after_another_counts_on(self):
        async with Room() as room:
            anna = room.ear("anna")
            await room.hear({anna: talk(0.2, 1.0, 1.0)})
            await room.finish(anna)

            again = room.scribe.listen("call", "anna", position=9 * AT, after=anna.utterances)
            await room.hear({again: talk(0.2, 1.0, 1.0)})

            assert [final.utterance for final in room.notes.finals] == [1, 2]


class TestWhatIsNoSpeech:
    @pytest.mark.parametrize(
        "sound",
        [
            noise(3000, -40.0),
            noise(3000, -25.0),
            tone(3000, -20.0, 440.0),
            tone(3000, -20.0, 697, 1209),
        ],
        ids=["noise", "loud noise", "tone", "key"],
    )
    async def test_noise_and_tones_are_not_even_transcribed(self, sound):
        async with Room() as room:
            anna = room.ear("anna")

            await room.hear({anna: sound})
            await room.finish(anna)

            assert room.stt.asked == []
            assert room.notes.events == []

    @pytest.mark.parametrize(
        "transcript",
        [
            Transcript("", "en", 0.9),
            Transcript("[Music]", "en", 0.9),
            Transcript("♪ (upbeat music) ♪", "en", 0.9),
            Transcript("Thank you.", "en", 0.4, no_speech=0.8),
            Transcript("So on and on.", "en", 0.1, no_speech=0.9),
        ],
        ids=lambda transcript: transcript.text or "empty",
    )
    async def test_what_a_recogniser_makes_of_music_gives_nothing(self, transcript: Transcript):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna")
            room.stt.texts += [transcript] * 9

            await room.hear({anna: talk(0.2, 2.0, 1.0)})
            await room.finish(anna)

            assert room.notes.events == []

    async def test_a_sound_beside_the_words_is_left_out(self):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna")
            room.stt.texts += [Transcript("Hold on. (laughs)", "en", 0.9)] * 9

            await room.hear({anna: talk(0.2, 2.0, 1.0)})

            assert [final.text for final in room.notes.finals] == ["Hold on."]


class TestWords:
    async def test_words_lie_where_they_were_said_in_the_call(self):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna", position=100 * AT)
            words = (SpokenWord("Good", 4000, 8000, 0.8), SpokenWord("morning.", 9000, 20_000, 0.6))
            room.stt.texts.append(Transcript("Good morning.", "en", 0.7, words))

            await room.hear({anna: talk(1.0, 2.0, 1.0)})

            (final,) = room.notes.finals
            begin = final.words[0].start - 4000
            assert 100.7 * AT < begin < 101 * AT, "the audio begins a little before the speech"
            assert final.words == (
                Word("Good", begin + 4000, begin + 8000, 0.8),
                Word("morning.", begin + 9000, begin + 20_000, 0.6),
            )

    async def test_a_provider_without_words_has_them_spread_over_the_speech(self):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna")
            room.stt.texts.append(Transcript("A considerable time", "en"))

            await room.hear({anna: talk(1.0, 2.0, 1.0)})

            (final,) = room.notes.finals
            assert [word.text for word in final.words] == ["A", "considerable", "time"]
            assert (final.words[0].start, final.words[-1].end) == (final.start, final.end)
            assert all(one.end == two.start for one, two in pairwise(final.words))
            lengths = [word.end - word.start for word in final.words]
            assert lengths[0] < lengths[2] < lengths[1]


class TestOrder:
    async def test_who_overlaps_is_written_in_the_order_of_the_ends(self):
        async with Room(seconds=0.1) as room:
            anna, boris = room.ear("anna"), room.ear("boris")

            await room.hear(
                {anna: talk(0.5, 5.0, 1.5), boris: talk(2.0, 1.0, 4.0, 1.0, 1.0, seed=9)}
            )

            assert room.notes.order() == [("boris", 1), ("anna", 1), ("boris", 2)]

    async def test_a_quick_answer_is_not_written_before_a_slow_question(self):
        """The long question takes longer to transcribe, on another worker."""
        async with Room(workers=2, pause_ms=300, partial_ms=0) as room:
            anna, boris = room.ear("anna"), room.ear("boris")
            await room.hear({anna: talk(0.5, 5.0), boris: talk(5.5)})
            room.stt.seconds = 3.0
            await room.hear({anna: talk(0.3), boris: talk(0.3)})
            room.stt.seconds = 0.1

            await room.hear({anna: talk(5.0), boris: talk(0.1, 0.8, 4.1)})

            assert room.notes.order() == [("anna", 1), ("boris", 1)]
            assert room.notes.finals[1].lag_s > 1.0

    async def test_nobody_waits_for_a_party_that_goes_on_speaking(self):
        async with Room(pause_ms=300) as room:
            anna, boris = room.ear("anna"), room.ear("boris")

            await room.hear({anna: talk(0.2, 9.0), boris: talk(1.0, 1.0, 7.2, seed=4)})

            assert room.notes.order() == [("boris", 1)]
            assert room.notes.finals[0].lag_s < 0.5

    async def test_a_party_whose_audio_has_stopped_is_not_waited_for_long(self):
        async with Room() as room:
            anna, boris = room.ear("anna"), room.ear("boris")
            await room.hear({anna: talk(1.0), boris: talk(1.0)})

            await room.hear({anna: talk(0.2, 1.0, 4.0)})

            assert room.notes.order() == [("anna", 1)]
            assert room.notes.finals[0].lag_s < 3.0

    async def test_one_can_leave_before_the_other(self):
        async with Room() as room:
            anna, boris = room.ear("anna"), room.ear("boris")
            await room.hear({anna: talk(0.2, 1.0), boris: talk(0.2, 1.0)})

            await room.finish(anna)
            await room.finish(boris)

            assert sorted(room.notes.order()) == [("anna", 1), ("boris", 1)]


class TestLoad:
    async def test_partials_are_left_out_before_any_final_waits_for_them(self):
        async with Room(seconds=2.0) as room:
            ears = [room.ear(f"party {number}") for number in range(3)]

            await room.hear({ear: talk(0.1, 2.0, 0.8, 2.0, 0.8, 2.0, 1.0) for ear in ears})
            await room.finish(*ears)

            assert len(room.notes.finals) == 9
            assert len(room.notes.partials) <= 2
            assert room.scribe.load.dropped > 0

    async def test_parties_take_turns_however_much_one_says(self):
        async with Room(seconds=3.0, partial_ms=0, pause_ms=200) as room:
            busy, rare = room.ear("busy", call="one"), room.ear("rare", call="two")
            chatter = talk(*[0.3, 0.5] * 10, 0.3)

            await room.hear({busy: chatter, rare: talk(6.0, 1.0, 0.5)})
            await room.finish(busy, rare)

            order = room.notes.order()
            assert order.index(("rare", 1)) <= 4
            assert [number for party, number in order if party == "busy"] == list(range(1, 11))

    async def test_the_lag_is_told_when_it_grows_and_when_it_is_over(self):
        async with Room(seconds=4.0, partial_ms=0, pause_ms=200) as room:
            anna = room.ear("anna")
            with capture_logs() as logs:
                await room.hear({anna: talk(*[0.3, 0.5] * 6, 0.3)})
                assert room.scribe.load.waiting > 2
                assert room.scribe.load.lag_s > 0.3
                await room.finish(anna)
                again = room.ear("anna")
                room.stt.seconds = 0.1
                await room.hear({again: talk(0.3, 0.5, 1.0)})

            told = [line["event"] for line in logs if line["event"] != "texts complete"]
            assert told == ["transcription falls behind the talk", "transcription has caught up"]
            assert room.scribe.load.waiting == 0

    async def test_the_end_of_a_call_tells_how_far_its_texts_were_behind(self):
        async with Room(seconds=2.0, pause_ms=200) as room:
            anna, boris, other = room.ear("anna"), room.ear("boris"), room.ear("x", call="other")
            with capture_logs() as logs:
                await room.hear(dict.fromkeys((anna, boris), talk(*[0.3, 1.5] * 5, 0.3)))
                await room.finish(anna)
                assert not [line for line in logs if line["event"] == "texts complete"]
                await room.finish(boris)
                await room.finish(other)

            mine, empty = [line for line in logs if line["event"] == "texts complete"]
            lags = sorted(final.lag_s for final in room.notes.finals)
            assert (mine["call"], mine["finals"], mine["waiting"]) == (CALL, 10, 0)
            assert mine["lag_p50_s"] == round(lags[4], 2)
            assert mine["lag_p95_s"] == mine["lag_worst_s"] == round(lags[-1], 2) > 5
            assert mine["partials"] == len(room.notes.partials)
            assert mine["dropped_partials"] == room.scribe.load.dropped > 5
            assert (empty["call"], empty["finals"], empty["dropped_partials"]) == ("other", 0, 0)

    async def test_what_does_not_fit_into_memory_waits_on_disk_unharmed(self):
        """A megabyte is half a minute of speech."""
        async with Room(seconds=60.0, partial_ms=0, memory_mb=1) as room:
            ears = [room.ear(f"party {number}") for number in range(4)]
            lengths = (1.0, 8.0, 9.0, 10.0, 11.0)
            speech = talk(*(part for length in lengths for part in (0.6, length)), 1.0)

            await room.hear(dict.fromkeys(ears, speech))

            assert room.scribe.load.spilled > 5
            await room.finish(*ears, within=3000)
            assert room.scribe.load.spilled == 0
            assert len(room.notes.finals) == 4 * len(lengths)
            heard = {round(float(final.text.split()[0])) for final in room.notes.finals}
            assert heard == {1, 8, 9, 10, 11}


class TestFailures:
    async def test_finals_wait_for_a_provider_that_fails_and_keep_their_order(self):
        async with Room(pause_ms=300) as room:
            anna, boris = room.ear("anna"), room.ear("boris")
            room.stt.down = DOWN
            await room.hear({anna: talk(0.2, 1.0, 2.0, 1.0, 4.0), boris: talk(1.5, 1.0, 5.7)})
            assert room.notes.events == []
            assert room.scribe.load.failing == str(DOWN)

            room.stt.down = None
            await room.quiet(anna, boris, seconds=10.0)

            assert room.notes.order() == [("anna", 1), ("boris", 1), ("anna", 2)]
            assert all(final.text for final in room.notes.finals)
            assert room.scribe.load.failing is None

    async def test_a_provider_that_fails_is_asked_less_and_less_often(self):
        async with Room(pause_ms=300) as room:
            anna = room.ear("anna")
            room.stt.down = DOWN
            await room.hear({anna: talk(0.2, 1.0, 0.5)})
            asked = len(room.stt.asked)

            await room.quiet(anna, seconds=30.0)

            assert 5 <= len(room.stt.asked) - asked <= 9

    async def test_the_end_of_a_call_does_not_wait_for_a_dead_provider_for_ever(self):
        async with Room(give_up_s=20.0) as room:
            ears = [room.ear(f"party {number}", call=f"{number}") for number in range(5)]
            room.stt.down = DOWN
            await room.hear({ear: talk(0.2, 1.0, 1.0, 1.0, 1.0) for ear in ears})

            took = await room.finish(*ears)

            assert 19 < took < 30
            assert len(room.notes.finals) == 10
            assert {final.text for final in room.notes.finals} == {""}
            assert {final.words for final in room.notes.finals} == {()}
            assert room.scribe.load.lost == 10

    async def test_a_call_that_goes_on_loses_nothing_when_another_gives_up(self):
        async with Room(give_up_s=5.0) as room:
            short, long = room.ear("anna", call="short"), room.ear("boris", call="long")
            room.stt.down = DOWN
            await room.hear({short: talk(0.2, 1.0, 1.0), long: talk(0.2, 1.0, 1.0)})
            await room.finish(short)

            room.stt.down = None
            await room.quiet(long, seconds=10.0)

            texts = {final.call: final.text for final in room.notes.finals}
            assert texts["short"] == ""
            assert texts["long"]

    async def test_an_utterance_that_no_answer_fits_does_not_hold_up_the_others(self):
        async with Room(partial_ms=0, pause_ms=300) as room:
            anna = room.ear("anna")
            room.stt.failures += [GARBLED] * 5  # the look at it included

            await room.hear({anna: talk(0.2, 1.0, 0.6, 1.0, 14.0)})

            assert [bool(final.text) for final in room.notes.finals] == [False, True]

    async def test_a_bug_in_a_recogniser_costs_one_utterance(self):
        async with Room(partial_ms=0) as room:
            anna = room.ear("anna")
            room.stt.failures += [KeyError("text")] * 2

            with capture_logs() as logs:
                await room.hear({anna: talk(0.2, 1.0, 1.0, 1.0, 1.0)})

            assert [bool(final.text) for final in room.notes.finals] == [False, True]
            assert "recognition failed" in [line["event"] for line in logs]

    async def test_stopping_in_the_middle_keeps_that_somebody_spoke(self):
        async with Room(seconds=60.0) as room:
            anna = room.ear("anna")
            await room.hear({anna: talk(0.2, 1.0, 1.0)})

        assert [(final.utterance, final.text) for final in room.notes.finals] == [(1, "")]
