from __future__ import annotations

import pytest

from voicebot.models.voices import (
    UnknownVoiceError,
    VoiceName,
    base_language,
    language_of,
    parse_voice,
)


@pytest.mark.parametrize(
    ("name", "voice"),
    [
        ("", VoiceName(None, None)),
        ("alloy", VoiceName(None, None)),
        ("ru", VoiceName(None, "ru")),
        ("en-US", VoiceName(None, "en-US")),
        ("piper:en", VoiceName("piper", "en")),
        ("espeak:de", VoiceName("espeak", "de")),
    ],
)
def test_a_name_says_engine_language_both_or_nothing(name: str, voice: VoiceName):
    assert parse_voice(name) == voice


@pytest.mark.parametrize(
    "name", ["festival:en", "piper:", ":", "Joe the voice", "-v en", "espeak:../x"]
)
def test_any_other_name_is_refused_with_the_way_out(name: str):
    with pytest.raises(UnknownVoiceError, match="use a language"):
        parse_voice(name)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello", "en"),
        ("", "en"),
        ("12:30", "en"),
        ("Здравствуйте, это Voicebot", "ru"),
        ("Доброго дня, як їхати?", "uk"),
        ("Καλημέρα", "el"),
        ("你好", "cmn"),
        ("こんにちは世界", "ja"),
    ],
)
def test_letters_suggest_the_language(text: str, language: str):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("code", "base"), [("en-US", "en"), ("RU", "ru"), ("pt_BR", "pt"), ("", "")]
)
def test_a_region_is_left_out(code: str, base: str):
    assert base_language(code) == base
