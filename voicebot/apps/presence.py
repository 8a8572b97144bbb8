"""Presence: which phones are free, on a call, ringing or away, kept true while it runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING, Final, TypeAlias

import structlog

from voicebot.apps.phones import BROWSER, Phones, Status, is_phone, name_in
from voicebot.ari.client import AriClient
from voicebot.ari.messages import Connected, Disconnected
from voicebot.ari.models import (
    ContactStatusChange,
    DeviceStateChanged,
    EndpointStateChange,
    PeerStatusChange,
)
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from voicebot.apps.phones import Phone
    from voicebot.ari.models import Endpoint, Message
    from voicebot.config import AriSettings

    Tell: TypeAlias = Callable[[Phone | Connected | Disconnected], None]

_log = structlog.get_logger(__name__)

# What the application asks to be told: a busy PBX has hundreds of other events a second.
_EVENTS: Final = (
    "ApplicationReplaced",
    "ContactStatusChange",
    "DeviceStateChanged",
    "EndpointStateChange",
    "PeerStatusChange",
)
_PARALLEL: Final = 8


class Presence:
    """Knows who is free, from the events of a client with ``subscribe_all``.

    ``app`` is the client's application; ``names`` are names by extension, the others are asked of
    Asterisk. ``tell`` is called with each phone that changed, and with ``Connected`` or
    ``Disconnected`` once that is taken into account.
    """

    def __init__(
        self,
        ari: AriClient,
        app: str,
        *,
        names: Mapping[str, str] | None = None,
        tell: Tell = lambda _: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._ari = ari
        self._app = app
        self._directory = Directory(ari, names or {})
        self._tell = tell
        self._clock = clock
        self._phones = Phones()
        self._current = False

    @property
    def phones(self) -> Sequence[Phone]:
        """All phones, by number, as they were last seen."""
        return tuple(self._phones)

    def state_of(self, device: str) -> Status:
        """Return the state of a phone such as ``PJSIP/201``; ``UNKNOWN`` while events are lost."""
        return self._phones.status_of(device) if self._current else Status.UNKNOWN

    async def run(self) -> None:
        """Follow the events until cancelled; a lost connection is caught up with.

        Raises ``ApplicationReplacedError``, and ``AriError`` when the first look fails.
        """
        async for event in self._ari.events():
            await self._react(event)

    async def load(self) -> None:
        """Ask Asterisk for all phones and their states. Raises ``AriError``."""
        endpoints = [it for it in await self._ari.endpoints.list() if is_phone(_device(it))]
        asking = asyncio.Semaphore(_PARALLEL)

        async def look(endpoint: Endpoint) -> None:
            async with asking:
                await self._ask(_device(endpoint))

        self._phones.keep(_device(endpoint) for endpoint in endpoints)
        # gather and not a task group: the first error is to come out as it is.
        await asyncio.gather(*map(look, endpoints))
        self._current = True

    async def _react(self, event: Message) -> None:
        match event:
            case Connected(again=again):
                await self._catch_up(again=again)
                self._tell(event)
            case Disconnected():
                self._current = False
                self._tell(event)
            case DeviceStateChanged(device_state=device, timestamp=at):
                await self._note(device.name, device.state, at)
            case (
                ContactStatusChange(endpoint=endpoint)
                | PeerStatusChange(endpoint=endpoint)
                | EndpointStateChange(endpoint=endpoint)
            ) if is_phone(_device(endpoint)):
                # They tell that a phone came or went, not whether it is in use.
                try:
                    await self._ask(_device(endpoint))
                except AriError as error:
                    _log.warning("a phone's state is not known", reason=str(error))
            case _:
                pass

    async def _catch_up(self, *, again: bool) -> None:
        try:
            await self._ari.applications.filter(
                self._app, filter={"allowed": [{"type": kind} for kind in _EVENTS]}
            )
            await self.load()
        except AriError as error:
            if not again:
                raise
            # The connection that has just come back may break at once; the next one tries again.
            _log.warning("the phones' states are not known", reason=str(error))

    async def _ask(self, device: str) -> None:
        state = await self._ari.device_states.get(device)
        await self._note(device, state.state, self._clock())

    async def _note(self, device: str, state: str, at: dt.datetime) -> None:
        if not is_phone(device):
            return
        name = await self._directory.name(device)
        if (phone := self._phones.set(device, state, at, name=name)) is not None:
            self._tell(phone)


def open_client(settings: AriSettings, app: str | None = None) -> AriClient:
    """Return a client that hears of all phones under the name ``app``; without, it only asks."""
    return AriClient(
        settings.url,
        settings.username,
        settings.password.get_secret_value(),
        app=app,
        subscribe_all=app is not None,
        ca_file=settings.ca_file,
        timeout_s=settings.timeout_s,
    )


class Directory:
    """Names of phones: the given ones, else the caller id in the PBX's configuration."""

    def __init__(self, ari: AriClient, names: Mapping[str, str]) -> None:
        self._ari = ari
        self._names = dict(names)

    async def name(self, device: str) -> str:
        """Return the name of a phone such as ``PJSIP/201``, empty when nobody knows one."""
        technology, _, number = device.partition("/")
        if number not in self._names:
            self._names[number] = self._names.get(
                number.removesuffix(BROWSER)
            ) or await self._caller_id(technology, number)
        return self._names[number]

    async def _caller_id(self, technology: str, number: str) -> str:
        if technology != "PJSIP":
            return ""
        try:
            fields = await self._ari.asterisk.get_object("res_pjsip", "endpoint", number)
        except AriError as error:
            # A name is a nicety; an Asterisk without it has phones nevertheless.
            _log.debug("no caller id", device=f"{technology}/{number}", reason=str(error))
            return ""
        return next((name_in(it.value) for it in fields if it.attribute == "callerid"), "")


def _device(endpoint: Endpoint) -> str:
    return f"{endpoint.technology}/{endpoint.resource}"
