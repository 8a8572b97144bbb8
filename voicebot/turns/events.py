"""What the turn taker tells the conversation, and what it is told.

Positions are sample counts on the caller's timeline: sample 0 is the first one that the call heard.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from voicebot.media.audio import Pcm


@dataclass(frozen=True, slots=True)
class Utterance:
    """What the caller has said in this turn so far.

    ``pcm`` is slin16 with a little lead-in before ``started``; ``ended`` is one past the last
    sample of speech. ``number`` counts the turns of the call, ``revision`` the pauses in the turn
    and the looks at it before one, both from 1: a later revision holds everything of the earlier
    ones. Interruptions that are rejected and noise take numbers too, so there are gaps. ``hint``
    is what is likely to be said, where that is known: recognisers hear it better then.
    """

    number: int
    revision: int
    pcm: Pcm
    started: int
    ended: int
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The caller begins to speak, or goes on after a pause.

    While the bot speaks this is a barge-in (``over_bot``), and playout must be paused at once.
    """

    at: int
    over_bot: bool


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """The caller pauses: transcribe ``utterance`` now, and prepare an answer, on probation.

    A later ``SpeechStarted`` of the same turn takes the probation back. Each of these must be
    answered with ``TurnTaker.transcribed``, with an empty text where recognition failed.
    """

    utterance: Utterance
    noticed: int


@dataclass(frozen=True, slots=True)
class SpeechContested:
    """The caller goes on speaking over the bot: words would tell sooner who has the word.

    Transcribe ``utterance`` now, prepare nothing, and give the text to ``TurnTaker.transcribed``.
    It takes a revision like a pause, and comes again while the caller goes on undecided. Whoever
    leaves it unanswered lets the length of the speech decide.
    """

    utterance: Utterance
    at: int


@dataclass(frozen=True, slots=True)
class TurnEnded:
    """The caller has finished: ``utterance`` is complete, answer it with ``text``.

    Who goes on before the answer is heard gets another ``TurnEnded`` of the same number, with a
    later revision and all of the text: it takes the place of this one.
    """

    utterance: Utterance
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class BargeInRejected:
    """The bot was interrupted by a back-channel, a cough, noise or its echo: resume playout."""

    reason: str
    at: int


@dataclass(frozen=True, slots=True)
class BargeInConfirmed:
    """The caller really interrupts: drop what the bot was saying. The turn goes on."""

    at: int


@dataclass(frozen=True, slots=True)
class CallerSilent:
    """Nobody was understood for the time allowed, for the ``count``-th time in a row (from 1).

    ``unclear``: something was said meanwhile, but the recogniser found no words in it.
    """

    count: int
    at: int
    unclear: bool = False


TurnEvent: TypeAlias = (
    SpeechStarted
    | SpeechPaused
    | SpeechContested
    | TurnEnded
    | BargeInRejected
    | BargeInConfirmed
    | CallerSilent
)
