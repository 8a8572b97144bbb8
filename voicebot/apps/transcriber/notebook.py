"""What is known of channels beside who talks with whom."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from voicebot.apps.transcriber.policy import Mark
    from voicebot.ari.models import Channel


@dataclass(frozen=True, slots=True)
class Facts:
    """What only a question to the PBX tells of a channel.

    ``linked_id`` is shared by all channels of a call; a leg's own id where it is unknown.
    """

    linked_id: str
    mark: Mark = ""


class Notebook:
    """Holds the answers to what was asked, and what a former run knew.

    ``refused`` are calls that somebody has opted out of.
    """

    def __init__(self) -> None:
        self.refused: set[str] = set()
        self._facts: dict[str, Facts] = {}
        self._asked: dict[str, Mark | None] = {}
        self._before: Mapping[str, str] = {}

    def recall(self, calls: Mapping[str, str], refused: Collection[str]) -> None:
        """Take up what a former run knew: calls by channel, and the calls to be left alone."""
        self._before = calls
        self.refused.update(refused)

    def call_before(self, channel_id: str) -> str | None:
        """Return the call in which a channel was heard by a former run."""
        return self._before.get(channel_id)

    def unknown(self, channels: Sequence[Channel]) -> list[Channel]:
        """Return those of ``channels`` that nothing is known of."""
        return [it for it in channels if it.id not in self._facts]

    def ask(self, channel_id: str) -> bool:
        """Note that a channel is asked about; return whether it was not already."""
        new = channel_id not in self._asked
        self._asked.setdefault(channel_id, None)
        return new

    def forgo(self, channel_id: str) -> None:
        """Note that there was no answer."""
        self._asked.pop(channel_id, None)

    def learn(self, channel_id: str, facts: Facts) -> None:
        """Take the answer."""
        later = self._asked.pop(channel_id, None)
        self._facts[channel_id] = facts if later is None else replace(facts, mark=later)

    def mark(self, channel_id: str, mark: Mark) -> None:
        """Note that a channel's variable was set, perhaps while the question was on its way."""
        if channel_id in self._asked:
            self._asked[channel_id] = mark
        elif (facts := self._facts.get(channel_id)) is not None:
            self._facts[channel_id] = replace(facts, mark=mark)

    def facts(self, channel_id: str) -> Facts:
        """Return what is known of a channel, which must not be ``unknown``."""
        return self._facts[channel_id]

    def forget(self, present: Collection[str]) -> None:
        """Forget all channels but those that are ``present``."""
        for known in (self._facts, self._asked):
            for channel_id in [it for it in known if it not in present]:
                del known[channel_id]
