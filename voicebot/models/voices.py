"""Which voice speaks a text: by its name, else by the language said, else by the letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

# The first script found decides; Ukrainian before Russian, because it shares most letters.
_SCRIPTS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile("[іїєґІЇЄҐ]"), "uk"),
    (re.compile("[\u0400-\u04ff]"), "ru"),
    (re.compile("[\u0370-\u03ff]"), "el"),
    (re.compile("[\u0590-\u05ff]"), "he"),
    (re.compile("[\u0600-\u06ff]"), "ar"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\uac00-\ud7af]"), "ko"),
    (re.compile("[\u4e00-\u9fff]"), "cmn"),
)
_CODE = re.compile(r"^[a-z]{2,3}([-_][A-Za-z0-9]+)*$")

OPENAI_VOICES = frozenset(
    {"alloy", "ash", "ballad", "cedar", "coral", "echo", "fable", "marin", "nova", "onyx", "sage"}
    | {"shimmer", "verse"}
)
"""Names that any client may send: they mean 'whichever voice there is'."""


@dataclass(frozen=True, slots=True)
class VoiceName:
    """A voice as asked for. ``engine`` is ``piper``, ``espeak`` or, for either, ``None``."""

    engine: str | None
    language: str | None


class UnknownVoiceError(ValueError):
    """The name is neither a language nor an engine with a language."""


def parse_voice(name: str) -> VoiceName:
    """Return what a voice's name asks for: ``ru``, ``piper:en``, ``espeak:de``, ``alloy``, ``""``.

    Raises ``UnknownVoiceError``.
    """
    engine, _, language = name.rpartition(":")
    if not engine and (not name or name in OPENAI_VOICES):
        return VoiceName(None, None)
    if engine in {"", "piper", "espeak"} and _CODE.match(language):
        return VoiceName(engine or None, language)
    message = f"no voice {name!r}: use a language (en, ru, …), piper:LANGUAGE or espeak:LANGUAGE"
    raise UnknownVoiceError(message)


def language_of(text: str) -> str:
    """Return the language that the letters of ``text`` suggest; Latin letters mean English."""
    return next((language for script, language in _SCRIPTS if script.search(text)), "en")


def base_language(language: str) -> str:
    """Return ``en`` for ``en-US``."""
    return re.split("[-_]", language.strip().lower())[0]
