"""What is told while a destination takes nothing."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from structlog.testing import capture_logs
from tenacity import wait_none

from tests.records.telling import entries, final
from voicebot.errors import RecordsUnavailableError
from voicebot.records.backlog import Backlog
from voicebot.records.courier import Courier
from voicebot.records.entry import Entry
from voicebot.records.outbox import RETRY_WAIT
from voicebot.records.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Away:
    """Takes nothing for ``attempts`` attempts, each of which takes a quarter of a minute."""

    batch = 1
    pause_s = 0.0

    def __init__(self, attempts: int) -> None:
        self.now = 0.0
        self._left = attempts

    def deliver(self, entries: Sequence[Entry]) -> None:
        del entries
        self.now += 15.0
        self._left -= 1
        if self._left >= 0:
            raise RecordsUnavailableError("502 Bad Gateway")

    def close(self) -> None:
        """Nothing is open."""


def test_how_much_waits_is_told_at_once_and_then_once_a_minute(tmp_path: Path):
    away = Away(attempts=9)
    with Spool(tmp_path, "webhook") as spool, capture_logs() as log:
        backlog = Backlog("webhook", spool, limit=99)
        backlog.add(entries([final("x")] * 3))
        courier = Courier(
            "webhook",
            away,
            backlog,
            wait=wait_none(),
            closing=threading.Event(),
            clock=lambda: away.now,
        )

        assert courier.bring(backlog.head(1))

    *waits, again = log
    assert [line["log_level"] for line in waits] == ["error", "warning", "warning"]
    for line in waits:
        assert (line["event"], line["destination"]) == ("events wait", "webhook")
        assert (line["reason"], line["waiting"], line["in_memory"]) == ("502 Bad Gateway", 3, 0)
    assert (again["event"], again["waiting"]) == ("delivered again", 2)


class Time(threading.Event):
    """Time that passes only where somebody waits; set, it lets nobody wait any more."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return self.is_set()


class DownUntil:
    """Takes nothing before ``at`` on ``time``; at each attempt something more happens in the PBX.

    ``dies_at`` is when the program is told to end.
    """

    batch = 1
    pause_s = 0.0

    def __init__(self, time: Time, backlog: Backlog, *, at: float, dies_at: float) -> None:
        self.taken: list[Entry] = []
        self.attempts: list[float] = []
        self.told: list[Entry] = []
        self.run = f"run-{time.now}"
        self._time = time
        self._backlog = backlog
        self._at = at
        self._dies_at = dies_at

    def deliver(self, entries: Sequence[Entry]) -> None:
        self.attempts.append(self._time.now)
        if self._time.now >= self._dies_at:
            self._time.set()
        if self._time.now >= self._at:
            self.taken += entries
            return
        self.tell()
        raise RecordsUnavailableError("Connection refused")

    def tell(self) -> None:
        number = len(self.told) + 1
        news = Entry(self.run, number, final(f"{self.run}, {number}", number=number))
        self.told.append(news)
        self._backlog.add([news])

    def close(self) -> None:
        """Nothing is open."""


def down(folder: Path, time: Time, *, until: float, dies_at: float = 1e9) -> DownUntil:
    """Deliver what is in ``folder``, and what happens meanwhile, until nothing waits or it ends."""
    with Spool(folder, "webhook") as spool:
        backlog = Backlog("webhook", spool, limit=99)
        destination = DownUntil(time, backlog, at=until, dies_at=dies_at)
        courier = Courier("webhook", destination, backlog, wait=RETRY_WAIT, closing=time)
        destination.tell()
        while (batch := backlog.head(1)) and courier.bring(batch):
            pass
        assert backlog.held == 0
    return destination


def test_a_destination_that_is_down_for_a_minute_gets_everything_once_and_in_order(tmp_path: Path):
    time = Time()

    destination = down(tmp_path, time, until=60.0)

    assert len(destination.told) > 5
    assert destination.taken == destination.told
    assert time.now < 60.0 + 60.0, "it is asked again within a minute"
    assert len([at for at in destination.attempts if at < 60.0]) < 10, "it is left alone"


def test_what_waits_outlives_the_program_while_the_destination_is_down(tmp_path: Path):
    time = Time()

    first = down(tmp_path, time, until=60.0, dies_at=15.0)
    time.clear()
    second = down(tmp_path, time, until=60.0)

    assert first.taken == []
    assert second.taken == first.told + second.told
    assert len({entry.id for entry in second.taken}) == len(second.taken) > 5
