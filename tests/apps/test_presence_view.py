from __future__ import annotations

import asyncio
import datetime as dt
import io
import json
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from tests.apps.test_presence import asterisk, changed, set_phones
from tests.ari.fake import application
from voicebot.apps.phones import Phone
from voicebot.apps.presence_view import JsonLines, Lines, LiveTable, label, run_presence, table
from voicebot.ari import Connected, Disconnected
from voicebot.ari.models import Application
from voicebot.config import Settings
from voicebot.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ari.fake import FakeAsterisk

__all__ = ["asterisk"]

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
ALICE = Phone("PJSIP/201", "Алиса", "NOT_INUSE", NOON)
STRANGE = Phone("PJSIP/202", "", "DO_NOT_DISTURB", NOON)
UP = Connected(application=Application(**application("presence")), again=True)


def settings(asterisk: FakeAsterisk, **receptionist: object) -> Settings:
    ari = {"url": asterisk.url, "username": "bot", "password": "secret", "app": "bot"}
    return Settings(ari=ari, receptionist=receptionist)


def rendered(*phones: Phone, colours: bool = False) -> str:
    out = io.StringIO()
    system = "truecolor" if colours else "auto"
    Console(file=out, width=80, force_terminal=colours, color_system=system).print(table(phones))
    return out.getvalue()


def test_the_table_shows_number_name_status_and_time():
    shown = rendered(ALICE)

    assert all(word in shown for word in ("201", "Алиса", "free", f"{NOON.astimezone():%H:%M:%S}"))


def test_a_state_that_nobody_knows_is_shown_as_it_is():
    assert "DO_NOT_DISTURB" in rendered(STRANGE)
    assert label(STRANGE)[0] == "DO_NOT_DISTURB"


def test_there_are_colours_only_in_a_terminal():
    assert "\x1b[" in rendered(ALICE, colours=True)
    assert "\x1b[" not in rendered(ALICE)


def test_json_lines_hold_what_scripts_need(capsys: pytest.CaptureFixture[str]):
    lines = JsonLines()
    lines.tell(ALICE)
    lines.tell(Disconnected(reason="the connection was cut"))
    lines.tell(UP)

    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [
        {
            "number": "201",
            "name": "Алиса",
            "device": "PJSIP/201",
            "state": "NOT_INUSE",
            "updated": "2026-11-22T12:00:00.000+00:00",
        },
        {"connected": False, "reason": "the connection was cut"},
        {"connected": True, "again": True},
    ]


def test_lines_for_people_name_the_phone_and_its_state():
    out = io.StringIO()
    lines = Lines(Console(file=out))
    for news in (ALICE, Disconnected(reason="[cut]"), UP):
        lines.tell(news)

    said = out.getvalue().splitlines()
    assert said[0].endswith("201 Алиса: free")
    assert said[1:] == ["connection lost: [cut]", "connected"]


def test_the_live_table_is_redrawn_and_says_when_it_is_out_of_date():
    out = io.StringIO()
    console = Console(file=out, width=80, force_terminal=True)
    drawn = []
    with LiveTable(console) as live:
        for news in (ALICE, Disconnected(reason="the connection was cut"), UP):
            before = out.tell()
            live.news(news, [ALICE])
            drawn.append(out.getvalue()[before:])

    assert all("Алиса" in picture for picture in drawn)
    assert ["the connection was cut" in picture for picture in drawn] == [False, True, False]


async def test_once_shows_everybody_and_registers_nothing(
    asterisk: FakeAsterisk, capsys: pytest.CaptureFixture[str]
):
    await run_presence(settings(asterisk), as_json=True, once=True)

    numbers = [json.loads(line)["number"] for line in capsys.readouterr().out.splitlines()]
    assert numbers == ["201", "202", "203"]
    assert "/events" not in asterisk.asked("GET")


async def test_once_without_json_is_a_table(
    asterisk: FakeAsterisk, capsys: pytest.CaptureFixture[str]
):
    await run_presence(settings(asterisk), as_json=False, once=True)

    assert "Alice" in capsys.readouterr().out


async def test_a_viewer_takes_a_name_of_its_own(
    asterisk: FakeAsterisk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr("voicebot.apps.presence_view.uuid4", lambda: FixedId)
    app = "bot-presence-0123abcd"
    asterisk.register(app)
    asterisk.answers["PUT", f"/applications/{app}/eventFilter"] = 200, application(app)
    task = asyncio.create_task(run_presence(settings(asterisk), as_json=True, once=False))
    socket = await asterisk.socket()
    await asterisk.until(lambda: asterisk.asked("GET").count("/deviceStates/PJSIP%2F203"))
    set_phones(asterisk, {"201": "INUSE"})
    await socket.send_json(changed("PJSIP/201", "INUSE") | {"application": app})

    shown: list[str] = []
    async with asyncio.timeout(5):
        while not any('"INUSE"' in line and '"201"' in line for line in shown):
            await asyncio.sleep(0)
            shown += capsys.readouterr().out.splitlines()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

    (events,) = [request for request in asterisk.requests if request.path == "/events"]
    assert events.query == {"app": app, "subscribeAll": "true"}


class FixedId:
    hex = "0123abcd" * 4


async def test_names_come_from_the_prompt_file(
    asterisk: FakeAsterisk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    prompt = tmp_path / "prompt.md"
    prompt.write_text(
        "---\ncompany: ACME\nlanguage: en\ngreeting: Hello.\noperator: sales\n"
        'directory:\n  sales: {names: [Sales desk], extension: "202"}\n---\n'
    )
    await run_presence(settings(asterisk, prompt=prompt), as_json=True, once=True)

    lines = map(json.loads, capsys.readouterr().out.splitlines())
    assert {line["number"]: line["name"] for line in lines}["202"] == "Sales desk"


async def test_a_broken_prompt_file_is_named(asterisk: FakeAsterisk, tmp_path: Path):
    prompt = tmp_path / "prompt.md"
    prompt.write_text("---\ncompany: ACME\n---\n")

    with pytest.raises(ConfigError, match=r"prompt\.md"):
        await run_presence(settings(asterisk, prompt=prompt), as_json=True, once=True)
    assert asterisk.requests == []
