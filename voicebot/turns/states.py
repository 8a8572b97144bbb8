"""The turn as a table: which state follows which, and upon what."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class State(Enum):
    """Who has the word."""

    LISTENING = auto()
    """Nobody speaks, and nothing is being prepared: the caller may begin, or stay silent."""
    SPEAKING = auto()
    """The caller has the word and speaks."""
    PAUSING = auto()
    """The caller has the word and is silent: a pause, or the end."""
    CLOSING = auto()
    """The turn became too long and is over; only its transcript is awaited."""
    PREPARING = auto()
    """The turn has ended; the answer is not heard yet."""
    REPLYING = auto()
    """The bot is heard."""
    INTERRUPTING = auto()
    """The caller speaks over the bot; whether the bot yields is undecided."""
    CONTESTING = auto()
    """The caller spoke over the bot and is silent again; still undecided."""


class Signal(Enum):
    """What may change the state."""

    ONSET = auto()
    """The caller starts to speak, or goes on."""
    PAUSE = auto()
    """The caller has been silent for a pause's length."""
    FULL = auto()
    """The caller's turn has become too long."""
    ENDED = auto()
    """The transcript is here, and the silence is long enough for it."""
    NOTHING = auto()
    """The transcript is here, and has no words."""
    CONFIRMED = auto()
    """The bot yields."""
    REJECTED = auto()
    """The bot goes on."""
    BOT_STARTED = auto()
    """The bot begins to be heard."""
    BOT_FINISHED = auto()
    """The bot has said everything, or its reply was dropped."""


TRANSITIONS: Mapping[State, Mapping[Signal, State]] = {
    State.LISTENING: {
        Signal.ONSET: State.SPEAKING,
        Signal.BOT_STARTED: State.REPLYING,
    },
    State.SPEAKING: {
        Signal.PAUSE: State.PAUSING,
        Signal.FULL: State.CLOSING,
    },
    State.PAUSING: {
        Signal.ONSET: State.SPEAKING,
        Signal.FULL: State.CLOSING,
        Signal.ENDED: State.PREPARING,
        Signal.NOTHING: State.LISTENING,
    },
    State.CLOSING: {
        Signal.ENDED: State.PREPARING,
        Signal.NOTHING: State.LISTENING,
    },
    State.PREPARING: {
        Signal.ONSET: State.SPEAKING,
        Signal.BOT_STARTED: State.REPLYING,
        Signal.BOT_FINISHED: State.LISTENING,
    },
    State.REPLYING: {
        Signal.ONSET: State.INTERRUPTING,
        Signal.BOT_FINISHED: State.LISTENING,
    },
    State.INTERRUPTING: {
        Signal.PAUSE: State.CONTESTING,
        Signal.CONFIRMED: State.SPEAKING,
        Signal.REJECTED: State.REPLYING,
        Signal.BOT_FINISHED: State.SPEAKING,
    },
    State.CONTESTING: {
        Signal.ONSET: State.INTERRUPTING,
        Signal.CONFIRMED: State.PAUSING,
        Signal.REJECTED: State.REPLYING,
        Signal.BOT_FINISHED: State.PAUSING,
    },
}
"""The next state. A signal that a state does not name leaves it as it is."""

CONTESTED: Final = frozenset({State.INTERRUPTING, State.CONTESTING})
"""The bot's word is contested: playout is paused until the verdict."""


class Machine:
    """Holds the state and follows the table."""

    __slots__ = ("state",)

    def __init__(self) -> None:
        self.state = State.LISTENING

    def follow(self, signal: Signal) -> bool:
        """Go where ``signal`` leads; return whether the state names it."""
        following = TRANSITIONS[self.state].get(signal)
        if following is None:
            return False
        self.state = following
        return True
