"""A PBX in a few lines, as a transcription sees it, and an ear that counts."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec

from tests.apps.transcriber.pbx import MIDNIGHT, bridge, channel
from voicebot.apps.switchboard import Switchboard
from voicebot.apps.transcriber.studio import Studio
from voicebot.ari.models import (
    ChannelDestroyed,
    DeviceState,
    Endpoint,
    Playback,
    PlaybackFinished,
    StasisStart,
    Variable,
)
from voicebot.errors import AriConnectionError, AriNotFoundError, AriRequestError
from voicebot.media.statistics import MediaStatistics

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from voicebot.ari.models import Bridge, Channel, Message
    from voicebot.records.events import CallEvent

FRAME = b"\x01\x02" * 320


@dataclass
class Stream:
    """A media stream that says a frame whenever it is told to."""

    listener: Any = None
    closed: bool = False

    def listen(self, listener: Any) -> None:
        self.listener = listener

    def statistics(self) -> MediaStatistics:
        return MediaStatistics()

    async def close(self) -> None:
        self.closed = True


@dataclass
class Transport:
    """Opens streams; ``streams`` are those by their channel's id."""

    streams: list[Stream] = field(default_factory=list)

    def external_media(self) -> dict[str, str]:
        return {"external_host": "", "format": "slin16", "encapsulation": "rtp", "transport": "udp"}

    async def open(self, _variables: object, *, wideband: bool) -> Stream:
        assert not wideband
        self.streams.append(Stream())
        return self.streams[-1]


@dataclass
class Ear:
    """Remembers what it hears."""

    party: str
    position: int
    after: int
    frames: list[bytes] = field(default_factory=list)
    finished: bool = False

    @property
    def utterances(self) -> int:
        return self.after + bool(self.frames)

    def hear(self, frame: bytes, _now: float) -> None:
        self.frames.append(frame)

    async def finish(self) -> None:
        self.finished = True


@dataclass
class Events:
    """The events, and whether devices are among them."""

    iterate: Callable[[], AsyncIterator[Message]]
    forget_devices: Callable[[], Awaitable[None]]

    def __call__(self) -> AsyncIterator[Message]:
        return self.iterate()


