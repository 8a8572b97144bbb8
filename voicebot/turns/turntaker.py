"""Whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.media.audio import FRAME_SAMPLES, SAMPLE_RATE
from voicebot.media.audio import energy as measure
from voicebot.turns.contest import Contest
from voicebot.turns.detector import Change, SpeechDetector
from voicebot.turns.ease import MOST_FRAMES, FramesAtEase
from voicebot.turns.echo import EchoGuard
from voicebot.turns.endpointing import Endpointing
from voicebot.turns.events import (
    BargeInConfirmed,
    CallerSilent,
    SpeechContested,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)
from voicebot.turns.expectation import expect
from voicebot.turns.interruption import Interruption
from voicebot.turns.languages import language as tables
from voicebot.turns.pitch import PitchCheck
from voicebot.turns.states import CONTESTED, Machine, Signal, State
from voicebot.turns.turn import Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from voicebot.config import TurnSettings
    from voicebot.media.audio import Frame
    from voicebot.turns.events import TurnEvent, Utterance
    from voicebot.turns.opinions import SecondOpinion

_SIGNALS: Final = {
    Change.STARTED: Signal.ONSET,
    Change.PAUSED: Signal.PAUSE,
    Change.FULL: Signal.FULL,
}

# What lasts longer over the bot is a sentence of the caller's own.
_HINTED: Final = 3 * SAMPLE_RATE // 2


class TurnTaker:
    """Turns the caller's frames, the transcripts and the bot's progress into turn events.

    The table in ``states`` says which state follows which. The rules that it cannot show:

    - A turn ends when the silence that its text asks for has passed *and* the newest revision's
      transcript has come. Nothing is ended without a transcript: whoever transcribes must give up
      in time and say ``transcribed`` with an empty text. A turn without words is dropped without an
      event; ``CallerSilent`` tells of it.
    - Over the bot, ``SpeechContested`` asks for words before there is a pause.
    - ``SpeechStarted(over_bot=True)`` may come again before the verdict, when the caller pauses and
      goes on. Each such run ends in exactly one ``BargeInConfirmed`` or ``BargeInRejected``.
    - Who goes on before the answer is heard takes the turn up again: same number, the next
      revision, which holds everything; its ``TurnEnded`` replaces the earlier one.
    - After ``TurnEnded`` the caller's silence is not counted until ``bot_finished``; say it with an
      empty text where there is no reply.

    ``opinions`` are asked before a start of speech is believed, after the pitch and the echo;
    ``names`` and ``extensions`` are those that the caller can ask for.
    """

    __slots__ = (
        "_barge_in",
        "_contest",
        "_detector",
        "_ease",
        "_echo",
        "_endpointing",
        "_language",
        "_machine",
        "_silence",
        "_silent_count",
        "_silent_since",
        "_turn",
        "_unclear",
    )

    def __init__(
        self,
        settings: TurnSettings,
        language: str,
        *,
        detector: SpeechDetector | None = None,
        endpointing: Endpointing | None = None,
        interruption: Interruption | None = None,
        opinions: Sequence[SecondOpinion] = (),
        names: Iterable[str] = (),
        extensions: Iterable[str] = (),
    ) -> None:
        self._language = tables(language).knowing(names, extensions)
        self._barge_in = settings.barge_in
        self._silence = int(settings.silence_s * SAMPLE_RATE)
        self._echo = EchoGuard()
        self._detector = detector or SpeechDetector(
            pause_ms=settings.pause_ms,
            longest_s=settings.longest_s,
            opinions=(PitchCheck(), self._echo, *opinions),
        )
        self._ease = FramesAtEase(self._detector, self._echo)
        self._endpointing = endpointing or Endpointing(settings, self._language)
        self._contest = Contest(
            interruption or Interruption(self._language), self._detector, self._echo
        )
        self._machine = Machine()
        self._turn = Turn(0)
        self._silent_since = self._silent_count = 0
        self._unclear = False

    @property
    def now(self) -> int:
        """How many samples of the caller's have been pushed."""
        return self._detector.now + len(self._ease) * FRAME_SAMPLES

    @property
    def state(self) -> State:
        """Who has the word."""
        return self._machine.state

    def push(
        self, frame: Frame, *, bot: Frame | None = None, energy: float | None = None
    ) -> list[TurnEvent]:
        """Take the caller's next 20 ms; ``bot`` is what was played meanwhile, if anything.

        ``energy`` is that of the frame, where it is known.
        """
        if energy is None:
            energy = measure(frame)
        ease = self._ease
        if ease.take(frame, bot, energy):
            if ease.room:
                return []
            change = ease.settle()
        else:
            ease.settle()
            self._echo.push(frame, bot)
            change = self._detector.push(frame, echoes=self._echo.possible, energy=energy)
        if change is None and self._machine.state is State.SPEAKING:
            # Nearly all frames that are not quiet are speech that goes on.
            ease.allow_speech()
            return []
        events = [] if change is None else self._heard(_SIGNALS[change])
        events += self._consider()
        if self.state is State.INTERRUPTING and self._contest.wants_words():
            events.append(SpeechContested(self._revise(), self.now))
        ease.allow_quiet(self._frames_at_ease())
        return events

    def transcribed(
        self,
        number: int,
        revision: int,
        text: str,
        *,
        finished: float | None = None,
        sound: float | None = None,
        confidence: float | None = None,
        readings: Sequence[Mapping[str, float]] = (),
    ) -> list[TurnEvent]:
        """Take the transcript of an utterance; one that is not the newest is ignored.

        ``finished`` is how likely the recogniser holds it that the sentence ends there, ``sound``
        what an ``EndOfTurnModel`` says, ``confidence`` the recogniser's in its words; from 0 to 1,
        or ``None`` where they do not tell. ``readings`` are the texts that were held for
        likely, with their probability, by each recogniser that tells.
        """
        understood = self._turn.understand(number, revision, text, confidence, readings=readings)
        if not understood:
            return []
        self._ease.settle()
        self._turn.finished, self._turn.sound = finished, sound
        return self._consider()

    def abandon(self) -> None:
        """Take a turn whose end is waited for as none: it has no words, or nobody answers them."""
        self._ease.settle()
        if self._machine.follow(Signal.NOTHING):
            self._turn.overlong = False
            self._detector.release()

    def bot_started(self, text: str) -> None:
        """Note that the bot begins to be heard, or that more is known of the ``text`` it says."""
        self._ease.settle()
        self._contest.said = text
        self._contest.expectation = expect(text, self._language)
        if self.state is State.PREPARING:
            self._endpointing.completed()
            self._detector.release()
        self._machine.follow(Signal.BOT_STARTED)

    def bot_finished(self, text: str) -> list[TurnEvent]:
        """Note that the bot has finished or was dropped; ``text`` is what of it was heard."""
        self._ease.settle()
        before = self.state
        if text:
            self._contest.expectation = expect(text, self._language)
        self._contest.said = ""
        if not self._machine.follow(Signal.BOT_FINISHED):
            return []
        if before in CONTESTED:
            return [BargeInConfirmed(self.now), *self._consider()]
        self._silent_since = self.now
        if self._turn.overlong:
            # Who speaks on without a pause has the word again.
            self._detector.heed()
        if before is State.PREPARING:
            self._detector.release()
        elif self._detector.speaking:
            self._detector.hold()
            return self._heard(Signal.ONSET)
        return []

    def _frames_at_ease(self) -> int:
        """Return how many quiet frames may pass before something happens."""
        if self.state is State.LISTENING:
            left = self._silence - (self.now - self._silent_since)
            return max(1, -(-left // FRAME_SAMPLES))
        return MOST_FRAMES if self.state in (State.REPLYING, State.PREPARING) else 0

    def _heard(self, signal: Signal) -> list[TurnEvent]:
        """Follow what the detector has found."""
        before = self.state
        ignored = before is State.REPLYING and not self._barge_in
        if ignored or not self._machine.follow(signal):
            if before not in CONTESTED:
                self._turn.joinable = False
                self._detector.release()
            return []
        if signal is Signal.ONSET:
            return [self._begin(before)]
        utterance = self._revise()
        if signal is Signal.FULL:
            self._turn.joinable, self._turn.overlong = False, True
            self._detector.release(until_quiet=True)
        return [SpeechPaused(utterance, self.now)]

    def _revise(self) -> Utterance:
        detector = self._detector
        short = detector.spoken < _HINTED
        hint = self._language.over_bot if short and self.state in CONTESTED else ""
        return self._turn.revise(detector.pcm, detector.started, detector.ended, hint)

    def _begin(self, before: State) -> SpeechStarted:
        """Begin a turn, or take up the one that has paused or just ended."""
        turn = self._turn
        ended = before is State.PREPARING and turn.joinable
        if turn.utterance and (ended or before is State.PAUSING):
            pause_ms = (self._detector.onset - turn.utterance.ended) * 1000 // SAMPLE_RATE
            self._endpointing.resumed(pause_ms, cut_off=ended)
        elif before is not State.CONTESTING:
            self._turn = Turn(turn.number + 1)
            self._contest.begin()
        return SpeechStarted(self._detector.onset, over_bot=self.state in CONTESTED)

    def _consider(self) -> list[TurnEvent]:
        """Decide what time and words have made ripe."""
        events: list[TurnEvent] = []
        if self.state in CONTESTED:
            paused = self.state is State.CONTESTING
            verdict = self._contest.decide(self._turn, paused=paused)
            if isinstance(verdict, BargeInConfirmed):
                self._machine.follow(Signal.CONFIRMED)
                events.append(verdict)
            elif verdict is not None:
                self._machine.follow(Signal.REJECTED)
                self._detector.release(until_quiet=True)
                events.append(verdict)
        if self.state in (State.PAUSING, State.CLOSING) and self._turn.text is not None:
            events += self._end(self._turn.text)
        if self.state is State.LISTENING and self.now - self._silent_since >= self._silence:
            self._silent_since = self.now
            self._silent_count += 1
            events.append(CallerSilent(self._silent_count, self.now, self._unclear))
            self._unclear = False
        return events

    def _end(self, text: str) -> list[TurnEvent]:
        """End the turn once enough silence has followed ``text``, its transcript."""
        turn, detector = self._turn, self._detector
        if not text or turn.utterance is None:
            self._unclear |= turn.unclear
            self.abandon()
            return []
        if self.state is State.PAUSING:
            if turn.needed_ms is None:
                turn.needed_ms = self._endpointing.silence_ms(
                    text, self._contest.expectation, finished=turn.finished, sound=turn.sound
                )
            if detector.stirring or detector.silence * 1000 < turn.needed_ms * SAMPLE_RATE:
                return []
        self._machine.follow(Signal.ENDED)
        self._contest.learn()
        self._silent_count, self._unclear = 0, False
        return [TurnEnded(turn.utterance, text, self.now)]
