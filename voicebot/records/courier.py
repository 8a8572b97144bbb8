"""Brings what waits to its destination, again and again with growing waits."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_when_event_set
from tenacity.nap import sleep_using_event

from voicebot.errors import RecordsGoneError, RecordsRefusedError, RecordsUnavailableError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from tenacity.wait import wait_base

    from voicebot.records.backlog import Backlog
    from voicebot.records.entry import Delivery, Entry

_log = structlog.get_logger(__name__)

TOLD_EVERY_S: Final = 60.0
"""How often it is told how much waits."""


class Courier:
    """Has ``delivery`` take what is in ``backlog``, in order. Belongs to one thread.

    ``wait`` tells how long to wait after which attempt; ``closing`` cuts such waits short and lets
    a delivery fail at once.
    """

    def __init__(
        self,
        name: str,
        delivery: Delivery,
        backlog: Backlog,
        *,
        wait: wait_base,
        closing: threading.Event,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.gone = False
        self._name = name
        self._delivery = delivery
        self._backlog = backlog
        self._wait = wait
        self._closing = closing
        self._clock = clock
        self._failing = False
        self._told_at = 0.0

    def bring(self, batch: Sequence[Entry]) -> bool:
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
            _log.info("delivered again", destination=self._name, waiting=len(self._backlog))
        return True

    def show(self, partials: Sequence[Entry]) -> None:
        """Deliver what is only of interest now: once, or not at all."""
        for entry in partials:
            try:
                self._delivery.deliver([entry])
            except RecordsGoneError as error:
                self._give_up(error)
                return
            except Exception as error:  # noqa: BLE001 - the next one is as good
                _log.debug("partial not delivered", destination=self._name, reason=str(error))

    def _refuse(self, batch: Sequence[Entry], error: Exception) -> bool:
        """Find the entry that is to blame and set it aside."""
        if len(batch) > 1:
            return all(self.bring([entry]) for entry in batch)
        expected = isinstance(error, RecordsRefusedError)
        self._backlog.set_aside(batch[0], str(error) if expected else repr(error))
        return True

    def _give_up(self, error: RecordsGoneError) -> None:
        self.gone = True
        _log.error(
            "nothing more is delivered until voicebot is started again",
            destination=self._name,
            reason=str(error),
        )

    def _patience(self, state: RetryCallState) -> float:
        error = _error(state)
        wanted = error.retry_after_s if isinstance(error, RecordsUnavailableError) else None
        return max(float(self._wait(state)), wanted or 0.0)

    def _tell(self, state: RetryCallState) -> None:
        now = self._clock()
        if self._failing and now < self._told_at + TOLD_EVERY_S:
            return
        log = _log.warning if self._failing else _log.error
        self._failing, self._told_at = True, now
        log(
            "events wait",
            destination=self._name,
            reason=str(_error(state)),
            waiting=len(self._backlog),
            in_memory=self._backlog.held,
        )


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome is not None else None
