"""What is kept of the turn in progress."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns import words as w
from voicebot.turns.events import Utterance
from voicebot.turns.interruption import WORDLESS_MS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


# The shortest words last so long; coughs and knocks are over by then.
_WORD_MS: Final = 300


@dataclass(slots=True)
class Turn:
    """One turn of the caller's while it lasts: its revisions and what was understood of them.

    ``text`` is the transcript of the newest revision, once it has come; ``needed_ms`` the silence
    that ends the turn then; ``finished`` and ``sound`` speak for or against its end, ``confidence``
    for its words. ``words`` are the last that were understood of any revision, ``before`` those of
    the revision before, in which the recogniser had the confidence ``believed``; ``readings`` are
    the texts that each recogniser held for likely instead of ``words``; ``wordless`` is how many
    samples the newest transcript was of, if it had none. ``joinable``: what follows may still be
    added; ``overlong``: it was ended for its length.
    """

    number: int
    utterance: Utterance | None = None
    text: str | None = None
    finished: float | None = None
    sound: float | None = None
    confidence: float | None = None
    needed_ms: int | None = None
    joinable: bool = True
    overlong: bool = False
    words: str = ""
    before: str = ""
    believed: float | None = None
    readings: Sequence[Mapping[str, float]] = ()
    wordless: int = 0

    @property
    def unclear(self) -> bool:
        """Whether it has no words, though it is as long as some and not as long as music."""
        milliseconds = self.wordless * 1000 // SAMPLE_RATE
        return not self.words and _WORD_MS <= milliseconds < WORDLESS_MS

    def revise(self, pcm: bytes, started: int, ended: int, hint: str = "") -> Utterance:
        """Return the next revision, whose transcript is then awaited."""
        revision = self.utterance.revision + 1 if self.utterance else 1
        self.utterance = Utterance(self.number, revision, pcm, started, ended, hint)
        self.text = self.needed_ms = None
        return self.utterance

    def understand(
        self,
        number: int,
        revision: int,
        text: str,
        confidence: float | None = None,
        *,
        readings: Sequence[Mapping[str, float]] = (),
    ) -> bool:
        """Take a transcript; return whether it is that of the newest revision.

        Where the newest revision has no words but an earlier one had, what came after it was noise.
        """
        newest = self.utterance
        if newest is None or (number, revision) != (newest.number, newest.revision):
            return False
        if w.tokens(text):
            self.before, self.believed = self.words, self.confidence
            self.words, self.confidence, self.wordless = text, confidence, 0
            self.readings = readings
        else:
            self.wordless = newest.ended - newest.started
        self.text = self.words
        self.needed_ms = None
        return True
