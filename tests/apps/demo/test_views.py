"""What the terminal shows, and what scripts read."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from rich.console import Console

from tests.apps.demo.stage import told
from voicebot.apps.demo.events import (
    BotSpoke,
    BotUsedTool,
    CallEnded,
    CallerSpeaks,
    CallStarted,
    ColleagueSpeaks,
    Heard,
    Preparing,
    Starting,
    Verdict,
)
from voicebot.apps.demo.run import summarise
from voicebot.apps.demo.views import JsonView, LineView, TerminalView

if TYPE_CHECKING:
    import pytest

    from voicebot.apps.demo.events import DemoEvent


def ended(**fields: Any) -> CallEnded:
    return CallEnded(
        **{
            "conversation": "hours",
            "seconds": 20.5,
            "greeting_ms": 40,
            "waits_ms": (300, 500, 250),
            "unanswered": 0,
            "transfers": (),
            "left_behind": 0,
            "verdicts": (Verdict("the call takes its course", met=True),),
            "recording": "/tmp/voicebot-demo-en-hours.wav",  # noqa: S108 - never written
            **fields,
        }
    )


class TestSummary:
    def test_the_figures_are_those_of_all_turns(self):
        summary = summarise([ended(), ended(waits_ms=(900,), left_behind=1)])

        assert (summary.turns, summary.median_ms, summary.worst_ms) == (4, 400, 900)
        assert summary.left_behind == 1
        assert summary.ok

    def test_one_call_that_went_wrong_spoils_it(self):
        wrong = ended(verdicts=(Verdict("nothing is left in the PBX", met=False),))

        assert not summarise([ended(), wrong]).ok
        assert wrong.failures == ("nothing is left in the PBX",)

    def test_no_call_at_all_is_no_success(self):
        summary = summarise([])

        assert not summary.ok
        assert summary.median_ms is None


EVENTS: list[DemoEvent] = [
    Starting(),
    Preparing(conversation="hours", done=1, total=2),
    Preparing(conversation="hours", done=2, total=2),
    CallStarted(conversation="hours", title="A caller asks"),
    CallerSpeaks(at=1.0, text="When are you [open]?"),
    Heard(at=2.0, text="when are you open"),
    BotSpoke(at=4.0, text="At nine.", interrupted=True, wait_ms=310),
    BotUsedTool(at=5.0, name="hang_up", argument="", result="done"),
    ColleagueSpeaks(at=6.0, name="sales", text="Sales."),
    ended(),
    summarise([ended()]),
]


class TestViews:
    def test_lines_are_plain_and_whole(self):
        out = io.StringIO()
        view = LineView(Console(file=out, width=40, highlight=False))

        for event in EVENTS:
            view.show(event)

        waits = "turns 3, median 0.30 s, worst 0.50 s"
        assert out.getvalue().splitlines() == [
            "starting the receptionist: the models, then its sentences (half a minute)",
            "the voices of 'hours' are ready: 2 sentences",
            "== A caller asks",
            "  1.00 caller: When are you [open]?",
            "  2.00         (heard: when are you open)",
            "  4.00 bot after 0.31 s, interrupted: At nine.",
            "  5.00         (hang_up: done)",
            "  6.00 sales: Sales.",
            "   ok  the call takes its course",
            "   recording: /tmp/voicebot-demo-en-hours.wav",
            "",
            f"hours: {waits}, greeting 0.04 s, transfers none, left nothing, as scripted yes",
            f"all: {waits}, greeting -, transfers -, left nothing, as scripted yes",
        ]

    def test_a_terminal_shows_bubbles_and_a_table(self):
        out = io.StringIO()
        view = TerminalView(Console(file=out, width=100, force_terminal=True))

        for event in EVENTS:
            view.show(event)
        view.close()

        text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())
        caller, bot = (
            next(line for line in text.splitlines() if words in line)
            for words in ("When are you [open]?", "At nine.")
        )
        assert caller.index("When") < bot.index("At nine."), "the bot is on the right"
        assert "bot after 0.31 s, interrupted" in text
        assert "What the caller waited" in text
        assert "0.30 s" in text

    def test_json_is_one_object_a_line(self, capsys: pytest.CaptureFixture[str]):
        for event in EVENTS:
            JsonView().show(event)

        events = told(capsys)
        assert len(events) == len(EVENTS)
        assert events[6] == {
            "event": "bot_spoke",
            "at": 4.0,
            "text": "At nine.",
            "interrupted": True,
            "wait_ms": 310,
        }
        assert events[-1]["event"] == "summary"
        assert events[-1]["calls"][0]["event"] == "call_ended"
