"""What the scribe writes down of people who speak."""

from __future__ import annotations

from tests.apps.transcriber.harness import Room, ScriptedStt, talk
from voicebot.media.audio import SAMPLE_RATE

AT = SAMPLE_RATE


async def test_an_utterance_becomes_a_final_where_it_was_said():
    async with Room(ScriptedStt()) as room:
        ear = room.ear("anna", position=5 * AT)

        await room.hear({ear: talk(1.0, 2.0, 1.0)})

        (final,) = room.notes.finals
        assert (final.call, final.party, final.utterance) == ("call", "anna", 1)
        assert abs(final.start - 6 * AT) <= AT // 20
        assert abs(final.end - 8 * AT) <= AT // 50
        await room.finish(ear)


async def test_who_overlaps_is_written_in_the_order_of_the_ends():
    async with Room(ScriptedStt(seconds=0.1)) as room:
        anna, boris = room.ear("anna"), room.ear("boris")

        await room.hear({anna: talk(0.5, 5.0, 1.5), boris: talk(2.0, 1.0, 4.0, 1.0, 1.0, seed=9)})

        assert room.notes.order() == [("boris", 1), ("anna", 1), ("boris", 2)]
        await room.finish(anna, boris)
