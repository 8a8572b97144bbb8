"""What the scripted receptionist can say and do: each answer from the phrases of its prompt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from voicebot.speech.availability import Availability, nobody_knows
from voicebot.speech.phrases import join_names, opening_hours, opening_now

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from voicebot.speech.availability import Whereabouts
    from voicebot.speech.prompt import Prompt

OUTCOMES: Final = ("busy", "no_answer", "refused", "failed", "waited_in_vain")
"""Results of ``transfer`` and ``wait`` that bring the caller back: the phrases that tell them."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and the tool that is used afterwards."""

    said: tuple[str, ...] = ()
    tool: str | None = None
    arguments: Mapping[str, str] | None = None


class Answers:
    """What a receptionist under ``prompt`` can answer at ``now`` (with a time zone).

    ``whereabouts`` tells who is free; with ``can_wait`` callers may wait for somebody who is not.
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
        self._whereabouts = whereabouts
        self._can_wait = can_wait

    def lost(self, times: int) -> Answer:
        """Ask again, then offer the operator, then do what the prompt says."""
        operator = self._name(self._prompt.operator)
        if times == 0:
            return Answer((self._phrases.not_understood,))
        if times == 1:
            return Answer((self._phrases.not_understood_again.format(name=operator),))
        if self._prompt.fallback == "hang_up":
            return Answer((self._phrases.nobody_can_help,), "hang_up")
        if self._is_busy(self._prompt.operator):
            return self.on_call(self._prompt.operator)
        handing_over = self._phrases.handing_over.format(name=operator)
        return Answer((handing_over,), "transfer", {"destination": self._prompt.operator})

    def after_transfer(self, outcome: str, key: str | None) -> Answer:
        """Tell why the caller is back, and offer somebody else, or to wait."""
        if outcome == "unknown_destination":
            return self.unknown()
        if outcome not in OUTCOMES or key is None or key not in self._prompt.directory:
            return Answer()
        if outcome == "busy" and self._is_busy(key):
            return self.on_call(key)
        said = [getattr(self._phrases, outcome).format(name=self._name(key))]
        if not self._prompt.is_open(self._now):
            said.append(opening_now(self._prompt, self._now))
        return Answer((*said, *self.instead_of(key).said))

    def instead_of(self, key: str) -> Answer:
        """Offer who stands in, or ask what else is wanted."""
        instead = self._stand_in(key)
        if instead is None:
            return Answer((self._phrases.anything_else,))
        return Answer((self._phrases.offer_instead.format(name=self._name(instead)),))

    def on_call(self, key: str) -> Answer:
        """Say that ``key`` is on another call; offer who stands in, and to wait."""
        told = self._phrases.on_call.format(name=self._name(key))
        if not self._can_wait:
            return Answer((told, *self.instead_of(key).said))
        instead = self._stand_in(key)
        if instead is None:
            return Answer((told, self._phrases.offer_wait))
        return Answer((told, self._phrases.instead_or_wait.format(name=self._name(instead))))

    def wait(self, key: str, phrase: str = "waiting") -> Answer:
        """Let the caller wait for ``key``, or go on waiting; where nobody may, offer another."""
        if not self._can_wait:
            return self.instead_of(key)
        said = getattr(self._phrases, phrase).format(name=self._name(key))
        return Answer((said,), "wait", {"destination": key})

    def connect_number(self, number: str) -> Answer:
        """Connect with the entry of that extension; no other number is ever dialled."""
        for key, entry in self._prompt.directory.items():
            if entry.extension == number:
                return self.connect(key)
        return self.unknown()

    def connect_one_of(self, keys: tuple[str, ...]) -> Answer:
        """Connect with the only one of ``keys``, or ask which of them is meant."""
        if len(keys) == 1:
            return self.connect(keys[0])
        first, second = self._name(keys[0]), self._name(keys[1])
        return Answer((self._phrases.which_one.format(first=first, second=second),))

    def connect(self, key: str) -> Answer:
        """Say so and transfer, unless it is known that nobody could answer."""
        if self._is_busy(key):
            return self.on_call(key)
        said = self._phrases.transferring.format(name=self._name(key))
        return Answer((said,), "transfer", {"destination": key})

    def offer(self, key: str) -> Answer:
        """Ask whether to transfer to the one who deals with it."""
        return Answer((self._phrases.offer_transfer.format(name=self._name(key)),))

    def unknown(self) -> Answer:
        """Refuse a destination that is not in the directory."""
        return Answer((self._phrases.unknown_destination.format(names=self._names()),))

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

    def offer_operator(self) -> Answer:
        """Ask whether to transfer to the operator, who deals with everything else."""
        return self.offer(self._prompt.operator)

    def connect_operator(self) -> Answer:
        """Transfer to the operator."""
        return self.connect(self._prompt.operator)

    def clock(self, phrase: str) -> Answer:
        """Say the time or the date, by the office's clock."""
        local = self._prompt.local(self._now)
        words = {"time": f"{local:%-H:%M}", "date": local.date().isoformat()}
        return Answer((getattr(self._phrases, phrase).format(**words),))

    def directory(self) -> Answer:
        """Say who can be reached."""
        return Answer((self._phrases.directory.format(names=self._names()),))

    def _is_busy(self, key: str) -> bool:
        return self._whereabouts(self._prompt.directory[key].extension) is Availability.BUSY

    def _stand_in(self, key: str) -> str | None:
        """Return who may take the call of ``key``: nobody who is on another call too."""
        for other in (self._prompt.directory[key].instead, self._prompt.operator):
            if other is not None and other != key and not self._is_busy(other):
                return other
        return None

    def _name(self, key: str) -> str:
        return self._prompt.directory[key].name

    def _names(self) -> str:
        names = [entry.name for entry in self._prompt.directory.values()]
        return join_names(names, self._phrases)
