"""Handlers, and the examples of the README against an Asterisk."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.ari.examples import hello_world, presence
from tests.ari.fake import PASSWORD, USER, FakeAsterisk, channel, event, playback
from voicebot.ari import AriClient, Connected, UnknownEvent
from voicebot.ari.models import ChannelDtmfReceived, Event, Message, StasisStart
from voicebot.errors import ApplicationReplacedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from rich.table import Table


def start(name: str, app: str = "bot") -> dict[str, Any]:
    return event("StasisStart", app, args=[], channel=channel(name))


@asynccontextmanager
async def running(main: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(main)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def collect(queue: asyncio.Queue[str], count: int) -> list[str]:
    async with asyncio.timeout(5):
        return [await queue.get() for _ in range(count)]


async def test_a_handler_gets_the_events_of_its_kind(asterisk: FakeAsterisk) -> None:
    started: asyncio.Queue[str] = asyncio.Queue()
    everything: asyncio.Queue[str] = asyncio.Queue()
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot") as ari:

        @ari.on(StasisStart)
        async def one(event: StasisStart) -> None:
            started.put_nowait(event.channel.id)

        @ari.on(Message)
        async def all_kinds(message: Message) -> None:
            everything.put_nowait(type(message).__name__)

        async with running(ari.run()):
            socket = await asterisk.socket()
            await socket.send_json(start("a"))
            await socket.send_json({"type": "TeaReady"})
            await socket.send_json(start("b"))
            kinds = await collect(everything, 4)

            assert await collect(started, 2) == ["a", "b"]
    assert kinds == [Connected.__name__, "StasisStart", UnknownEvent.__name__, "StasisStart"]


async def test_a_handler_that_waits_does_not_hold_up_the_next_event(
    asterisk: FakeAsterisk,
) -> None:
    pressed = asyncio.Event()
    done: asyncio.Queue[str] = asyncio.Queue()
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot") as ari:

        @ari.on(StasisStart)
        async def ask(event: StasisStart) -> None:
            await pressed.wait()
            done.put_nowait(event.channel.id)

        @ari.on(ChannelDtmfReceived)
        async def key(_: ChannelDtmfReceived) -> None:
            pressed.set()

        async with running(ari.run()):
            socket = await asterisk.socket()
            await socket.send_json(start("a"))
            await socket.send_json(
                event("ChannelDtmfReceived", "bot", digit="1", duration_ms=80, channel=channel("a"))
            )

            assert await collect(done, 1) == ["a"]


async def test_a_handler_that_fails_is_logged_and_the_others_go_on(asterisk: FakeAsterisk) -> None:
    served: asyncio.Queue[str] = asyncio.Queue()
    asterisk.answers["POST", "/channels/gone/answer"] = 404, {"message": "Channel not found"}
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot") as ari:

        @ari.on(StasisStart)
        async def serve(event: StasisStart) -> None:
            await ari.channels.answer(event.channel.id)
            if event.channel.id == "bad":
                raise ZeroDivisionError
            served.put_nowait(event.channel.id)

        with capture_logs() as logs:
            async with running(ari.run()):
                socket = await asterisk.socket()
                for name in ("gone", "bad", "good"):
                    await socket.send_json(start(name))
                assert await collect(served, 1) == ["good"]

    told = [(entry["log_level"], entry["event"]) for entry in logs if "handler" in entry]
    assert sorted(told) == [
        ("error", "ari event handler failed"),
        ("info", "gone before the handler was done"),
    ]


async def test_handlers_are_cancelled_when_the_run_ends(asterisk: FakeAsterisk) -> None:
    entered = asyncio.Event()
    cancelled: list[str] = []
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot") as ari:

        @ari.on(Event)
        async def endless(_: Event) -> None:
            try:
                entered.set()
                await asyncio.Event().wait()
            finally:
                cancelled.append("endless")

        async with running(ari.run()):
            await (await asterisk.socket()).send_json(start("a"))
            await entered.wait()

    assert cancelled == ["endless"]


async def test_a_replaced_application_ends_the_run(asterisk: FakeAsterisk) -> None:
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot") as ari:
        await (await asterisk.socket()).send_json(event("ApplicationReplaced", "bot"))

        with pytest.raises(ApplicationReplacedError):
            await ari.run()


async def test_hello_world_in_a_few_lines(
    asterisk: FakeAsterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hello_world, "URL", asterisk.url)
    asterisk.register("hello-world")
    asterisk.answers["POST", "/channels/one/play"] = 200, playback("p", "one", "queued")

    async with running(hello_world.main()):
        socket = await asterisk.socket()
        await socket.send_json(start("one", "hello-world"))
        await asterisk.until(lambda: "/channels/one/play" in asterisk.asked("POST"))
        assert asterisk.asked("DELETE") == []
        await socket.send_json(
            event("PlaybackFinished", "hello-world", playback=playback("p", "one"))
        )
        await asterisk.until(lambda: asterisk.asked("DELETE"))

    assert asterisk.asked("POST") == ["/channels/one/answer", "/channels/one/play"]
    assert asterisk.asked("DELETE") == ["/channels/one"]


async def test_the_presence_table_in_a_few_lines(
    asterisk: FakeAsterisk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(presence, "URL", asterisk.url)
    asterisk.register("presence")
    phone = {"technology": "PJSIP", "resource": "201", "state": "online", "channel_ids": []}
    asterisk.answers["GET", "/endpoints/PJSIP"] = 200, [phone]
    asterisk.answers["GET", "/deviceStates/PJSIP%2F201"] = (
        200,
        {"name": "PJSIP/201", "state": "NOT_INUSE"},
    )
    shown: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    draw = presence.table

    def table(states: dict[str, str]) -> Table:
        shown.put_nowait(dict(states))
        return draw(states)

    monkeypatch.setattr(presence, "table", table)

    async with running(presence.main()):
        socket = await asterisk.socket()
        state = {"name": "PJSIP/202", "state": "INUSE"}
        await socket.send_json(event("DeviceStateChanged", "presence", device_state=state))

        assert await shown.get() == {"PJSIP/201": "NOT_INUSE"}
        assert await shown.get() == {"PJSIP/201": "NOT_INUSE", "PJSIP/202": "INUSE"}
    assert "PJSIP/202" in capsys.readouterr().out