@dataclass
class FakePbx:
    """Channels and bridges by id. ``faults`` maps a request's name to what it raises, once.

    Requests in ``broken`` always fail; those in ``slow`` wait for ``go_on``.
    """

    board: Switchboard = field(default_factory=Switchboard)
    transport: Transport = field(default_factory=Transport)
    channels: dict[str, Channel] = field(default_factory=dict)
    bridges: dict[str, str] = field(default_factory=dict)
    faults: dict[str, Exception] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    ears: list[Ear] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)
    playing: dict[str, str] = field(default_factory=dict)
    serial: int = 100
    now: float = 1000.0

    variables: dict[tuple[str, str], str] = field(default_factory=dict)
    continued: list[str] = field(default_factory=list)
    on_hold: set[str] = field(default_factory=set)
    talking: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.go_on = asyncio.Event()
        self.inbox: asyncio.Queue[Message] = asyncio.Queue()

    def studio(self, *, announce: str | None = None) -> Studio:
        ari = SimpleNamespace(
            channels=SimpleNamespace(
                snoop_channel_with_id=self._snoop,
                external_media=self._external_media,
                hangup=self._hangup,
                play=self._play,
                list=self._list_channels,
                get_channel_var=self._variable,
                set_channel_var=self._set,
                continue_in_dialplan=self._continue,
            ),
            bridges=SimpleNamespace(
                create_with_id=self._create,
                destroy=self._destroy,
                add_channel=self._add,
                list=self._list_bridges,
            ),
            applications=SimpleNamespace(filter=self._filter),
            endpoints=SimpleNamespace(list=self._list_endpoints),
            device_states=SimpleNamespace(get=self._device),
            events=Events(self._events, self._forget_devices),
        )
        return Studio(
            ari=ari,  # type: ignore[arg-type]
            app="app",
            board=self.board,
            transport=self.transport,  # type: ignore[arg-type]
            listener=self,
            sink=self,
            announce=announce,
            clock=lambda: self.now,
            wall_clock=lambda: MIDNIGHT + dt.timedelta(seconds=self.now),
        )

    @property
    def left(self) -> set[str]:
        """What is in the PBX of ours."""
        ours = {it for it in self.channels if it.startswith("voicebot-")}
        return ours | self.bridges.keys()

    def put(self, event: CallEvent) -> None:
        self.events.append(event)

    def listen(self, call: str, party: str, *, position: int, after: int = 0) -> Ear:
        assert call
        self.ears.append(Ear(party, position, after))
        return self.ears[-1]

    def speak(self, seconds: float = 0.02) -> None:
        """Let time pass, and everybody say a frame at its end."""
        self.now += seconds
        for stream in self.transport.streams:
            if stream.listener is not None and not stream.closed:
                stream.listener(FRAME, self.now)

    def hang_up(self, channel_id: str) -> None:
        """Let a channel end, with what snoops on it."""
        for name, one in list(self.channels.items()):
            if name == channel_id or one.name == f"Snoop/{channel_id}":
                del self.channels[name]
                self.board.deliver(
                    ChannelDestroyed(
                        application="app", timestamp=MIDNIGHT, cause=16, cause_txt="", channel=one
                    )
                )

    def played(self, *, state: str = "done") -> None:
        """End everything that is playing."""
        for playback, target in list(self.playing.items()):
            del self.playing[playback]
            self.board.deliver(
                PlaybackFinished(
                    application="app",
                    timestamp=MIDNIGHT,
                    playback=_playback(playback, target, state),
                )
            )

    async def _events(self) -> AsyncIterator[Message]:
        while True:
            yield await self.inbox.get()

    async def _forget_devices(self) -> None:
        await self._request("devices")

    async def _filter(self, _app: str, **_: object) -> None:
        await self._request("filter")

    async def _list_endpoints(self) -> list[Endpoint]:
        await self._request("endpoints")
        return [Endpoint(technology="PJSIP", resource="201", channel_ids=())]

    async def _device(self, name: str) -> DeviceState:
        await self._request("device")
        return DeviceState(name=name, state="ONHOLD" if name in self.on_hold else "INUSE")

    async def _list_channels(self) -> list[Channel]:
        await self._request("channels")
        return list(self.channels.values())

    async def _list_bridges(self) -> list[Bridge]:
        await self._request("bridges")
        ours = [bridge(identifier, name=name) for identifier, name in self.bridges.items()]
        there = [self.channels[it] for it in self.talking if it in self.channels]
        return [bridge("talk", *there), *ours]

    async def _variable(self, channel_id: str, *, variable: str) -> Variable:
        await self._request("variable")
        if variable == "CHANNEL(linkedid)":
            return Variable(value="call")
        if (channel_id, variable) not in self.variables:
            raise AriNotFoundError("GET", "/variable", 404, "not found")
        return Variable(value=self.variables[channel_id, variable])

    async def _set(self, channel_id: str, *, variable: str, value: str) -> None:
        await self._request("set")
        self.variables[channel_id, variable] = value

    async def _continue(self, channel_id: str) -> None:
        await self._request("continue")
        self.continued.append(channel_id)

    async def _request(self, name: str) -> None:
        await asyncio.sleep(0)
        if name in self.slow:
            await self.go_on.wait()
        if name in self.broken:
            raise AriConnectionError("connection lost")
        if name in self.faults:
            raise self.faults.pop(name)

    def _enter(self, channel_id: str, name: str) -> Channel:
        self.serial += 1
        made = channel(self.serial, name=name)
        made = self.channels[channel_id] = msgspec.structs.replace(made, id=channel_id)
        asyncio.get_running_loop().call_soon(
            self.board.deliver,
            StasisStart(application="app", timestamp=MIDNIGHT, args=(), channel=made),
        )
        return made

    async def _snoop(self, channel_id: str, snoop_id: str, **_: object) -> None:
        await self._request("snoop")
        if channel_id not in self.channels:
            raise AriNotFoundError("POST", "/channels/snoop", 404, "Channel not found")
        self._enter(snoop_id, f"Snoop/{channel_id}")

    async def _external_media(self, *, channel_id: str, **_: object) -> Channel:
        await self._request("external_media")
        return self._enter(channel_id, "UnicastRTP/127.0.0.1")

    async def _hangup(self, channel_id: str) -> None:
        await self._request("hangup")
        if self.channels.pop(channel_id, None) is None:
            raise AriNotFoundError("DELETE", "/channels", 404, "Channel not found")

    async def _play(self, channel_id: str, *, media: str) -> Playback:
        await self._request("play")
        self.serial += 1
        self.playing[f"p{self.serial}"] = channel_id
        return _playback(f"p{self.serial}", channel_id, "queued", media)

    async def _create(self, bridge_id: str, *, name: str, **_: object) -> None:
        await self._request("create")
        self.bridges[bridge_id] = name

    async def _destroy(self, bridge_id: str) -> None:
        await self._request("destroy")
        if self.bridges.pop(bridge_id, None) is None:
            raise AriNotFoundError("DELETE", "/bridges", 404, "Bridge not found")

    async def _add(self, _bridge_id: str, *, channel: list[str]) -> None:
        await self._request("add")
        if missing := [it for it in channel if it not in self.channels]:
            raise AriRequestError("POST", "/bridges/addChannel", 400, f"no {missing}")


def _playback(identifier: str, target: str, state: str, media: str = "sound:x") -> Playback:
    return Playback(id=identifier, media_uri=media, target_uri=f"channel:{target}", state=state)
