"""What the parts of one conversation share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.call.history import History
    from voicebot.call.report import Ending, Reporter
    from voicebot.call.speculation import Limits
    from voicebot.call.tasks import Tasks
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import LanguageModel, SpeechToText, TextToSpeech
    from voicebot.turns.endpointing import EndOfTurnModel
    from voicebot.turns.events import TurnEvent
    from voicebot.turns.turntaker import TurnTaker


@dataclass(frozen=True, slots=True)
class Providers:
    """The three that serve a conversation, and who may hear whether the caller has finished."""

    stt: SpeechToText
    llm: LanguageModel
    tts: TextToSpeech
    end_of_turn: EndOfTurnModel | None = None


@dataclass(frozen=True, slots=True)
class Common:
    """One call's state and the ways out of its parts.

    ``react`` takes turn events, ``end`` ends the conversation, ``fail`` says that it is in trouble;
    ``clock`` tells monotonic seconds.
    """

    prompt: Prompt
    providers: Providers
    turns: TurnTaker
    history: History
    tasks: Tasks
    report: Reporter
    limits: Limits
    react: Callable[[list[TurnEvent]], None]
    end: Callable[[Ending], None]
    fail: Callable[[Exception], None]
    clock: Callable[[], float]
