"""Whatever callers and providers do, and whenever they do it, a call stays in order."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING, Any, Final

import pytest
from structlog.testing import capture_logs

from tests.call.erratic import Odds
from tests.call.invariants import complaints
from tests.call.random_call import RandomCall
from tests.virtual_time import in_virtual_time
from voicebot.call.speculation import Limits
from voicebot.config import SpeculationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CALLS: Final = 12
"""How many calls each kind has here; more are played with other seeds."""

KINDS: Final = {
    "all goes well": Odds(),
    "the model fails": Odds(llm_fails=0.1, llm_breaks=0.2, rude=0.3),
    "the voice fails": Odds(tts_fails=0.05, tts_breaks=0.05, rude=0.3),
    "the recogniser fails": Odds(stt_fails=0.15, rude=0.3),
    "the machine stands still": Odds(stalls=1.0),
    "callers wait": Odds(busy=0.7, tool=0.6, llm_fails=0.02, tts_fails=0.02),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(CALLS))
@in_virtual_time
async def test_a_call_stays_in_order(kind: str, seed: int):
    await play(RandomCall(seed, KINDS[kind]))


@pytest.mark.parametrize("seed", range(CALLS))
@in_virtual_time
async def test_calls_at_once_stay_in_order(seed: int):
    # Three share two drafts: each is held back by the others now and then.
    limits = Limits(SpeculationSettings(at_once=2))
    kinds = list(KINDS.values())
    await play(
        *(
            RandomCall(10 * seed + at, kinds[(seed + at) % len(kinds)], limits=limits)
            for at in range(3)
        )
    )
    assert limits.take()
    assert limits.take()


async def play(*calls: RandomCall) -> None:
    """Play ``calls`` at once; fail with what does not hold of them, and how that came about."""
    found: list[str] = []

    def report(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        found.append(f"{context['message']}: {context.get('exception')!r}")

    asyncio.get_running_loop().set_exception_handler(report)
    with capture_logs() as logs:
        await asyncio.gather(*(call.play() for call in calls))
        others = asyncio.all_tasks() - {asyncio.current_task()}
        found += [f"a task outlived its call: {task!r}" for task in others]
    # What nobody looked at is told when it is collected.
    gc.collect(1)
    found += _errors(logs)
    for call in calls:
        found += complaints(call)
    if found:
        stories = [f"seed {call.seed}:\n" + "\n".join(call.story) for call in calls]
        pytest.fail("\n".join([*found, "", *stories]), pytrace=False)


def _errors(logs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what was logged as an error, but for the troubles that were made."""
    made = ("erratic", "nothing to say")
    return [
        f"logged: {dict(entry)}"
        for entry in logs
        if entry.get("exc_info")
        or (
            entry["log_level"] in {"error", "critical"}
            and not any(trouble in str(entry.get("error")) for trouble in made)
        )
    ]
