from __future__ import annotations

import pytest

from voicebot.models.guards import is_invented, without_loop

SURE = {"no_speech": 0.05, "logprob": -0.2}
NOISE = {"no_speech": 0.8, "logprob": -1.0}


@pytest.mark.parametrize(
    "text",
    [
        "you",
        "You",
        "Thank you.",
        "Thanks for watching!",
        "Спасибо за просмотр!",
        "Продолжение следует…",
    ],
)
def test_a_phrase_that_whisper_writes_for_noise_is_dropped_when_it_is_doubtful(text: str):
    assert is_invented(text, **NOISE)


@pytest.mark.parametrize("text", ["Thank you.", "you", "Спасибо.", "До свидания."])
def test_the_same_phrase_is_kept_when_somebody_really_spoke(text: str):
    assert not is_invented(text, **SURE)


@pytest.mark.parametrize(
    "text",
    [
        "Субтитры сделал DimaTorzok",
        "Редактор субтитров А.Семкин Корректор А.Егорова",
        "Subtitles by the Amara.org community",
        "Untertitel der Amara.org-Community",
        "Sous-titres réalisés par la communauté",
    ],
)
def test_subtitle_credits_are_dropped_however_sure_whisper_is(text: str):
    assert is_invented(text, **SURE)


@pytest.mark.parametrize("text", ["", " . ", "…", "♪♪"])
def test_text_without_a_word_is_dropped(text: str):
    assert is_invented(text, **SURE)


def test_any_text_is_dropped_only_when_both_figures_are_bad():
    text = "something that is in no list"

    assert is_invented(text, no_speech=0.9, logprob=-2.0)
    assert not is_invented(text, no_speech=0.9, logprob=-0.5)
    assert not is_invented(text, no_speech=0.1, logprob=-2.0)


@pytest.mark.parametrize(
    ("text", "seconds", "kept"),
    [
        (
            "This conference is locked. This conference is locked. This conference is loc",
            1.5,
            "This conference is locked.",
        ),
        ("to leave the room to leave the room to leave the", 1.0, "to leave the room"),
        (
            "Please hold. You are now muted. You are now muted.",
            1.5,
            "Please hold. You are now muted.",
        ),
        ("work work work", 0.5, "work"),
        ("Чтобы выйти из зала. Чтобы выйти из зала. Чтобы вый", 1.2, "Чтобы выйти из зала."),
    ],
)
def test_a_loop_is_cut_to_its_first_round(text: str, seconds: float, kept: str):
    assert without_loop(text, seconds) == kept


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("The number is not answering. The number is not answering.", 4.0),
        ("no no no no no", 1.0),
        ("my number is five five five five", 2.0),
        ("a fast but perfectly ordinary sentence without a repeat", 1.0),
        ("please call one two three four four", 0.9),
        ("", 1.0),
    ],
)
def test_what_a_person_can_say_is_left_alone(text: str, seconds: float):
    assert without_loop(text, seconds) == text
