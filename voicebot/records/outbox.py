"""A sink that brings each event to one destination, however long that takes."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set
from tenacity.nap import sleep_using_event
from tenacity.wait import wait_base, wait_exponential, wait_random

from voicebot.errors import RecordsGoneError, RecordsRefusedError, RecordsUnavailableError
from voicebot.records.backlog import Backlog
from voicebot.records.encoding import to_json
from voicebot.records.entry import Entry
from voicebot.records.events import Final, Partial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.records.entry import Delivery
    from voicebot.records.events import CallEvent
    from voicebot.records.spool import Spool

_log = structlog.get_logger(__name__)

MEMORY_LIMIT = 20_000
"""Entries in memory while the disk takes none: about 20 MB."""

Partials = Literal["never", "latest", "all"]
"""never; the latest of each party, once, while nothing else waits; all, in order."""


class Outbox:
    """Takes events at once, and has ``delivery`` take them in the same order.

    Two threads: one puts what comes into the backlog, so that it is on disk within milliseconds
    even while the destination hangs; the other brings it there, again and again with growing waits.
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
        self._backlog = Backlog(name, spool, limit=limit)
        self._run = uuid4().hex
        self._number = 0
        self._inbox: queue.SimpleQueue[CallEvent | None] = queue.SimpleQueue()
        self._latest: dict[tuple[str, str], Partial] = {}
        self._partials_lock = threading.Lock()
        self._news = threading.Event()
        self._closing = threading.Event()
        self._gone = False
        self._failing = False
        self._overflown = False
        self._wait = wait or wait_exponential(multiplier=0.5, max=60) + wait_random(0, 1)
        self._threads = [
            threading.Thread(target=work, name=f"{name} {work.__name__.strip('_')}", daemon=True)
            for work in (self._collect, self._bring)
        ]

    @property
    def waiting(self) -> int:
        """How many events have not arrived yet."""
        return len(self._backlog) + self._inbox.qsize()

    def start(self) -> None:
        """Begin to deliver, what a former run left first."""
        for thread in self._threads:
            thread.start()

    def put(self, event: CallEvent) -> None:
        """Take ``event`` at once."""
        if self._gone or (self._partials == "never" and isinstance(event, Partial)):
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
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if lost := self._backlog.held:
            _log.error("events are lost", destination=self._name, events=lost)
        elif (left := self.waiting) and not self._gone:
            _log.warning("events are not delivered yet", destination=self._name, waiting=left)
        self._backlog.close()

    def _collect(self) -> None:
        """Move events from the inbox to the backlog until told to close."""
        while True:
            events = [self._inbox.get()]
            while not self._inbox.empty():
                events.append(self._inbox.get())
            wanted = [event for event in events if event is not None and self._is_sound(event)]
            self._backlog.add([self._entry(event) for event in self._apart(wanted)])
            self._news.set()
            if events[-1] is None:
                return

    def _is_sound(self, event: CallEvent) -> bool:
        """Whether ``event`` can be written at all: a wrong one must not stop all that follow."""
        try:
            to_json(event)
        except Exception:  # noqa: BLE001 - whatever a producer put into it
            _log.exception("event refused", destination=self._name, event_type=type(event).__name__)
            return False
        return True

    def _apart(self, events: Sequence[CallEvent]) -> list[CallEvent]:
        """Return the events that must arrive; keep aside partials that only the present needs."""
        if self._partials == "all":
            return list(events)
        lasting: list[CallEvent] = []
        with self._partials_lock:
            for event in events:
                if isinstance(event, Partial):
                    self._latest[event.call, event.party] = event
                    continue
                if isinstance(event, Final):
                    self._latest.pop((event.call, event.party), None)
                lasting.append(event)
        return lasting

    def _entry(self, event: CallEvent) -> Entry:
        self._number += 1
        return Entry(self._run, self._number, event)

    def _bring(self) -> None:
        """Deliver until told to close, and then until nothing waits or a delivery fails."""
        try:
            while self._step():
                pass
        finally:
            self._delivery.close()

    def _step(self) -> bool:
        """Deliver what comes next, or wait for it; return whether to go on."""
        collecting = self._threads[0].is_alive()
        self._news.clear()
        if batch := self._backlog.head(self._delivery.batch):
            if not self._deliver(batch):
                return False
            if len(batch) < self._delivery.batch:
                self._closing.wait(self._delivery.pause_s)
        elif partials := self._take_partials():
            self._show(partials)
        elif not collecting:
            return False
        else:
            self._news.wait(0.05 if self._closing.is_set() else 1.0)
        return not (self._gone or self._backlog.closed)

    def _deliver(self, batch: Sequence[Entry]) -> bool:
        """Deliver ``batch``, however often it has to be tried; return whether to go on."""
        retrying = Retrying(
            retry=retry_if_exception_type(RecordsUnavailableError),
            wait=self._patience,
            stop=stop_when_event_set(self._closing),
            sleep=sleep_using_event(self._closing),
            before_sleep=self._tell,
            reraise=True,
        )
        try:
            retrying(self._delivery.deliver, batch)
        except RecordsUnavailableError:
            return False
        except RecordsGoneError as error:
            self._give_up(error)
            return False
        except Exception as error:  # noqa: BLE001 - one event must not stop all that follow
            return self._refuse(batch, error)
        self._backlog.remove(batch)
        if self._failing:
            self._failing = False
            _log.info("delivered again", destination=self._name)
        return True

    def _refuse(self, batch: Sequence[Entry], error: Exception) -> bool:
        """Find the entry that is to blame and set it aside."""
        if len(batch) > 1:
            return all(self._deliver([entry]) for entry in batch)
        expected = isinstance(error, RecordsRefusedError)
        self._backlog.set_aside(batch[0], str(error) if expected else repr(error))
        return True

    def _give_up(self, error: RecordsGoneError) -> None:
        self._gone = True
        _log.error(
            "nothing more is delivered until voicebot is started again",
            destination=self._name,
            reason=str(error),
        )

    def _take_partials(self) -> list[Entry]:
        with self._partials_lock:
            partials = [self._entry(event) for event in self._latest.values()]
            self._latest.clear()
        return partials

    def _show(self, partials: Sequence[Entry]) -> None:
        for entry in partials:
            try:
                self._delivery.deliver([entry])
            except RecordsGoneError as error:
                self._give_up(error)
                return
            except Exception as error:  # noqa: BLE001 - the next one is as good
                _log.debug("partial not delivered", destination=self._name, reason=str(error))

    def _patience(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        wanted = error.retry_after_s if isinstance(error, RecordsUnavailableError) else None
        return max(float(self._wait(state)), wanted or 0.0)

    def _tell(self, state: RetryCallState) -> None:
        if not self._failing:
            self._failing = True
            error: Any = state.outcome.exception() if state.outcome is not None else None
            _log.error("events wait", destination=self._name, reason=str(error))
