"""Whether the caller really wants the word, or the bot goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean
from typing import TYPE_CHECKING, NamedTuple

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns import words as w
from voicebot.turns.belief import SURE, Words, is_believed, wants_word
from voicebot.turns.expectation import NOTHING_ASKED, Expectation
from voicebot.turns.vocabulary import WORD_LETTERS, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from voicebot.turns.languages import Language

# A cough's or a click's worth of voice; the shortest words last longer.
_NOISE_MS = 120
# Nobody says 'uh-huh' for this long; nor 'yeah, right, okay', if that is what was understood. The
# words that were asked for get some time to come: the bot is silent meanwhile, nothing is lost.
_LONG_MS = 700
_AWAITED_MS = 1200
_CHATTY_MS = 2400
# In so much speech a recogniser finds words: where it finds none, it is music, or a machine.
WORDLESS_MS = 1300
# When no transcript has come after this time, the length must decide. On a busy machine it comes
# after half a second and more; the bot is silent meanwhile, and nothing is lost.
_PATIENCE_MS = 1500
# So long a transcript may take after the pause, however long the speech was.
_TRANSCRIPT_MS = 1000
_LIKELY_WORDS_MS = 400
# A far talker or a television is this much quieter than the caller was at the end of his turns,
# where voices sink by 6 dB: somebody 18 dB below him, through a room, nearly always is.
_FAR_DB = 8.5
_ECHO_MS = 160
# What recognisers make of a grunt ('У.', 'К.') says nothing; nor does a word that no table knows
# and that is shorter than words are.
_WORD_MS = 280
# Nobody spells over a bot, and nobody so fast.
_LETTER_MS = 300
# Who most likely nodded does not mean it more when he does it again.
_MOSTLY = 0.5
# Of a lone 'stop' that was said, recognisers are surer than this.
_ORDER = 0.45
# What is so short and followed by so little silence may be the 'oh' of 'oh, really?', which alone
# recognisers take for anything; nothing is lost by hearing it out.
_BRIEF = 300 * SAMPLE_RATE // 1000
_BREATH = 300 * SAMPLE_RATE // 1000


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
    was understood before that of its beginning; ``asked``: such words were asked for. The newest
    transcript was of ``wordless`` samples, if it had no words.
    ``confidence`` is the recogniser's in ``text``, where it tells; ``before`` is what it had
    understood when it was asked the time before, and ``believed`` its confidence in that.
    ``readings`` are the texts that were held for likely instead of ``text``, by each recogniser
    that tells.
    ``again``: the caller tried a moment ago, and was not understood.
    """

    spoken: int
    elapsed: int
    paused: bool
    level: float
    echo: bool = False
    usual: float | None = None
    text: str | None = None
    words: str = ""
    wordless: int = 0
    asked: bool = False
    confidence: float | None = None
    before: str = ""
    believed: float | None = None
    again: bool = False
    readings: Sequence[Mapping[str, float]] = ()


