"""The fixed sentences of a prompt."""

from __future__ import annotations

import datetime as dt
import string

import pytest

from voicebot.speech.phrase_tables import ENGLISH, TABLES
from voicebot.speech.phrases import Phrases, fixed_sentences, join_names, opening_hours, opening_now
from voicebot.speech.prompt import Prompt, builtin_prompt, load_prompt


def prompt_with(hours: dict[str, object] | None, language: str = "en") -> Prompt:
    return Prompt.model_validate(
        {
            "company": "Acme",
            "language": language,
            "greeting": "Hello.",
            "hours": None if hours is None else {"zone": "UTC", **hours},
            "directory": {"desk": {"names": ["desk"], "extension": "1"}},
            "operator": "desk",
        }
    )


@pytest.mark.parametrize("language", list(TABLES))
def test_every_language_has_every_sentence_with_the_same_words_to_fill_in(language: str):
    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}

    assert set(TABLES[language]) == set(Phrases.model_fields)
    assert {key: gaps(text) for key, text in TABLES[language].items()} == {
        key: gaps(text) for key, text in ENGLISH.items()
    }


@pytest.mark.parametrize("language", ["en", "ru"])
def test_fixed_sentences_are_complete_and_filled_in(language: str):
    prompt = load_prompt(builtin_prompt(language))

    listed = fixed_sentences(prompt)

    assert listed[0] == prompt.greeting
    assert len(set(listed)) == len(listed)
    assert not [sentence for sentence in listed if "{" in sentence]
    for entry in prompt.directory.values():
        assert prompt.phrases.transferring.format(name=entry.name) in listed
        assert prompt.phrases.busy.format(name=entry.name) in listed
    assert {item.answer for item in prompt.faq} <= set(listed)
    assert {prompt.phrases.apology, prompt.phrases.filler, prompt.phrases.goodbye} <= set(listed)


@pytest.mark.parametrize(
    ("names", "joined"),
    [([], ""), (["sales"], "sales"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")],
)
def test_names_are_listed_as_they_are_spoken(names: list[str], joined: str):
    assert join_names(names, prompt_with(None).phrases) == joined


@pytest.mark.parametrize(
    ("language", "hours", "sentence"),
    [
        ("en", None, "We are open around the clock."),
        ("en", {"monday-sunday": "08:00-20:00"}, "We are open every day from 8:00 to 20:00."),
        (
            "en",
            {"monday-friday": "09:00-18:00"},
            "We are open Monday to Friday from 9:00 to 18:00.",
        ),
        (
            "en",
            {"monday": "9:00-12:00, 13:00-17:00"},
            "We are open on Monday from 9:00 to 12:00, from 13:00 to 17:00.",
        ),
        (
            "ru",
            {"monday-friday": "09:00-18:00", "saturday-sunday": "10:00-14:00"},
            "Мы работаем по будням с 9:00 до 18:00, по выходным с 10:00 до 14:00.",
        ),
        ("en", {"closed": ["2026-01-01"]}, "We are closed at the moment."),
    ],
)
def test_opening_hours_are_told_in_a_sentence(
    language: str, hours: dict[str, object] | None, sentence: str
):
    assert opening_hours(prompt_with(hours, language)) == sentence


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        ("2026-11-23 12:00", "Yes, we are open now, until 18:00."),
        ("2026-11-23 07:00", "We are closed at the moment. We open again today at 9:00."),
        ("2026-11-23 19:00", "We are closed at the moment. We open again tomorrow at 9:00."),
        ("2026-11-27 19:00", "We are closed at the moment. We open again on Monday at 9:00."),
        ("2026-12-24 19:00", "We are closed at the moment. We open again on 2027-01-04 at 9:00."),
    ],
)
def test_a_closed_office_says_when_it_opens(now: str, sentence: str):
    closed = [f"2026-12-{day}" for day in range(25, 32)] + ["2027-01-01"]
    prompt = prompt_with({"monday-friday": "09:00-18:00", "closed": closed})

    moment = dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC)

    assert opening_now(prompt, moment) == sentence


def test_an_office_without_an_opening_only_says_that_it_is_closed():
    now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)

    assert opening_now(prompt_with({"monday": "closed"}), now) == "We are closed at the moment."
