"""Has the fixed sentences synthesised: the greeting before the first call, the rest meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from voicebot.errors import ProviderError, ProviderRefusedError
from voicebot.progress import ProgressDisplay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Sequence

_WORK: Final = "fixed sentences"
_TOLD_EVERY: Final = 20
"""Sentences between two lines of the log, while calls are taken."""

_log = structlog.get_logger(__name__)


class Warmable(Protocol):
    """Keeps speech for later: ``CachedTextToSpeech``."""

    async def warm(
        self, texts: Iterable[str], language: str, *, progress: Callable[[int, int], None]
    ) -> None:
        """Have the speech of ``texts`` ready, each that is not yet. Raises ``ProviderError``."""
        ...


@asynccontextmanager
async def warmed(
    tts: Warmable,
    sentences: Sequence[str],
    language: str,
    *,
    may_be_refused: bool,
    meanwhile: bool = False,
) -> AsyncIterator[None]:
    """Enter once ``sentences`` are ready; with ``meanwhile`` once the first one is, the greeting.

    The rest then follows in the background: what is not ready is synthesised when it is to be said.
    A provider that is down for now is no reason not to start; a wrong key is, unless there is
    somebody else to speak (``may_be_refused``). Raises ``ProviderRefusedError``.
    """
    try:
        if meanwhile:
            await tts.warm(sentences[:1], language, progress=lambda _done, _total: None)
        else:
            with ProgressDisplay() as display:
                await tts.warm(sentences, language, progress=partial(display.show, _WORK))
    except ProviderRefusedError:
        if not may_be_refused:
            raise
        _log.warning("fixed sentences are not ready: the key of tts is refused")
        yield
        return
    except ProviderError as error:
        _log.warning("fixed sentences are not ready", reason=str(error))
        yield
        return
    rest = asyncio.create_task(_warm_quietly(tts, sentences, language))
    try:
        yield
    finally:
        rest.cancel()
        await asyncio.gather(rest, return_exceptions=True)


async def _warm_quietly(tts: Warmable, sentences: Sequence[str], language: str) -> None:
    try:
        await tts.warm(sentences, language, progress=_tell)
    except ProviderError as error:
        _log.warning("fixed sentences are not ready", reason=str(error))


def _tell(done: int, total: int) -> None:
    if done == total:
        _log.info("fixed sentences ready", sentences=total)
    elif done % _TOLD_EVERY == 0:
        _log.info(_WORK, ready=done, of=total)
