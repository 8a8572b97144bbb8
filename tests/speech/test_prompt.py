"""Prompt files: what they give, and what is said about their mistakes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from voicebot.errors import ConfigError
from voicebot.speech.phrase_tables import ENGLISH
from voicebot.speech.prompt import builtin_prompt, load_prompt, system_prompt

if TYPE_CHECKING:
    from pathlib import Path

GOOD = """---
company: Acme
language: en
greeting: Hello.
hours:
  zone: Europe/London
  monday-friday: 09:00-18:00
directory:
  sales:
    names: [sales, Sally]
    extension: 0201
    description: orders
  desk:
    names: [the desk]
    extension: "*0"
operator: desk
faq:
  - keywords: [address]
    answer: Here.
---
Be brief.
"""
MONDAY_NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SUNDAY = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def written(folder: Path, text: str) -> Path:
    path = folder / "prompt.md"
    path.write_text(text, encoding="utf-8")
    return path


def complaint(folder: Path, *changes: tuple[str, str], text: str = GOOD) -> str:
    """What is said about ``text`` after ``changes``."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    with pytest.raises(ConfigError) as raised:
        load_prompt(written(folder, text))
    return str(raised.value)


class TestWhatIsRead:
    def test_the_front_matter_and_the_body(self, tmp_path: Path):
        prompt = load_prompt(written(tmp_path, GOOD))

        assert prompt.company == "Acme"
        assert prompt.directory["sales"].names == ("sales", "Sally")
        assert prompt.directory["sales"].name == "sales"
        assert prompt.faq[0].answer == "Here."
        assert prompt.body == "Be brief."
        assert prompt.fallback == "operator"

    def test_an_extension_keeps_its_leading_zero(self, tmp_path: Path):
        assert load_prompt(written(tmp_path, GOOD)).directory["sales"].extension == "0201"

    def test_the_language_no_is_norwegian(self, tmp_path: Path):
        phrases = "phrases:\n" + "".join(f"  {key}: '{key}'\n" for key in ENGLISH)

        prompt = load_prompt(
            written(tmp_path, GOOD.replace("language: en", f"language: no\n{phrases}"))
        )

        assert prompt.language == "no"
        assert prompt.phrases.goodbye == "goodbye"

    def test_phrases_of_the_file_replace_those_of_the_language(self, tmp_path: Path):
        own = "phrases:\n  goodbye: So long.\n"

        prompt = load_prompt(written(tmp_path, GOOD.replace("faq:", f"{own}faq:")))

        assert prompt.phrases.goodbye == "So long."
        assert prompt.phrases.filler == ENGLISH["filler"]

    def test_without_hours_the_office_is_always_open(self, tmp_path: Path):
        text = GOOD.replace(
            "hours:\n  zone: Europe/London\n  monday-friday: 09:00-18:00\n", "hours:\n"
        )

        prompt = load_prompt(written(tmp_path, text))

        assert prompt.is_open(SUNDAY)
        assert prompt.next_opening(SUNDAY) is None

    def test_a_prompt_cannot_be_changed(self, tmp_path: Path):
        prompt = load_prompt(written(tmp_path, GOOD))

        with pytest.raises(ValueError, match="frozen"):
            prompt.company = "Other"  # type: ignore[misc]  # the mistake that is tested


