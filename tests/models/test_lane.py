from __future__ import annotations

import asyncio
import threading

import pytest

from voicebot.models.lane import Lane, LaneFullError


class Held:
    """A job that runs until it is released."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._released = threading.Event()

    def __call__(self) -> str:
        self._loop.call_soon_threadsafe(self.began.set)
        assert self._released.wait(5)
        return "done"

    def release(self) -> None:
        self._released.set()


async def test_jobs_run_in_the_order_they_came():
    lane, order = Lane("test"), list[int]()

    await asyncio.gather(*(lane.run(order.append, number) for number in range(20)))

    assert order == list(range(20))
    lane.close()


async def test_a_job_whose_waiter_has_gone_is_never_begun():
    lane, held, begun = Lane("test"), Held(), list[str]()
    running = asyncio.create_task(lane.run(held))
    await held.began.wait()
    abandoned = asyncio.create_task(lane.run(begun.append, "abandoned"))
    await asyncio.sleep(0)

    abandoned.cancel()
    await asyncio.wait([abandoned])
    held.release()
    await lane.run(begun.append, "next")

    assert await running == "done"
    assert begun == ["next"]
    lane.close()


async def test_too_many_jobs_are_refused_and_counted_down_again():
    lane, held = Lane("test", limit=2), Held()
    jobs = [asyncio.create_task(lane.run(held)) for _ in range(2)]
    await held.began.wait()

    with pytest.raises(LaneFullError, match="2 requests wait for test"):
        await lane.run(held)
    held.release()
    await asyncio.gather(*jobs)
    await asyncio.sleep(0)

    assert await lane.run(lambda: "room again") == "room again"
    lane.close()


async def test_an_error_of_the_job_reaches_its_waiter():
    lane = Lane("test")

    with pytest.raises(ZeroDivisionError):
        await lane.run(divmod, 1, 0)

    assert await lane.run(divmod, 7, 2) == (3, 1)
    lane.close()


async def test_several_workers_run_several_jobs_at_once():
    lane = Lane("test", workers=2)
    first, second = Held(), Held()
    jobs = [asyncio.create_task(lane.run(job)) for job in (first, second)]

    await asyncio.gather(first.began.wait(), second.began.wait())

    first.release()
    second.release()
    assert await asyncio.gather(*jobs) == ["done", "done"]
    lane.close()
