"""What the sidecar's sinks are told, as its command puts them together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.records.telling import a_call, final
from voicebot.config import RecordsSettings, Settings, TranscribeSettings
from voicebot.records.events import Partial
from voicebot.server import open_transcript

if TYPE_CHECKING:
    from pathlib import Path

CARD = "4111 1111 1111 1111"


def settings(tmp_path: Path, *, jsonl: str | None = None, mask: bool = True) -> Settings:
    return Settings(
        records=RecordsSettings(url="", spool=tmp_path, mask=mask),
        transcribe=TranscribeSettings(jsonl=jsonl),
    )


async def tell(settings: Settings, *, as_json: bool) -> None:
    async with open_transcript(settings, as_json=as_json) as sink:
        for event in [*a_call()[:2], Partial("1.1", "anna", 1, 0, 1, CARD), final(CARD)]:
            sink.put(event)


@pytest.mark.parametrize(("mask", "shown"), [(True, "[card]"), (False, CARD)])
async def test_who_watches_is_shown_numbers_only_where_that_is_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mask: bool, shown: str
):
    await tell(settings(tmp_path, mask=mask), as_json=False)

    assert capsys.readouterr().out.splitlines()[-1].endswith(f"201 Anna: {shown}")


@pytest.mark.parametrize(("jsonl", "as_json"), [(None, True), ("-", False), ("-", True)])
async def test_lines_for_scripts_have_no_numbers_and_come_once(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], jsonl: str | None, as_json: bool
):
    await tell(settings(tmp_path, jsonl=jsonl), as_json=as_json)

    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    names = ["call_started", "party_joined", "partial", "final"]
    assert [line["event"] for line in lines] == names
    assert [line["text"] for line in lines[2:]] == ["[card]", "[card]"]
