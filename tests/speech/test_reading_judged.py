"""What a receptionist's model writes, read as a person judged that it is said.

Each line of the files is what is written, a tab, and what is said.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from voicebot.speech.reading import speakable

JUDGED = Path(__file__).with_name("judged")
LINES = [
    pytest.param(language, *line.split("\t"), id=f"{name}-{number}")
    for language, name in (("en", "english"), ("ru", "russian"))
    for number, line in enumerate((JUDGED / f"{name}.tsv").read_text("utf-8").splitlines(), 1)
]


@pytest.mark.parametrize(("language", "written", "spoken"), LINES)
def test_what_a_receptionist_writes_is_read_as_people_say_it(
    language: str, written: str, spoken: str
):
    assert speakable(written, language) == spoken
    assert speakable(spoken, language) == spoken, "when it is read again"
