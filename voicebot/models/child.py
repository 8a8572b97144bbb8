"""One life of the model process, from its start to its last words."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from voicebot import errors
from voicebot.errors import ModelError, ModelServerError
from voicebot.models.launch import Report, check_installed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from voicebot.models.launch import Order

_log = structlog.get_logger(__name__)

COMMAND = (sys.executable, "-m", "voicebot.models")
_LAST_WORDS = 12
_LINE_LIMIT = 1 << 20


class Child:
    """A running model process. ``start`` makes one."""

    def __init__(self, process: asyncio.subprocess.Process, grace_s: float) -> None:
        self._process = process
        self._grace_s = grace_s
        self._words: deque[str] = deque(maxlen=_LAST_WORDS)
        self._listening = asyncio.ensure_future(self._hear())

    @classmethod
    async def start(
        cls, order: Order, command: Sequence[str] = COMMAND, *, grace_s: float = 3.0
    ) -> Child:
        """Start the process and give it its order; when told to end it has ``grace_s`` to do so.

        Raises ``ModelServerError``, and ``ModelMissingError`` without the extra ``local``.
        """
        check_installed(order.which)
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=pipe, stdout=pipe, stderr=pipe, limit=_LINE_LIMIT
            )
        except OSError as error:
            message = f"{command[0]}: {error.strerror}"
            raise ModelServerError(message) from error
        child = cls(process, grace_s)
        with contextlib.suppress(ConnectionError):
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.write(order.model_dump_json().encode() + b"\n")
            await process.stdin.drain()
        return child

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    async def reports(self) -> AsyncIterator[Report]:
        """Yield what the process reports until it closes its output; other lines are last words."""
        assert self._process.stdout is not None  # noqa: S101 - it was asked for
        async for line in self._process.stdout:
            try:
                yield Report.model_validate_json(line)
            except ValidationError:
                self._words.append(line.decode(errors="replace").rstrip())

    async def ready(self, loaded: Callable[[Report], None]) -> str:
        """Wait until everything is loaded and return the base URL; ``loaded`` is told of each part.

        Raises ``ModelError``: the one that the process reported, or why it ended.
        """
        async for report in self.reports():
            if report.event == "failed":
                raise _reported_error(report)
            if report.event == "ready" and report.base_url:
                return report.base_url
            loaded(report)
        raise ModelServerError(await self.ended())

    async def ended(self) -> str:
        """Wait for the end, and return why: the exit code and the last lines it wrote."""
        # Whatever a library still prints must not fill the pipe and block the process.
        async for report in self.reports():
            _log.debug("model process", report=report.event)
        code = await self._process.wait()
        await asyncio.wait([self._listening], timeout=self._grace_s)
        how = f"ended with code {code}" if code >= 0 else f"was killed by signal {-code}"
        return "\n".join((f"the model process {how}", *self._words))

    async def stop(self) -> None:
        """End the process, by force if it must be. Stopping twice is allowed."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self._grace_s)
            except TimeoutError:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
                await self._process.wait()
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening

    async def _hear(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - it was asked for
        async for line in self._process.stderr:
            self._words.append(line.decode(errors="replace").rstrip())
            _log.debug("model process", line=self._words[-1])


def _reported_error(report: Report) -> ModelError:
    """Return the error of a ``failed`` report, as the class that the process raised."""
    found = getattr(errors, report.error or "", ModelServerError)
    fitting = isinstance(found, type) and issubclass(found, ModelError)
    kind: type[ModelError] = found if fitting else ModelServerError
    return kind(report.message or "the model process failed")
