"""Speech that waits: in memory up to a limit, on disk beyond it."""

from __future__ import annotations

import asyncio
import os
import tempfile
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Protocol, TypeVar

import structlog

if TYPE_CHECKING:
    from collections.abc import Iterable

    from voicebot.media.audio import Pcm

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Audio:
    """Audio that may wait: ``pcm`` itself (slin16), or where in the shelf's file it lies."""

    pcm: Pcm | None
    offset: int = 0
    length: int = 0


class Keeping(Protocol):
    """What has audio that can be stored away."""

    @property
    def audio(self) -> Audio:
        """What can be stored."""
        ...


K = TypeVar("K", bound=Keeping)


class Shelf:
    """Holds the audio of what waits. ``limit`` is in bytes.

    The file has no name: whatever ends the process, nobody else ever finds speech in it. Where
    there is no room on the disk the audio stays in memory, and the log says so.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._file: IO[bytes] | None = None
        self._end = 0
        self._moving = asyncio.Lock()
        self._refused = False
        self.held = 0
        self.spilled = 0

    @property
    def full(self) -> bool:
        """Whether more is held in memory than should be."""
        return self.held > self._limit

    def put(self, audio: Audio) -> None:
        """Count audio that begins to wait."""
        self.held += len(audio.pcm or b"")

    async def take(self, audio: Audio) -> Pcm:
        """Return audio that waits no longer, from wherever it is."""
        async with self._moving:
            if audio.pcm is not None:
                self.held -= len(audio.pcm)
                return audio.pcm
            assert self._file is not None  # noqa: S101 (something was written)
            descriptor = self._file.fileno()
            pcm = await asyncio.to_thread(os.pread, descriptor, audio.length, audio.offset)
            self._forget()
            # Whatever waits again must be written again.
            audio.pcm = pcm
            return pcm

    def drop(self, audio: Audio) -> None:
        """Let go of audio that is not needed any more."""
        if audio.pcm is not None:
            self.held -= len(audio.pcm)
            audio.pcm = b""
        else:
            self._forget()

    async def make_room(self, waiting: Iterable[K]) -> None:
        """Write what waits to the disk, the first of ``waiting`` first, until memory suffices."""
        async with self._moving:
            for one in waiting:
                if not self.full:
                    return
                if one.audio.pcm is not None and not await self._write(one.audio):
                    return

    def close(self) -> None:
        """Delete the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    async def _write(self, audio: Audio) -> bool:
        pcm = audio.pcm or b""
        try:
            await asyncio.to_thread(self._append, pcm)
        except OSError as error:
            if not self._refused:
                _log.warning("speech that waits stays in memory", reason=str(error))
            self._refused = True
            return False
        self._refused = False
        if audio.pcm is not pcm:
            # Dropped meanwhile.
            return True
        audio.offset, audio.length, audio.pcm = self._end, len(pcm), None
        self._end += len(pcm)
        self.held -= len(pcm)
        self.spilled += 1
        return True

    def _append(self, pcm: Pcm) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="voicebot-")  # noqa: SIM115 (see close)
        written = 0
        while written < len(pcm):
            written += os.pwrite(self._file.fileno(), pcm[written:], self._end + written)

    def _forget(self) -> None:
        self.spilled -= 1
        if not self.spilled and self._file is not None:
            self._end = 0
            os.ftruncate(self._file.fileno(), 0)
