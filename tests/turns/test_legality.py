"""Whatever is said, by whom and when: the events make sense."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.turns.conversation import Talk
from tests.turns.signals import noise, silence, tone, voice
from voicebot.turns.events import (
    BargeInConfirmed,
    BargeInRejected,
    CallerSilent,
    SpeechPaused,
    SpeechStarted,
    TurnEnded,
)
from voicebot.turns.states import CONTESTED

if TYPE_CHECKING:
    from tests.turns.signals import Signal
    from voicebot.turns.events import TurnEvent

SOUNDS: dict[str, Signal] = {
    "word": voice(260),
    "sentence": voice(1100, seed=1),
    "monologue": voice(3500, seed=2),
    "blip": voice(80),
    "burst": noise(120, -15),
    "tone": tone(400, -15, 770, 1336),
    "breath": noise(400, -45),
    "gap": silence(60),
    "pause": silence(240),
    "silence": silence(1700),
}
WORDS = (None, "", "Uh-huh", "Stop", "My number is", "Are you open today?", "Okay", "Угу")
STEPS = st.lists(
    st.one_of(
        st.sampled_from(sorted(SOUNDS)),
        st.sampled_from(["bot starts", "bot finishes", "late words", "stale words"]),
    ),
    max_size=14,
)


def play(steps: list[str], words: list[str | None], *, barge_in: bool, language: str) -> Talk:
    talk = Talk(*words, language=language, barge_in=barge_in, longest_s=3, silence_s=2)
    for step in steps:
        if step in SOUNDS:
            talk.hear(SOUNDS[step])
        elif step == "bot starts":
            talk.turns.bot_started("We are open. Shall I put you through?")
        elif step == "bot finishes":
            talk.finish("We are open.")
        else:
            pauses = talk.only(SpeechPaused)
            newest = pauses[-1 if step == "late words" else 0].utterance if pauses else None
            if newest is not None:
                events = talk.turns.transcribed(newest.number, newest.revision, "Are you there?")
                talk.take(events)
    return talk


def position(event: TurnEvent) -> int:
    return event.noticed if isinstance(event, SpeechPaused) else event.at


CALLS = {
    "steps": STEPS,
    "words": st.lists(st.sampled_from(WORDS), min_size=1, max_size=6),
    "barge_in": st.booleans(),
    "language": st.sampled_from(["en", "ru", "fi"]),
}


@settings(max_examples=40, deadline=None)
@given(**CALLS)
def test_speech_starts_and_pauses_by_turns(
    steps: list[str], words: list[str | None], barge_in: bool, language: str
):
    talk = play(steps, words, barge_in=barge_in, language=language)
    speaking = False
    for event in talk.events:
        if isinstance(event, SpeechStarted):
            assert not speaking
            speaking = True
        elif isinstance(event, SpeechPaused):
            # A pause may make a turn too long: then it is told once more.
            assert speaking or event.utterance.revision > 1
            speaking = False
        elif isinstance(event, TurnEnded | CallerSilent):
            assert not speaking
        elif isinstance(event, BargeInRejected):
            speaking = False


@settings(max_examples=40, deadline=None)
@given(**CALLS)
def test_every_interruption_ends_in_one_verdict(
    steps: list[str], words: list[str | None], barge_in: bool, language: str
):
    talk = play(steps, words, barge_in=barge_in, language=language)
    contested = False
    for event in talk.events:
        if isinstance(event, SpeechStarted):
            contested = contested or event.over_bot
        elif isinstance(event, BargeInConfirmed | BargeInRejected):
            assert contested
            contested = False
        elif isinstance(event, TurnEnded | CallerSilent):
            assert not contested
    assert contested is (talk.turns.state in CONTESTED)
    talk.wait(1700)
    assert talk.turns.state not in CONTESTED


@settings(max_examples=40, deadline=None)
@given(**CALLS)
def test_positions_and_numbers_never_go_back(
    steps: list[str], words: list[str | None], barge_in: bool, language: str
):
    talk = play(steps, words, barge_in=barge_in, language=language)
    decided = [position(event) for event in talk.events if not isinstance(event, SpeechStarted)]
    assert decided == sorted(decided)
    starts = [event.at for event in talk.only(SpeechStarted)]
    assert starts == sorted(starts)
    assert all(0 <= position(event) <= talk.turns.now for event in talk.events)
    revisions = [
        (event.utterance.number, event.utterance.revision) for event in talk.only(SpeechPaused)
    ]
    assert revisions == sorted(set(revisions))
    for event in talk.only(SpeechPaused):
        utterance = event.utterance
        assert utterance.started <= utterance.ended <= event.noticed
        assert len(utterance.pcm) % 2 == 0


@settings(max_examples=40, deadline=None)
@given(**CALLS)
def test_a_turn_ends_with_words_and_with_its_newest_revision(
    steps: list[str], words: list[str | None], barge_in: bool, language: str
):
    talk = play(steps, words, barge_in=barge_in, language=language)
    newest = None
    for event in talk.events:
        if isinstance(event, SpeechPaused):
            newest = event.utterance
        elif isinstance(event, TurnEnded):
            assert event.utterance is newest
            assert event.text.strip()


@settings(max_examples=20, deadline=None)
@given(**CALLS)
def test_the_same_call_gives_the_same_events(
    steps: list[str], words: list[str | None], barge_in: bool, language: str
):
    first = play(steps, words, barge_in=barge_in, language=language)
    again = play(steps, words, barge_in=barge_in, language=language)
    assert first.events == again.events