class TestMistakes:
    def test_a_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"nowhere\.md: no such file"):
            load_prompt(tmp_path / "nowhere.md")

    def test_a_folder(self, tmp_path: Path):
        with pytest.raises(ConfigError, match="directory"):
            load_prompt(tmp_path)

    def test_bytes_that_are_no_text(self, tmp_path: Path):
        path = tmp_path / "prompt.md"
        path.write_bytes(b"---\n\xff\xfe\n---\n")

        with pytest.raises(ConfigError, match="UTF-8"):
            load_prompt(path)

    def test_no_front_matter(self, tmp_path: Path):
        assert "prompt.md:1: no front matter" in complaint(tmp_path, text="Be brief.")

    def test_front_matter_without_an_end(self, tmp_path: Path):
        assert "has no end" in complaint(tmp_path, text="---\ncompany: Acme\n")

    @pytest.mark.parametrize("front", ["", "- a\n- b\n", "just words\n"])
    def test_front_matter_that_is_no_mapping(self, tmp_path: Path, front: str):
        assert "'key: value'" in complaint(tmp_path, text=f"---\n{front}---\nBe brief.")

    def test_broken_yaml_is_shown_at_its_line(self, tmp_path: Path):
        assert "prompt.md:5: broken YAML" in complaint(tmp_path, ("Hello.", "[Hello"))

    def test_a_key_written_twice(self, tmp_path: Path):
        said = complaint(tmp_path, ("  desk:", "  sales:"))

        assert "prompt.md:13: directory.sales: written twice, first in line 9" in said

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("company: Acme\n", "", "company: is missing"),
            ("greeting: Hello.", "greeting:", "greeting: is missing"),
            ("    extension: 0201\n", "", "prompt.md:9: directory.sales.extension: is missing"),
            ("extension: 0201", "extension:", "give the number to dial"),
            ("0201", "201@evil/x", "prompt.md:11: directory.sales.extension: "),
            ("names: [sales, Sally]", "names: []", "prompt.md:10: directory.sales.names: "),
            ("operator: desk", "operator: nobody", "its keys are sales, desk"),
            ("operator: desk", "operater: desk", "prompt.md:16: operater: is not a known key"),
            ("operator: desk\n", "", "operator: is missing; give the directory key"),
            ("[the desk]", "[the desk, SALLY]", "prompt.md:14: directory.desk.names.1: 'SALLY' is"),
            ("Europe/London", "Europe/Londn", "prompt.md:6: hours.zone: 'Europe/Londn' is not a"),
            ("  zone: Europe/London\n", "", "hours.zone: is missing; give a time zone"),
            ("09:00-18:00", "9-18", "is not a range of times; write 09:00-18:00"),
            ("09:00-18:00", "18:00-09:00", "split a range over midnight"),
            ("09:00-18:00", "09:00-25:00", "hours go from 00:00 to 24:00"),
            ("09:00-18:00", "09:00-12:00, 11:00-18:00", "the ranges overlap"),
            ("monday-friday", "monday-freeday", "hours.monday-freeday: is not a known key"),
            (
                "monday-friday: 09",
                "monday-friday: 08:00-09:00\n  tuesday: 09",
                "tuesday is also in",
            ),
            ("language: en", "language: english", "give an ISO 639-1 code"),
            ("operator: desk", "operator: desk\nfallback: shrug", "write operator or hang_up"),
            ("  - keywords: [address]\n    answer", "  - answer", "neither questions nor keywords"),
            ("    answer: Here.", "    answer:", "faq.0.answer: is missing"),
            ("faq:", "phrases:\n  bye: x\nfaq:", "phrases.bye: is not a known key"),
            ("faq:", "phrases:\n  goodbye: '{who}'\nfaq:", "{who} cannot be filled in"),
            ("faq:", "phrases:\n  busy: '{name'\nfaq:", "phrases.busy: broken braces"),
        ],
    )
    def test_each_mistake_is_named_with_its_place(
        self, tmp_path: Path, old: str, new: str, said: str
    ):
        assert said in complaint(tmp_path, (old, new))

    def test_all_mistakes_are_named_at_once(self, tmp_path: Path):
        said = complaint(tmp_path, ("company: Acme\n", ""), ("Europe/London", "Nowhere"))

        assert len(said.splitlines()) == 2

    def test_a_language_without_sentences_names_all_that_lack(self, tmp_path: Path):
        own = "phrases:\n  goodbye: Tschüs.\n"

        said = complaint(tmp_path, ("language: en", "language: de"), ("faq:", f"{own}faq:"))

        assert "language 'de' has no sentences" in said
        assert "apology, " in said
        assert "goodbye," not in said

    def test_words_for_what_nobody_can_mean_are_named(self, tmp_path: Path):
        own = "words:\n  yes: [ja]\n  jodel: [holla]\n"

        said = complaint(tmp_path, ("faq:", f"{own}faq:"))

        assert "prompt.md:19: words.jodel" in said
        assert "jodel" in said
        assert "'yes'" in said


class TestBuiltIn:
    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_prompts_ship_for_english_and_russian(self, language: str):
        prompt = load_prompt(builtin_prompt(language))

        assert prompt.language == language
        assert [prompt.directory[key].extension for key in ("sales", "support", "billing")] == [
            "201",
            "202",
            "203",
        ]

    def test_another_language_needs_a_file(self):
        with pytest.raises(ConfigError, match=r"receptionist\.prompt"):
            builtin_prompt("de")


class TestSystemPrompt:
    def test_it_has_the_body_and_the_facts(self, tmp_path: Path):
        text = system_prompt(load_prompt(written(tmp_path, GOOD)), MONDAY_NOON)

        assert text.startswith("Be brief.")
        assert "- sales: sales, Sally (orders)" in text
        assert "- address: Here." in text
        assert "transfer the caller to desk" in text
        assert text.endswith("It is Monday 2026-11-23 12:00. The office is open now.")

    def test_it_says_when_a_closed_office_opens(self, tmp_path: Path):
        text = system_prompt(load_prompt(written(tmp_path, GOOD)), SUNDAY)

        assert "closed now, and opens on Monday 2026-11-23 at 09:00" in text

    def test_only_its_last_line_changes_with_time(self, tmp_path: Path):
        prompt = load_prompt(written(tmp_path, GOOD))

        first, second = (system_prompt(prompt, now) for now in (MONDAY_NOON, SUNDAY))

        assert first.rpartition("\n")[0] == second.rpartition("\n")[0]

    def test_extensions_are_not_the_models_business(self, tmp_path: Path):
        assert "0201" not in system_prompt(load_prompt(written(tmp_path, GOOD)), SUNDAY)
