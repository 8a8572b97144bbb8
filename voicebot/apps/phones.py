"""Phones, the states they are in, and what is no phone."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator

# Everything in Asterisk is a device. These are phones; Local, Snoop, UnicastRTP and whatever a
# later release invents are not.
PHONE_TECHNOLOGIES: Final = frozenset(
    {"PJSIP", "SIP", "IAX2", "DAHDI", "SCCP", "Skinny", "MGCP", "Motif"}
)
# Not a phone but whoever calls without an account.
_NOBODY: Final = frozenset({"anonymous", "dpma_endpoint"})
# MikoPBX gives the browser phone of extension 201 an endpoint of its own.
BROWSER: Final = "-WS"


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
    def availability(self) -> Availability:
        """What the state means to somebody who wants to call."""
        if self in _BUSY:
            # On the phone, or ringing for somebody else.
            return Availability.BUSY
        return _OTHERS.get(self, Availability.UNKNOWN)


_BUSY: Final = (
    Status.BUSY,
    Status.INUSE,
    Status.ONHOLD,
    Status.RINGINUSE,
    Status.RINGING,
)
_OTHERS: Final = {
    Status.NOT_INUSE: Availability.FREE,
    Status.UNAVAILABLE: Availability.AWAY,
    Status.INVALID: Availability.AWAY,
}
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

    def status_of(self, device: str) -> Status:
        """Return the weightiest status of ``device`` and its browser phone, else ``UNKNOWN``."""
        phones = (self._phones.get(device), self._phones.get(device + BROWSER))
        found = {phone.status for phone in phones if phone is not None}
        return next((status for status in _WEIGHTIEST if status in found), Status.UNKNOWN)


def name_in(caller_id: str) -> str:
    """Return the name in ``"Alice" <201>``; empty for a bare number or ``<unknown>``."""
    name, bracket, _ = caller_id.partition("<")
    return name.strip().strip('"') if bracket else ""


def is_phone(device: str) -> bool:
    """Return whether a device such as ``PJSIP/201`` is a phone or a trunk."""
    technology, _, resource = device.partition("/")
    return technology in PHONE_TECHNOLOGIES and bool(resource) and resource not in _NOBODY


def _by_number(phone: Phone) -> tuple[bool, int, str]:
    number = phone.number
    return not number.isdecimal(), int(number) if number.isdecimal() else 0, phone.device
