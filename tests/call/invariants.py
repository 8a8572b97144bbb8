"""What holds of every call, whatever happens in it."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tests.call.erratic import FILLERS, STT_S, TTS_S, sounds
from tests.call.harness import FILLER_S, PROMPT
from voicebot.call.report import BotSaid, CallerSaid, ToolUsed
from voicebot.call.timeline import Stamp
from voicebot.config import TurnSettings
from voicebot.media.audio import FRAME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tests.call.random_call import RandomCall

SETTINGS: Final = TurnSettings()
SPEAKS_LATE_S: Final = max(TTS_S) + 0.3
"""What a voice takes at most for its first word, and the frames around that."""
OWED_S: Final = 2 * FILLER_S + max(TTS_S) + SPEAKS_LATE_S
"""The longest silence while the bot owes an answer: the filler for it may fail, too, and be late
in that, and so may the apology be."""
UNDERSTOOD_S: Final = max(*STT_S, SETTINGS.open_ms / 1000) + OWED_S
"""The longest silence after the caller has said something."""
ASKED_S: Final = SETTINGS.silence_s + max(STT_S) + SPEAKS_LATE_S
"""The longest silence of all: then the caller is asked who is there."""

SURE, POSSIBLE = 8, 6
"""Frames of a word that was heard whole, and of one that may count as such: the voice says each
for eight."""
GUESSED: Final = 2
"""Words by which it may be wrong where an interruption was, with a voice that does not tell."""
LATE_FILLERS: Final = 3
"""Second fillers that are said until an answer has failed by being late."""
REWOUND: Final = 5
"""Words that may be heard again after a pause: a second."""

MOST_ROUNDS: Final = 4
"""Answers with tools, one after the other, after which the caller is handed over."""

_ORDER: Final = (
    (Stamp.SPEECH_END, Stamp.PAUSE, Stamp.TRANSCRIPT, Stamp.TURN_END, Stamp.FIRST_PACKET),
    (Stamp.TRANSCRIPT, Stamp.FIRST_TOKEN, Stamp.FIRST_AUDIO, Stamp.FIRST_PACKET),
)


def complaints(call: RandomCall) -> list[str]:
    """Return what does not hold of ``call``, which is over."""
    return [complaint for check in CHECKS for complaint in check(call)]


def _ends_well(call: RandomCall) -> Iterator[str]:
    assert call.task is not None
    if not call.task.done():
        yield "the call is not over"
    elif not call.task.cancelled() and call.task.exception() is not None:
        yield f"the call raised {call.task.exception()!r}"
    if call.troubled.under_way:
        yield f"{call.troubled.under_way} requests are still under way"


def _is_never_silent_for_long(call: RandomCall) -> Iterator[str]:
    for start, end in _silences(call):
        seconds = (end - start) * FRAME_SECONDS
        limit = ASKED_S
        if _owed(call, start):
            limit = OWED_S
        elif _was_understood(call, start, end):
            limit = UNDERSTOOD_S
        if seconds > limit:
            yield f"silence of {seconds:.2f} s from {start * FRAME_SECONDS:.2f} s on: {limit:.2f}"


def _silences(call: RandomCall) -> Iterator[tuple[int, int]]:
    """Yield from which frame to which nobody was heard; a silence begins anew after a reply."""
    said = {told.frame for told in call.told if isinstance(told.report, BotSaid)}
    excused = call.line.stood_still | call.line.spoken | call.line.musical
    start = 0
    for at, sent in enumerate(call.line.sent):
        heard = sent is not None or at in excused
        if heard or at in said:
            if at > start:
                yield start, at
            start = at + heard
    yield start, len(call.line.sent)


def _owed(call: RandomCall, at: int) -> bool:
    """Return whether the caller had been understood, and waited for an answer, at frame ``at``."""
    told = [
        told
        for told in call.told
        if told.frame <= at and isinstance(told.report, CallerSaid | BotSaid)
    ]
    if not told or not isinstance(told[-1].report, CallerSaid):
        return False
    return call.line.spoken.isdisjoint(range(told[-1].frame, at))


def _was_understood(call: RandomCall, start: int, end: int) -> bool:
    """Return whether it turned out between the two frames that the caller had said something."""
    return any(
        isinstance(told.report, CallerSaid) and start <= told.frame <= end for told in call.told
    )


@dataclass
class _Heard:
    """A word that was heard, and for how many frames without a break at most."""

    number: int
    frames: int


def _heard(call: RandomCall) -> list[_Heard]:
    """Return the words of replies in the order in which they were heard for the first time."""
    fillers = _numbers_of_fillers(call)
    heard: dict[int, _Heard] = {}
    last, run = None, 0
    for at, frame in enumerate(call.line.sent):
        if at in call.line.stood_still:
            continue
        number = None if frame is None else call.voice.word_of(frame)
        run = run + 1 if number == last else 1
        last = number
        if number is not None and number not in fillers:
            word = heard.setdefault(number, _Heard(number, 0))
            word.frames = max(word.frames, run)
    return list(heard.values())


def _numbers_of_fillers(call: RandomCall) -> set[int]:
    return {number for number, text in enumerate(call.voice.clause_of) if text in FILLERS}


def _is_heard_once(call: RandomCall) -> Iterator[str]:
    heard: list[int] = []
    for frame in call.line.sent:
        number = None if frame is None else call.voice.word_of(frame)
        if number is None or heard[-1:] == [number]:
            continue
        if number in heard[:-REWOUND]:
            yield f"{call.voice.words[number]!r} is heard again"
        heard.append(number)


def _is_recorded_as_heard(call: RandomCall) -> Iterator[str]:
    reports = [told.report for told in call.told if isinstance(told.report, BotSaid)]
    recorded = _words_of([report.text for report in reports])
    heard, words = _heard(call), call.voice.words
    sure = [words[word.number] for word in heard if word.frames >= SURE]
    possible = [words[word.number] for word in heard if word.frames >= POSSIBLE]
    # Where nothing was heard to the end by the last one, it is not reported.
    interruptions = 1 + sum(report.interrupted for report in reports)
    wrong = 0 if call.voice.tells else interruptions * GUESSED
    if len(lost := _beyond(sure, recorded)) > wrong:
        yield f"heard, and not in the record: {lost}"
    if len(added := _beyond(recorded, possible)) > wrong:
        yield f"in the record, and not heard: {added}"


def _tells_the_model_what_is_recorded(call: RandomCall) -> Iterator[str]:
    for asked in call.model.questions:
        said: list[str] = []
        turns: dict[int, str] = {}
        for told in call.told[: asked.told]:
            if isinstance(told.report, BotSaid):
                said.append(told.report.text)
            elif isinstance(told.report, CallerSaid):
                turns[told.report.turn] = told.report.text
        kept = _written(call, _words_of(asked.by("assistant")))
        if kept != (recorded := _written(call, _words_of(said))):
            yield f"the model is told {kept}, the record has {recorded}"
        # The last turn may be a draft, or be said anew.
        before, users = list(turns.values()), asked.by("user")[:-1]
        if users not in (before, before[:-1]):
            yield f"the model is told that the caller said {users}, the record has {before}"


def _words_of(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in text.split() if sounds(word)]


def _written(call: RandomCall, words: Sequence[str]) -> list[str]:
    """Return those of ``words`` that the model wrote."""
    return [word for word in words if word.strip(".,!?;:…").lower() in call.model.wrote]


def _beyond(words: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return which of ``words`` ``others`` do not have, in the same order."""
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    changes = matcher.get_opcodes()
    return [word for tag, a, b, _, _ in changes if tag != "equal" for word in words[a:b]]


