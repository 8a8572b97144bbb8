"""A sink that brings each event to one destination, however long that takes."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Literal
from uuid import uuid4

import structlog
from tenacity.wait import wait_base, wait_exponential, wait_random

from voicebot.records.backlog import Backlog
from voicebot.records.courier import Courier
from voicebot.records.encoding import to_json
from voicebot.records.entry import Entry
from voicebot.records.events import Partial
from voicebot.records.latest import LatestPartials

if TYPE_CHECKING:
    from voicebot.records.entry import Delivery
    from voicebot.records.events import CallEvent
    from voicebot.records.spool import Spool

_log = structlog.get_logger(__name__)

MEMORY_LIMIT = 20_000
"""Entries in memory while the disk takes none: about 20 MB."""

RETRY_WAIT = wait_exponential(multiplier=0.5, max=59) + wait_random(0, 1)
"""How long a destination that failed is left alone: half a second to a minute, never in step."""

Partials = Literal["never", "latest", "all"]
"""never; the latest of each party, once, while nothing else waits; all, in order."""


class Outbox:
    """Takes events at once, and has ``delivery`` take them in the same order.

    Two threads: one puts what comes into the backlog, so that it is on disk within milliseconds
    even while the destination hangs; the other brings it there.
    """

    def __init__(
        self,
        name: str,
        delivery: Delivery,
        *,
        spool: Spool | None,
        partials: Partials = "never",
        limit: int = MEMORY_LIMIT,
        wait: wait_base | None = None,
    ) -> None:
        self._name = name
        self._delivery = delivery
        self._partials = partials
        self._limit = limit
        self._run = uuid4().hex
        self._number = 0
        self._inbox: queue.SimpleQueue[CallEvent | None] = queue.SimpleQueue()
        self._overflown = False
        self._backlog = Backlog(name, spool, limit=limit)
        self._latest = LatestPartials()
        self._news = threading.Event()
        self._closing = threading.Event()
        self._courier = Courier(
            name,
            delivery,
            self._backlog,
            wait=wait or RETRY_WAIT,
            closing=self._closing,
        )
        self._collector = threading.Thread(target=self._collect, name=f"{name} in", daemon=True)
        self._bringer = threading.Thread(target=self._bring, name=f"{name} out", daemon=True)

    @property
    def waiting(self) -> int:
        """How many events have not arrived yet."""
        return len(self._backlog) + self._inbox.qsize()

    def start(self) -> None:
        """Begin to deliver, what a former run left first."""
        if left := len(self._backlog):
            _log.info("events of a former run come first", destination=self._name, waiting=left)
        self._collector.start()
        self._bringer.start()

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once."""
        if self._courier.gone or (self._partials == "never" and isinstance(event, Partial)):
            return
        if self._inbox.qsize() < self._limit:
            self._inbox.put(event)
        elif not self._overflown:
            self._overflown = True
            _log.error("events are lost: the disk hangs", destination=self._name)

    def close(self, within_s: float) -> None:
        """Deliver what can be delivered in ``within_s`` seconds; the rest stays in the spool."""
        deadline = time.monotonic() + within_s
        self._inbox.put(None)
        self._closing.set()
        for thread in (self._collector, self._bringer):
            thread.join(max(0.0, deadline - time.monotonic()))
        left = self.waiting
        self._backlog.close()
        if lost := self._backlog.held:
            _log.error("events are lost", destination=self._name, events=lost)
        elif left and not self._courier.gone:
            _log.warning("events are not delivered yet", destination=self._name, waiting=left)

    def _collect(self) -> None:
        """Move events from the inbox to the backlog until told to close."""
        event = self._inbox.get()
        while event is not None:
            entries: list[Entry] = []
            while event is not None:
                if (entry := self._entry(event)) is not None:
                    entries.append(entry)
                if self._inbox.empty():
                    break
                event = self._inbox.get()
            self._backlog.add(entries)
            self._news.set()
            if event is not None:
                event = self._inbox.get()

    def _entry(self, event: CallEvent) -> Entry | None:
        """Return what has to arrive of ``event``, if anything."""
        self._number += 1
        entry = Entry(self._run, self._number, event)
        try:
            to_json(event)
        except Exception:  # noqa: BLE001 - a wrong one must not stop all that follow
            _log.exception("event refused", destination=self._name, event_type=type(event).__name__)
            return None
        if self._partials == "latest" and self._latest.keep(entry):
            return None
        return entry

    def _bring(self) -> None:
        """Deliver until told to close, and then until nothing waits or a delivery fails."""
        try:
            while self._step():
                pass
        finally:
            self._delivery.close()

    def _step(self) -> bool:
        """Deliver what comes next, or wait for it; return whether to go on."""
        collecting = self._collector.is_alive()
        self._news.clear()
        if batch := self._backlog.head(self._delivery.batch):
            if not self._courier.bring(batch):
                return False
            if len(batch) < self._delivery.batch:
                self._closing.wait(self._delivery.pause_s)
        elif partials := self._latest.take():
            self._courier.show(partials)
        elif not collecting:
            return False
        else:
            self._news.wait(0.05 if self._closing.is_set() else 1.0)
        return not (self._courier.gone or self._backlog.closed)
