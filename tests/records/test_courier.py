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
from voicebot.records.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from voicebot.records.entry import Entry


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
