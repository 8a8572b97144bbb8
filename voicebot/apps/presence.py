"""Presence: which phones are free, on a call, ringing or away, kept true while it runs."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import structlog

from voicebot.ari.messages import Connected, Disconnected
from voicebot.ari.models import (
    ContactStatusChange,
    DeviceStateChanged,
    EndpointStateChange,
    PeerStatusChange,
)
from voicebot.errors import AriError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from voicebot.ari.client import AriClient
    from voicebot.ari.models import Endpoint, Message

_log = structlog.get_logger(__name__)

# Everything in Asterisk is a device. These are phones; Local, Snoop, UnicastRTP and whatever a
# later release invents are not.
PHONE_TECHNOLOGIES: Final = frozenset(
    {"PJSIP", "SIP", "IAX2", "DAHDI", "SCCP", "Skinny", "MGCP", "Motif"}
)
# Not a phone but whoever calls without an account.
_NOBODY: Final = frozenset({"anonymous", "dpma_endpoint"})
# MikoPBX gives the browser phone of extension 201 an endpoint of its own.
_BROWSER: Final = "-WS"
# What the application asks to be told: a busy PBX has hundreds of other events a second.
_EVENTS: Final = (
    "ApplicationReplaced",
    "ContactStatusChange",
    "DeviceStateChanged",
    "EndpointStateChange",
    "PeerStatusChange",
)
_PARALLEL: Final = 8


class Status(StrEnum):
    """A phone's state in Asterisk's words; ``UNKNOWN`` also for words that are not here."""

    NOT_INUSE = "NOT_INUSE"
    INUSE = "INUSE"
    BUSY = "BUSY"
    RINGING = "RINGING"
    RINGINUSE = "RINGINUSE"
    ONHOLD = "ONHOLD"
    UNAVAILABLE = "UNAVAILABLE"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"

    @property
    def is_free(self) -> bool:
        """Whether the phone would ring and nobody is using it."""
        return self is Status.NOT_INUSE

    @property
    def is_busy(self) -> bool:
        """Whether somebody is on the phone, or it is ringing."""
        return self in _BUSY

    @property
    def is_away(self) -> bool:
        """Whether there is no phone that could ring."""
        return self in (Status.UNAVAILABLE, Status.INVALID)


_BUSY: Final = (
    Status.BUSY,
    Status.INUSE,
    Status.ONHOLD,
    Status.RINGINUSE,
    Status.RINGING,
)
# Of somebody with several phones the first of these that one of them is in.
_WEIGHTIEST: Final = (*_BUSY, Status.NOT_INUSE, Status.UNKNOWN, Status.UNAVAILABLE, Status.INVALID)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone as it was at ``updated``. ``state`` is Asterisk's own word, known here or not."""

    device: str
    name: str
    state: str
    updated: dt.datetime

    @property
    def number(self) -> str:
        """The extension: what follows the technology."""
        return self.device.partition("/")[2]

    @property
    def status(self) -> Status:
        """The state as far as it is known here."""
        return Status(self.state) if self.state in _STATES else Status.UNKNOWN


_STATES: Final = frozenset(Status)


class Phones:
    """The table of phones; says what changed."""

    def __init__(self) -> None:
        self._phones: dict[str, Phone] = {}

    def __iter__(self) -> Iterator[Phone]:
        return iter(sorted(self._phones.values(), key=_by_number))

    def set(self, device: str, state: str, at: dt.datetime, *, name: str = "") -> Phone | None:
        """Take a phone's state into account; return the phone if that is news."""
        known = self._phones.get(device)
        if known is not None and known.state == state:
            return None
        phone = self._phones[device] = Phone(device, name, state, at)
        return phone

    def keep(self, devices: Iterable[str]) -> None:
        """Forget all phones but those of ``devices``."""
        kept = set(devices)
        self._phones = {device: it for device, it in self._phones.items() if device in kept}

    def status_of(self, extension: str) -> Status:
        """Return the weightiest status of the extension's phones, ``UNKNOWN`` without any."""
        numbers = (extension, extension + _BROWSER)
        found = {phone.status for phone in self._phones.values() if phone.number in numbers}
        return next((status for status in _WEIGHTIEST if status in found), Status.UNKNOWN)


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
        tell: Callable[[Phone | Connected | Disconnected], None] = lambda _: None,
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

    def state_of(self, extension: str) -> Status:
        """Return the state of ``extension``; ``UNKNOWN`` while the events are lost."""
        return self._phones.status_of(extension) if self._current else Status.UNKNOWN

    def is_free(self, extension: str) -> bool:
        """Return whether ``extension`` is known to be free. See ``Status`` for all shades."""
        return self.state_of(extension).is_free

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
                number.removesuffix(_BROWSER)
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


def name_in(caller_id: str) -> str:
    """Return the name in ``"Alice" <201>``; empty for a bare number or ``<unknown>``."""
    name, bracket, _ = caller_id.partition("<")
    return name.strip().strip('"') if bracket else ""


def is_phone(device: str) -> bool:
    """Return whether a device such as ``PJSIP/201`` is a phone or a trunk."""
    technology, _, resource = device.partition("/")
    return technology in PHONE_TECHNOLOGIES and bool(resource) and resource not in _NOBODY


def _device(endpoint: Endpoint) -> str:
    return f"{endpoint.technology}/{endpoint.resource}"


def _by_number(phone: Phone) -> tuple[bool, int, str]:
    number = phone.number
    return not number.isdecimal(), int(number) if number.isdecimal() else 0, phone.device
