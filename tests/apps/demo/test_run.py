"""Whole demonstrations: the unchanged receptionist and the simulated PBX, in real time."""

from __future__ import annotations

import wave
from pathlib import Path

import pytest

from tests.apps.demo.stage import demonstrate, stage, told
from voicebot.apps.demo import Conversation, run_demo
from voicebot.apps.demo.acts import Line, Meets, OnCall
from voicebot.apps.demo.checks import (
    Answers,
    HangsUp,
    Talks,
    Transfers,
    Waits,
)
from voicebot.config import Settings
from voicebot.errors import DemoError
from voicebot.sim import Phone
from voicebot.sim.script import HangUp, Pause, WaitForEnd, WaitForQuiet

# Longer than a busy machine makes the bot's voice falter.
LISTEN = WaitForQuiet(0.5)


class TestOnTheWire:
    """The unchanged receptionist and the simulated PBX, in real time."""

    async def test_a_caller_is_answered_and_the_bot_hangs_up(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        question = Conversation(
            "question",
            "A question",
            (LISTEN, Line("What is your address?"), LISTEN, Line("Goodbye."), WaitForEnd(5)),
            (Answers("12 Harbour Street"), HangsUp()),
        )

        await demonstrate(question, stage(monkeypatch, question), tmp_path)

        events = told(capsys)
        names = [event["event"] for event in events]
        assert names[:4] == ["starting", "preparing", "preparing", "call_started"]
        assert names[-2:] == ["call_ended", "summary"]
        spoken = [event for event in events if event["event"] == "bot_spoke"]
        assert "12 Harbour Street" in spoken[1]["text"]
        assert spoken[0]["wait_ms"] is None
        assert all(0 < event["wait_ms"] < 2000 for event in spoken[1:])
        summary = events[-1]
        assert summary["ok"]
        assert summary["turns"] == 2
        assert summary["left_behind"] == 0
        (call,) = summary["calls"]
        assert call["waits_ms"] == [event["wait_ms"] for event in spoken[1:]]
        assert all(verdict["met"] for verdict in call["verdicts"])
        with wave.open(call["recording"]) as file:
            assert file.getnchannels() == 2
            assert file.getnframes() / file.getframerate() == pytest.approx(
                call["seconds"], abs=0.2
            )
        assert Path(call["recording"]).name == "voicebot-demo-en-question.wav"

    async def test_a_transferred_caller_talks_with_the_colleague(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        transfer = Conversation(
            "transfer",
            "To sales",
            (
                LISTEN,
                Line("Sales, please."),
                Meets("sales", ("Sales.", "Yes.")),
                Pause(0.1),
                Line("Twelve telephones.", answered=False),
                LISTEN,
                HangUp(),
            ),
            (Transfers("sales"), Talks()),
        )

        monkeypatch.setattr("voicebot.apps.demo.run.ANSWERS", Phone(after=0.1))

        await demonstrate(transfer, stage(monkeypatch, transfer), tmp_path, as_json=False)

        out = capsys.readouterr().out
        order = [
            "starting the receptionist",
            "== To sales",
            "caller: Sales, please.",
            "I'm putting you through to sales.",
            "(transfer sales: answered)",
            "sales: Sales.",
            "caller: Twelve telephones.",
            "sales: Yes.",
            "ok  the caller and the colleague hear each other",
            "ok  nothing is left in the PBX",
            "transfer: turns 1, ",
            "as scripted yes",
        ]
        places = [out.index(part) for part in order]
        assert places == sorted(places)

    async def test_what_went_wrong_is_told_and_ends_with_an_error(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        vain = Conversation("vain", "In vain", (LISTEN, WaitForEnd(0.2)), (Answers("42"),))

        with pytest.raises(DemoError, match=r"vain: .*the caller is told '42'"):
            await demonstrate(vain, stage(monkeypatch, vain), tmp_path)

        summary = told(capsys)[-1]
        assert not summary["ok"]
        unmet = [v["what"] for v in summary["calls"][0]["verdicts"] if not v["met"]]
        assert unmet == ["the caller is told '42'", "the call takes its course"]
        assert (tmp_path / "voicebot-demo-en-vain.wav").exists()

    async def test_a_caller_waits_for_somebody_on_another_call(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        patience = Conversation(
            "patience",
            "A caller waits",
            (
                OnCall("sales", 4.0),
                LISTEN,
                Line("Sales, please."),
                LISTEN,
                Line("I will wait."),
                Meets("sales", ("Sales department, Tom speaking.",)),
                Pause(0.2),
                HangUp(),
            ),
            (Answers("sales is on another call"), Waits("sales"), Transfers("sales"), Talks()),
        )

        await demonstrate(patience, stage(monkeypatch, patience), tmp_path)

        assert told(capsys)[-1]["ok"]


@pytest.mark.local
@pytest.mark.timeout(180)
async def test_with_the_local_models_the_bot_answers_and_hangs_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("faster_whisper")
    from voicebot.server import open_office  # noqa: PLC0415 - needs what the line above looks for

    await run_demo(
        Settings(),
        language="en",
        conversations=["hours"],
        output=tmp_path,
        as_json=True,
        open_office=open_office,
    )

    summary = told(capsys)[-1]
    assert summary["ok"]
    assert summary["turns"] == 3
    assert summary["median_ms"] < 2000
