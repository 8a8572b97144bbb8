"""Subtitles: what is shown at once, and when."""

from __future__ import annotations

from voicebot.models.answers import answer
from voicebot.models.seams import Recognition, Word


def subtitles(shape: str, *words: tuple[str, float, float]) -> str:
    text = " ".join(word for word, _, _ in words)
    spoken = tuple(Word(word, start, end, 1.0) for word, start, end in words)
    found = answer(Recognition(text, "en", 4000.0, words=spoken), shape, words=True)
    return found.text or ""


def test_a_subtitle_ends_with_its_sentence():
    shown = subtitles("srt", ("Hello.", 0.5, 1.0), ("How", 1.1, 1.3), ("are", 1.3, 1.5))

    assert shown == (
        "1\n00:00:00,500 --> 00:00:01,000\nHello.\n\n2\n00:00:01,100 --> 00:00:01,500\nHow are\n"
    )


def test_a_pause_and_a_full_screen_begin_a_new_one():
    paused = subtitles("vtt", ("one", 0.0, 0.5), ("two", 3.0, 3.5))
    full = subtitles("vtt", *((f"word-{n:04}", n / 10, (n + 1) / 10) for n in range(20)))
    long = subtitles("vtt", *((f"w{n}", n, n + 1.0) for n in range(16)))

    assert paused.count("-->") == 2
    assert full.count("-->") == 3
    assert long.count("-->") == 3


def test_hours_are_counted():
    assert "01:01:01.250 --> 01:01:02.000" in subtitles("vtt", ("late", 3661.25, 3662.0))


def test_a_text_cannot_pose_as_a_time():
    assert subtitles("vtt", ("a-->b", 0.0, 1.0)).count("-->") == 1


def test_nothing_said_is_an_empty_file():
    assert subtitles("srt") == ""
    assert subtitles("vtt") == "WEBVTT\n"
