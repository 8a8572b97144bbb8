"""The receptionist on a simulated PBX: what faults do to a call, and what they leave behind."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from tests.call.harness import PROMPT, FakeLlm, FakeStt, call
from tests.call.voices import speech
from voicebot.apps.calls import Office
from voicebot.apps.receptionist import Receptionist
from voicebot.ari import AriClient, Backoff
from voicebot.call.common import Providers
from voicebot.call.report import BotSaid, CallerSaid, ToolUsed
from voicebot.call.speculation import Limits
from voicebot.config import ReceptionistSettings, Settings, SpeculationSettings
from voicebot.media.endpoint import RtpEndpoint
from voicebot.server import wall_clock
from voicebot.sim import Phone, RestFault, SimulatedPbx
from voicebot.sim.faults import held_up
from voicebot.sim.script import Say, WaitForQuiet, WaitForSpeech

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport, Reporter
    from voicebot.media.audio import Pcm
    from voicebot.sim import SimCaller
    from voicebot.sim.dialplan import Extension
    from voicebot.sim.faults import RestAction

APP = "voicebot"
SALES, OPERATOR = "201", "200"
WISH = Say(speech(1.0), "sales please")
TO_SALES = FakeLlm(
    lambda messages: (
        [f"It was {messages[-1].content}."]
        if messages[-1].role == "tool"
        else ["Connecting.", call("transfer", destination="sales")]
    )
)


class LoudTts:
    """Speaks 0.15 s a word, so that a caller hears it."""

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        assert language
        yield speech(0.15 * len(text.split()))


class Stage:
    """A receptionist at work on a simulated PBX."""

    def __init__(self, pbx: SimulatedPbx, task: asyncio.Task[None]) -> None:
        self.pbx = pbx
        self.task = task
        self.reports: list[CallReport] = []

    @property
    def tools(self) -> list[str]:
        return [report.result for report in self.reports if isinstance(report, ToolUsed)]

    @property
    def bot(self) -> list[str]:
        return [report.text for report in self.reports if isinstance(report, BotSaid)]

    def ours(self, kind: str) -> list[str]:
        """Return the channels and bridges of a kind that voicebot made and that are there now."""
        left = self.pbx.leftovers()
        return [name for name in left.channels + left.bridges if f"voicebot-{kind}" in name]

    async def until_empty(self, within: float = 5.0) -> None:
        """Wait until nothing is left in the PBX. Raises ``AssertionError``."""
        await until(lambda: not self.pbx.leftovers(), within, str(self.pbx.leftovers()))

    async def caller(self, fallback: str = "") -> SimCaller:
        return await self.pbx.call(APP, fallback=fallback)


async def until(condition: object, within: float = 5.0, message: str = "") -> None:
    """Wait until ``condition()`` holds."""
    try:
        async with asyncio.timeout(within):
            while not condition():  # noqa: ASYNC110 - the PBX has no event for it
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise AssertionError(message or "it did not come true") from None


@asynccontextmanager
async def on_stage(
    *faults: RestFault,
    llm: FakeLlm | None = None,
    stt: FakeStt | None = None,
    dialplan: Mapping[str, Extension] | None = None,
    per_call_port: bool = False,
    watch: Callable[[Channel], Reporter] | None = None,
    **settings: object,
) -> AsyncIterator[Stage]:
    """Run a receptionist that understands 'sales please' whatever is said, or as ``stt`` does."""
    plan = dialplan if dialplan is not None else {SALES: Phone(after=0.1)}
    async with SimulatedPbx(username="bot", password="secret", dialplan=plan) as pbx:
        pbx.faults.rest += faults
        transport = RtpEndpoint(per_call_port=per_call_port)
        await transport.start()
        stage: list[Stage] = []
        office = Office(
            settings=Settings(receptionist=ReceptionistSettings(**settings)),
            prompt=PROMPT,
            providers=Providers(stt or FakeStt(["Sales please."]), llm or TO_SALES, LoudTts()),
            transport=transport,
            wall_clock=wall_clock,
            watch=watch or (lambda _channel: stage[0].reports.append),
            limits=Limits(SpeculationSettings()),
        )
        backoff = Backoff(first_s=0.02, longest_s=0.05)
        async with AriClient(
            pbx.url, "bot", "secret", app=APP, timeout_s=0.5, backoff=backoff
        ) as ari:
            task = asyncio.create_task(Receptionist(ari, APP, office).run())
            stage.append(Stage(pbx, task))
            try:
                yield stage[0]
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await transport.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert not [task for task in others if task.get_name().startswith("call ")]


SET_UP = [
    "POST /channels/{channelId}/answer",
    "POST /bridges/{bridgeId}",
    "POST /channels/externalMedia",
    "POST /bridges/{bridgeId}/addChannel",
]


@pytest.mark.parametrize("operation", SET_UP)
@pytest.mark.parametrize("action", ["status", "reset", "hang"])
async def test_a_failing_set_up_gives_the_caller_to_the_fallback_and_leaves_nothing(
    operation: str, action: str
):
    plan = {"200": Phone(after=0.05)}
    async with on_stage(RestFault(operation, action=action), dialplan=plan) as stage:
        caller = await stage.caller(fallback="200")

        await until(lambda: not any("media" in name for name in stage.pbx.leftovers().channels))
        await until(lambda: len(stage.pbx.leftovers().channels) == 2, message="no fallback")

        caller.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize("operation", ["POST /channels/externalMedia", "POST /bridges/{bridgeId}"])
async def test_what_is_made_although_its_answer_is_lost_is_removed(operation: str):
    # Given an answer that comes after our patience, and a thing that was made all the same.
    slow = RestFault(operation, action="slow", seconds=0.8)
    async with on_stage(slow) as stage:
        caller = await stage.caller()

        await until(lambda: caller.ended)

        await stage.until_empty()


@pytest.mark.parametrize(
    "operation", ["DELETE /channels/{channelId}", "DELETE /bridges/{bridgeId}"]
)
async def test_a_failing_teardown_does_not_keep_the_rest_from_being_removed(operation: str):
    async with on_stage(RestFault(operation)) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet()])

        caller.hang_up()

        await until(lambda: len(stage.pbx.leftovers().channels + stage.pbx.leftovers().bridges) < 2)


async def test_a_media_channel_that_enters_stasis_late_is_waited_for():
    async with on_stage() as stage:
        stage.pbx.faults.entry_seconds = 0.3
        caller = await stage.caller()

        await caller.perform([WaitForSpeech(), WaitForQuiet()])

        assert stage.bot == [PROMPT.greeting]
        caller.hang_up()
        await stage.until_empty()


async def test_with_a_port_for_each_call_a_call_that_comes_up_first_takes_no_others_port():
    # Given two calls, of which the first is told of its media channel after the second.
    slow = RestFault("POST /channels/externalMedia", action="slow", seconds=0.3)
    talk = FakeLlm(lambda _messages: ["Certainly."])
    async with on_stage(slow, llm=talk, per_call_port=True) as stage:
        first = await stage.caller()
        second = await stage.caller()
        await until(lambda: len(stage.bot) == 2)

        second.hang_up()
        await until(lambda: len(stage.ours("call-")) == 1)
        await first.perform([WaitForQuiet(), WISH])
        await until(lambda: any(isinstance(report, CallerSaid) for report in stage.reports))

        first.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.05, 0.2])
async def test_a_caller_may_hang_up_during_set_up(wait: float):
    async with on_stage() as stage:
        caller = await stage.caller()
        await asyncio.sleep(wait)

        caller.hang_up()

        await stage.until_empty()


@pytest.mark.parametrize("wait", [0.0, 0.1])
async def test_a_key_that_is_pressed_during_set_up_reaches_the_operator(wait: float):
    # Given media that comes up slowly, and an impatient caller.
    slow = RestFault("POST /channels/externalMedia", action="slow", seconds=0.3)
    async with on_stage(slow, dialplan={OPERATOR: Phone(after=0.1)}) as stage:
        caller = await stage.caller()
        await asyncio.sleep(wait)

        caller.dtmf("500")

        await until(lambda: stage.tools == ["answered"])
        assert len(stage.ours("talk-")) == 1
        assert stage.bot == []
        caller.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize(
    ("fates", "good"), [(((0.0,),), True), (((0.0,), (0.0,), (0.0,), ()), False)]
)
async def test_the_log_tells_how_a_caller_was_heard(
    fates: tuple[tuple[float, ...], ...], *, good: bool
):
    with capture_logs() as log:
        async with on_stage() as stage:
            stage.pbx.faults.rtp_out = fates
            caller = await stage.caller()
            await caller.perform([WaitForQuiet(), WISH, WaitForSpeech()])
            caller.hang_up()
            await stage.until_empty()
    (line,) = [line for line in log if line["event"] == "caller heard"]
    assert line["packets"] > 50
    assert (line["lost"] == 0) == good
    assert (line["mos"] > 4.3) == (line["r_factor"] > 85) == good


@pytest.mark.parametrize("seconds", [0.3, 0.7])
async def test_a_caller_whom_a_busy_pbx_holds_up_is_heard_without_a_hole(seconds: float):
    stt = FakeStt(["Sales please."])
    with capture_logs() as log:
        async with on_stage(stt=stt) as stage:
            stage.pbx.faults.rtp_out = held_up(seconds, every=1.0)
            caller = await stage.caller()
            await caller.perform([WaitForQuiet(), Say(speech(3.0), "sales please")])
            await until(lambda: "Connecting." in stage.bot)
            caller.hang_up()
            await stage.until_empty()
    (line,) = [line for line in log if line["event"] == "caller heard"]
    assert line["lost"] == 0
    # The timers of the simulated PBX may swap two packets where one stall ends.
    assert line["late"] < 10
    assert max(stt.heard) == pytest.approx(3.0, abs=0.5)


async def test_a_transfer_bridges_the_two_and_ends_with_either():
    async with on_stage() as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: stage.tools == ["answered"])
        await until(lambda: stage.ours("call-") == stage.ours("media-") == [])
        assert len(stage.ours("talk-")) == 1

        caller.hang_up()

        await stage.until_empty()


@pytest.mark.parametrize(
    ("phone", "result"),
    [
        (Phone("busy", after=0.1), "busy"),
        (Phone("refuses", after=0.1), "refused"),
        (Phone("never"), "no_answer"),
        (Phone("offline"), "failed"),
        (None, "failed"),
    ],
    ids=["busy", "refuses", "never", "offline", "nobody"],
)
async def test_a_colleague_who_is_not_reached_leaves_the_caller_with_the_bot(
    phone: Phone | None, result: str
):
    plan = {} if phone is None else {SALES: phone}
    async with on_stage(dialplan=plan, ring_s=1.0) as stage:
        caller = await stage.caller()

        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: f"It was {result}." in stage.bot, within=8)

        assert stage.tools == [result]
        caller.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize("action", ["status", "reset", "hang"])
async def test_a_request_to_ring_that_fails_leaves_the_caller_with_the_bot(action: RestAction):
    async with on_stage(RestFault("POST /channels", action=action)) as stage:
        caller = await stage.caller()

        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: "It was failed." in stage.bot, within=8)

        caller.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize("answers", [0.1, 1.0], ids=["before", "after"])
async def test_a_colleague_who_was_given_up_for_lost_is_not_left_in_silence(answers: float):
    # Given a phone that rings although the answer to the request for it came too late.
    slow = RestFault("POST /channels", action="slow", seconds=1.5)
    async with on_stage(slow, dialplan={SALES: Phone(after=answers)}) as stage:
        caller = await stage.caller()

        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: "It was failed." in stage.bot, within=8)

        await until(lambda: not stage.ours("dial-"), within=3)
        caller.hang_up()
        await stage.until_empty()


async def test_who_hangs_up_while_it_rings_leaves_no_ringing_phone():
    async with on_stage(dialplan={SALES: Phone("never")}) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: len(stage.pbx.leftovers().channels) > 2)

        caller.hang_up()

        await stage.until_empty()


async def test_a_bridge_that_cannot_be_made_for_the_two_hangs_up_on_the_colleague():
    # The first bridge is the call's, the second one the talk's.
    fault = RestFault("POST /bridges/{bridgeId}", first=2)
    async with on_stage(fault) as stage:
        caller = await stage.caller()

        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: "It was failed." in stage.bot, within=8)

        caller.hang_up()
        await stage.until_empty()


@pytest.mark.parametrize(
    "operation", ["POST /bridges/{bridgeId}", "POST /bridges/{bridgeId}/addChannel"]
)
async def test_who_hangs_up_as_the_colleague_answers_leaves_nobody_in_silence(operation: str):
    # The first request is for the call's bridge, the second one for the talk's.
    slow = RestFault(operation, action="slow", first=2, seconds=0.3)
    async with on_stage(slow) as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: bool(stage.ours("talk-")), within=8)

        caller.hang_up()

        await stage.until_empty()


async def test_a_transfer_may_be_given_to_the_dialplan():
    plan = {"6201": Phone(after=0.05)}
    async with on_stage(dialplan=plan, hand_back="internal,6{extension},1") as stage:
        caller = await stage.caller()

        await caller.perform([WaitForQuiet(), WISH])
        await until(lambda: not stage.pbx.leftovers().bridges and bool(stage.bot[1:]), within=8)

        assert not any("media" in name for name in stage.pbx.leftovers().channels)
        caller.hang_up()
        await stage.until_empty()


async def test_a_lost_connection_does_not_end_the_call():
    async with on_stage() as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet()])

        stage.pbx.drop_websocket(APP)
        await stage.pbx.wait_for_app(APP)
        await caller.perform([WISH])
        await until(lambda: stage.tools == ["answered"], within=8)

        caller.hang_up()
        await stage.until_empty()


async def test_a_caller_who_hangs_up_during_a_gap_is_noticed_afterwards():
    async with on_stage() as stage:
        caller = await stage.caller()
        await caller.perform([WaitForQuiet()])

        stage.pbx.drop_websocket(APP)
        caller.hang_up()

        await stage.until_empty()


async def test_a_caller_who_came_during_a_gap_is_served_afterwards():
    async with on_stage() as stage:
        first = await stage.caller()
        await first.perform([WaitForQuiet()])

        # The application stays listed while it has channels, so the second caller gets in.
        stage.pbx.drop_websocket(APP)
        await stage.pbx.wait_for_app(APP)
        second = await stage.caller()
        await second.perform([WaitForSpeech()])

        first.hang_up()
        second.hang_up()
        await stage.until_empty()


async def test_stopping_gives_callers_back_and_leaves_nothing():
    async with on_stage() as stage:
        caller = await stage.caller(fallback=SALES)
        await caller.perform([WaitForQuiet()])

        stage.task.cancel()
        await asyncio.gather(stage.task, return_exceptions=True)

        assert not stage.pbx.leftovers().bridges or not caller.ended
        assert not any("media" in name for name in stage.pbx.leftovers().channels)
        caller.hang_up()
        await stage.until_empty()
