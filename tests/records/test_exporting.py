"""A call as subtitles, as text and as JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from tests.records.telling import NOON, at, final
from voicebot.records.exporting import export, offset
from voicebot.records.form import Format
from voicebot.records.reading import CallRecord, Party, Tool, Turn, Utterance
from voicebot.records.talk import lines_of

if TYPE_CHECKING:
    from voicebot.records.events import Final

ANNA = Party("anna", "201", "Anna", 0, at(10))
BORIS = Party("boris", "202", "Boris", 0, at(10))


def said(told: Final) -> Utterance:
    return Utterance(
        told.party, told.start, told.end, told.text, told.language, told.confidence, 0.4, told.words
    )


def a_record(*told: Final, parties: tuple[Party, ...] = (ANNA, BORIS)) -> CallRecord:
    utterances = tuple(sorted((said(it) for it in told), key=lambda it: it.start))
    ended = NOON + dt.timedelta(seconds=10)
    return CallRecord(
        "1.1", "transcriber", "internal", NOON, ended, "hung up", parties, utterances, (), ()
    )


def cues(content: str) -> list[tuple[str, str, str, str]]:
    parsed = webvtt.from_buffer(io.StringIO(content))
    return [(it.start, it.end, it.voice, it.text) for it in parsed.captions]


def test_utterances_become_cues_with_a_voice_and_their_times():
    record = a_record(final("Hello Boris.", 1), final("Hello Anna.", 3, party="boris"))

    content = export(record, Format.VTT)

    assert content.startswith("WEBVTT\n\n")
    assert cues(content) == [
        ("00:00:01.000", "00:00:02.000", "Anna", "Hello Boris."),
        ("00:00:03.000", "00:00:04.000", "Boris", "Hello Anna."),
    ]


def test_cues_overlap_where_people_did():
    record = a_record(final("a b c d", 1), final("e f", 1.5, party="boris"))

    (first, second) = cues(export(record, Format.VTT))

    assert first[:2] == ("00:00:01.000", "00:00:03.000")
    assert second[:2] == ("00:00:01.500", "00:00:02.500")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("x --> y", "x --&gt; y"),
        ("two\n\nlines", "two lines"),
        ("</v><c>", "&lt;/v&gt;&lt;c&gt;"),
    ],
)
def test_what_means_something_in_webvtt_is_escaped(text, written):
    record = a_record(replace(final("x", 1), text=text))

    assert f"<v Anna>{written}\n" in export(record, Format.VTT)


def test_a_name_cannot_break_out_of_its_tag():
    wicked = replace(ANNA, name="Anna\n> & Co\n\n00:00")

    content = export(a_record(final("x", 1), parties=(wicked,)), Format.VTT)

    assert "<v Anna &gt; &amp; Co 00:00>x\n" in content


def test_a_cue_without_length_or_text_is_made_valid_or_left_out():
    empty = replace(final("x", 1), text=" ", words=())
    short = replace(final("x", 2), end=at(2))

    (only,) = cues(export(a_record(empty, short), Format.VTT))

    assert only[:2] == ("00:00:02.000", "00:00:02.001")


def seen(sign: str) -> bool:
    return sign.isprintable() and not sign.isspace()


TEXTS = st.lists(st.text(min_size=1), max_size=5)


@given(TEXTS)
def test_any_text_makes_valid_subtitles(texts):
    told = [replace(final("x", n), text=text, utterance=n) for n, text in enumerate(texts)]

    content = export(a_record(*told), Format.VTT)

    assert len(cues(content)) == sum(any(map(seen, text)) for text in texts)
    assert len(re.findall(" --> ", content)) == len(cues(content))


@pytest.mark.parametrize("form", [Format.TXT, Format.VTT])
def test_nothing_that_was_said_is_obeyed_by_a_terminal(form):
    wicked = replace(ANNA, name="Anna\x1b[2J")
    told = replace(final("x", 1), text="clear\x1b[2J\rme")

    content = export(a_record(told, parties=(wicked,)), form)

    assert "\x1b" not in content
    assert "\r" not in content


def test_a_party_without_a_name_is_called_by_its_number():
    nameless = replace(ANNA, name="")

    assert "201: x" in export(a_record(final("x", 1), parties=(nameless,)), Format.TXT)


def test_text_tells_who_said_what_when():
    record = a_record(final("Hello Boris.", 1), final("Hello Anna.", 63.25, party="boris"))

    _head, *lines = export(record, Format.TXT).splitlines()

    assert lines == ["0:01.0 Anna: Hello Boris.", "1:03.2 Boris: Hello Anna."]


def test_where_two_speak_at_once_their_words_take_turns():
    record = a_record(
        final("I wanted to ask", 1),
        final("Yes please", 2.25, party="boris"),
        final("Thanks", 5),
    )

    assert [(line.party, line.text) for line in lines_of(record)] == [
        ("anna", "I wanted to"),
        ("boris", "Yes"),
        ("anna", "ask"),
        ("boris", "please"),
        ("anna", "Thanks"),
    ]


def test_without_words_utterances_stay_whole():
    record = a_record(final("I wanted", 1), replace(final("Yes", 1.2, party="boris"), words=()))

    assert [line.text for line in lines_of(record)] == ["I wanted", "Yes"]


@given(st.lists(st.tuples(st.floats(0, 60), st.sampled_from(["anna", "boris"])), max_size=12))
def test_no_word_is_lost_and_time_never_runs_back(starts):
    told = [
        final(f"{n}a {n}b {n}c", start, party=party, number=n)
        for n, (start, party) in enumerate(starts)
    ]

    lines = lines_of(a_record(*told))

    words = sorted(word for line in lines for word in line.text.split())
    assert words == sorted(word for it in told for word in it.text.split())
    assert [line.start for line in lines] == sorted(line.start for line in lines)


TALK = CallRecord(
    "2.1",
    "receptionist",
    "incoming",
    NOON,
    None,
    None,
    (Party("caller", "+31201234567", "", 0, None), Party("bot", "100", "Northwind", 0, None)),
    (),
    (
        Turn("bot", 0, at(2), "Hello.", False, {}),
        Turn("caller", 1, at(4), "Sales please.", False, {}),
        Turn("bot", 1, at(5), "One mo", True, {"pause": 104.0}),
    ),
    (Tool(at(5), "transfer", "sales", "busy"),),
)


def test_a_talk_with_the_receptionist_is_told_with_what_it_did():
    assert export(TALK, Format.TXT).splitlines()[1:] == [
        "0:02.0 Northwind: Hello.",
        "0:04.0 +31201234567: Sales please.",
        "0:05.0 (transfer sales: busy)",
        "0:05.0 Northwind: One mo —",
    ]


def test_its_turns_are_subtitles_one_after_the_other():
    assert [cue[:2] for cue in cues(export(TALK, Format.VTT))] == [
        ("00:00:00.000", "00:00:02.000"),
        ("00:00:02.000", "00:00:04.000"),
        ("00:00:04.000", "00:00:05.000"),
    ]


def test_json_has_everything_to_the_sample():
    content = json.loads(export(a_record(final("Hello Boris.", 1)), Format.JSON))

    assert content["sample_rate"] == 16000
    assert content["call"] == "1.1"
    assert content["started_at"] == "2026-03-01T12:00:00Z"
    (utterance,) = content["utterances"]
    assert (utterance["start"], utterance["end"]) == (16000, 32000)
    assert [word["text"] for word in utterance["words"]] == ["Hello", "Boris."]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0:00.0"), (62.55, "1:02.5"), (3600, "1:00:00.0")]
)
def test_positions_are_shown_as_time(seconds, shown):
    assert offset(at(seconds)) == shown
