"""What the bridges of a former run tell."""

from __future__ import annotations

from tests.apps.transcriber.pbx import bridge
from voicebot.apps import names
from voicebot.apps.transcriber.memory import Past, Refusal, parse, recall

OURS = names.ear("app")


def test_a_name_is_read_as_it_was_written():
    past = Past("pbx-1764055273.12", "1764055273.14")
    refusal = Refusal("1764055273.12", frozenset({"1764055273.12", "1764055273.14"}))

    assert parse(str(past)) == past
    assert parse(str(refusal)) == refusal


def test_any_other_name_says_nothing():
    assert [parse(name) for name in ("", "room", "a b c", "a heard b c")] == [None] * 4


def test_only_channels_that_are_still_there_are_remembered():
    bridges = [
        bridge(OURS + "1", name=str(Past("one", "c1"))),
        bridge(OURS + "2", name=str(Past("one", "c2"))),
        bridge(OURS + "3", name=str(Refusal("two", frozenset({"c3", "c4"})))),
        bridge(OURS + "4", name=str(Refusal("three", frozenset({"c5"})))),
    ]

    memory = recall(bridges, "app", {"c1", "c4"})

    assert memory.calls == {"c1": "one", "c3": "two", "c4": "two"}
    assert memory.refusals == {"two": OURS + "3"}


def test_bridges_of_others_are_left_alone():
    other = bridge(names.ear("app2") + "1", name=str(Past("one", "c1")))

    assert recall([other], "app", {"c1"}).calls == {}