def _apologises_only_in_trouble(call: RandomCall) -> Iterator[str]:
    late = call.voice.spoken.count(FILLERS[-1]) >= LATE_FILLERS
    if _says(call, PROMPT.phrases.apology) and not call.troubled.has_failed and not late:
        yield "it apologises, and nothing that was wanted has failed"


def _uses_tools_only_when_meant(call: RandomCall) -> Iterator[str]:
    said: set[str] = set()
    for told in call.told:
        if isinstance(told.report, CallerSaid):
            said.add(told.report.text)
        elif isinstance(told.report, ToolUsed) and not _of_its_own_accord(call, told.report):
            name = told.report.name
            # Who has waited is put through.
            asked_for = {name, "wait"} if name == "transfer" else {name}
            questions = [asked for asked in call.model.questions if asked.tool in asked_for]
            if not any(asked.by("user")[-1] in said for asked in questions):
                yield f"{name} is used before its turn has ended"


def _of_its_own_accord(call: RandomCall, used: ToolUsed) -> bool:
    """Return whether the bot may have handed over: for a key, not understanding, or in trouble."""
    if used.argument != PROMPT.operator:
        return False
    name = PROMPT.directory[PROMPT.operator].name
    announced = (PROMPT.phrases.apology, PROMPT.phrases.handing_over.format(name=name))
    told = any(_says(call, text) for text in announced)
    return call.pressed or told or len(call.model.questions) >= MOST_ROUNDS


def _says(call: RandomCall, text: str) -> bool:
    """Return whether the first sentence of ``text`` is said in ``call``."""
    return any(said.endswith(".") and text.startswith(said) for said in call.voice.spoken)


def _transfers_once(call: RandomCall) -> Iterator[str]:
    answered = [attempt.answered for attempt in call.attempts]
    if True in answered[:-1]:
        yield f"{len(answered)} transfers, and not the last of them was answered"
    if call.most_ringing > 1:
        yield f"{call.most_ringing} transfers ring at once"
    if any(attempt.after_hang_up for attempt in call.attempts):
        yield "a transfer is begun after the caller has hung up"
    if call.used_after_hang_up:
        yield f"used after the caller has hung up: {call.used_after_hang_up}"


def _stamps_in_order(call: RandomCall) -> Iterator[str]:
    for told in call.told:
        if not isinstance(told.report, BotSaid) or told.report.timeline is None:
            continue
        stamps = told.report.timeline.stamps
        for order in _ORDER:
            times = [(step, stamps[step]) for step in order if step in stamps]
            for (before, earlier), (after, later) in pairwise(times):
                if later < earlier:
                    yield f"{after} comes before {before} in turn {told.report.timeline.number}"


CHECKS: Final[tuple[Callable[[RandomCall], Iterator[str]], ...]] = (
    _ends_well,
    _is_never_silent_for_long,
    _is_heard_once,
    _is_recorded_as_heard,
    _tells_the_model_what_is_recorded,
    _apologises_only_in_trouble,
    _uses_tools_only_when_meant,
    _transfers_once,
    _stamps_in_order,
)
