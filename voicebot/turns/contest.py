"""The bot's word is contested: gathers the evidence and tells the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import BargeInConfirmed, BargeInRejected
from voicebot.turns.expectation import NOTHING_ASKED
from voicebot.turns.interruption import Evidence, Reason

if TYPE_CHECKING:
    from voicebot.turns.detector import SpeechDetector
    from voicebot.turns.echo import EchoGuard
    from voicebot.turns.interruption import Interruption
    from voicebot.turns.turn import Turn

# Whether it is an echo is looked at this often: rarely, for each look may err.
_LOOK = 240 * SAMPLE_RATE // 1000
_USUAL_WEIGHT = 0.3
# Who was not understood and tries again so soon means it.
_AGAIN = 4 * SAMPLE_RATE
# Words are asked for after this much speech, and again: 'uh-huh' and 'wait' have been said by then.
_ASK = 450 * SAMPLE_RATE // 1000


class Contest:
    """Watches what is said over the bot until it is clear who goes on.

    ``said`` is what the bot says, ``expectation`` what it asks for.
    """

    def __init__(
        self, interruption: Interruption, detector: SpeechDetector, echo: EchoGuard
    ) -> None:
        self._interruption = interruption
        self._detector = detector
        self._echo = echo
        self._looked = 0
        self._asked = 0
        self._unheard: int | None = None
        self._usual: float | None = None
        self.said = ""
        self.expectation = NOTHING_ASKED

    def begin(self) -> None:
        """Forget the contest before."""
        self._looked = self._asked = 0

    def wants_words(self) -> bool:
        """Return whether it is time to have what is said transcribed, once for each time."""
        if self._detector.spoken < self._asked + _ASK:
            return False
        self._asked = self._detector.spoken
        return True

    def learn(self) -> None:
        """Remember how loud the caller is in a turn of his own."""
        level = self._detector.level
        usual = level if self._usual is None else self._usual
        self._usual = usual + _USUAL_WEIGHT * (level - usual)

    def decide(self, turn: Turn, *, paused: bool) -> BargeInConfirmed | BargeInRejected | None:
        """Return the verdict on ``turn`` as an event, or ``None`` while more must be heard.

        What was understood of it is a beginning unless the caller has ``paused``.
        """
        detector = self._detector
        evidence = Evidence(
            spoken=detector.spoken,
            elapsed=detector.now - detector.started,
            paused=paused,
            level=detector.level,
            echo=self._sounds_like_echo(paused=paused),
            usual=self._usual,
            text=turn.text if paused else None,
            words=turn.words,
            wordless=turn.wordless,
            asked=self._asked > 0,
            confidence=turn.confidence,
            before=turn.before,
            believed=turn.believed,
            readings=turn.readings,
            again=self._unheard is not None and detector.started < self._unheard + _AGAIN,
        )
        verdict = self._interruption.judge(evidence, said=self.said, expectation=self.expectation)
        if verdict is None:
            return None
        self._unheard = detector.now if verdict.reason is Reason.UNHEARD else None
        if verdict.reason is None:
            return BargeInConfirmed(detector.now)
        return BargeInRejected(verdict.reason.value, detector.now)

    def _sounds_like_echo(self, *, paused: bool) -> bool:
        spoken = self._detector.spoken
        if spoken < self._looked + (1 if paused else _LOOK):
            return False
        self._looked = spoken
        return self._echo.is_echo()
