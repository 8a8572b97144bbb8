from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from tests.ari.fake import PASSWORD, USER, FakeAsterisk, channel, event, playback
from voicebot.apps import hello
from voicebot.config import AriSettings
from voicebot.errors import ApplicationReplacedError, AriAuthenticationError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk()
    fake.register(hello.APP)
    for name in ("one", "two"):
        fake.answers["POST", f"/channels/{name}/play"] = 200, playback("p", name, "queued")
    await fake.start()
    yield fake
    await fake.stop()


def settings(asterisk: FakeAsterisk, password: str = PASSWORD) -> AriSettings:
    return AriSettings(url=asterisk.url, username=USER, password=SecretStr(password))


@asynccontextmanager
async def serving(asterisk: FakeAsterisk) -> AsyncIterator[web.WebSocketResponse]:
    """Run hello; leaving is what SIGTERM does to it."""
    task = asyncio.create_task(hello.run(settings(asterisk)))
    yield await asterisk.socket()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def start(name: str) -> dict[str, Any]:
    return event("StasisStart", hello.APP, args=[], channel=channel(name))


def end(name: str) -> dict[str, Any]:
    return event("StasisEnd", hello.APP, channel=channel(name))


def finished(name: str, state: str = "done") -> dict[str, Any]:
    return event("PlaybackFinished", hello.APP, playback=playback("p", name, state))


async def test_a_caller_is_answered_hears_the_sound_and_is_let_go(asterisk: FakeAsterisk) -> None:
    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)
        assert asterisk.asked("DELETE") == []
        await socket.send_json(finished("one"))
        await asterisk.until(lambda: asterisk.asked("DELETE"))

    answer, play = (request for request in asterisk.requests if request.method == "POST")
    assert (answer.path, play.path) == ("/channels/one/answer", "/channels/one/play")
    assert play.query == {"media": "sound:hello-world"}
    assert asterisk.asked("DELETE") == ["/channels/one"]


async def test_ending_hangs_up_who_is_still_there(asterisk: FakeAsterisk) -> None:
    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await socket.send_json(start("two"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 4)

    assert sorted(asterisk.asked("DELETE")) == ["/channels/one", "/channels/two"]


async def test_a_caller_who_hangs_up_is_not_hung_up_again(asterisk: FakeAsterisk) -> None:
    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)
        await socket.send_json(end("one"))
        await socket.send_json(finished("one", "failed"))
        await socket.send_json(start("two"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 4)

    assert asterisk.asked("DELETE") == ["/channels/two"]


@pytest.mark.parametrize("step", ["answer", "play"])
async def test_a_caller_who_cannot_be_greeted_is_not_left_in_silence(
    asterisk: FakeAsterisk, step: str
) -> None:
    asterisk.answers["POST", f"/channels/one/{step}"] = 500, {"message": "no"}

    async with serving(asterisk) as socket:
        with capture_logs() as logs:
            await socket.send_json(start("one"))
            await asterisk.until(lambda: asterisk.asked("DELETE"))

    assert asterisk.asked("DELETE") == ["/channels/one"]
    assert [entry["channel"] for entry in logs if "channel" in entry] == ["one"]


async def test_a_sound_that_is_missing_ends_the_call_and_is_logged(asterisk: FakeAsterisk) -> None:
    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)
        with capture_logs() as logs:
            await socket.send_json(finished("one", "failed"))
            await asterisk.until(lambda: asterisk.asked("DELETE"))

    assert [entry["sound"] for entry in logs] == ["sound:hello-world"]


async def test_a_caller_who_is_gone_when_the_sound_ends_is_no_error(asterisk: FakeAsterisk) -> None:
    asterisk.answers["DELETE", "/channels/one"] = 404, {"message": "Channel not found"}

    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)
        with capture_logs() as logs:
            await socket.send_json(finished("one"))
            await asterisk.until(lambda: asterisk.asked("DELETE"))

    assert logs == []


async def test_callers_that_wait_since_an_earlier_run_are_greeted(asterisk: FakeAsterisk) -> None:
    asterisk.register(hello.APP, "one")

    async with serving(asterisk):
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)

    assert asterisk.asked("POST") == ["/channels/one/answer", "/channels/one/play"]
    assert asterisk.asked("DELETE") == ["/channels/one"]


async def test_a_lost_connection_forgets_no_caller(asterisk: FakeAsterisk) -> None:
    async with serving(asterisk) as socket:
        await socket.send_json(start("one"))
        await socket.send_json(start("two"))
        await asterisk.until(lambda: len(asterisk.asked("POST")) == 4)
        # 'two' hangs up in the gap, and the end of both sounds is lost in it.
        asterisk.register(hello.APP, "one")
        await asterisk.close_socket(socket)
        await asterisk.socket()
        await asterisk.until(lambda: asterisk.asked("POST").count("/channels/one/play") == 2)

    assert asterisk.asked("DELETE") == ["/channels/one"]


async def test_an_asterisk_that_is_gone_at_the_end_does_not_hold_it_up(
    asterisk: FakeAsterisk,
) -> None:
    with capture_logs() as logs:
        async with serving(asterisk) as socket:
            await socket.send_json(start("one"))
            await asterisk.until(lambda: len(asterisk.asked("POST")) == 2)
            await asterisk.stop()

    assert "a caller may still be waiting" in [entry["event"] for entry in logs]


async def test_another_program_with_the_same_name_ends_it(asterisk: FakeAsterisk) -> None:
    task = asyncio.create_task(hello.run(settings(asterisk)))
    await (await asterisk.socket()).send_json(event("ApplicationReplaced", hello.APP))

    with pytest.raises(ApplicationReplacedError, match="hello-world"):
        await task


async def test_a_wrong_password_ends_it(asterisk: FakeAsterisk) -> None:
    with pytest.raises(AriAuthenticationError):
        await hello.run(settings(asterisk, password="wrong"))
