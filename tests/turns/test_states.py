from __future__ import annotations

import pytest

from tests.turns.conversation import Talk
from tests.turns.signals import silence, voice
from voicebot.turns.events import SpeechPaused
from voicebot.turns.states import TRANSITIONS, Machine, Signal, State

PAIRS = [(state, signal) for state in State for signal in Signal]

# How a caller, a recogniser and a bot come to each state: (what happens, the words understood).
WAYS: dict[State, tuple[tuple[str, ...], str | None]] = {
    State.LISTENING: ((), None),
    State.SPEAKING: (("voice",), None),
    State.PAUSING: (("voice", "pause"), None),
    State.CLOSING: (("too long",), None),
    State.PREPARING: (("voice", "silence"), "Are you open today?"),
    State.REPLYING: (("bot starts",), None),
    State.INTERRUPTING: (("bot starts", "voice"), None),
    State.CONTESTING: (("bot starts", "voice", "pause"), None),
}

# What brings about each signal, and what the recogniser makes of it.
DEEDS: dict[Signal, str] = {
    Signal.ONSET: "voice",
    Signal.PAUSE: "pause",
    Signal.FULL: "too long",
    Signal.ENDED: "hear words",
    Signal.NOTHING: "hear nothing",
    Signal.CONFIRMED: "hear stop",
    Signal.REJECTED: "hear uh-huh",
    Signal.BOT_STARTED: "bot starts",
    Signal.BOT_FINISHED: "bot finishes",
}


class Actor:
    """Does things to a turn taker by name."""

    def __init__(self, words: str | None) -> None:
        self.talk = Talk(words, longest_s=3)

    def do(self, deed: str) -> None:
        talk = self.talk
        sounds = {
            "voice": voice(340),
            "pause": silence(160),
            "silence": silence(500),
            "too long": voice(3300),
        }
        if deed in sounds:
            talk.hear(sounds[deed])
        elif deed == "bot starts":
            talk.turns.bot_started("We are open from nine to five.")
        elif deed == "bot finishes":
            talk.finish("We are open from nine to five.")
        else:
            self.transcribe(
                {"hear words": "When are you open?", "hear nothing": "", "hear stop": "Stop"}.get(
                    deed, "Uh-huh"
                )
            )

    def transcribe(self, text: str) -> None:
        talk = self.talk
        number = max((event.utterance.number for event in talk.only(SpeechPaused)), default=0)
        revision = max((event.utterance.revision for event in talk.only(SpeechPaused)), default=0)
        if talk.turns.state is State.PAUSING:
            talk.wait(100)
        talk.take(talk.turns.transcribed(number, revision, text))


@pytest.mark.parametrize(("state", "signal"), PAIRS)
def test_a_machine_follows_the_table_and_stays_where_it_is_silent(state: State, signal: Signal):
    machine = Machine()
    machine.state = state
    expected = TRANSITIONS[state].get(signal)
    assert machine.follow(signal) is (expected is not None)
    assert machine.state is (expected or state)


def test_the_table_names_every_state_and_uses_every_signal():
    assert set(TRANSITIONS) == set(State)
    assert {signal for row in TRANSITIONS.values() for signal in row} == set(Signal)
    reached = {state for row in TRANSITIONS.values() for state in row.values()}
    assert reached == set(State)


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_reached_by_what_happens_in_calls(state: State):
    deeds, words = WAYS[state]
    actor = Actor(words)
    actor.talk.wait(500)
    for deed in deeds:
        actor.do(deed)
    assert actor.talk.turns.state is state


# Other tests bring these about: they take no single deed, but a length of speech or of silence.
ELSEWHERE = {
    (State.PAUSING, Signal.FULL),
    (State.INTERRUPTING, Signal.CONFIRMED),
    (State.INTERRUPTING, Signal.REJECTED),
}
LIVE = [
    (state, signal)
    for state, row in TRANSITIONS.items()
    for signal in row
    if (state, signal) not in ELSEWHERE
]


@pytest.mark.parametrize(("state", "signal"), LIVE)
def test_every_transition_happens_in_calls(state: State, signal: Signal):
    deeds, words = WAYS[state]
    actor = Actor(words)
    actor.talk.wait(500)
    for deed in deeds:
        actor.do(deed)
    actor.talk.words = [None]
    actor.do(DEEDS[signal])
    expected = TRANSITIONS[state][signal]
    # A verdict on silence with words ends the turn at once.
    final = {State.PAUSING: State.PREPARING} if signal is Signal.CONFIRMED else {}
    assert actor.talk.turns.state in {expected, final.get(expected, expected)}
