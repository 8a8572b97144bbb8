"""Every event arrives, in order, whatever the destination does."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs
from tenacity import RetryCallState, Retrying, wait_none

from tests.records.telling import a_call, entries, final
from voicebot.errors import RecordsGoneError, RecordsRefusedError, RecordsUnavailableError
from voicebot.records.events import Final, Partial
from voicebot.records.outbox import RETRY_WAIT, Outbox
from voicebot.records.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from voicebot.records.entry import Entry
    from voicebot.records.events import CallEvent

LONG_S = 20.0


class Destination:
    """Fails as ``plan`` says, one item for each attempt, and then takes everything."""

    def __init__(self, *plan: Exception | None, batch: int = 2) -> None:
        self.batch = batch
        self.pause_s = 0.0
        self.taken: list[Entry] = []
        self.attempts = 0
        self.closed = threading.Event()
        self.refuses: Callable[[CallEvent], bool] = lambda _event: False
        self.open = threading.Event()
        self.open.set()
        self._plan = list(plan)
        self._grown = threading.Condition()

    def deliver(self, entries: Sequence[Entry]) -> None:
        self.attempts += 1
        assert self.open.wait(LONG_S)
        assert len(entries) <= self.batch
        if self._plan and (error := self._plan.pop(0)) is not None:
            raise error
        if any(self.refuses(entry.event) for entry in entries):
            raise RecordsRefusedError("400")
        with self._grown:
            self.taken += entries
            self._grown.notify_all()

    def close(self) -> None:
        self.closed.set()

    @property
    def events(self) -> list[CallEvent]:
        return [entry.event for entry in self.taken]

    def has(self, count: int) -> None:
        with self._grown:
            assert self._grown.wait_for(lambda: len(self.taken) >= count, LONG_S)


def said(count: int, *, first: int = 1) -> list[CallEvent]:
    return [final("x", number=number) for number in range(first, first + count)]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path, "test") as spool:
        yield spool


def outbox(destination: Destination, spool: Spool | None, **options: object) -> Outbox:
    return Outbox("test", destination, spool=spool, wait=wait_none(), **options)


def away() -> RecordsUnavailableError:
    return RecordsUnavailableError("away")


@pytest.mark.parametrize("spooled", [True, False])
def test_all_events_arrive_in_order(spool, spooled):
    destination = Destination()
    box = outbox(destination, spool if spooled else None)
    box.start()

    for event in a_call():
        box.put(event)
    box.close(LONG_S)

    assert destination.events == a_call()
    assert destination.closed.is_set()
    assert len(spool) == 0


@pytest.mark.parametrize("spooled", [True, False])
def test_a_destination_that_is_away_gets_everything_when_it_is_back(spool, spooled):
    destination = Destination(away(), away(), None, away())
    box = outbox(destination, spool if spooled else None)
    box.start()

    for event in said(20):
        box.put(event)
    destination.has(20)
    box.close(LONG_S)

    assert destination.events == said(20)


def test_a_hanging_destination_holds_nobody_up_and_all_is_on_disk_meanwhile(spool):
    destination = Destination()
    destination.open.clear()
    box = outbox(destination, spool)
    box.start()

    for event in said(20):
        box.put(event)
    while box.waiting < 20:
        pass
    box.close(0.1)
    destination.open.set()
    assert destination.closed.wait(LONG_S)

    assert [entry.event for entry in spool.head(99)] == said(20)


def test_the_next_run_delivers_what_was_left_first_and_under_the_same_names(spool):
    broken = Destination(*[away()] * 1000)
    first = outbox(broken, spool)
    first.start()
    for event in said(3):
        first.put(event)
    first.close(LONG_S)
    left = spool.head(99)
    destination = Destination()
    second = outbox(destination, spool)
    second.start()

    for event in said(2, first=4):
        second.put(event)
    second.close(LONG_S)

    assert destination.taken[:3] == left
    assert destination.events == said(5)
    assert len({entry.id for entry in destination.taken}) == 5


def test_what_a_former_run_left_is_told(spool):
    spool.append(entries(said(3), run="former"))
    destination = Destination()
    with capture_logs() as log:
        box = outbox(destination, spool)
        box.start()
        box.close(LONG_S)

    assert log[0]["event"] == "events of a former run come first"
    assert (log[0]["destination"], log[0]["waiting"]) == ("test", 3)
    assert destination.events == said(3)


def test_an_event_that_is_refused_is_set_aside_and_the_others_arrive(spool, tmp_path):
    destination = Destination(batch=10)
    destination.refuses = lambda event: isinstance(event, Final) and event.utterance == 3
    box = outbox(destination, spool)

    for event in said(6):
        box.put(event)
    box.start()
    box.close(LONG_S)

    assert [event.utterance for event in destination.events] == [1, 2, 4, 5, 6]
    assert '"utterance":3' in (tmp_path / "test-refused.jsonl").read_text()
    assert len(spool) == 0


def test_an_error_that_nobody_thought_of_costs_one_event_at_most(spool, tmp_path):
    destination = Destination(ZeroDivisionError("surprise"), ZeroDivisionError("again"))
    box = outbox(destination, spool)

    for event in said(4):
        box.put(event)
    box.start()
    box.close(LONG_S)

    assert [event.utterance for event in destination.events] == [2, 3, 4]
    assert "again" in (tmp_path / "test-refused.jsonl").read_text()


def test_an_event_that_cannot_be_written_stops_no_other(spool):
    destination = Destination()
    box = outbox(destination, spool)
    box.start()

    box.put(replace(final("x", number=1), words=(object(),)))
    box.put(final("x", number=2))
    box.close(LONG_S)

    assert [event.utterance for event in destination.events] == [2]


def test_after_gone_nothing_more_is_delivered_and_what_waited_stays_on_disk(spool):
    destination = Destination(RecordsGoneError("410 Gone"))
    box = outbox(destination, spool)
    for event in said(3):
        box.put(event)
    box.start()

    assert destination.closed.wait(LONG_S)
    box.put(final("later", number=4))
    box.close(LONG_S)

    assert destination.attempts == 1
    assert [entry.event for entry in spool.head(99)] == said(3)


class FullSpool(Spool):
    """A disk that takes nothing while ``full``, not even a deletion."""

    full = True

    def append(self, entries):
        self._refuse_if_full()
        super().append(entries)

    def remove(self, keys):
        self._refuse_if_full()
        super().remove(keys)

    def _refuse_if_full(self):
        if self.full:
            raise RecordsUnavailableError("database or disk is full")


def test_a_full_disk_is_survived_in_memory_and_each_event_arrives_once(tmp_path):
    with FullSpool(tmp_path, "test") as spool:
        destination = Destination()
        box = outbox(destination, spool)
        box.start()
        for event in said(5):
            box.put(event)
        destination.has(5)
        spool.full = False
        for event in said(5, first=6):
            box.put(event)
        destination.has(10)
        spool.full = True
        for event in said(5, first=11):
            box.put(event)
        destination.has(15)
        spool.full = False
        box.close(LONG_S)

        assert destination.events == said(15)
        assert len(spool) == 0


def test_memory_is_bounded_and_the_oldest_are_kept(tmp_path):
    with FullSpool(tmp_path, "test") as spool:
        destination = Destination(*[away()] * 3)
        box = outbox(destination, spool, limit=5)
        for event in said(12):
            box.put(event)
        box.start()
        box.close(LONG_S)

        spool.full = False
        assert [event.utterance for event in destination.events] == list(
            range(1, len(destination.events) + 1)
        )
        assert box.waiting + len(destination.events) <= 5


PARTIAL = Partial("1.1", "anna", 1, 0, 1, "Hel")


def test_partials_go_nowhere_unless_they_are_wanted(spool):
    destination = Destination()
    box = outbox(destination, spool)
    box.start()

    box.put(PARTIAL)
    box.close(LONG_S)

    assert destination.attempts == 0


def test_the_latest_partial_is_shown_once_and_never_waits(spool):
    destination = Destination(away(), away(), batch=1)
    box = outbox(destination, spool, partials="latest")
    box.put(PARTIAL)
    box.start()
    while not destination.attempts:
        pass

    box.put(final("Hello."))
    box.close(LONG_S)

    assert destination.events in ([], [final("Hello.")])
    assert [entry.event for entry in spool.head(9)] + destination.events == [final("Hello.")]


def test_a_partial_is_not_told_after_its_final(spool):
    destination = Destination(batch=1)
    box = outbox(destination, spool, partials="latest")
    box.put(PARTIAL)
    box.put(final("Hello."))
    box.start()

    box.close(LONG_S)

    assert destination.events == [final("Hello.")]


def test_all_partials_arrive_in_order_where_they_are_wanted():
    destination = Destination()
    box = outbox(destination, None, partials="all")
    box.start()

    for event in (PARTIAL, PARTIAL, final("Hello.")):
        box.put(event)
    box.close(LONG_S)

    assert destination.events == [PARTIAL, PARTIAL, final("Hello.")]


def test_a_destination_is_asked_again_less_and_less_often_but_every_minute():
    def waits(attempt: int) -> list[float]:
        state = RetryCallState(Retrying(), None, (), {})
        state.attempt_number = attempt
        return [RETRY_WAIT(state) for _ in range(50)]

    assert all(0.5 <= seconds <= 1.5 for seconds in waits(1))
    assert all(8.0 <= seconds <= 9.0 for seconds in waits(5))
    assert all(59.0 <= seconds <= 60.0 for seconds in (*waits(8), *waits(10_000)))


def test_what_the_other_side_asks_for_is_waited():
    destination = Destination(RecordsUnavailableError("429", retry_after_s=3600))
    box = outbox(destination, None)
    box.put(final("Hello."))
    box.start()
    while not destination.attempts:
        pass
    box.put(final("Hello?", number=2))
    while box.waiting < 2:
        pass

    assert destination.attempts == 1
    box.close(LONG_S)
