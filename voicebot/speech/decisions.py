"""Which answer fits what the caller means: one table, read from the top."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from voicebot.speech.answer import Answer
from voicebot.speech.intents import Intent

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.speech.answers import Answers
    from voicebot.speech.situation import Situation
    from voicebot.speech.understanding import Meaning

Condition: TypeAlias = "Callable[[Meaning, Situation], bool]"
Action: TypeAlias = "Callable[[Answers, Meaning, Situation], Answer]"


def decide(meaning: Meaning, now: Situation, answers: Answers) -> Answer:
    """Return the answer of the first row that fits; who waits goes on waiting after an answer."""
    action = next(action for condition, action in _TABLE if condition(meaning, now))
    answer = action(answers, meaning, now)
    if now.waiting is not None and _asks(meaning):
        return replace(answer, tool="wait", arguments={"destination": now.waiting})
    return answer


def _to_offer(meaning: Meaning, now: Situation) -> bool:
    """Return whether this can answer 'shall I put you through to X': nobody else is named."""
    return now.offered is not None and not set(meaning.people) - {now.offered}


def _agrees(meaning: Meaning, now: Situation) -> bool:
    return (
        _to_offer(meaning, now)
        and meaning.says(Intent.YES, Intent.TRANSFER)
        and meaning.answer is None
        and (meaning.empty or bool(meaning.people))
    )


def _declines(meaning: Meaning) -> bool:
    """Return whether this is a no and nothing else that wants an answer."""
    return meaning.says(Intent.NO) and meaning.answer is None and not meaning.says(Intent.GOODBYE)


def _names_somebody(meaning: Meaning) -> bool:
    """Return whether a person is wanted; a name in a frequent question is part of the question."""
    return bool(meaning.people) and (meaning.says(Intent.TRANSFER) or meaning.answer is None)


def _only(meaning: Meaning, *intents: Intent) -> bool:
    return meaning.says(*intents) and meaning.empty


def _wants_somebody(meaning: Meaning) -> bool:
    return (
        _names_somebody(meaning)
        or meaning.number is not None
        or meaning.says(Intent.TRANSFER, Intent.OPERATOR)
    )


def _asks(meaning: Meaning) -> bool:
    """Return whether this is a question that does not change what the caller waits for."""
    about = meaning.answer is not None or meaning.says(*_QUESTIONS)
    return about and not _wants_somebody(meaning) and not meaning.says(Intent.GOODBYE)


def _adds_nothing(meaning: Meaning) -> bool:
    """Return whether somebody who waits said nothing that calls for more than to go on waiting."""
    return not (_asks(meaning) or _wants_somebody(meaning) or meaning.says(Intent.GOODBYE))


_QUESTIONS: Final = (
    Intent.DIRECTORY,
    Intent.HOURS,
    Intent.OPEN_NOW,
    Intent.TIME,
    Intent.DATE,
    Intent.MACHINE,
    Intent.COMPANY,
)

_TABLE: Final[tuple[tuple[Condition, Action], ...]] = (
    # Somebody waits: for as long as it takes, or no longer.
    (
        lambda m, s: (
            s.waiting is not None
            and m.says(Intent.LEAVE, Intent.NO)
            and not m.says(Intent.GOODBYE)
            and not _wants_somebody(m)
        ),
        lambda a, _m, _s: a.say("all_right", "anything_else"),
    ),
    (
        lambda m, s: s.waiting is not None and (m.people == (s.waiting,) or _adds_nothing(m)),
        lambda a, _m, s: a.connect.wait(s.waiting or "", "still_waiting"),
    ),
    # Who is wanted is on another call: wait, or take who was offered instead?
    (
        lambda m, s: s.on_call is not None and m.says(Intent.STAY) and not m.people,
        lambda a, _m, s: a.connect.wait(s.on_call or ""),
    ),
    (
        lambda m, s: s.on_call is not None and s.offered is not None and m.says(Intent.OTHER),
        lambda a, _m, s: a.connect.to(s.offered or ""),
    ),
    (
        lambda m, s: s.on_call is not None and _only(m, Intent.YES) and not m.people,
        lambda a, _m, s: a.say("offer_wait") if s.offered else a.connect.wait(s.on_call or ""),
    ),
    (
        lambda m, s: (
            s.on_call is not None
            and not m.people
            and (m.says(Intent.LEAVE) or (s.offered is None and _declines(m)))
        ),
        lambda a, _m, s: a.connect.instead_of(s.on_call or ""),
    ),
    # A yes or a no to the bot's own question.
    (
        lambda m, s: s.asked_more and _only(m, Intent.NO) and m.answer is None,
        lambda a, _m, _s: a.goodbye(),
    ),
    (
        lambda m, s: _to_offer(m, s) and _declines(m),
        lambda a, _m, _s: a.say("all_right", "anything_else"),
    ),
    (_agrees, lambda a, _m, s: a.connect.to(s.offered or "")),
    # About the call itself.
    (lambda m, _s: m.says(Intent.MACHINE), lambda a, _m, _s: a.say("machine")),
    (lambda m, _s: m.says(Intent.GOODBYE) and not m.people, lambda a, _m, _s: a.goodbye()),
    (lambda m, _s: m.says(Intent.REPEAT), lambda _a, _m, _s: Answer(tool="repeat")),
    (lambda m, _s: m.says(Intent.DIRECTORY) and not m.people, lambda a, _m, _s: a.directory()),
    # Somebody is wanted: by number, by name, or whoever there is.
    (lambda m, _s: m.number is not None, lambda a, m, _s: a.connect.to_number(m.number or "")),
    (lambda m, _s: _names_somebody(m), lambda a, m, _s: a.connect.to_one_of(m.people)),
    (
        lambda m, _s: m.says(Intent.OPERATOR) and m.answer is None,
        lambda a, _m, _s: a.connect.to_operator(),
    ),
    # Questions that the prompt and the clock answer.
    (lambda m, _s: m.says(Intent.TIME), lambda a, _m, _s: a.clock("time_is")),
    (lambda m, _s: m.says(Intent.DATE), lambda a, _m, _s: a.clock("date_is")),
    (
        lambda m, _s: m.says(Intent.OPEN_NOW) and not m.says(Intent.HOURS),
        lambda a, _m, _s: a.open_now(),
    ),
    (lambda m, _s: m.answer is not None, lambda _a, m, _s: Answer((m.answer or "",))),
    (lambda m, _s: m.says(Intent.HOURS), lambda a, _m, _s: a.hours()),
    (lambda m, _s: m.says(Intent.COMPANY), lambda a, _m, _s: a.greeting()),
    # Somebody is wanted who was not found, or who is the one to ask.
    (lambda m, _s: m.topic is not None, lambda a, m, _s: a.connect.offer(m.topic or "")),
    (lambda m, _s: m.says(Intent.HELP), lambda a, _m, _s: a.connect.offer_operator()),
    (lambda m, _s: _only(m, Intent.TRANSFER), lambda a, _m, _s: a.say("ask_who")),
    (lambda m, _s: m.says(Intent.TRANSFER), lambda a, _m, _s: a.connect.unknown()),
    # Courtesy.
    (lambda m, s: m.says(Intent.THANKS) and s.asked_more, lambda a, _m, _s: a.goodbye()),
    (lambda m, _s: _only(m, Intent.NO), lambda a, _m, _s: a.say("all_right", "anything_else")),
    (
        lambda m, _s: m.says(Intent.THANKS),
        lambda a, _m, _s: a.say("you_are_welcome", "anything_else"),
    ),
    (lambda m, _s: m.says(Intent.WAIT), lambda a, _m, _s: a.say("listening")),
    (lambda m, _s: _only(m, Intent.GREETING), lambda a, _m, _s: a.say("how_can_i_help")),
    (lambda m, _s: _only(m, Intent.YES), lambda a, _m, _s: a.say("listening")),
    (lambda _m, _s: True, lambda a, _m, s: a.lost(s.lost)),
)
