"""Work on probation: how much of it there may be, and what became of it."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING

from voicebot.call.report import Speculated

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from voicebot.call.reply import Reply
    from voicebot.call.timeline import Timeline
    from voicebot.config import SpeculationSettings
    from voicebot.speech.providers import Stage
    from voicebot.turns.events import Utterance


class Dropped(StrEnum):
    """Why work on probation was of no use."""

    RESUMED = "resumed"  # the caller went on
    REVISED = "revised"  # a later look at the same turn takes its place
    CHANGED = "changed"  # the turn ended with other words, or with none
    ENDED = "ended"  # the call went another way: a key, a failure, the end


class Held(StrEnum):
    """Which limit kept an answer from being drafted. It is begun when the turn has ended."""

    PER_TURN = "per_turn"
    AT_ONCE = "at_once"


class Limits:
    """What drafts may cost. There is one for all calls: it counts those under way in any of them.

    A draft is under way until its first clause is spoken; after that it only waits.
    """

    def __init__(self, settings: SpeculationSettings) -> None:
        self.per_turn = settings.per_turn
        self.ahead_s = settings.ahead_s
        self._at_once = settings.at_once
        self._under_way = 0

    def take(self) -> bool:
        """Return whether one more draft may begin; ``give_back`` must follow then."""
        free = self._under_way < self._at_once
        self._under_way += free
        return free

    def give_back(self) -> None:
        """Note that a draft is no longer under way."""
        self._under_way -= 1


class Work:
    """A stopwatch for the stages of one draft, of which one runs at a time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds: dict[Stage, float] = dict.fromkeys(("stt", "llm", "tts"), 0.0)
        self._clock = clock
        self._stage: Stage | None = None
        self._since = 0.0

    def turn_to(self, stage: Stage | None) -> None:
        """Count the time from now on for ``stage``, or for none."""
        now = self._clock()
        if self._stage is not None:
            self.seconds[self._stage] += now - self._since
        self._stage, self._since = stage, now


class Draft:
    """A turn's transcript and reply, prepared while the caller may still go on."""

    def __init__(self, utterance: Utterance, timeline: Timeline, work: Work) -> None:
        self.utterance = utterance
        self.timeline = timeline
        self.work = work
        self.task: asyncio.Task[None] | None = None
        self.text: str | None = None
        self.reply: Reply | None = None

    def cancel(self) -> None:
        """Stop the work; its requests are ended."""
        if self.task is not None:
            self.task.cancel()
        if self.reply is not None:
            self.reply.cancel()


class Speculation:
    """The drafts of one call: whether another may begin, and what became of each."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._turn = 0
        self._in_turn = 0
        self._under_way: set[Draft] = set()
        self._transcripts = self._drafts = self._used = 0
        self._dropped: Counter[str] = Counter()
        self._held_back: Counter[str] = Counter()
        self._wasted: dict[Stage, float] = {}

    def begin_transcript(self) -> None:
        """Count a transcription, which no limit holds back: the turn cannot end without one."""
        self._transcripts += 1

    def may_answer(self, draft: Draft) -> bool:
        """Return whether the answer to ``draft`` may begin before its turn has ended.

        If so, ``draft`` is under way until ``rest``, ``use`` or ``drop``.
        """
        if draft.utterance.number != self._turn:
            self._turn, self._in_turn = draft.utterance.number, 0
        if self._in_turn >= self._limits.per_turn:
            self._held_back[Held.PER_TURN] += 1
            return False
        if not self._limits.take():
            self._held_back[Held.AT_ONCE] += 1
            return False
        self._in_turn += 1
        self._drafts += 1
        self._under_way.add(draft)
        return True

    def rest(self, draft: Draft) -> None:
        """Note that the answer has all that is worth having before its turn ends."""
        if draft in self._under_way:
            self._under_way.discard(draft)
            self._limits.give_back()

    def use(self, draft: Draft) -> None:
        """Note that the turn has ended as ``draft`` foresaw."""
        self.rest(draft)
        self._used += draft.reply is not None

    def drop(self, draft: Draft, why: Dropped) -> None:
        """Stop ``draft`` and note what it took in vain."""
        draft.work.turn_to(None)
        draft.cancel()
        self.rest(draft)
        if draft.reply is not None:
            self._dropped[why] += 1
        for stage, took in draft.work.seconds.items():
            self._wasted[stage] = self._wasted.get(stage, 0.0) + took

    def report(self) -> Speculated:
        """Return what happened so far."""
        return Speculated(
            transcripts=self._transcripts,
            drafts=self._drafts,
            used=self._used,
            dropped=dict(self._dropped),
            held_back=dict(self._held_back),
            wasted_ms={stage: round(1000 * took) for stage, took in self._wasted.items()},
        )
