"""How a call is judged by what was seen of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.call.voices import speech
from voicebot.apps.demo.checks import (
    Answers,
    Evidence,
    FollowsScript,
    GoesOn,
    HangsUp,
    LeavesNothing,
    Talks,
    Transfers,
    Yields,
    share_heard,
)
from voicebot.call.report import BotSaid, ToolUsed
from voicebot.media.audio import SAMPLE_RATE, SILENCE
from voicebot.sim import Recording, Spoken

if TYPE_CHECKING:
    from voicebot.call.report import CallReport


def recording(*heard: tuple[float, float], said: tuple[Spoken, ...] = ()) -> Recording:
    """Return 10 s of a call in which the bot is heard in these stretches, in seconds."""
    kept = Recording()
    for tick in range(500):
        sounds = any(start <= tick * 0.02 < end for start, end in heard)
        kept.add(tick, SILENCE, b"\x00\x10" * 320 if sounds else SILENCE)
    kept.spoken.extend(said)
    return kept


def evidence(*reports: CallReport, **fields: Any) -> Evidence:
    return Evidence(**{"reports": reports, "recording": recording(), **fields})


def heard(text: str, *, interrupted: bool = False) -> BotSaid:
    return BotSaid(text, interrupted, None)


INTERRUPTION = Spoken("Stop", SAMPLE_RATE * 3, SAMPLE_RATE * 4)
VERDICTS = [
    (Answers("harbour"), evidence(heard("12 Harbour Street.")), True),
    (Answers("harbour"), evidence(heard("12 Harbour", interrupted=True)), False),
    (Answers("harbour"), evidence(heard("I don't know.")), False),
    (Transfers("sales"), evidence(ToolUsed("transfer", "sales", "answered")), True),
    (Transfers("sales"), evidence(ToolUsed("transfer", "sales", "busy")), False),
    (Transfers("sales", "busy"), evidence(ToolUsed("transfer", "sales", "busy")), True),
    (HangsUp(), evidence(heard("Goodbye!"), ToolUsed("hang_up", "", "done")), True),
    (HangsUp(), evidence(), False),
    (HangsUp(), evidence(ToolUsed("hang_up", "", "done"), heard("Hello?")), False),
    (GoesOn(), evidence(heard("We are open.")), True),
    (GoesOn(), evidence(heard("We are", interrupted=True)), False),
    (GoesOn(), evidence(), False),
    (FollowsScript(), evidence(), True),
    (FollowsScript(), evidence(trouble="nothing came"), False),
    (LeavesNothing(), evidence(), True),
    (LeavesNothing(), evidence(left_behind=2), False),
    (Talks(), evidence(), False),
    (Talks(), evidence(colleague=[speech(1.0)]), False),
    *(
        (
            Yields("Stop"),
            evidence(
                heard("We are", interrupted=interrupted),
                recording=recording((1.0, silent_at), said=(INTERRUPTION,)),
            ),
            met,
        )
        for silent_at, interrupted, met in (
            (3.3, True, True),
            (3.3, False, False),
            (3.9, True, False),
            (10.0, True, False),
        )
    ),
    (Yields("Wait"), evidence(heard("We", interrupted=True), recording=recording((1, 2))), False),
]


@pytest.mark.parametrize(("check", "seen", "met"), VERDICTS)
def test_a_call_is_judged_by_what_was_seen(check: Any, seen: Evidence, met: bool):
    assert check.met(seen) is met
    assert str(check)


class TestHearingAColleague:
    line = speech(1.0)

    def test_a_line_that_arrived_is_found_wherever_it_is(self):
        assert share_heard(self.line, bytes(4000) + self.line + bytes(4000)) == 1.0

    def test_a_part_that_is_missing_is_noticed(self):
        half = len(self.line) // 2
        assert share_heard(self.line, self.line[:half]) == pytest.approx(0.5, abs=0.05)

    def test_silence_proves_nothing(self):
        assert share_heard(bytes(3200), bytes(32_000)) == 0.0
