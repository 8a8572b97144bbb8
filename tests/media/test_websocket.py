from __future__ import annotations

import asyncio
import ssl
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
import trustme
from structlog.testing import capture_logs

from tests.media.websocket_fake import PASSWORD, USER, FakeAsterisk, Faults
from tests.media.wire import numbered, pcm
from voicebot.errors import ConfigError, MediaError, MediaUnreachableError
from voicebot.media.audio import FRAME_BYTES, SILENCE
from voicebot.media.websocket import WebsocketTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from voicebot.media.stream import MediaStream, MediaTransport

VARIABLES = {"MEDIA_WEBSOCKET_CONNECTION_ID": "one", "MEDIA_WEBSOCKET_OPTIMAL_FRAME_SIZE": "640"}


@pytest.fixture
def faults() -> Faults:
    return Faults()


@pytest.fixture
async def asterisk(faults: Faults) -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk(faults)
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture
async def transport(asterisk: FakeAsterisk, faults: Faults) -> AsyncIterator[WebsocketTransport]:
    # Only what never comes is given up soon: on a loaded machine an answer may take its time.
    timeout_s = 0.5 if faults.hangs else 20.0
    transport = WebsocketTransport(asterisk.url, USER, PASSWORD, timeout_s=timeout_s)
    await transport.start()
    yield transport
    await transport.close()


async def until(condition: Callable[[], object], *, within: float = 20.0) -> None:
    """Return once ``condition`` holds."""
    for _ in range(round(within / 0.005)):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise TimeoutError(f"not so within {within:g} s")


def test_asterisk_is_told_to_wait_for_us():
    transport: MediaTransport = WebsocketTransport("http://pbx:8088/asterisk", USER, PASSWORD)

    assert transport.external_media() == {
        "external_host": "INCOMING",
        "format": "slin16",
        "encapsulation": "none",
        "transport": "websocket",
        "connection_type": "server",
        "transport_data": "f(json)",
    }


async def test_a_call_hears_and_is_heard(asterisk: FakeAsterisk, transport: WebsocketTransport):
    stream: MediaStream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))
    said = asyncio.Event()
    stream.playout.play(numbered(320 * 20))
    stream.playout.mark(lambda _now: said.set())

    for start in range(0, 10 * FRAME_BYTES, FRAME_BYTES):
        await asterisk.say("one", numbered(3200)[start : start + FRAME_BYTES])
        await asyncio.sleep(0.02)
    await asyncio.wait_for(said.wait(), 2)

    sounds = [frame for frame in asterisk.queues["one"].heard if frame != SILENCE]
    assert b"".join(sounds) == numbered(320 * 20)
    assert len({int(level) for frame in heard for level in pcm(frame)} & set(range(3200))) > 2800
    statistics = stream.statistics()
    assert statistics.received == 10
    assert statistics.sent == 20
    assert (statistics.lost, statistics.malformed, statistics.unsent) == (0, 0, 0)


async def test_the_connection_is_asked_for_as_asterisk_wants_it(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    await transport.open(VARIABLES, wideband=False)

    (request,) = asterisk.requests
    assert request.rel_url.raw_path == "/asterisk/media/one"
    assert request.headers["Sec-WebSocket-Protocol"] == "media"


@pytest.mark.parametrize("ending", ["", "/", "/ari", "/ari/"])
async def test_the_base_url_is_the_one_of_ari(asterisk: FakeAsterisk, ending: str):
    transport = WebsocketTransport(asterisk.url + ending, USER, PASSWORD)
    await transport.start()

    await transport.open(VARIABLES, wideband=True)
    await transport.close()

    assert [request.rel_url.raw_path for request in asterisk.requests] == ["/asterisk/media/one"]


async def test_time_goes_on_when_nothing_comes(transport: WebsocketTransport):
    opened = time.monotonic()
    stream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []
    times: list[float] = []
    enough = asyncio.Event()

    def hear(frame: bytes, now: float) -> None:
        heard.append(frame)
        times.append(now)
        if len(heard) == 25:
            enough.set()

    stream.listen(hear)

    async with asyncio.timeout(10):
        await enough.wait()

    assert set(heard) == {SILENCE}
    # As much of it as time has passed by the clock, however long the machine took.
    assert (times[-1] - opened) / 0.02 - 2 == pytest.approx(len(heard), abs=4)


@pytest.mark.parametrize("faults", [Faults(audio_first=5)])
async def test_audio_before_media_start_is_heard(transport: WebsocketTransport):
    stream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))

    await until(lambda: stream.statistics().received == 5)

    assert b"\x01\x00" * 320 in heard


