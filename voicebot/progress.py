"""How far long work is: a bar in a terminal, a log line elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

if TYPE_CHECKING:
    from types import TracebackType

_log = structlog.get_logger(__name__)


class ProgressDisplay:
    """Shows several pieces of work at once, each from its first step to its last.

    It writes to standard error, and only while its context is open.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._terminal = console.is_terminal
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            console=console,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._terminal:
            self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._terminal:
            self._bars.stop()

    def show(self, work: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of ``work`` are done."""
        if not self._terminal:
            if done == total:
                _log.info("done", work=work, steps=total)
            return
        if work not in self._tasks:
            self._tasks[work] = self._bars.add_task(work, total=total)
        self._bars.update(self._tasks[work], completed=done, total=total)
