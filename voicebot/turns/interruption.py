"""Whether the caller really wants the word, or the bot goes on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns import words as w
from voicebot.turns.expectation import NOTHING_ASKED, Answer, Expectation

if TYPE_CHECKING:
    from voicebot.turns.languages import Language

# A cough's or a click's worth of voice; the shortest words last longer.
_NOISE_MS = 120
# Nobody says 'uh-huh' for this long; nor 'yeah, right, okay', if that is what was understood. The
# words that were asked for get some time to come: the bot is silent meanwhile.
_LONG_MS = 700
_AWAITED_MS = 1200
_CHATTY_MS = 2400
# When no transcript has come after this time, the length must decide.
_PATIENCE_MS = 1200
# So long a transcript may take after the pause, however long the speech was.
_TRANSCRIPT_MS = 700
_LIKELY_WORDS_MS = 400
# A far talker or a television is this much quieter than the caller was.
_FAR_DB = 15.0
_ECHO_MS = 160
# The caller may well repeat two words of the bot's; an echo brings back more of them.
_ECHO_WORDS = 3
# What recognisers make of a grunt ('У.', 'К.') says nothing; nor does a word that no table knows
# and that is shorter than words are: 'uh-huh' becomes 'I'll', or a name.
_WORD_LETTERS = 2
_WORD_MS = 280
# The recogniser itself hardly believes what it has misheard.
_MISHEARD_MS = 600
_BELIEVED = 0.65


class Reason(StrEnum):
    """Why an interruption is none."""

    ECHO = "echo"
    NOISE = "noise"
    FAR = "far talker"
    BACK_CHANNEL = "back-channel"
    UNHEARD = "too short to tell"


class Verdict(NamedTuple):
    """The bot yields (``reason`` is ``None``), or it goes on."""

    reason: Reason | None = None

    @property
    def confirmed(self) -> bool:
        """Whether the bot yields."""
        return self.reason is None


CONFIRMED = Verdict()


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an interruption so far; lengths are in samples, levels in dBFS.

    ``spoken`` is the length of the speech, ``elapsed`` the time since it started. ``paused``: it
    has stopped, at least for now. ``usual`` is how loud the caller was in earlier turns, if there
    were any. ``text`` is the transcript once there is one of all that was spoken, ``words`` what
    was understood before that of its beginning; ``asked``: such words were asked for. ``finished``
    is how likely the recogniser holds it that the sentence ends with ``text``, where it tells.
    """

    spoken: int
    elapsed: int
    paused: bool
    level: float
    echo: bool = False
    usual: float | None = None
    text: str | None = None
    words: str = ""
    asked: bool = False
    finished: float | None = None


class Interruption:
    """Judges interruptions of one language's callers.

    Always comes to a verdict: after 0.7 s of speech, or 1.2 s where words were asked for, or 2.4 s
    of nothing but back-channels. When it has paused, at the latest 1.2 s after its start or, where
    words were asked for, 0.7 s after its end.
    """

    def __init__(self, language: Language) -> None:
        self._language = language

    def judge(
        self, evidence: Evidence, *, said: str = "", expectation: Expectation = NOTHING_ASKED
    ) -> Verdict | None:
        """Return the verdict, or ``None`` while more must be heard.

        ``said`` is what the bot says, ``expectation`` what it asks for.
        """
        if evidence.echo and evidence.spoken * 1000 >= _ECHO_MS * SAMPLE_RATE:
            return Verdict(Reason.ECHO)
        if evidence.text is not None:
            verdict = self._by_words(evidence.text, said, expectation)
            unsure = verdict == CONFIRMED and self._is_grunt(evidence)
            return Verdict(Reason.UNHEARD) if unsure else verdict
        early = self._by_beginning(evidence.words, said, expectation)
        if early is not None and early.reason is not Reason.BACK_CHANNEL:
            return early
        return self._by_sound(evidence, early)

    def _by_sound(self, evidence: Evidence, early: Verdict | None) -> Verdict | None:
        """Judge by length and level; ``early`` is given where the beginning is a back-channel."""
        spoken_ms = evidence.spoken * 1000 // SAMPLE_RATE
        elapsed_ms = evidence.elapsed * 1000 // SAMPLE_RATE
        far = evidence.usual is not None and evidence.level < evidence.usual - _FAR_DB
        if far and (evidence.paused or spoken_ms >= _LONG_MS):
            return Verdict(Reason.FAR)
        patience_ms = _AWAITED_MS if evidence.asked else _LONG_MS
        if spoken_ms >= (patience_ms if early is None else _CHATTY_MS):
            return CONFIRMED
        if not evidence.paused:
            return None
        wait_ms = spoken_ms + _TRANSCRIPT_MS if evidence.asked else 0
        if spoken_ms >= _NOISE_MS and elapsed_ms < max(_PATIENCE_MS, wait_ms):
            return None
        return early or self._by_length(spoken_ms)

    def _by_words(self, text: str, said: str, expectation: Expectation) -> Verdict:
        tokens = w.tokens(text)
        if not tokens:
            return Verdict(Reason.NOISE)
        if _repeats(tokens, w.tokens(said)):
            return Verdict(Reason.ECHO)
        language = self._language
        answers = (language.yes | language.no) - language.noises
        answered = expectation.answer is Answer.YES_NO and w.consists_of(tokens, answers)
        if answered or w.contains(tokens, language.stops):
            return CONFIRMED
        nods = language.back_channels | language.go_on
        others = language.stops | language.numbers.keys()
        if w.consists_of(tokens, nods) or w.sounds_like(tokens, nods, others):
            return Verdict(Reason.BACK_CHANNEL)
        return CONFIRMED

    def _is_grunt(self, evidence: Evidence) -> bool:
        """Return whether what was understood as one word was probably none."""
        word, *more = w.tokens(evidence.text or "")
        language = self._language
        orders = language.stops | language.complete | language.names
        known = orders | language.goodbyes | language.yes | language.no
        if more or word in known or word in language.numbers or word.isdigit():
            return False
        doubted = evidence.finished is not None and evidence.finished < _BELIEVED
        least_ms = _MISHEARD_MS if doubted else _WORD_MS
        return len(word) < _WORD_LETTERS or evidence.spoken * 1000 < least_ms * SAMPLE_RATE

    def _by_beginning(self, words: str, said: str, expectation: Expectation) -> Verdict | None:
        """Return what the beginning tells; a single word may be the half of another one."""
        tokens = w.tokens(words)
        verdict = self._by_words(words, said, expectation) if tokens else None
        clear = len(tokens) > 1 or (tokens[:1] and tokens[0] in self._language.stops)
        nod = verdict is not None and verdict.reason is Reason.BACK_CHANNEL
        return verdict if clear or nod else None

    @staticmethod
    def _by_length(spoken_ms: int) -> Verdict:
        if spoken_ms < _NOISE_MS:
            return Verdict(Reason.NOISE)
        return CONFIRMED if spoken_ms >= _LIKELY_WORDS_MS else Verdict(Reason.UNHEARD)


def _repeats(tokens: list[str], said: list[str]) -> bool:
    """Return whether ``tokens`` are a stretch of what the bot says."""
    size = len(tokens)
    if size < _ECHO_WORDS:
        return False
    return any(said[start : start + size] == tokens for start in range(len(said) - size + 1))
