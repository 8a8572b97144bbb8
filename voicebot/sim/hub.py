"""Stasis applications and the events they are sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from voicebot.sim.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

ASTERISK_ID = "02:00:00:00:00:01"


class Sink(Protocol):
    """Where the events of one application go: a websocket."""

    def put(self, event: str, text: str) -> None:
        """Send ``text``, the JSON of an event of type ``event``, soon."""
        ...


@dataclass(slots=True)
class Application:
    """A Stasis application. Without a ``sink`` it is known, but nobody listens.

    ``allowed`` are the types of events that it wants, all of them where there are none.
    """

    name: str
    sink: Sink | None
    subscribe_all: bool
    allowed: frozenset[str] = frozenset()


def utc_now() -> datetime:
    """Return the time of day."""
    return datetime.now(UTC)


class EventHub:
    """Knows the applications and tells each of them what it watches.

    ``on_connect`` are called with the name of each application that connects; ``hear_devices``
    are those that are told of devices.
    """

    def __init__(self, wall_clock: Callable[[], datetime] = utc_now) -> None:
        self._applications: dict[str, Application] = {}
        self._wall_clock = wall_clock
        self.on_connect: list[Callable[[str], None]] = []
        self.hear_devices: set[str] = set()

    def timestamp(self) -> str:
        """Return the time of day as Asterisk writes it, with milliseconds."""
        return self._wall_clock().isoformat(timespec="milliseconds").replace("+00:00", "+0000")

    def connect(self, name: str, sink: Sink, *, subscribe_all: bool) -> None:
        """Give the application ``name`` to ``sink``; the one that had it is told so."""
        before = self._applications.get(name)
        if before is not None and before.sink is not None:
            self._send(before, "ApplicationReplaced", {})
        self._applications[name] = Application(name, sink, subscribe_all)
        if subscribe_all:
            self.hear_devices.add(name)
        for listener in tuple(self.on_connect):
            listener(name)

    def disconnect(self, name: str, sink: Sink) -> None:
        """Let go of ``sink``: the application stays known, its events are lost."""
        application = self._applications.get(name)
        if application is not None and application.sink is sink:
            application.sink = None
            self.hear_devices.discard(name)

    def is_connected(self, name: str) -> bool:
        """Say whether somebody listens to the application ``name``."""
        application = self._applications.get(name)
        return application is not None and application.sink is not None

    def application(self, name: str) -> Application:
        """Return an application. Raises ``Refusal`` 404."""
        try:
            return self._applications[name]
        except KeyError:
            raise Refusal(404, "Application not found") from None

    def applications(self) -> list[Application]:
        """Return all that ever connected."""
        return list(self._applications.values())

    def publish(
        self, event: str, watchers: Iterable[str], fields: dict[str, Any], *, to_all: bool = True
    ) -> None:
        """Tell those among ``watchers`` that listen, and whoever listens to everything.

        Devices can be subscribed to and not, whatever else is heard: without ``to_all`` only the
        ``watchers`` are told.
        """
        watching = set(watchers)
        for application in tuple(self._applications.values()):
            if application.allowed and event not in application.allowed:
                continue
            if (to_all and application.subscribe_all) or application.name in watching:
                self._send(application, event, fields)

    def _send(self, application: Application, event: str, fields: dict[str, Any]) -> None:
        if application.sink is None:
            return
        message = {
            "type": event,
            "timestamp": self.timestamp(),
            **fields,
            "asterisk_id": ASTERISK_ID,
            "application": application.name,
        }
        application.sink.put(event, json.dumps(message))