class Interruption:
    """Judges interruptions of one language's callers.

    Always comes to a verdict: after 0.7 s of speech, or 1.2 s where words were asked for, or 2.4 s
    of nothing but back-channels or of what no words were found in yet. When it has paused, at the
    latest 1.5 s after its start or, where words were asked for, 1.0 s after its end.
    """

    def __init__(self, language: Language) -> None:
        self._vocabulary = Vocabulary(language)
        # The beginning that was judged last, and how.
        self._beginning: tuple[str, str, Expectation] = "", "", NOTHING_ASKED
        self._early: Verdict | None = None

    def judge(
        self, evidence: Evidence, *, said: str = "", expectation: Expectation = NOTHING_ASKED
    ) -> Verdict | None:
        """Return the verdict, or ``None`` while more must be heard.

        ``said`` is what the bot says, ``expectation`` what it asks for.
        """
        if evidence.echo and evidence.spoken * 1000 >= _ECHO_MS * SAMPLE_RATE:
            return Verdict(Reason.ECHO)
        if evidence.text is not None:
            return self._by_transcript(evidence, said, expectation)
        early = self._by_beginning(evidence.words, said, expectation)
        if early is not None and early.reason is not Reason.BACK_CHANNEL:
            return early
        return self._by_sound(evidence, early)

    def _by_transcript(
        self, evidence: Evidence, said: str, expectation: Expectation
    ) -> Verdict | None:
        """Judge by what was understood of all of it; ``None`` where that may go on at once."""
        silence = evidence.elapsed - evidence.spoken
        if evidence.spoken < _BRIEF and silence < _BREATH:
            return None
        told = evidence.again or self._ordered(evidence.before, evidence.believed)
        if evidence.readings:
            return self._by_readings(evidence, said, expectation, told=told)
        evidence = self._surer(evidence)
        text, confidence = evidence.text or "", evidence.confidence
        # Where spelling follows the sound, what is like a back-channel is told from other words.
        vocabulary = self._vocabulary
        misheard = confidence is None or (vocabulary.follows_sound and confidence < SURE)
        verdict = self._by_words(text, said, expectation, misheard=misheard)
        told = told or vocabulary.answers(w.tokens(text), expectation)
        if verdict != CONFIRMED or told or not self._is_grunt(evidence):
            return verdict
        # Who murmurs twice does not mean it more for that.
        like_a_nod = vocabulary.is_nod(w.tokens(text), misheard=True)
        return Verdict(Reason.BACK_CHANNEL if like_a_nod else Reason.UNHEARD)

    def _by_readings(
        self, evidence: Evidence, said: str, expectation: Expectation, *, told: bool
    ) -> Verdict:
        """Judge by all that the recogniser held for likely; ``told``: he has meant it before."""
        text = evidence.text or ""
        verdict = self._by_words(text, said, expectation, misheard=False)
        meant = told or self._vocabulary.answers(w.tokens(text), expectation)
        if verdict.reason in {Reason.NOISE, Reason.ECHO} or (meant and verdict.confirmed):
            return verdict
        heard = [self._vocabulary.shares(readings) for readings in evidence.readings]
        if wants_word(heard):
            return CONFIRMED
        nods = fmean(shares.nods for shares in heard)
        return Verdict(Reason.BACK_CHANNEL if nods >= _MOSTLY else Reason.UNHEARD)

    def _by_sound(self, evidence: Evidence, early: Verdict | None) -> Verdict | None:
        """Judge by length and level; ``early`` is given where the beginning is a back-channel."""
        spoken_ms = evidence.spoken * 1000 // SAMPLE_RATE
        elapsed_ms = evidence.elapsed * 1000 // SAMPLE_RATE
        far = evidence.usual is not None and evidence.level < evidence.usual - _FAR_DB
        if far and (evidence.paused or spoken_ms >= _LONG_MS):
            return Verdict(Reason.FAR)
        if evidence.wordless * 1000 >= WORDLESS_MS * SAMPLE_RATE:
            return Verdict(Reason.NOISE)
        patience_ms = _AWAITED_MS if evidence.asked else _LONG_MS
        clear = early is None and not evidence.wordless
        if spoken_ms >= (patience_ms if clear else _CHATTY_MS):
            return CONFIRMED
        if not evidence.paused:
            return None
        wait_ms = spoken_ms + _TRANSCRIPT_MS if evidence.asked else 0
        if spoken_ms >= _NOISE_MS and elapsed_ms < max(_PATIENCE_MS, wait_ms):
            return None
        return early or self._by_length(spoken_ms)

    def _by_words(
        self, text: str, said: str, expectation: Expectation, *, misheard: bool
    ) -> Verdict:
        """Judge by words alone; ``misheard``: those that are like a back-channel are one."""
        tokens = w.tokens(text)
        if not tokens:
            return Verdict(Reason.NOISE)
        if w.repeats(tokens, w.tokens(said)):
            return Verdict(Reason.ECHO)
        vocabulary = self._vocabulary
        asked = vocabulary.answers(tokens, expectation)
        nod = not asked and vocabulary.is_nod(tokens, misheard=misheard)
        return Verdict(Reason.BACK_CHANNEL) if nod else CONFIRMED

    def _surer(self, evidence: Evidence) -> Evidence:
        """Return ``evidence`` with what was understood before, if that is to be preferred.

        It is where the recogniser was surer of it, tables know its words, and the later ones have
        no more letters: so they are of the same speech. What tables know and it is half sure of has
        then been said, whatever it was taken for at first.
        """
        later, sooner = evidence.confidence, evidence.believed
        if later is None or sooner is None or sooner <= later:
            return evidence
        vocabulary, words = self._vocabulary, w.tokens(evidence.text or "")
        tokens = w.tokens(evidence.before)
        if w.letters(tokens) < w.letters(words) or (
            later >= _ORDER and w.contains(words, vocabulary.known)
        ):
            return evidence
        nod = vocabulary.is_nod(tokens, misheard=sooner < SURE)
        if not (nod or w.contains(tokens, vocabulary.known)):
            return evidence
        return replace(evidence, text=evidence.before, confidence=sooner)

    def _is_grunt(self, evidence: Evidence) -> bool:
        """Return whether the words that were understood were probably none."""
        tokens, vocabulary = w.tokens(evidence.text or ""), self._vocabulary
        known, order = vocabulary.is_known(tokens), vocabulary.is_like_order(tokens)
        spoken_ms = evidence.spoken * 1000 // SAMPLE_RATE
        if not (known or order) and max(map(len, tokens)) < WORD_LETTERS:
            return spoken_ms < _LETTER_MS * len(tokens) or len(tokens) == 1
        if evidence.confidence is None:
            return not (known or order) and len(tokens) == 1 and spoken_ms < _WORD_MS
        # Where spelling does not follow the sound, what is spelled like an order sounds otherwise.
        known = known or (order and vocabulary.follows_sound)
        words = Words(
            evidence.confidence,
            evidence.spoken / SAMPLE_RATE,
            vocabulary.likeness(tokens),
            known=known,
        )
        return not is_believed(words)

    def _ordered(self, words: str, confidence: float | None) -> bool:
        """Return whether ``words`` are an order that the recogniser is half sure of."""
        sure = confidence is not None and confidence >= _ORDER
        return sure and self._vocabulary.is_order(w.tokens(words))

    def _by_beginning(self, words: str, said: str, expectation: Expectation) -> Verdict | None:
        """Return why the beginning is no interruption; that it is one would be said too soon.

        A beginning may end within a word, and nothing is lost by hearing it out. It is the same
        for many frames, and is judged once.
        """
        beginning = words, said, expectation
        if beginning != self._beginning:
            self._beginning, self._early = beginning, None
            if w.tokens(words):
                verdict = self._by_words(words, said, expectation, misheard=True)
                self._early = None if verdict.confirmed else verdict
        return self._early

    @staticmethod
    def _by_length(spoken_ms: int) -> Verdict:
        if spoken_ms < _NOISE_MS:
            return Verdict(Reason.NOISE)
        return CONFIRMED if spoken_ms >= _LIKELY_WORDS_MS else Verdict(Reason.UNHEARD)
