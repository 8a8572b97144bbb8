"""The languages whose words turn taking knows.

Another one is a file with another ``Language``, named in ``LANGUAGES``; without one the neutral
rules apply, which look at punctuation and digits only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.turns.english import ENGLISH
from voicebot.turns.russian import RUSSIAN
from voicebot.turns.tables import NEUTRAL, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENGLISH", "LANGUAGES", "NEUTRAL", "RUSSIAN", "Language", "language"]

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "ru": RUSSIAN}


def language(code: str) -> Language:
    """Return the tables for an ISO 639-1 ``code``, with or without a region ('en', 'en-GB')."""
    return LANGUAGES.get(code.lower().replace("_", "-").split("-")[0], NEUTRAL)
