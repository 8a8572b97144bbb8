"""Opening hours: ranges per weekday, in a time zone, with closed dates."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—]\s*(\d{1,2}):(\d{2})")
_DAY_MINUTES = 24 * 60
_LONGEST_CLOSURE_DAYS = 400


class TimeRange(BaseModel):
    """Part of a day, in minutes since midnight: ``start`` belongs to it, ``end`` does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    start: int
    end: int

    @staticmethod
    def clock(minutes: int) -> str:
        """Return ``minutes`` since midnight as a clock shows them: ``9:05``."""
        return f"{minutes // 60 % 24}:{minutes % 60:02d}"


def _ranges(value: object) -> object:
    """Read ``'09:00-13:00, 14:00-18:00'`` or a list of such ranges; pass anything else on."""
    if isinstance(value, str):
        value = [] if value.strip().lower() == "closed" else value.split(",")
    if not isinstance(value, list):
        return value
    ranges = sorted(
        (_range(item) if isinstance(item, str) else item for item in value),
        key=lambda item: item.start,
    )
    for earlier, later in itertools.pairwise(ranges):
        if later.start < earlier.end:
            raise ValueError("the ranges overlap; join them into one")
    return tuple(ranges)


def _range(text: str) -> TimeRange:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is not a range of times; write 09:00-18:00, or closed")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if minute > 59 or end_minute > 59 or start >= _DAY_MINUTES or end > _DAY_MINUTES:
        raise ValueError(f"'{text}' is not a time of the day; hours go from 00:00 to 24:00")
    if end <= start:
        raise ValueError(
            f"'{text}' ends before it starts; split a range over midnight between both days"
        )
    return TimeRange(start=start, end=end)


def _zone(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"'{value}' is not a time zone; write one like Europe/London or Asia/Yekaterinburg"
        ) from None


Ranges = Annotated[tuple[TimeRange, ...], BeforeValidator(_ranges)]


class Hours(BaseModel):
    """When the office is open. A weekday without ranges is closed.

    ``monday-friday: 09:00-18:00`` in the file stands for each of the days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    monday: Ranges = ()
    tuesday: Ranges = ()
    wednesday: Ranges = ()
    thursday: Ranges = ()
    friday: Ranges = ()
    saturday: Ranges = ()
    sunday: Ranges = ()
    closed: frozenset[dt.date] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _spread_days(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        spread = {key: value for key, value in data.items() if "-" not in key}
        for key in data.keys() - spread.keys():
            first, _, last = (part.strip() for part in key.partition("-"))
            if first not in WEEKDAYS or last not in WEEKDAYS:
                spread[key] = data[key]
                continue
            start, count = WEEKDAYS.index(first), WEEKDAYS.index(last)
            for offset in range((count - start) % 7 + 1):
                day = WEEKDAYS[(start + offset) % 7]
                if day in spread:
                    raise PydanticCustomError(
                        "misfit",
                        "{reason}",
                        {"reason": f"{day} is also in '{key}'; keep one of them", "keys": (day,)},
                    )
                spread[day] = data[key]
        return spread

    def day(self, date: dt.date) -> tuple[TimeRange, ...]:
        """Return the ranges of ``date``, earliest first; none when the office is closed."""
        if date in self.closed:
            return ()
        return self.week[date.weekday()]

    @property
    def week(self) -> tuple[tuple[TimeRange, ...], ...]:
        """The ranges of Monday, Tuesday, … Sunday."""
        return (
            self.monday,
            self.tuesday,
            self.wednesday,
            self.thursday,
            self.friday,
            self.saturday,
            self.sunday,
        )

    def local(self, now: dt.datetime) -> dt.datetime:
        """Return ``now`` as the office's clock shows it. ``now`` must know its time zone."""
        if now.tzinfo is None:
            raise ValueError("now has no time zone")
        return now.astimezone(self.zone)

    def is_open(self, now: dt.datetime) -> bool:
        """Return whether the office is open at ``now`` (with a time zone)."""
        return self.closes(now) is not None

    def closes(self, now: dt.datetime) -> dt.datetime | None:
        """Return when the office closes that is open at ``now``; ``None`` while it is closed."""
        local = self.local(now)
        minute = local.hour * 60 + local.minute
        for span in self.day(local.date()):
            if span.start <= minute < span.end:
                return self._at(local.date(), span.end)
        return None

    def next_opening(self, now: dt.datetime) -> dt.datetime | None:
        """Return the next opening after ``now``, ``None`` when there is none within a year."""
        local = self.local(now)
        for offset in range(_LONGEST_CLOSURE_DAYS):
            date = local.date() + dt.timedelta(days=offset)
            for span in self.day(date):
                opening = self._at(date, span.start)
                if opening > local:
                    return opening
        return None

    def _at(self, date: dt.date, minutes: int) -> dt.datetime:
        days, rest = divmod(minutes, _DAY_MINUTES)
        time = dt.time(rest // 60, rest % 60, tzinfo=self.zone)
        return dt.datetime.combine(date + dt.timedelta(days=days), time)
