"""What the scripted receptionist says of people, and how it puts callers through to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from voicebot.speech.answer import Answer
from voicebot.speech.phrases import opening_now

if TYPE_CHECKING:
    import datetime as dt

    from voicebot.speech.prompt import Prompt
    from voicebot.speech.staff import Staff

OUTCOMES: Final = ("busy", "no_answer", "refused", "failed", "waited_in_vain")
"""Results of ``transfer`` and ``wait`` that bring the caller back: the phrases that tell them."""


class Connecting:
    """Puts callers through to ``staff``; with ``can_wait`` they may wait for who is busy."""

    def __init__(self, prompt: Prompt, now: dt.datetime, staff: Staff, *, can_wait: bool) -> None:
        self._prompt = prompt
        self._phrases = prompt.phrases
        self._now = now
        self._staff = staff
        self._can_wait = can_wait

    def to(self, key: str) -> Answer:
        """Say so and transfer, unless it is known that nobody could answer."""
        if self._staff.is_busy(key):
            return self.on_call(key)
        said = self._phrases.transferring.format(name=self._staff.name(key))
        return Answer((said,), "transfer", {"destination": key})

    def to_operator(self) -> Answer:
        """Transfer to the operator."""
        return self.to(self._prompt.operator)

    def to_number(self, number: str) -> Answer:
        """Connect with the entry of that extension; no other number is ever dialled."""
        key = self._staff.at(number)
        return self.unknown() if key is None else self.to(key)

    def to_one_of(self, keys: tuple[str, ...]) -> Answer:
        """Connect with the only one of ``keys``, or ask which of them is meant."""
        if len(keys) == 1:
            return self.to(keys[0])
        first, second = self._staff.name(keys[0]), self._staff.name(keys[1])
        return Answer((self._phrases.which_one.format(first=first, second=second),))

    def offer(self, key: str) -> Answer:
        """Ask whether to transfer to the one who deals with it."""
        return Answer((self._phrases.offer_transfer.format(name=self._staff.name(key)),))

    def offer_operator(self) -> Answer:
        """Ask whether to transfer to the operator, who deals with everything else."""
        return self.offer(self._prompt.operator)

    def unknown(self) -> Answer:
        """Refuse a destination that is not in the directory."""
        return Answer((self._phrases.unknown_destination.format(names=self._staff.names()),))

    def on_call(self, key: str) -> Answer:
        """Say that ``key`` is on another call; offer who stands in, and to wait."""
        told = self._phrases.on_call.format(name=self._staff.name(key))
        if not self._can_wait:
            return Answer((told, *self.instead_of(key).said))
        instead = self._staff.stand_in(key)
        if instead is None:
            return Answer((told, self._phrases.offer_wait))
        return Answer((told, self._phrases.instead_or_wait.format(name=self._staff.name(instead))))

    def instead_of(self, key: str) -> Answer:
        """Offer who stands in, or ask what else is wanted."""
        instead = self._staff.stand_in(key)
        if instead is None:
            return Answer((self._phrases.anything_else,))
        return Answer((self._phrases.offer_instead.format(name=self._staff.name(instead)),))

    def wait(self, key: str, phrase: str = "waiting") -> Answer:
        """Let the caller wait for ``key``, or go on waiting; where nobody may, offer another."""
        if not self._can_wait:
            return self.instead_of(key)
        said = getattr(self._phrases, phrase).format(name=self._staff.name(key))
        return Answer((said,), "wait", {"destination": key})

    def back(self, outcome: str, key: str | None) -> Answer:
        """Tell why the caller is back, and offer somebody else, or to wait."""
        if outcome == "unknown_destination":
            return self.unknown()
        if outcome not in OUTCOMES or key is None or key not in self._prompt.directory:
            return Answer()
        if outcome == "busy" and self._staff.is_busy(key):
            return self.on_call(key)
        said = [getattr(self._phrases, outcome).format(name=self._staff.name(key))]
        if not self._prompt.is_open(self._now):
            said.append(opening_now(self._prompt, self._now))
        return Answer((*said, *self.instead_of(key).said))
