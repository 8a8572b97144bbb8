"""The order of what waits holds on disk, in memory, and while it moves between the two."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.records.telling import entries, final
from voicebot.errors import RecordsUnavailableError
from voicebot.records.backlog import Backlog
from voicebot.records.spool import Spool


class MoodySpool(Spool):
    """A disk that can be written and read as it is told to."""

    writable = True
    readable = True
    attempts = 0

    def append(self, entries):
        self._check(self.writable)
        super().append(entries)

    def remove(self, keys):
        self._check(self.writable)
        super().remove(keys)

    def head(self, limit):
        self._check(self.readable)
        return super().head(limit)

    def _check(self, well):
        self.attempts += 1
        if not well:
            raise RecordsUnavailableError("Input/output error")


STEPS = st.lists(
    st.one_of(
        st.integers(1, 3),
        st.sampled_from(["take", "full", "room", "unreadable", "readable", "restart"]),
    ),
    max_size=40,
)


@settings(deadline=None, max_examples=60)
@given(STEPS)
def test_each_entry_comes_once_and_in_order_whatever_the_disk_does(tmp_path_factory, steps):
    folder = tmp_path_factory.mktemp("spool")
    added, taken = 0, []
    spool = MoodySpool(folder, "test")
    spool.open()
    backlog = Backlog("test", spool, limit=10_000, retry_s=0)
    # From here on the disk has been seen to work.
    backlog.add(entries([final("x")], run="first"))
    backlog.remove(backlog.head(1))
    for step in [*steps, "room", "readable"]:
        if isinstance(step, int):
            backlog.add(entries([final("x")] * step, first=added + 1))
            added += step
        elif step == "take":
            first = backlog.head(2)
            backlog.remove(first)
            taken += [entry.number for entry in first]
        elif step == "restart":
            spool.writable = spool.readable = True
            backlog.close()
            spool.__exit__(None, None, None)
            spool = MoodySpool(folder, "test")
            backlog = Backlog("test", spool, limit=10_000, retry_s=0)
            backlog.head(1)
        else:
            spool.writable = {"full": False, "room": True}.get(step, spool.writable)
            spool.readable = {"unreadable": False, "readable": True}.get(step, spool.readable)
    while first := backlog.head(3):
        backlog.remove(first)
        taken += [entry.number for entry in first]
    backlog.close()
    spool.__exit__(None, None, None)

    assert taken == list(range(1, added + 1))


def test_a_disk_that_fails_is_told_once_and_tried_again_now_and_then(tmp_path):
    now = 0.0
    with MoodySpool(tmp_path, "test") as spool, capture_logs() as log:
        backlog = Backlog("test", spool, limit=99, retry_s=1.0, clock=lambda: now)
        spool.writable = False
        for number in range(1, 11):
            backlog.add(entries([final("x")], first=number))
        tried = spool.attempts
        now = 1.5
        spool.writable = True
        backlog.add(entries([final("x")], first=11))

        assert tried == 1
        assert len(spool) == 11
        assert backlog.held == 0
    assert [line["event"] for line in log] == [
        "events wait in memory: they are lost if voicebot ends",
        "the spool can be written again",
    ]


@pytest.mark.parametrize("spooled", [True, False])
def test_beyond_the_limit_the_newest_are_lost_and_counted(tmp_path, spooled):
    with MoodySpool(tmp_path, "test") as spool:
        spool.writable = False
        backlog = Backlog("test", spool if spooled else None, limit=3)

        backlog.add(entries([final("x")] * 5))

        assert backlog.lost == 2
        assert [entry.number for entry in backlog.head(9)] == [1, 2, 3]
