"""The colleague whom a caller is put through to."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from voicebot.apps.demo.colleague import Colleague, WaitForColleague
from voicebot.media.audio import SILENCE
from voicebot.sim import SimulatedPbx
from voicebot.sim.script import ScriptTimeoutError


class TestColleague:
    def talk(self, colleague: Colleague, ticks: int, frame: bytes | None) -> list[bytes | None]:
        said = []
        for _ in range(ticks):
            said.append(colleague.speak())
            colleague.hear(frame)
        return said

    def test_the_second_line_waits_until_the_caller_has_spoken_and_paused(self):
        texts: list[str] = []
        line = b"\x00\x10" * 320
        colleague = Colleague([("Hello.", line), ("Yes.", line)], texts.append)

        assert line in self.talk(colleague, 50, SILENCE)
        assert self.talk(colleague, 200, SILENCE) == [SILENCE] * 200
        assert texts == ["Hello."]
        assert line not in self.talk(colleague, 50, line), "the caller speaks"
        assert line in self.talk(colleague, 50, None)
        assert texts == ["Hello.", "Yes."]

    async def test_a_phone_that_nobody_answers_stops_the_script(self):
        pbx = SimulatedPbx(real_time=False)
        seen: Any = SimpleNamespace(now=0.0, ended=False)
        step = WaitForColleague(pbx.exchange, "201", Colleague([], print), timeout=5.0)
        waiting = step.play(seen)
        next(waiting)
        seen.now = 5.0

        with pytest.raises(ScriptTimeoutError, match="nobody answered at 201"):
            next(waiting)

    async def test_a_call_that_ends_before_the_answer_stops_the_script(self):
        pbx = SimulatedPbx(real_time=False)
        seen: Any = SimpleNamespace(now=0.0, ended=True)
        step = WaitForColleague(pbx.exchange, "201", Colleague([], print))

        with pytest.raises(ScriptTimeoutError, match="ended before 201 answered"):
            next(step.play(seen))
