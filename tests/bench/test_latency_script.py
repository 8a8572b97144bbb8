from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.latency import SCRIPT
from bench.latency_errors import UsageError
from bench.latency_script import (
    Conversation,
    ExpectSilence,
    Interrupt,
    Say,
    Wait,
    asking,
    parse,
    read_script,
)

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT_TEXT = """
# the first call
call hours
wait
say When are you open?   # a comment
interrupt 800 Stop, please.
wait 5
silence 1.5
call files
say sound:hello
"""


def test_a_script_is_read_in_order():
    hours, files = parse(SCRIPT_TEXT)

    assert hours == Conversation(
        "hours",
        (
            Wait(),
            Say("When are you open?"),
            Interrupt("Stop, please.", 800),
            Wait(5),
            ExpectSilence(1.5),
        ),
    )
    assert list(files.texts()) == ["sound:hello"]


def test_a_script_without_calls_is_one_conversation():
    (conversation,) = parse("wait\nsay hello")

    assert conversation.steps == (Wait(), Say("hello"))


def test_questions_wait_for_the_greeting_and_for_each_answer():
    assert asking(["a", "b"]).steps == (Wait(), Say("a"), Wait(), Say("b"), Wait())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shout hello", r"x:1: no such step: shout \(there are call, say, wait"),
        ("say", "x:1: say .*missing"),
        ("wait\ninterrupt Stop", "x:2: .*milliseconds and what is said"),
        ("interrupt soon Stop now", "'soon' is not a number of milliseconds"),
        ("silence -1", "-1 seconds cannot be waited"),
        ("wait nan", "nan seconds cannot be waited"),
        ("", "there is no step"),
        ("call empty\nwait", "nothing is said in empty"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, message: str):
    with pytest.raises(UsageError, match=message):
        parse(text, "x")


def test_a_missing_script_is_named(tmp_path: Path):
    with pytest.raises(UsageError, match=r"nothing\.txt: cannot be read"):
        read_script(tmp_path / "nothing.txt")


def test_the_built_in_conversations_have_enough_turns_for_percentiles():
    conversations = read_script(SCRIPT)

    assert sum(len(list(conversation.texts())) for conversation in conversations) >= 20
    assert all(isinstance(conversation.steps[0], Wait) for conversation in conversations)
