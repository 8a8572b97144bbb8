from __future__ import annotations

import pytest

from bench.microphone import SPEECH_RATE
from bench.prompts import TEXTS, prompts
from bench.waveform import segments
from tests.conftest import unavailable


@pytest.mark.parametrize(
    ("language", "name", "text"),
    [
        ("en", "all-circuits-busy-now", "All circuits are busy now."),
        ("ru", "activated", "Активировано"),
    ],
)
def test_a_prompt_is_speech_with_its_words(language: str, name: str, text: str) -> None:
    if not (TEXTS / f"asterisk-core-sounds-{language}").exists():
        unavailable(f"human speech is missing: apt-get install asterisk-core-sounds-{language}-wav")

    prompt = prompts(language)[name]

    assert prompt.text == text
    assert len(segments(prompt.samples(), SPEECH_RATE)) >= 1
    assert 0.5 < len(prompt.samples()) / SPEECH_RATE < 5


def test_a_language_that_is_not_installed_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="apt-get install asterisk-core-sounds-xx"):
        prompts("xx")
