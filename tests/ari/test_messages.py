from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.ari.fake import channel, event, playback
from voicebot.ari import UnknownEvent
from voicebot.ari.messages import MessageDecoder
from voicebot.ari.models import (
    Dial,
    Event,
    Message,
    MissingParams,
    PlaybackFinished,
    StasisStart,
    TextMessageReceived,
)


def decode(message: object) -> Message:
    return MessageDecoder().decode(json.dumps(message))


def start(**fields: object) -> dict[str, Any]:
    return event("StasisStart", "bot", args=["a", "b"], channel=channel("one"), **fields)


def test_an_event_has_the_class_of_its_type() -> None:
    message = decode(start())

    assert isinstance(message, StasisStart)
    assert message.args == ("a", "b")
    assert message.channel.caller.number == "201"
    assert message.replace_channel is None


def test_asterisks_dates_are_aware_datetimes() -> None:
    message = decode(start())

    assert isinstance(message, StasisStart)
    assert message.timestamp == datetime(2026, 11, 22, 22, 31, 0, 123_000, tzinfo=UTC)
    assert message.channel.creationtime.utcoffset() == timedelta(0)


def test_the_offset_of_a_date_is_kept() -> None:
    message = decode({**start(), "timestamp": "2026-11-22T22:31:00.000+0300"})

    assert isinstance(message, Event)
    assert message.timestamp == datetime(2026, 11, 22, 19, 31, tzinfo=UTC)


def test_fields_that_nobody_knows_are_ignored() -> None:
    message = decode(start(brand_new={"x": 1}))

    assert isinstance(message, StasisStart)


def test_a_channel_of_an_asterisk_that_knows_no_protocol_id_is_understood() -> None:
    old = channel("one")
    del old["protocol_id"]

    message = decode(event("StasisStart", "bot", args=[], channel=old))

    assert isinstance(message, StasisStart)
    assert message.channel.protocol_id == ""


def test_fields_with_pythons_reserved_names_have_an_underscore() -> None:
    text = {"from": "pjsip:201", "to": "pjsip:bot", "body": "hello"}

    message = decode(event("TextMessageReceived", "bot", message=text))

    assert isinstance(message, TextMessageReceived)
    assert message.message.from_ == "pjsip:201"


def test_messages_that_are_no_events_are_told_apart() -> None:
    message = decode({"type": "MissingParams", "params": ["app"]})

    assert isinstance(message, MissingParams)
    assert not isinstance(message, Event)


def test_events_match_by_their_fields() -> None:
    message = decode(event("PlaybackFinished", "bot", playback=playback("p", "one")))

    match message:
        case PlaybackFinished(playback=done):
            assert done.target_uri == "channel:one"
        case _:
            pytest.fail("no match")


MISFITS: list[tuple[str, str, Any]] = [
    ("a type that is new", "TeaReady", {"type": "TeaReady", "cups": 2}),
    ("a field that is missing", "Dial", {"type": "Dial", "application": "bot"}),
    ("a field of another type", "StasisStart", {**start(), "args": "a"}),
    ("a date that is none", "StasisStart", {**start(), "timestamp": "yesterday"}),
    ("no type", "", {"application": "bot"}),
    ("no object", "", ["StasisStart"]),
]


@pytest.mark.parametrize(("what", "kind", "message"), MISFITS, ids=[what for what, *_ in MISFITS])
def test_what_does_not_fit_is_delivered_raw(what: str, kind: str, message: object) -> None:
    unknown = decode(message)

    assert isinstance(unknown, UnknownEvent), what
    assert unknown.type == kind
    assert unknown.raw == message


def test_what_is_no_json_is_delivered_as_text() -> None:
    decoder = MessageDecoder()

    assert decoder.decode("{broken") == UnknownEvent(type="", raw="{broken")
    assert decoder.decode(b"\xff\x00") == UnknownEvent(type="", raw="\ufffd\x00")


def test_each_misfit_is_logged_once() -> None:
    decoder = MessageDecoder()
    with capture_logs() as logs:
        for _ in range(3):
            decoder.decode('{"type": "TeaReady"}')
            decoder.decode('{"type": "Dial"}')

    assert [entry["type"] for entry in logs] == ["TeaReady", "Dial"]


def test_the_next_event_is_understood_after_a_misfit() -> None:
    decoder = MessageDecoder()
    decoder.decode('{"type": "Dial"}')
    dial = event("Dial", "bot", peer=channel("two"), dialstatus="RINGING")

    assert isinstance(decoder.decode(json.dumps(dial)), Dial)
