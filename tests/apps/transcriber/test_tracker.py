"""Who talks with whom, told from what real Asterisk sends."""

from __future__ import annotations

import msgspec
import pytest

from tests.apps.transcriber.pbx import MIDNIGHT, bridge, channel
from tests.apps.transcriber.recorded import events
from voicebot.apps.transcriber.tracker import Tracker, device_of
from voicebot.ari.models import ChannelCreated, ChannelDestroyed

# Each step is who talks: one word for each talk, those on hold in brackets; "-" is nobody.
HISTORIES = {
    "call": ["203+202", "-"],
    "hold": ["203+202", "(203+202)", "203+202", "-"],
    "local_channel": ["203+202", "-"],
    "blind_transfer": ["203+202", "-", "203+201", "-"],
    "blind_transfer_by_code": ["203+202", "(203+202)", "203+202", "-", "203+201", "-"],
    "attended_transfer": ["203+201", "203+201 201+202", "201+202", "-", "203+202", "-"],
    # The consultation rings through a Local channel, which Asterisk takes out at the end.
    "attended_transfer_by_code": [
        *("203+202", "(203+202)", "-", "202+201", "-", "203+201", "-", "203+201", "-"),
    ],
    "park": ["203+202", "-", "203+201", "-"],
    "conference": ["202+201", "203+202+201", "202+201", "-"],
}


def who_talks(tracker: Tracker) -> str:
    talks = []
    for talk in tracker.talks():
        numbers = "+".join(channel.caller.number for channel in talk.channels)
        talks.append(f"({numbers})" if talk.held == talk.ids else numbers)
    return " ".join(talks) or "-"


@pytest.mark.parametrize("name", HISTORIES)
def test_talks_follow_what_happens_to_a_call(name: str):
    tracker, history = Tracker(), ["-"]

    for event in events(name):
        tracker.note(event)
        if (now := who_talks(tracker)) != history[-1]:
            history.append(now)

    assert history == ["-", *HISTORIES[name]]
    assert not tracker.present


@pytest.mark.parametrize("name", HISTORIES)
def test_events_that_a_look_already_contained_do_no_harm(name: str):
    told = events(name)
    for moment in range(len(told)):
        tracker = Tracker()

        for event in (*told[:moment], *told[max(0, moment - 3) :]):
            tracker.note(event)

        assert who_talks(tracker) == "-"
        assert not tracker.present


def test_who_is_listed_in_one_bridge_talks():
    a, b = channel(1), channel(2)
    tracker = Tracker()

    tracker.load([b, a], [bridge("x", b, a)])

    assert [talk.channels for talk in tracker.talks()] == [(a, b)]


def test_who_is_parked_waits_and_talks_to_nobody():
    a, b = channel(1), channel(2)
    tracker = Tracker()

    tracker.load([a, b], [bridge("lot", a, b, kind="holding")])

    assert tracker.talks() == ()


def test_who_rings_does_not_talk():
    a, b = channel(1), channel(2, state="Ringing")
    tracker = Tracker()

    tracker.load([a, b], [bridge("x", a, b)])

    assert tracker.talks() == ()


@pytest.mark.parametrize(
    "name",
    ["UnicastRTP/127.0.0.1:4000-0x1", "Snoop/c1-00000001", "CBAnn/room-0001;1", "Announcer/x;1"],
)
def test_what_is_no_phone_is_nobody(name: str):
    a, machine = channel(1), channel(2, name=name)
    tracker = Tracker()

    tracker.load([a, machine], [bridge("x", a, machine)])

    assert tracker.talks() == ()


def test_a_caller_without_an_account_is_somebody():
    a, stranger = channel(1), channel(2, "anonymous")
    tracker = Tracker()

    tracker.load([a, stranger], [bridge("x", a, stranger)])

    assert [talk.channels for talk in tracker.talks()] == [(a, stranger)]


def test_a_channel_that_was_renamed_is_still_known_to_end():
    a, b = channel(1), channel(2)
    tracker = Tracker()
    tracker.load([a, b], [bridge("x", a, b)])
    renamed = msgspec.structs.replace(a, name="Surrogate/PJSIP/201-00000001")

    told = ChannelDestroyed(
        application="app", timestamp=MIDNIGHT, cause=16, cause_txt="", channel=renamed
    )

    assert tracker.note(told)
    assert set(tracker.present) == {"c2"}


def test_channels_that_only_listen_change_nothing():
    snoop = channel(9, name="Snoop/c1-00000001")
    tracker = Tracker()

    told = ChannelCreated(application="app", timestamp=MIDNIGHT, channel=snoop)

    assert not tracker.note(told)
    assert not tracker.present


def test_two_local_channels_in_a_row_join_three_bridges():
    a, b = channel(1), channel(6)
    halves = [
        channel(2 + number, name=f"Local/{name}@internal-0000000{name};{half}")
        for number, (name, half) in enumerate([(1, 1), (1, 2), (2, 1), (2, 2)])
    ]
    tracker = Tracker()

    tracker.load(
        [a, b, *halves],
        [
            bridge("x", a, halves[0]),
            bridge("y", halves[1], halves[2]),
            bridge("z", halves[3], b),
        ],
    )

    assert [talk.channels for talk in tracker.talks()] == [(a, b)]


def test_in_a_conference_only_the_one_who_holds_falls_silent():
    tracker = Tracker()
    told = events("conference")
    together = next(n for n in range(len(told)) if who_talks(_after(told[:n])) == "203+202+201")
    for event in told[:together]:
        tracker.note(event)
    hold = next(event for event in events("hold") if type(event).__name__ == "ChannelHold")
    (talk,) = tracker.talks()

    tracker.note(type(hold)(**{**_fields(hold), "channel": talk.channels[1]}))

    (talk,) = tracker.talks()
    assert talk.held == {talk.channels[1].id}


def test_a_device_is_the_channels_name_without_its_number():
    assert device_of(channel(1, "my-trunk")) == "PJSIP/my-trunk"


def _after(told: list) -> Tracker:
    tracker = Tracker()
    for event in told:
        tracker.note(event)
    return tracker


def _fields(event: object) -> dict:
    return {name: getattr(event, name) for name in event.__struct_fields__}
