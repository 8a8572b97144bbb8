"""Both transports between real Asterisk and a real phone: the same tests for either."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeAlias
from uuid import uuid4

import numpy as np
import pytest
import trustme

from bench.phone import MU_LAW, WIDEBAND
from bench.waveform import Segment, loudest_frequency, segments, tone_share
from tests.asterisk.configuration import Certificate
from tests.asterisk.helpers import leftovers
from tests.asterisk.server import AsteriskServer
from voicebot.ari import AriClient
from voicebot.ari.models import StasisStart
from voicebot.errors import AriNotFoundError, MediaUnreachableError
from voicebot.media.audio import SAMPLE_RATE
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.websocket import WebsocketStream, WebsocketTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from bench.phone import Phone, PhoneCall
    from bench.recording import Recording
    from bench.waveform import Samples
    from tests.asterisk.conftest import Phones
    from voicebot.ari.models import Message
    from voicebot.media.stream import MediaStream

    Transport: TypeAlias = RtpEndpoint | WebsocketTransport

APP = "media"
THRESHOLD_DBFS = -45.0
# What else the machine does can only spoil a measurement: the best of these counts.
ATTEMPTS = 3

transports = pytest.mark.parametrize("kind", ["rtp", "websocket"])


def tone(frequency: float, seconds: float) -> bytes:
    at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return (8000 * np.sin(2 * np.pi * frequency * at)).astype("<i2").tobytes()


def samples(pcm: bytes) -> Samples:
    return np.frombuffer(pcm, "<i2")


def make(kind: str, pbx: AsteriskServer) -> Transport:
    if kind == "rtp":
        return RtpEndpoint()
    return WebsocketTransport(pbx.ari_url, pbx.username, pbx.password)


async def entered(events: AsyncIterator[Message]) -> str:
    """Return the channel that enters the application next."""
    async for event in events:
        if isinstance(event, StasisStart):
            return event.channel.id
    raise AssertionError("the events have ended")


@asynccontextmanager
async def joined(
    pbx: AsteriskServer, transport: Transport, phone: Phone, *, wideband: bool = True
) -> AsyncIterator[tuple[PhoneCall, MediaStream, str]]:
    """Let ``phone`` call the smallest of all applications, which joins it to a media stream.

    Gives the call, the stream and the id of the media channel; afterwards nothing is left.
    """
    bridge, media = f"bridge-{uuid4().hex}", f"media-{uuid4().hex}"
    async with AsyncExitStack() as stack:
        await transport.start()
        stack.push_async_callback(transport.close)
        ari = await stack.enter_async_context(
            AriClient(pbx.ari_url, pbx.username, pbx.password, app=APP)
        )
        events = ari.events()
        call = await phone.ring(f"bot-{APP}")
        stack.push_async_callback(call.hang_up)
        caller = await entered(events)
        await ari.bridges.create_with_id(bridge, type="mixing")
        stack.push_async_callback(ari.bridges.destroy, bridge)
        channel = await ari.channels.external_media(
            app=APP, channel_id=media, **transport.external_media()
        )
        try:
            stream = await transport.open(channel.channelvars or {}, wideband=wideband)
            await entered(events)
            await ari.bridges.add_channel(bridge, channel=[caller, media])
            await call.answered()
            yield call, stream, media
            await stream.close()
        finally:
            with suppress(AriNotFoundError):
                await ari.channels.hangup(media)


async def heard_by(stream: MediaStream) -> None:
    """Return once everything has been heard."""
    over = asyncio.Event()
    stream.playout.mark(lambda _now: over.set())
    await asyncio.wait_for(over.wait(), 20)


def sounds(recording: Recording) -> list[Segment]:
    """Return what the phone heard, stretch by stretch."""
    found = segments(recording.heard, recording.rate, threshold=THRESHOLD_DBFS)
    assert found, "the phone heard nothing"
    return found


def middle(recording: Recording, sound: Segment) -> Samples:
    """Return the samples of a stretch without its first and last 20 ms."""
    return Segment(sound.start + 0.02, sound.end - 0.02).of(recording.heard, recording.rate)


async def packets_sent(pbx: AsteriskServer) -> int:
    """Return how many RTP packets Asterisk has sent to the only phone there is."""
    (line,) = re.findall(r" bridge-.*", await pbx.cli("pjsip show channelstats"))
    return int(line.split()[8])


@transports
@pytest.mark.parametrize(
    ("codecs", "frequency"), [(WIDEBAND, 3000), (WIDEBAND, 5000), (MU_LAW, 1000)]
)
async def test_a_tone_reaches_the_phone_whole(
    pbx: AsteriskServer, phones: Phones, kind: str, codecs: Sequence[str], frequency: float
) -> None:
    phone, wide = await phones("201", codecs=codecs), codecs == WIDEBAND
    async with joined(pbx, make(kind, pbx), phone, wideband=wide) as (
        call,
        stream,
        _,
    ):
        for _attempt in range(ATTEMPTS):
            stream.playout.play(tone(frequency, 2.0))
            await heard_by(stream)
            await asyncio.sleep(0.5)
        recording = call.recording()

    rate = recording.rate
    heard = sounds(recording)
    assert len(heard) == ATTEMPTS
    assert min(abs(sound.length - 2.0) for sound in heard) <= 0.03
    assert loudest_frequency(middle(recording, heard[0]), rate) == pytest.approx(frequency, abs=2)
    # a G.722 decoder follows a high tone less closely than a low one
    if frequency <= 3000:
        shares = [tone_share(middle(recording, sound), rate, frequency) for sound in heard]
        assert max(shares) >= 0.995
    assert await leftovers(pbx) == []


@transports
@pytest.mark.parametrize("codecs", [WIDEBAND, MU_LAW])
async def test_an_echo_comes_back_soon_and_whole(
    pbx: AsteriskServer, phones: Phones, kind: str, codecs: Sequence[str]
) -> None:
    phone, wide = await phones("201", codecs=codecs), codecs == WIDEBAND
    async with joined(pbx, make(kind, pbx), phone, wideband=wide) as (
        call,
        stream,
        _,
    ):
        stream.listen(lambda frame, _now: stream.playout.play(frame))
        for _attempt in range(ATTEMPTS):
            await asyncio.sleep(0.5)
            await call.say(samples(tone(1000, 1.0)))
        await asyncio.sleep(0.5)
        recording = call.recording()

    said = segments(recording.said, recording.rate, threshold=THRESHOLD_DBFS)
    heard = sounds(recording)
    waits = [echo.start - word.start for word, echo in zip(said, heard, strict=True)]
    print(f"{kind}: echo after {[round(1000 * wait) for wait in waits]} ms")
    assert min(waits) < 0.1
    assert min(abs(sound.length - 1.0) for sound in heard) <= 0.03
    shares = [tone_share(middle(recording, sound), recording.rate, 1000) for sound in heard]
    assert max(shares) >= 0.995
    assert await leftovers(pbx) == []


@transports
async def test_what_is_dropped_falls_silent_within_200_ms(
    pbx: AsteriskServer, phones: Phones, kind: str
) -> None:
    phone = await phones("201")
    async with joined(pbx, make(kind, pbx), phone) as (call, stream, _):
        stops = []
        for _attempt in range(5):
            stream.playout.play(tone(1000, 5.0))
            await asyncio.sleep(0.7)
            stream.playout.drop()
            dropped = time.monotonic()
            await asyncio.sleep(0.5)
            recording = call.recording()
            found = sounds(recording)
            stops.append(found[-1].end - recording.position(dropped))
            assert stream.playout.idle

    print(f"{kind}: silent after {[round(1000 * stop) for stop in stops]} ms")
    assert len(found) == 5
    assert max(stops) <= 0.2
    assert await leftovers(pbx) == []


@transports
async def test_the_position_is_what_the_phone_has_heard(
    pbx: AsteriskServer, phones: Phones, kind: str
) -> None:
    phone = await phones("201")
    seen: list[tuple[float, int]] = []
    async with joined(pbx, make(kind, pbx), phone) as (call, stream, _):
        stream.playout.play(tone(1000, 3.0))
        for _look in range(50):
            await asyncio.sleep(0.05)
            seen.append((time.monotonic(), stream.playout.position))
        await heard_by(stream)
        ended = time.monotonic()
        await asyncio.sleep(0.3)
        recording = call.recording()

    (sound,) = sounds(recording)
    # a packet is counted as heard when it arrives; to hear it takes 20 ms
    ahead = [
        position / SAMPLE_RATE - (recording.position(at) - sound.start)
        for at, position in seen
        if position
    ]
    last = recording.position(ended) - sound.end
    print(f"{kind}: ahead by {1000 * min(ahead):.0f} to {1000 * max(ahead):.0f} ms")
    assert np.percentile(np.abs(ahead), 90) <= 0.06
    assert abs(last) <= 0.06
    assert await leftovers(pbx) == []


@transports
async def test_a_pause_is_silent_and_goes_on_where_it_stopped(
    pbx: AsteriskServer, phones: Phones, kind: str
) -> None:
    phone = await phones("201")
    async with joined(pbx, make(kind, pbx), phone) as (call, stream, _):
        stream.playout.play(tone(700, 0.5) + bytes(2 * 3200) + tone(1300, 1.0))
        await asyncio.sleep(1.0)
        stream.playout.pause()
        await asyncio.sleep(0.6)
        stream.playout.resume()
        await heard_by(stream)
        await asyncio.sleep(0.2)
        recording = call.recording()

    rate = recording.rate
    found = segments(recording.heard, rate, gap=0.1, threshold=THRESHOLD_DBFS)
    pitches = [loudest_frequency(segment.of(recording.heard, rate), rate) for segment in found]
    assert pitches == [pytest.approx(pitch, abs=10) for pitch in (700, 1300, 1300)]
    # the word that was interrupted is said again, whole
    assert found[2].length == pytest.approx(1.0, abs=0.05)
    assert await leftovers(pbx) == []


@transports
async def test_a_silent_bot_and_a_silent_caller_keep_the_line_alive(
    pbx: AsteriskServer, phones: Phones, kind: str
) -> None:
    phone = await phones("201")
    heard: list[bytes] = []
    async with joined(pbx, make(kind, pbx), phone) as (call, stream, _):
        stream.listen(lambda frame, _now: heard.append(frame))
        before = await packets_sent(pbx)
        await asyncio.sleep(3.0)
        assert await packets_sent(pbx) - before == pytest.approx(150, abs=8)
        assert len(heard) == pytest.approx(150, abs=5)
        # G.722 has a noise of its own
        assert np.abs(samples(b"".join(heard))).max() < 100
        recording = call.recording()
        assert not segments(recording.heard, recording.rate, threshold=THRESHOLD_DBFS)
        # and then both are heard at once
        stream.playout.play(tone(1000, 0.5))
        await call.say(samples(tone(1300, 0.5)))
        await asyncio.sleep(0.3)
        assert sounds(call.recording())

    assert np.abs(samples(b"".join(heard))).max() > 4000
    assert await leftovers(pbx) == []


async def test_a_media_channel_that_is_taken_away_leaves_the_caller_and_is_reported(
    pbx: AsteriskServer, phones: Phones
) -> None:
    phone = await phones("201")
    async with joined(pbx, make("websocket", pbx), phone) as (call, stream, media):
        assert isinstance(stream, WebsocketStream)
        heard: list[bytes] = []
        stream.listen(lambda frame, _now: heard.append(frame))
        stream.playout.play(tone(1000, 2.0))
        await asyncio.sleep(0.5)

        async with AriClient(pbx.ari_url, pbx.username, pbx.password) as ari:
            await ari.channels.hangup(media)
        await heard_by(stream)
        before = len(heard)
        await asyncio.sleep(0.2)

        assert stream.lost is not None
        assert len(heard) > before
        assert call.is_up
    assert await leftovers(pbx) == []


async def test_a_connection_that_asterisk_does_not_know_is_refused(pbx: AsteriskServer) -> None:
    transport = make("websocket", pbx)
    await transport.start()

    with pytest.raises(MediaUnreachableError, match="404: the channel is gone"):
        await transport.open({"MEDIA_WEBSOCKET_CONNECTION_ID": "nobody"}, wideband=True)
    await transport.close()


async def test_over_tls_the_certificate_is_verified(
    asterisk_available: None, phones: Phones, tmp_path: Path
) -> None:
    del asterisk_available
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("localhost")
    chain = b"".join(part.bytes() for part in issued.cert_chain_pems)
    certificate = Certificate(chain, issued.private_key_pem.bytes())
    async with AsteriskServer(certificate=certificate) as pbx:
        login = (pbx.secure_ari_url, pbx.username, pbx.password)
        strangers = WebsocketTransport(*login)
        await strangers.start()
        with pytest.raises(MediaUnreachableError, match="certificate is not accepted"):
            await strangers.open({"MEDIA_WEBSOCKET_CONNECTION_ID": "any"}, wideband=True)
        await strangers.close()

        phone = await phones("201", pbx=pbx)
        secure = WebsocketTransport(*login, ca_file=tmp_path / "ca.pem")
        async with joined(pbx, secure, phone) as (call, stream, _):
            stream.playout.play(tone(1000, 1.0))
            await heard_by(stream)
            await asyncio.sleep(0.2)
            recording = call.recording()

        (sound,) = sounds(recording)
        assert loudest_frequency(middle(recording, sound), recording.rate) == pytest.approx(
            1000, abs=2
        )
        assert await leftovers(pbx) == []