async def test_dropping_flushes_asterisk(asterisk: FakeAsterisk, transport: WebsocketTransport):
    stream = await transport.open(VARIABLES, wideband=True)
    stream.playout.play(numbered(320 * 100))
    await until(lambda: stream.playout.position > 3200)
    queue = asterisk.queues["one"]

    stream.playout.drop()
    await until(lambda: "FLUSH_MEDIA" in queue.commands)
    at = len(queue.heard)
    await until(lambda: len(queue.heard) >= at + 5)

    # one frame may be the fading one
    assert sum(frame != SILENCE for frame in queue.heard[at:]) <= 1
    assert stream.playout.idle


async def test_a_stalled_loop_loses_nothing_of_the_caller(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    stream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []
    stream.listen(lambda frame, _now: heard.append(frame))
    await asterisk.say("one", numbered(320))
    await until(lambda: stream.statistics().received == 1)

    time.sleep(0.1)  # noqa: ASYNC251 (a loop that is held up is what is tested)
    # what has come meanwhile is read after the late ticks
    for start in range(1, 6):
        await asterisk.say("one", numbered(320 * 6)[start * FRAME_BYTES : (start + 1) * 640])
    await until(lambda: stream.statistics().received == 6)

    joined = b"".join(heard)
    assert numbered(320 * 6) in joined
    assert stream.statistics().stalls == 1


async def test_a_connection_that_is_cut_is_reported_and_time_goes_on(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    stream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []
    said = asyncio.Event()
    stream.listen(lambda frame, _now: heard.append(frame))
    stream.playout.play(numbered(320 * 30))
    stream.playout.mark(lambda _now: said.set())
    await until(lambda: stream.playout.position)

    with capture_logs() as logs:
        asterisk.cut("one")
        await until(lambda: stream.lost)
    before = len(heard)
    await asyncio.wait_for(said.wait(), 2)
    await until(lambda: len(heard) > before + 5)

    assert stream.lost == "the connection was cut"
    assert [entry["event"] for entry in logs].count("media websocket lost") == 1
    assert stream.statistics().unsent > 0


async def test_asterisk_closing_is_reported(asterisk: FakeAsterisk, transport: WebsocketTransport):
    stream = await transport.open(VARIABLES, wideband=True)
    await until(lambda: "one" in asterisk.sockets)

    await asterisk.sockets["one"].close()
    await until(lambda: stream.lost)

    assert stream.lost == "closed with code 1000"


async def test_closing_ends_the_connection_and_may_be_repeated(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    stream = await transport.open(VARIABLES, wideband=True)
    stream.playout.play(numbered(3200))
    await until(lambda: stream.statistics().sent)

    await stream.close()
    await stream.close()
    await until(lambda: not asterisk.sockets)

    assert stream.lost is None
    assert stream.statistics().sent > 0


async def test_closing_the_transport_closes_its_streams(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    for name in ("one", "two"):
        await transport.open({"MEDIA_WEBSOCKET_CONNECTION_ID": name}, wideband=True)

    await transport.close()
    await transport.close()
    await until(lambda: not asterisk.sockets)


async def test_calls_are_apart(asterisk: FakeAsterisk, transport: WebsocketTransport):
    voices = {"one": 900, "two": -900}
    heard: dict[str, list[bytes]] = {"one": [], "two": []}
    for name, level in voices.items():
        stream = await transport.open({"MEDIA_WEBSOCKET_CONNECTION_ID": name}, wideband=True)

        def hear(frame: bytes, _now: float, name: str = name) -> None:
            heard[name].append(frame)

        stream.listen(hear)
        stream.playout.play(np.full(3200, level, "<i2").tobytes())

    for name, level in voices.items():
        await asterisk.say(name, np.full(320, level, "<i2").tobytes())
    await until(lambda: all(len(queue.heard) > 12 for queue in asterisk.queues.values()))

    for name, level in voices.items():
        for frames in (heard[name], asterisk.queues[name].heard):
            samples = pcm(b"".join(frames))
            # what is made up after the last sound fades from it
            assert np.sign(level) in np.sign(samples)
            assert -np.sign(level) not in np.sign(samples)


async def test_a_listener_that_raises_harms_nobody_else(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    stream = await transport.open(VARIABLES, wideband=True)
    heard: list[bytes] = []

    def fail(_frame: bytes, _now: float) -> None:
        raise ValueError("on purpose")

    with capture_logs() as logs:
        stream.listen(fail)
        stream.listen(lambda frame, _now: heard.append(frame))
        await until(lambda: len(heard) > 5)

    events = [entry["event"] for entry in logs]
    assert events.count("frame listener failed and hears no more") == 1
    assert "one" in asterisk.sockets


@pytest.mark.parametrize("text", ["", "MEDIA_XOFF", "[]", '{"event":7}', '{"no":"event"}'])
async def test_what_is_no_event_is_counted_and_ignored(
    asterisk: FakeAsterisk, transport: WebsocketTransport, text: str
):
    stream = await transport.open(VARIABLES, wideband=True)
    await until(lambda: "one" in asterisk.sockets)

    with capture_logs():
        await asterisk.sockets["one"].send_str(text)
        await until(lambda: stream.statistics().malformed == 1)

    assert stream.lost is None


@pytest.mark.parametrize("name", ["", "x", "-1", "\u0663", "9" * 20, "9" * 5000])
async def test_a_mark_that_is_not_ours_confirms_nothing_and_ends_nothing(
    asterisk: FakeAsterisk, transport: WebsocketTransport, name: str
):
    stream = await transport.open(VARIABLES, wideband=True)
    await until(lambda: "one" in asterisk.sockets)

    await asterisk.sockets["one"].send_json(
        {"event": "MEDIA_MARK_PROCESSED", "correlation_id": name}
    )
    await asterisk.say("one", SILENCE)
    await until(lambda: stream.statistics().received, within=5)

    assert stream.playout.position == 0


async def test_unknown_events_and_fields_are_ignored(
    asterisk: FakeAsterisk, transport: WebsocketTransport
):
    stream = await transport.open(VARIABLES, wideband=True)
    await until(lambda: "one" in asterisk.sockets)

    for event in ("DTMF_END", "SOMETHING_NEW", "MEDIA_MARK_PROCESSED"):
        await asterisk.sockets["one"].send_json(
            {"event": event, "digit": "5", "correlation_id": "x", "new": [1]}
        )
    await asterisk.say("one", SILENCE)
    await until(lambda: stream.statistics().received)

    assert stream.statistics().malformed == 0


@pytest.mark.parametrize(
    ("event", "logged"),
    [
        ({"event": "ERROR", "error_text": "no such command"}, "asterisk refused a command"),
        ({"event": "MEDIA_START", "format": "ulaw"}, "asterisk sends another format"),
    ],
)
async def test_what_asterisk_complains_about_is_logged(
    asterisk: FakeAsterisk, transport: WebsocketTransport, event: dict[str, str], logged: str
):
    await transport.open(VARIABLES, wideband=True)
    await until(lambda: "one" in asterisk.sockets)

    with capture_logs() as logs:
        await asterisk.sockets["one"].send_json(event)
        await until(lambda: logged in [entry["event"] for entry in logs])


@pytest.mark.parametrize(
    ("faults", "reason"),
    [
        (Faults(refusal=404), r"404: the channel is gone, chan_websocket\.so is not loaded"),
        (Faults(refusal=409), r"409: somebody else"),
        (Faults(refusal=503), r"503: Asterisk's sessionlimit"),
        (Faults(refusal=500), r"500: "),
        (Faults(hangs=True), r"no answer within 0\.5 s"),
    ],
)
async def test_a_connection_that_cannot_be_made_says_why(
    transport: WebsocketTransport, reason: str
):
    with pytest.raises(MediaUnreachableError, match=rf"/asterisk/media/one: {reason}"):
        await transport.open(VARIABLES, wideband=True)


async def test_a_wrong_password_is_named(asterisk: FakeAsterisk):
    transport = WebsocketTransport(asterisk.url, USER, "wrong")
    await transport.start()

    with pytest.raises(MediaUnreachableError, match="401: check user name and password"):
        await transport.open(VARIABLES, wideband=True)
    await transport.close()


async def test_nobody_there_is_named():
    transport = WebsocketTransport("http://127.0.0.1:9/asterisk", USER, PASSWORD)
    await transport.start()

    with pytest.raises(MediaUnreachableError, match=r"127\.0\.0\.1:9"):
        await transport.open(VARIABLES, wideband=True)
    await transport.close()


async def test_variables_without_a_connection_are_refused(transport: WebsocketTransport):
    with pytest.raises(MediaError, match="MEDIA_WEBSOCKET_CONNECTION_ID is missing"):
        await transport.open({"UNICASTRTP_LOCAL_PORT": "4000"}, wideband=True)


async def test_before_the_start_nothing_opens():
    transport = WebsocketTransport("http://127.0.0.1:9", USER, PASSWORD)

    with pytest.raises(MediaUnreachableError, match="has not been started"):
        await transport.open(VARIABLES, wideband=True)


class TestTls:
    """Verified, with the system's authorities and one more."""

    @pytest.fixture
    async def secured(self, tmp_path: Path) -> AsyncIterator[FakeAsterisk]:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)
        fake = FakeAsterisk()
        await fake.start(tls=context)
        yield fake
        await fake.stop()

    async def join(self, url: str, ca_file: Path | None) -> None:
        transport = WebsocketTransport(url, USER, PASSWORD, ca_file=ca_file)
        await transport.start()
        try:
            await transport.open(VARIABLES, wideband=True)
        finally:
            await transport.close()

    async def test_a_private_authority_is_trusted(self, secured: FakeAsterisk, tmp_path: Path):
        await self.join(f"https://localhost:{secured.port}/asterisk", tmp_path / "ca.pem")

        assert len(secured.requests) == 1

    async def test_an_unknown_authority_is_not(self, secured: FakeAsterisk):
        with pytest.raises(MediaUnreachableError, match=r"certificate is not accepted.*ca_file"):
            await self.join(f"https://localhost:{secured.port}/asterisk", None)

        assert secured.requests == []

    async def test_another_name_is_not(self, secured: FakeAsterisk, tmp_path: Path):
        with pytest.raises(MediaUnreachableError, match="certificate is not accepted"):
            await self.join(f"https://127.0.0.1:{secured.port}/asterisk", tmp_path / "ca.pem")

    def test_an_authority_that_cannot_be_read_is_named(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"ari\.ca_file: .*none\.pem"):
            WebsocketTransport("https://pbx", USER, PASSWORD, ca_file=tmp_path / "none.pem")

    def test_another_scheme_is_refused(self):
        with pytest.raises(ConfigError, match=r"ari\.url: 'ws://pbx' must be"):
            WebsocketTransport("ws://pbx", USER, PASSWORD)
