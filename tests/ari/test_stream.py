"""The events websocket: opened, kept, lost, taken over."""

from __future__ import annotations

import asyncio
import inspect
import random
from typing import TYPE_CHECKING, Any

import pytest
from structlog.testing import capture_logs

from tests.ari.fake import PASSWORD, USER, FakeAsterisk, application, channel, event
from voicebot.ari import AriClient, Backoff, Connected, Disconnected, UnknownEvent, stream
from voicebot.ari.models import ChannelVarset, Message, StasisStart
from voicebot.errors import (
    ApplicationReplacedError,
    AriAuthenticationError,
    AriError,
    AriNotFoundError,
    AriSetupError,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


def client(
    asterisk: FakeAsterisk,
    *,
    app: str | None = "bot",
    subscribe_all: bool = False,
    heartbeat_s: float = 5.0,
    draw: Callable[[], float] = random.random,
) -> AriClient:
    return AriClient(
        asterisk.url,
        USER,
        PASSWORD,
        app=app,
        subscribe_all=subscribe_all,
        heartbeat_s=heartbeat_s,
        backoff=Backoff(first_s=0.01, longest_s=0.02, draw=draw),
    )


def start(name: str) -> dict[str, Any]:
    return event("StasisStart", "bot", args=[], channel=channel(name))


def counted(attempts: asyncio.Queue[None]) -> Callable[[], float]:
    """Return a ``draw`` that tells ``attempts`` each time a wait begins."""

    def draw() -> float:
        attempts.put_nowait(None)
        return 1.0

    return draw


async def until(events: AsyncIterator[Message], kind: type[Message]) -> Message:
    async with asyncio.timeout(5):
        async for message in events:
            if isinstance(message, kind):
                return message
    pytest.fail(f"no {kind.__name__}")


async def test_the_application_is_registered_before_the_first_request(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk) as ari:
        await ari.channels.answer("one")

    paths = [request.path for request in asterisk.requests]
    assert paths[:3] == ["/events", "/applications/bot", "/channels/one/answer"]
    assert asterisk.requests[0].query == {"app": "bot"}


async def test_all_events_of_the_pbx_can_be_subscribed_to(asterisk: FakeAsterisk) -> None:
    async with client(asterisk, subscribe_all=True):
        pass

    assert asterisk.requests[0].query == {"app": "bot", "subscribeAll": "true"}


async def test_the_first_message_tells_what_asterisk_already_holds(asterisk: FakeAsterisk) -> None:
    asterisk.register("bot", "old-1", "old-2", bridges=("b",))

    async with client(asterisk) as ari:
        first = await anext(ari.events())

    assert isinstance(first, Connected)
    assert not first.again
    assert first.application.channel_ids == ("old-1", "old-2")
    assert first.application.bridge_ids == ("b",)


async def test_events_arrive_in_order_and_unknown_ones_among_them(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        socket = await asterisk.socket()
        for message in (start("one"), {"type": "TeaReady"}, {"type": "Dial"}, start("two")):
            await socket.send_json(message)
        events = ari.events()
        got = [await anext(events) for _ in range(5)]

    kinds = [Connected, StasisStart, UnknownEvent, UnknownEvent, StasisStart]
    assert [type(message) for message in got] == kinds


async def test_text_that_is_no_json_and_binary_frames_do_not_end_the_stream(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk) as ari:
        socket = await asterisk.socket()
        await socket.send_str("garbage")
        await socket.send_bytes(b"\x00\x01")
        await socket.send_json(start("one"))

        unknown = await until(ari.events(), UnknownEvent)
        assert isinstance(unknown, UnknownEvent)
        assert unknown.raw == "garbage"
        assert isinstance(await anext(ari.events()), StasisStart)


async def test_a_burst_that_nobody_consumes_yet_is_kept_whole(asterisk: FakeAsterisk) -> None:
    varset = event("ChannelVarset", "bot", variable="N", value="")
    async with client(asterisk) as ari:
        socket = await asterisk.socket()
        for number in range(5_000):
            await socket.send_json({**varset, "value": str(number)})
        events = ari.events()
        await until(events, Connected)
        got = [await anext(events) for _ in range(5_000)]

    values = [message.value for message in got if isinstance(message, ChannelVarset)]
    assert values == [str(number) for number in range(5_000)]


async def test_a_consumer_that_does_not_read_leaves_pings_answered(asterisk: FakeAsterisk) -> None:
    async with client(asterisk, heartbeat_s=0.05) as ari:
        socket = await asterisk.socket()
        await socket.send_json(start("one"))
        # Ten heartbeats pass without anybody asking for an event.
        await asyncio.sleep(0.5)

        events = ari.events()
        got = [await anext(events), await anext(events)]

    assert [type(message) for message in got] == [Connected, StasisStart]
    assert asterisk.asked("GET").count("/events") == 1


async def test_a_lost_connection_is_reopened_and_reconciled(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        events = ari.events()
        await until(events, Connected)
        asterisk.register("bot", "still-there")
        await asterisk.close_socket(await asterisk.socket())

        lost = await until(events, Disconnected)
        again = await until(events, Connected)
        await (await asterisk.socket()).send_json(start("new"))
        event_after = await until(events, StasisStart)

    assert isinstance(lost, Disconnected)
    assert "1001" in lost.reason
    assert isinstance(again, Connected)
    assert again.again
    assert again.application.channel_ids == ("still-there",)
    assert isinstance(event_after, StasisStart)


async def test_a_connection_that_is_cut_is_reopened(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        events = ari.events()
        await until(events, Connected)
        asterisk.cut(await asterisk.socket())

        lost = await until(events, Disconnected)
        again = await until(events, Connected)

    assert isinstance(lost, Disconnected)
    assert lost.reason == "the connection was cut"
    assert isinstance(again, Connected)


async def test_a_connection_that_breaks_at_once_each_time_is_not_made_without_pause(
    asterisk: FakeAsterisk,
) -> None:
    attempts: asyncio.Queue[None] = asyncio.Queue()
    backoff = Backoff(first_s=0.001, longest_s=10.0, draw=counted(attempts))
    async with AriClient(asterisk.url, USER, PASSWORD, app="bot", backoff=backoff):
        for _ in range(5):
            asterisk.cut(await asterisk.socket())
            await attempts.get()

        # Five losses: the wait after the next one is bounded by the sixth power, not the first.
        assert backoff.next_wait() == pytest.approx(0.001 * 2**5)


async def test_a_half_open_connection_is_noticed(asterisk: FakeAsterisk) -> None:
    asterisk.deaf = True
    async with client(asterisk, heartbeat_s=0.1) as ari:
        events = ari.events()
        await until(events, Connected)
        asterisk.deaf = False

        lost = await until(events, Disconnected)
        again = await until(events, Connected)

    assert isinstance(lost, Disconnected)
    assert "PONG" in lost.reason
    assert isinstance(again, Connected)
    assert again.again


def test_by_default_a_half_open_connection_is_noticed_within_ten_seconds() -> None:
    heartbeat = inspect.signature(AriClient).parameters["heartbeat_s"].default

    assert heartbeat * 1.5 <= 10


async def test_an_asterisk_that_restarts_is_waited_for_whatever_it_answers(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk) as ari:
        events = ari.events()
        await until(events, Connected)
        asterisk.answers["GET", "/events"] = 404, "<html>not loaded yet</html>"
        with capture_logs() as logs:
            await asterisk.close_socket(await asterisk.socket())
            await asterisk.until(lambda: asterisk.asked("GET").count("/events") == 4)
        del asterisk.answers["GET", "/events"]

        again = await until(events, Connected)

    assert isinstance(again, Connected)
    assert again.again
    waiting = [entry for entry in logs if entry["event"] == "waiting for asterisk"]
    assert waiting
    assert all("not as ARI" in entry["reason"] for entry in waiting)


async def test_an_asterisk_that_is_not_there_yet_is_waited_for(asterisk: FakeAsterisk) -> None:
    port = asterisk.port
    await asterisk.stop()
    attempts: asyncio.Queue[None] = asyncio.Queue()
    with capture_logs() as logs:
        opening = asyncio.create_task(client(asterisk, draw=counted(attempts)).__aenter__())
        await attempts.get()
        await attempts.get()
    assert not opening.done()

    await asterisk.start(port=port)
    ari = await asyncio.wait_for(opening, 5)

    assert isinstance(await anext(ari.events()), Connected)
    await ari.__aexit__(None, None, None)
    assert "is Asterisk running" in logs[0]["reason"]


async def test_an_asterisk_that_still_boots_is_waited_for(asterisk: FakeAsterisk) -> None:
    asterisk.answers["GET", "/events"] = 503, {"message": "Asterisk not booted"}
    opening = asyncio.create_task(client(asterisk).__aenter__())
    await asterisk.until(lambda: len(asterisk.requests) == 2)
    del asterisk.answers["GET", "/events"]

    ari = await asyncio.wait_for(opening, 5)

    await ari.__aexit__(None, None, None)


async def test_an_asterisk_whose_http_server_is_up_before_ari_is_waited_for(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.answers["GET", "/events"] = 503, {"message": "Asterisk not booted"}
    opening = asyncio.create_task(client(asterisk).__aenter__())
    await asterisk.until(lambda: len(asterisk.requests) == 2)
    asterisk.answers["GET", "/events"] = 404, "<h1>Not Found</h1>"
    await asterisk.until(lambda: len(asterisk.requests) == 4)
    del asterisk.answers["GET", "/events"]

    ari = await asyncio.wait_for(opening, 5)

    await ari.__aexit__(None, None, None)


async def test_waiting_can_be_cancelled(asterisk: FakeAsterisk) -> None:
    await asterisk.stop()
    attempts: asyncio.Queue[None] = asyncio.Queue()
    opening = asyncio.create_task(client(asterisk, draw=counted(attempts)).__aenter__())
    await attempts.get()

    opening.cancel()

    with pytest.raises(asyncio.CancelledError):
        await opening


async def test_a_wrong_password_is_not_waited_for(asterisk: FakeAsterisk) -> None:
    with pytest.raises(AriAuthenticationError, match="'bot'"):
        async with AriClient(asterisk.url, USER, "wrong", app="bot"):
            pass


async def test_a_wrong_prefix_is_not_waited_for(asterisk: FakeAsterisk) -> None:
    url = asterisk.url.replace("/asterisk", "/elsewhere")

    with pytest.raises(AriSetupError, match="prefix"):
        async with AriClient(url, USER, PASSWORD, app="bot"):
            pass


async def test_an_application_that_asterisk_denies_is_an_error(asterisk: FakeAsterisk) -> None:
    asterisk.answers["GET", "/applications/bot"] = 404, {"message": "Application not found"}

    with pytest.raises(AriNotFoundError, match="Application not found"):
        async with client(asterisk):
            pass

    assert (await asterisk.socket()).closed


async def test_an_application_whose_namesake_is_just_ending_is_tried_again(
    asterisk: FakeAsterisk,
) -> None:
    asterisk.answers["GET", "/applications/bot"] = 404, {"message": "Application not found"}
    denied: asyncio.Queue[None] = asyncio.Queue()
    async with asyncio.TaskGroup() as group:
        opening = group.create_task(client(asterisk, draw=counted(denied)).__aenter__())
        await asyncio.wait_for(denied.get(), 5)
        asterisk.register("bot")
        ari = await opening

    assert isinstance(await anext(ari.events()), Connected)
    await ari.__aexit__(None, None, None)


async def test_another_program_with_the_same_name_ends_the_stream_for_good(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk) as ari:
        events = ari.events()
        socket = await asterisk.socket()
        await socket.send_json(start("last"))
        await socket.send_json(event("ApplicationReplaced", "bot"))

        await until(events, StasisStart)
        with pytest.raises(ApplicationReplacedError, match="'bot' was taken over"):
            await anext(events)
        # The other program is not fought, and requests still work: there are calls to end.
        await asyncio.sleep(0.1)
        await ari.channels.hangup("last")

    assert asterisk.asked("GET").count("/events") == 1
    assert asterisk.asked("DELETE") == ["/channels/last"]


async def test_the_replacement_of_another_application_is_an_event(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        socket = await asterisk.socket()
        await socket.send_json(event("ApplicationReplaced", "other"))
        await socket.send_json(start("one"))

        assert isinstance(await until(ari.events(), StasisStart), StasisStart)


async def test_leaving_closes_the_websocket_and_ends_the_iterator(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        events = ari.events()
        socket = await asterisk.socket()

    assert [type(message) async for message in events] == [Connected]
    assert socket.closed
    assert "ari events" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_devices_are_let_go_of_before_the_websocket_closes(asterisk: FakeAsterisk) -> None:
    asterisk.register("bot", devices=("PJSIP/201", "__AST_DEVICE_STATE_ALL_TOPIC"))
    parting = "/applications/bot/subscription"
    asterisk.answers["DELETE", parting] = 200, application("bot")

    async with client(asterisk, subscribe_all=True):
        pass

    request = asterisk.requests[-1]
    assert (request.method, request.path) == ("DELETE", parting)
    sources = request.query["eventSource"]
    assert sources == "deviceState:PJSIP/201,deviceState:__AST_DEVICE_STATE_ALL_TOPIC"
    assert request.websockets == 1


async def test_an_asterisk_that_answers_nothing_any_more_is_left_all_the_same(
    asterisk: FakeAsterisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PARTING_S", 0.05)
    async with client(asterisk, subscribe_all=True):
        asterisk.hanging.add("/applications/bot")
        socket = await asterisk.socket()

    assert asterisk.asked("GET").count("/applications/bot") == 2
    assert socket.closed


async def test_without_an_application_there_are_requests_and_no_events(
    asterisk: FakeAsterisk,
) -> None:
    async with client(asterisk, app=None) as ari:
        await ari.channels.answer("one")
        with pytest.raises(AriError, match="app="):
            ari.events()

    assert asterisk.asked("GET") == []


async def test_the_resource_events_keeps_its_operations(asterisk: FakeAsterisk) -> None:
    async with client(asterisk) as ari:
        await ari.events.claim_channel(channel_id="one", application="bot")
        await ari.events.user_event("tea", application="bot", variables={"cups": 2})

    claim, user = (request for request in asterisk.requests if request.method == "POST")
    assert (claim.path, user.path) == ("/events/claim", "/events/user/tea")
    assert user.body == {"variables": {"cups": 2}}
