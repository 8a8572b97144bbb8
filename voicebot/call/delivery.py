"""A reply's clauses on their way to the caller's ear."""

from __future__ import annotations

from typing import TYPE_CHECKING

from voicebot.call.playing import played
from voicebot.media.audio import samples

if TYPE_CHECKING:
    from collections.abc import Callable

    from voicebot.call.clause import Clause
    from voicebot.media.audio import Pcm
    from voicebot.media.playout import Playout


class Delivery:
    """What a reply says, clause by clause, and how much of it was heard.

    Audio is held back until ``begin()``; after that it goes to playout as it comes.
    """

    def __init__(self) -> None:
        self.held_samples = 0
        self._held: list[tuple[Clause, Pcm]] = []
        self._clauses: list[Clause] = []
        self._playout: Playout | None = None
        self._on_audible: Callable[[float], None] | None = None

    @property
    def text(self) -> str:
        """All clauses that were spoken or are being spoken."""
        return " ".join(clause.text for clause in self._clauses)

    @property
    def clauses(self) -> int:
        """How many clauses there are so far."""
        return len(self._clauses)

    def add(self, clause: Clause) -> None:
        """Take the next clause; its audio follows."""
        self._clauses.append(clause)

    def play(self, clause: Clause, pcm: Pcm) -> None:
        """Take the clause's next audio."""
        if self._playout is None:
            self._held.append((clause, pcm))
            self.held_samples += samples(pcm)
        else:
            self._queue(clause, pcm, self._playout)

    def begin(self, playout: Playout, on_audible: Callable[[float], None]) -> None:
        """Let it be heard; ``on_audible`` is given the time at which the first sample was sent."""
        self._playout = playout
        self._on_audible = on_audible
        for clause, pcm in self._held:
            self._queue(clause, pcm, playout)
        self._held.clear()

    async def nearly_heard(self, ahead: int) -> None:
        """Wait until no more than ``ahead`` samples wait to be heard; not before it has begun."""
        if self._playout is not None:
            await played(self._playout, but=ahead)

    def heard(self) -> str:
        """Return the part of the text that has reached the caller, to the word."""
        if self._playout is None:
            return ""
        position = self._playout.position
        return " ".join(text for clause in self._clauses if (text := clause.heard(position)))

    def boundary(self) -> int | None:
        """Return where playout can go on without cutting a word.

        That is where the interrupted word began, or where playout stands if that is between two
        words; ``None`` where it cannot be known.
        """
        if self._playout is None:
            return None
        position = self._playout.position
        begun = (clause for clause in reversed(self._clauses) if clause.begun(position))
        clause = next(begun, None)
        return clause.boundary(position) if clause is not None else None

    def _queue(self, clause: Clause, pcm: Pcm, playout: Playout) -> None:
        if self._on_audible is not None:
            # Not at the beginning: a filler may have been queued in between.
            playout.mark(self._on_audible, at=playout.end + 1)
            self._on_audible = None
        clause.play(pcm, playout.end)
        playout.play(pcm)
