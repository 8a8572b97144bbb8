"""Fixed sentences are synthesised once, and survive a restart; a bad disk is no reason to fail."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from voicebot.errors import ProviderFailedError
from voicebot.speech.cache import CachedTextToSpeech
from voicebot.speech.protocols import SpokenWord, audio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from voicebot.speech.protocols import SpeechPart


class Voice:
    """Speaks a text as its own bytes, and remembers what it was asked."""

    def __init__(self, *, words: bool = False) -> None:
        self.asked: list[str] = []
        self._words = words

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[SpeechPart]:
        self.asked.append(text)
        if text == "Fail.":
            raise ProviderFailedError("tts", "test", "no")
        if self._words:
            yield SpokenWord(text, 1, 5)
        yield pcm(text, language)


def pcm(text: str, language: str = "en") -> bytes:
    return f"{language}:{text}".encode() * 2


def cached(
    voice: Voice, folder: Path, identity: str = "openai|tts-1|alloy|1"
) -> CachedTextToSpeech:
    return CachedTextToSpeech(voice, folder, identity=identity)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def spoken(tts: CachedTextToSpeech, text: str, language: str = "en") -> bytes:
    return b"".join([part async for part in audio(tts.synthesise(text, language=language))])


async def test_a_warm_sentence_is_not_synthesised_again(tmp_path: Path):
    voice = Voice()
    tts = cached(voice, tmp_path)

    await tts.warm(["Hello."], "en")

    assert await spoken(tts, "Hello.") == pcm("Hello.")
    assert voice.asked == ["Hello."]


async def test_texts_are_warmed_by_sentence_and_once_each(tmp_path: Path):
    voice, told = Voice(), []
    tts = cached(voice, tmp_path)

    await tts.warm(
        ["Hello. Goodbye.", "Goodbye."], "en", progress=lambda done, all_: told.append((done, all_))
    )

    assert voice.asked == ["Hello.", "Goodbye."]
    assert told == [(1, 2), (2, 2)]
    assert await spoken(tts, "Hello. Goodbye.") == pcm("Hello.") + pcm("Goodbye.")
    assert len(voice.asked) == 2


async def test_other_texts_are_synthesised_whole(tmp_path: Path):
    voice = Voice()
    tts = cached(voice, tmp_path)
    await tts.warm(["Hello."], "en")

    await spoken(tts, "Hello. How are you?")

    assert voice.asked[-1] == "Hello. How are you?"


async def test_what_is_not_fixed_is_not_kept(tmp_path: Path):
    voice = Voice()
    tts = cached(voice, tmp_path)

    await spoken(tts, "It is late.")
    await spoken(tts, "It is late.")

    assert len(voice.asked) == 2
    assert files(tmp_path) == []


@pytest.mark.parametrize("text", ["We open at 9:00.", "We open at nine o'clock."])
async def test_a_sentence_is_found_as_written_and_as_read(tmp_path: Path, text: str):
    voice = Voice()
    tts = cached(voice, tmp_path)

    await tts.warm(["We open at 9:00."], "en")

    assert await spoken(tts, text) == pcm("We open at nine o'clock.")
    assert len(voice.asked) == 1


async def test_after_a_restart_the_disk_has_it(tmp_path: Path):
    await cached(Voice(), tmp_path).warm(["Hello."], "en")
    voice = Voice()
    tts = cached(voice, tmp_path)

    await tts.warm(["Hello."], "en")

    assert voice.asked == []
    assert await spoken(tts, "Hello.") == pcm("Hello.")


async def test_its_words_are_known_after_a_restart_and_where_they_are_in_all_of_it(tmp_path: Path):
    await cached(Voice(words=True), tmp_path).warm(["Hello. Goodbye."], "en")
    tts = cached(Voice(), tmp_path)
    await tts.warm(["Hello. Goodbye."], "en")

    parts = [part async for part in tts.synthesise("Hello. Goodbye.", language="en")]

    first = len(pcm("Hello.")) // 2
    assert parts == [
        SpokenWord("Hello.", 1, 5),
        pcm("Hello."),
        SpokenWord("Goodbye.", first + 1, first + 5),
        pcm("Goodbye."),
    ]


@pytest.mark.parametrize(
    ("identity", "language"), [("openai|tts-1|nova|1", "en"), ("openai|tts-1|alloy|1", "ru")]
)
async def test_another_voice_or_language_is_another_speech(
    tmp_path: Path, identity: str, language: str
):
    await cached(Voice(), tmp_path).warm(["Hello."], "en")
    voice = Voice()

    await cached(voice, tmp_path, identity).warm(["Hello."], language)

    assert voice.asked == ["Hello."]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-3],
        lambda data: data[:10],
        lambda _: b"",
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"x" + data[1:],
    ],
    ids=["cut", "cut in the head", "empty", "flipped bit", "other mark"],
)
async def test_a_corrupt_file_is_synthesised_again(tmp_path: Path, damage):
    await cached(Voice(), tmp_path).warm(["Hello."], "en")
    (file,) = files(tmp_path)
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    voice = Voice()
    tts = cached(voice, tmp_path)

    with capture_logs() as logs:
        await tts.warm(["Hello."], "en")

    assert voice.asked == ["Hello."]
    assert await spoken(tts, "Hello.") == pcm("Hello.")
    assert file.read_bytes() == whole
    assert "corrupt" in logs[0]["event"]


async def test_a_folder_that_cannot_be_written_is_a_warning_once(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.touch()
    tts = cached(Voice(), blocked / "cache")

    with capture_logs() as logs:
        await tts.warm(["Hello.", "Goodbye."], "en")

    written = [entry for entry in logs if "written" in entry["event"]]
    assert len(written) == 1
    assert await spoken(tts, "Goodbye.") == pcm("Goodbye.")


async def test_a_disk_that_becomes_full_leaves_nothing_half_written(tmp_path: Path):
    tts = cached(Voice(), tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)

    # No file may grow beyond this: the write fails in its middle, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
    try:
        with capture_logs():
            await tts.warm(["Hello."], "en")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert await spoken(tts, "Hello.") == pcm("Hello.")
    assert files(tmp_path) == []


async def test_no_temporary_file_stays_behind(tmp_path: Path):
    await cached(Voice(), tmp_path).warm(["Hello.", "Goodbye."], "en")

    assert [path.suffix for path in files(tmp_path)] == [".speech", ".speech"]


async def test_a_provider_that_fails_while_warming_is_told(tmp_path: Path):
    tts = cached(Voice(), tmp_path)

    with pytest.raises(ProviderFailedError):
        await tts.warm(["Fail."], "en")

    assert files(tmp_path) == []


async def test_the_voice_of_a_fallback_is_never_kept_as_the_first_ones(tmp_path: Path):
    first, either = Voice(), Voice()
    tts = CachedTextToSpeech(either, tmp_path, identity="first", source=first)

    await tts.warm(["Hello."], "en")
    await spoken(tts, "Something else.")

    assert first.asked == ["Hello."]
    assert either.asked == ["Something else."]
