"""What is settled before anything starts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.apps.demo.stage import Ears, office_with
from voicebot.apps.demo import CONVERSATIONS, run_demo
from voicebot.apps.demo.run import choose, dialplan_of, settings_for
from voicebot.config import LlmSettings, ModelsSettings, Settings, SttSettings
from voicebot.errors import ConfigError, ModelMissingError
from voicebot.speech.prompt import builtin_prompt, load_prompt

if TYPE_CHECKING:
    from pathlib import Path


class TestBeforeAnythingStarts:
    async def test_an_unknown_conversation_is_named_with_those_there_are(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"no conversation 'houres'; there are hours, sales"):
            await run_demo(
                Settings(),
                language="en",
                conversations=["houres"],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_an_unknown_language_is_named_with_those_there_are(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"no demonstration in 'xx'; there is one in en, ru"):
            await run_demo(
                Settings(),
                language="xx",
                conversations=[],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_a_folder_that_is_a_file_is_refused(self, tmp_path: Path):
        taken = tmp_path / "taken"
        taken.write_text("")

        with pytest.raises(ConfigError, match=re.escape(str(taken))):
            await run_demo(
                Settings(),
                language="en",
                conversations=[],
                output=taken,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_missing_models_end_the_demonstration_with_the_way_out(self, tmp_path: Path):
        missing = ModelMissingError("install it with: pip install 'voicebot[local]'")

        with pytest.raises(ModelMissingError, match="pip install"):
            await run_demo(
                Settings(),
                language="en",
                conversations=[],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([]), error=missing),
            )

    def test_an_unknown_language_is_named(self):
        with pytest.raises(ConfigError, match="no prompt for language 'xx'"):
            settings_for(Settings(), "xx")
        with pytest.raises(ConfigError, match="no demonstration in 'xx'; there is one in en, ru"):
            choose("xx", [], clear_voice=True)

    def test_without_a_clear_voice_only_what_is_understood_is_played(self):
        assert [talk.name for talk in choose("ru", [], clear_voice=False)] == ["keypad", "yield"]
        assert len(choose("ru", [], clear_voice=True)) == len(CONVERSATIONS["ru"])
        assert [talk.name for talk in choose("ru", ["sales"], clear_voice=False)] == ["sales"]

    def test_providers_left_to_choice_are_local_and_named_ones_stay(self):
        given = Settings(
            stt=SttSettings(base_url="http://speech.example/v1"), llm=LlmSettings(provider="openai")
        )

        own = settings_for(given, "ru")

        assert (own.stt.provider, own.llm.provider, own.tts.provider) == ("auto", "openai", "local")
        assert own.receptionist.prompt == builtin_prompt("ru")
        assert settings_for(Settings(), "en").llm.provider == "scripted"

    def test_models_and_turns_are_those_of_the_settings(self):
        given = Settings(models=ModelsSettings(threads=1))

        assert settings_for(given, "en").models.threads == 1

    @pytest.mark.parametrize("language", CONVERSATIONS)
    def test_everybody_in_the_directory_has_a_phone(self, language: str):
        prompt = load_prompt(builtin_prompt(language))

        dialplan = dialplan_of(prompt)

        assert set(dialplan) == {entry.extension for entry in prompt.directory.values()}
        assert getattr(dialplan[prompt.directory["support"].extension], "outcome", "") == "busy"
