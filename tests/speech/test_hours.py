"""Opening hours: ranges, zones, closed dates, and the changes of the clocks."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from voicebot.speech.hours import Hours


def hours(**week: Any) -> Hours:
    return Hours.model_validate({"zone": "Europe/London", **week})


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        ("2026-11-23 08:59:59", False),
        ("2026-11-23 09:00", True),
        ("2026-11-23 12:59:59", True),
        ("2026-11-23 13:00", False),
        ("2026-11-23 14:00", True),
        ("2026-11-23 18:00", False),
        ("2026-11-22 12:00", False),
    ],
)
def test_the_start_is_open_and_the_end_is_closed(now: str, is_open: bool):
    office = hours(monday="14:00-18:00, 09:00-13:00")

    assert office.is_open(utc(now)) is is_open


def test_now_is_told_in_the_offices_zone():
    office = Hours.model_validate({"zone": "Asia/Yekaterinburg", "monday": "09:00-18:00"})

    assert office.is_open(utc("2026-11-23 04:30"))
    assert not office.is_open(utc("2026-11-23 14:00"))


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        hours(monday="09:00-18:00").is_open(dt.datetime(2026, 11, 23, 12))  # noqa: DTZ001 - the mistake


def test_summer_time_moves_the_opening():
    office = hours(**{"monday-sunday": "09:00-18:00"})

    assert office.is_open(utc("2026-07-01 08:00"))
    assert not office.is_open(utc("2026-12-01 08:00"))


def test_a_closed_date_is_closed():
    office = hours(friday="09:00-18:00", closed=["2026-12-25"])

    assert not office.is_open(utc("2026-12-25 12:00"))
    assert office.is_open(utc("2026-12-18 12:00"))


def test_a_day_may_last_to_midnight():
    office = hours(**{"monday-sunday": "00:00-24:00"})

    assert office.is_open(utc("2026-11-23 23:59"))
    assert office.closes(utc("2026-11-23 23:59")) == utc("2026-11-24 00:00")


def test_a_range_of_days_may_pass_sunday():
    office = hours(**{"saturday-monday": "10:00-12:00"})

    assert [bool(day) for day in office.week] == [True, False, False, False, False, True, True]


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-23 07:00", "2026-11-23 09:00"),
        ("2026-11-23 09:00", "2026-11-24 09:00"),
        ("2026-11-27 19:00", "2026-11-30 09:00"),
        ("2026-12-24 19:00", "2026-12-28 09:00"),
    ],
)
def test_the_next_opening_skips_nights_weekends_and_closed_dates(now: str, opening: str):
    office = hours(**{"monday-friday": "09:00-18:00"}, closed=["2026-12-25"])

    assert office.next_opening(utc(now)) == utc(opening)


def test_an_office_that_never_opens_has_no_next_opening():
    assert hours(monday="closed").next_opening(utc("2026-11-23 12:00")) is None
