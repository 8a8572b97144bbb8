"""How the conversation reacts to the caller: understand, prepare, answer, yield."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from voicebot.call.report import CallerSaid, Ending
from voicebot.call.speculation import Draft, Dropped, Work
from voicebot.call.timeline import Stamp, Timeline
from voicebot.media.audio import SAMPLE_RATE
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    CallerSilent,
    SpeechContested,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from voicebot.call.common import Common
    from voicebot.call.desk import Desk
    from voicebot.call.reply import Reply
    from voicebot.call.speculation import Speculation
    from voicebot.call.voice import Voice
    from voicebot.media.audio import Pcm
    from voicebot.speech.protocols import Message, Tool
    from voicebot.turns.events import TurnEvent, Utterance

_log = structlog.get_logger(__name__)


class Hearing:
    """Turns what the turn taker tells into transcripts, answers and silence."""

    def __init__(
        self,
        common: Common,
        voice: Voice,
        desk: Desk,
        *,
        tools: Sequence[Tool],
        speculation: Speculation,
    ) -> None:
        self._common = common
        self._prompt = common.prompt
        self._providers = common.providers
        self._turns = common.turns
        self._voice = voice
        self._desk = desk
        self._tools = tools
        self._speculation = speculation
        self._draft: Draft | None = None
        self._waits = False

    @property
    def owes(self) -> bool:
        """Whether the caller is silent and waits to be understood."""
        return self._waits and self._draft is not None and self._draft.text is None

    def react(self, event: TurnEvent) -> None:
        """Do what ``event`` asks for, at once; what takes time becomes a task."""
        match event:
            case SpeechStarted(over_bot=True):
                self._voice.playout.pause()
            case SpeechStarted():
                self.stop(Dropped.RESUMED)
                self._voice.withdraw()
            case SpeechPaused():
                self._understand(event.utterance, waits=True)
            case SpeechContested():
                self._understand(event.utterance, waits=False)
            case TurnEnded():
                self._take_turn(event)
            case BargeInRejected():
                _log.debug("barge-in rejected", reason=event.reason)
                self.stop()
                self._voice.resume()
            case BargeInConfirmed():
                self._voice.interrupt()
            case CallerSilent():
                self._ask_again(event)

    def answer(self, messages: Sequence[Message], timeline: Timeline | None) -> None:
        """Have the model continue after ``messages`` and let it be heard."""
        self._voice.speak(self._begin_reply(messages, timeline), self._desk.use_tools)

    def stop(self, why: Dropped = Dropped.ENDED) -> None:
        """Drop what is being prepared on probation."""
        if self._draft is not None:
            self._speculation.drop(self._draft, why)
            self._draft = None

    def _understand(self, utterance: Utterance, *, waits: bool) -> None:
        """Begin a draft of the answer: the caller may have finished, and ``waits`` for it then.

        Over the bot only its words are wanted: no reply is drafted while one is being said.
        """
        self.stop(Dropped.REVISED)
        timeline = Timeline(utterance.number)
        ago = (self._turns.now - utterance.ended) / SAMPLE_RATE
        timeline.stamp(Stamp.SPEECH_END, self._common.clock() - ago)
        timeline.stamp(Stamp.PAUSE, self._common.clock())
        self._draft = draft = Draft(utterance, timeline, Work(self._common.clock))
        self._waits = waits
        self._speculation.begin_transcript()
        draft.task = self._common.tasks.start(self._transcribe(draft))

    async def _transcribe(self, draft: Draft) -> None:
        utterance = draft.utterance
        draft.work.turn_to("stt")
        transcript, sound = await asyncio.gather(
            self._providers.stt.transcribe(
                utterance.pcm, language=self._prompt.language, hint=utterance.hint
            ),
            self._listen(utterance.pcm),
        )
        draft.work.turn_to(None)
        draft.timeline.stamp(Stamp.TRANSCRIPT, self._common.clock())
        draft.task = None
        draft.text = transcript.text
        speaking = self._voice.speaking
        if transcript.text and not speaking and self._speculation.may_answer(draft):
            messages = self._common.history.without_turn(utterance.number, transcript.text)
            draft.reply = self._begin_reply(messages, draft.timeline, draft)
        number, revision = utterance.number, utterance.revision
        told = self._turns.transcribed(
            number,
            revision,
            transcript.text,
            finished=transcript.finished,
            sound=sound,
            confidence=transcript.confidence,
            readings=transcript.readings,
        )
        for event in told:
            self.react(event)

    async def _listen(self, pcm: Pcm) -> float | None:
        """Return how finished the turn sounds, where there is who can tell."""
        model = self._providers.end_of_turn
        return None if model is None else await model.probability(pcm)

    def _take_turn(self, ended: TurnEnded) -> None:
        """Answer the turn, with the draft where it fits."""
        draft, self._draft = self._draft, None
        timeline = draft.timeline if draft is not None else Timeline(ended.utterance.number)
        timeline.stamp(Stamp.TURN_END, self._common.clock())
        self._desk.begin_turn()
        self._common.history.hear(ended.utterance.number, ended.text)
        self._common.report(CallerSaid(ended.text, ended.utterance.number))
        if draft is not None and draft.text == ended.text:
            self._speculation.use(draft)
            if draft.reply is not None:
                self._voice.speak(draft.reply, self._desk.use_tools)
                return
        elif draft is not None:
            self._speculation.drop(draft, Dropped.CHANGED)
        self.answer(self._common.history.messages(), timeline)

    def _begin_reply(
        self, messages: Sequence[Message], timeline: Timeline | None, draft: Draft | None = None
    ) -> Reply:
        parts = self._providers.llm.reply(messages, tools=self._tools)
        if draft is None:
            return self._voice.draft(parts, timeline)
        return self._voice.draft(
            parts, timeline, work=draft.work, at_rest=lambda: self._speculation.rest(draft)
        )

    def _ask_again(self, silent: CallerSilent) -> None:
        """Ask whether the caller is there; who has said something is not let go."""
        phrases = self._prompt.phrases
        questions = (phrases.still_there, phrases.still_there_again)
        if silent.count <= len(questions):
            question = phrases.not_understood if silent.unclear else questions[silent.count - 1]
            self._voice.say(question)
        elif silent.unclear and self._prompt.fallback == "operator":
            name = self._prompt.directory[self._prompt.operator].name
            self._voice.say(phrases.handing_over.format(name=name), self._desk.hand_over_after)
        else:
            self._voice.say(phrases.goodbye_silence, self._let_go)

    async def _let_go(self, _reply: Reply) -> None:
        self._common.end(Ending.SILENCE)
