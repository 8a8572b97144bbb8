"""What the scripted receptionist can say and do: each answer from the phrases of its prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.speech.answer import Answer
from voicebot.speech.availability import nobody_knows
from voicebot.speech.connecting import Connecting
from voicebot.speech.phrases import opening_hours, opening_now
from voicebot.speech.staff import Staff

if TYPE_CHECKING:
    import datetime as dt

    from voicebot.speech.availability import Whereabouts
    from voicebot.speech.prompt import Prompt


class Answers:
    """What a receptionist under ``prompt`` can answer at ``now`` (with a time zone).

    ``connect`` is what it says of people. ``whereabouts`` tells who is free; with ``can_wait``
    callers may wait for somebody who is not.
    """

    def __init__(
        self,
        prompt: Prompt,
        now: dt.datetime,
        whereabouts: Whereabouts = nobody_knows,
        *,
        can_wait: bool = False,
    ) -> None:
        self._prompt = prompt
        self._phrases = prompt.phrases
        self._now = now
        self._staff = Staff(prompt, whereabouts)
        self.connect = Connecting(prompt, now, self._staff, can_wait=can_wait)

    def lost(self, times: int) -> Answer:
        """Ask again, then offer the operator, then do what the prompt says."""
        key = self._prompt.operator
        operator = self._staff.name(key)
        if times == 0:
            return Answer((self._phrases.not_understood,))
        if times == 1:
            return Answer((self._phrases.not_understood_again.format(name=operator),))
        if self._prompt.fallback == "hang_up":
            return Answer((self._phrases.nobody_can_help,), "hang_up")
        if self._staff.is_busy(key):
            return self.connect.on_call(key)
        handing_over = self._phrases.handing_over.format(name=operator)
        return Answer((handing_over,), "transfer", {"destination": key})

    def goodbye(self) -> Answer:
        """Say goodbye and hang up."""
        return Answer((self._phrases.goodbye,), "hang_up")

    def say(self, *phrases: str) -> Answer:
        """Say the fixed sentences of these names."""
        return Answer(tuple(getattr(self._phrases, phrase) for phrase in phrases))

    def greeting(self) -> Answer:
        """Say who we are."""
        return Answer((self._prompt.greeting,))

    def hours(self) -> Answer:
        """Say when the office is open."""
        return Answer((opening_hours(self._prompt),))

    def open_now(self) -> Answer:
        """Say whether the office is open."""
        return Answer((opening_now(self._prompt, self._now),))

    def clock(self, phrase: str) -> Answer:
        """Say the time or the date, by the office's clock."""
        local = self._prompt.local(self._now)
        words = {"time": f"{local:%-H:%M}", "date": local.date().isoformat()}
        return Answer((getattr(self._phrases, phrase).format(**words),))

    def directory(self) -> Answer:
        """Say who can be reached."""
        return Answer((self._phrases.directory.format(names=self._staff.names()),))
