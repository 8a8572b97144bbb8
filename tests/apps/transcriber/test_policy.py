"""Which calls are transcribed, and what is told of settings that fit nothing."""

from __future__ import annotations

import pytest

from tests.apps.transcriber.pbx import channel
from voicebot.apps.transcriber.policy import Policy, mark_of
from voicebot.config import TranscribeSettings

INTERNAL = (channel(1, "201"), channel(2, "202"))
INCOMING = (channel(1, "trunk", number="+4930123"), channel(2, "201"))
OUTGOING = (channel(1, "201"), channel(2, "trunk", number="+4930123"))


def policy(**settings: object) -> Policy:
    return Policy(TranscribeSettings(**settings))


@pytest.mark.parametrize(
    ("channels", "direction"),
    [(INTERNAL, "internal"), (INCOMING, "incoming"), (OUTGOING, "outgoing")],
)
def test_the_lines_to_the_outside_tell_the_direction(channels, direction):
    assert policy(trunks=("trunk",)).direction(channels) == direction


def test_without_lines_every_call_is_internal():
    assert policy().direction(INCOMING) == "internal"


@pytest.mark.parametrize(
    ("settings", "marks", "selected"),
    [
        ({}, ("",), True),
        ({"select": "none"}, ("",), False),
        ({"select": "none"}, ("", "yes"), True),
        ({"select": "listed", "allow": ("201",)}, ("",), True),
        ({"select": "listed", "allow": ("20?",)}, ("",), True),
        ({"select": "listed", "allow": ("203",)}, ("",), False),
        ({"select": "listed", "allow": ("203",)}, ("yes",), True),
        ({"deny": ("202",)}, ("",), False),
        ({"deny": ("202",), "select": "listed", "allow": ("201", "202")}, ("yes",), False),
        ({}, ("yes", "no"), False),
        ({"directions": ("incoming",)}, ("",), False),
        ({"directions": ("incoming",)}, ("yes",), True),
        ({"directions": ("incoming", "internal")}, ("",), True),
    ],
)
def test_a_call_is_selected(settings, marks, selected):
    one = policy(**settings)

    assert one.selects(INTERNAL, one.direction(INTERNAL), marks) is selected


@pytest.mark.parametrize(
    ("settings", "selected"),
    [
        ({"select": "listed", "allow": ("trunk",)}, [False, True, True]),
        (
            {"select": "listed", "allow": ("trunk",), "directions": ("incoming",)},
            [False, True, False],
        ),
        ({"deny": ("trunk",)}, [True, False, False]),
    ],
)
def test_a_line_to_the_outside_may_be_listed_like_an_extension(settings, selected):
    one = policy(trunks=("trunk",), **settings)

    calls = (INTERNAL, INCOMING, OUTGOING)
    assert [one.selects(call, one.direction(call), ("",)) for call in calls] == selected


def test_somebody_outside_is_known_by_the_caller_id():
    one = policy(deny=("+49*",), trunks=("trunk",))

    assert one.denies(INCOMING)
    assert not one.denies(INTERNAL)


def test_the_phone_in_the_browser_is_the_same_extension():
    assert policy(deny=("201",)).denies([channel(1, "201-WS", number="+4930123")])


@pytest.mark.parametrize(
    ("value", "mark"),
    [("no", "no"), (" No ", "no"), ("0", "no"), ("yes", "yes"), ("TRUE", "yes"), ("x", "")],
)
def test_a_variable_says_yes_or_no(value, mark):
    assert mark_of(value) == mark


def test_an_extension_that_the_pbx_does_not_know_is_named_with_the_way_out():
    (complaint,) = policy(allow=("2011", "201")).complaints(["201", "202"])

    assert "transcribe.allow names 2011" in complaint
    assert "did you mean 201?" in complaint


def test_without_a_likeness_the_known_ones_are_listed():
    (complaint,) = policy(trunks=("provider",)).complaints(["201", "202"])

    assert "transcribe.trunks names provider" in complaint
    assert "known are 201, 202" in complaint


def test_a_pattern_needs_one_that_fits():
    assert list(policy(deny=("20*",)).complaints(["201"])) == []


def test_a_list_that_is_empty_is_complained_about():
    (complaint,) = policy(select="listed").complaints(["201"])

    assert "transcribe.allow is empty" in complaint
