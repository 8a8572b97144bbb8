"""Keeps the speech of fixed sentences, in memory and on disk."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import structlog

from voicebot.media.audio import SAMPLE_RATE, samples
from voicebot.speech.clauses import sentences
from voicebot.speech.protocols import SpokenWord, closing
from voicebot.speech.reading import speakable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import SpeechPart, TextToSpeech

_log = structlog.get_logger(__name__)

# A file is this mark, the SHA-256 of what follows, a line of JSON with the words, the audio: a file
# cut short is noticed.
_MARK: Final = b"voicebot speech\n"
_DIGEST_BYTES: Final = 32
_CHUNK_BYTES: Final = 2 * SAMPLE_RATE // 5


@dataclass(frozen=True, slots=True)
class Kept:
    """The speech of a sentence, and its words where the voice has told them."""

    pcm: Pcm
    words: tuple[SpokenWord, ...] = ()

    @classmethod
    def unpacked(cls, data: bytes) -> Self:
        """Return what was ``packed`` into ``data``."""
        words, _, pcm = data.partition(b"\n")
        return cls(pcm, tuple(SpokenWord(*word) for word in json.loads(words)))

    def packed(self) -> bytes:
        """Return all of it in bytes."""
        words = [(word.text, word.start, word.end) for word in self.words]
        return json.dumps(words).encode() + b"\n" + self.pcm


class SpeechFolder:
    """Speech on disk. What cannot be read or written is not there; the first trouble is logged."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.expanduser()
        self._writable = True

    def read(self, key: str) -> Kept | None:
        """Return the speech kept under ``key``, ``None`` when there is none that can be trusted."""
        path = self._folder / f"{key}.speech"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("speech cache cannot be read", path=str(path), error=error.strerror)
            return None
        digest = data[len(_MARK) : len(_MARK) + _DIGEST_BYTES]
        packed = data[len(_MARK) + _DIGEST_BYTES :]
        if not data.startswith(_MARK) or hashlib.sha256(packed).digest() != digest:
            _log.warning("speech cache is corrupt, synthesising again", path=str(path))
            return None
        return Kept.unpacked(packed)

    def write(self, key: str, kept: Kept) -> None:
        """Keep ``kept`` under ``key``, whole or not at all."""
        if not self._writable:
            return
        packed = kept.packed()
        temporary = ""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self._folder, suffix=".part")
            with os.fdopen(handle, "wb") as file:
                file.write(_MARK + hashlib.sha256(packed).digest() + packed)
            Path(temporary).replace(self._folder / f"{key}.speech")
        except OSError as error:
            self._writable = False
            _log.warning(
                "speech cache cannot be written; fixed sentences are synthesised at each start",
                folder=str(self._folder),
                error=error.strerror,
            )
            if temporary:
                Path(temporary).unlink(missing_ok=True)


class CachedTextToSpeech:
    """Speech by ``tts``, and from the cache what was warmed before.

    ``identity`` names everything that changes the voice (provider, model, voice, speed): speech of
    another identity is never used. ``source`` is that voice where ``tts`` may also be another one,
    its fallback. Texts are cached sentence by sentence, in the form in which
    they are read aloud.
    """

    def __init__(
        self,
        tts: TextToSpeech,
        folder: Path,
        *,
        identity: str,
        source: TextToSpeech | None = None,
    ) -> None:
        self._tts = tts
        self._source = source or tts
        self._folder = SpeechFolder(folder)
        self._identity = identity
        self._kept: dict[str, Kept] = {}

    async def warm(
        self,
        texts: Iterable[str],
        language: str,
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Have the speech of ``texts`` ready. Raises ``ProviderError``.

        ``progress`` is told how many sentences of how many are ready.
        """
        wanted = list(
            dict.fromkeys(
                speakable(sentence, language)
                for text in texts
                for sentence in sentences(text, language)
            )
        )
        for number, sentence in enumerate(wanted, start=1):
            key = self._key(sentence, language)
            if key not in self._kept:
                self._kept[key] = await self._fetch(sentence, language, key)
            if progress is not None:
                progress(number, len(wanted))

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        """Yield the speech of ``text``; see ``TextToSpeech``."""
        whole = speakable(text, language)
        parts = [whole] if self._key(whole, language) in self._kept else sentences(whole, language)
        kept = [self._kept.get(self._key(part, language)) for part in parts]
        if not all(kept):
            # Together the sentences sound better than one by one.
            async with closing(self._tts.synthesise(whole, language=language)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        at = 0
        for speech in filter(None, kept):
            for word in speech.words:
                yield replace(word, start=at + word.start, end=at + word.end)
            for start in range(0, len(speech.pcm), _CHUNK_BYTES):
                yield speech.pcm[start : start + _CHUNK_BYTES]
            at += samples(speech.pcm)

    async def _fetch(self, sentence: str, language: str, key: str) -> Kept:
        stored = await asyncio.to_thread(self._folder.read, key)
        if stored is not None:
            return stored
        pieces: list[Pcm] = []
        words: list[SpokenWord] = []
        async with closing(self._source.synthesise(sentence, language=language)) as parts:
            async for part in parts:
                if isinstance(part, SpokenWord):
                    words.append(part)
                else:
                    pieces.append(part)
        kept = Kept(b"".join(pieces), tuple(words))
        await asyncio.to_thread(self._folder.write, key, kept)
        return kept

    def _key(self, sentence: str, language: str) -> str:
        return hashlib.sha256(f"{self._identity}\0{language}\0{sentence}".encode()).hexdigest()
