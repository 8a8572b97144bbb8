"""The fixed sentences: everything the bot says that no model has written."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from voicebot.speech.phrase_tables import TABLES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from voicebot.speech.prompt import Prompt

ON_DAYS = (
    "on_monday",
    "on_tuesday",
    "on_wednesday",
    "on_thursday",
    "on_friday",
    "on_saturday",
    "on_sunday",
)


class Phrases(BaseModel):
    """All fixed sentences in one language.

    Words in braces are filled in: ``{name}`` is an entry of the directory, ``{names}`` all of them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_min_length=1)

    apology: str = Field(description="A provider failed; the caller is taken to a person")
    apology_hang_up: str = Field(description="A provider failed and nobody is there")
    not_understood: str = Field(description="First time")
    not_understood_again: str = Field(description="Second time: offers the operator {name}")
    handing_over: str = Field(description="Third time: on the way to the operator {name}")
    nobody_can_help: str = Field(description="Third time, where the prompt says to hang up")
    still_there: str = Field(description="The caller says nothing")
    still_there_again: str = Field(description="The caller still says nothing")
    goodbye_silence: str = Field(description="The caller is let go")
    filler: str = Field(description="The answer takes its time")
    filler_again: str = Field(description="The answer takes even longer")
    transferring: str = Field(description="On the way to {name}")
    on_call: str = Field(description="{name} is known to be on another call; a question follows")
    instead_or_wait: str = Field(description="Asks whether to try {name} or to wait")
    offer_wait: str = Field(description="Asks whether the caller would like to wait")
    waiting: str = Field(description="The caller waits until {name} is free")
    still_waiting: str = Field(description="The caller has been waiting for {name} for a while")
    now_free: str = Field(description="{name} has become free; it rings")
    waited_in_vain: str = Field(description="{name} has not become free")
    busy: str = Field(description="The line to {name} was found busy")
    no_answer: str = Field(description="{name} did not answer")
    refused: str = Field(description="{name} declined")
    failed: str = Field(description="The line to {name} is dead")
    unknown_destination: str = Field(description="Not in the directory; {names} are")
    offer_instead: str = Field(description="Asks whether to try {name} instead")
    offer_transfer: str = Field(description="Asks whether to put through to {name}, who can help")
    which_one: str = Field(description="Asks which of {first} and {second} is meant")
    ask_who: str = Field(description="Asks who the caller wants")
    directory: str = Field(description="Says who is there: {names}")
    list_or: str = Field(description="The word before the last of several names")
    closed_now: str = Field(description="Closed until {day} at {time}")
    closed: str = Field(description="Closed, and no opening is known")
    open_now: str = Field(description="Open until {time}")
    always_open: str = Field(description="There are no opening hours")
    opening_hours: str = Field(description="Says the opening {hours}")
    hours_range: str = Field(description="From {start} to {end}")
    today: str
    tomorrow: str
    on_date: str = Field(description="A day more than a week away: {date}")
    on_monday: str
    on_tuesday: str
    on_wednesday: str
    on_thursday: str
    on_friday: str
    on_saturday: str
    on_sunday: str
    on_weekdays: str = Field(description="Monday to Friday")
    on_weekends: str = Field(description="Saturday and Sunday")
    every_day: str
    time_is: str = Field(description="The {time} of the day")
    date_is: str = Field(description="Today's {date}")
    how_can_i_help: str
    listening: str = Field(description="The caller asked to wait or to stop")
    machine: str = Field(description="The caller asks whether this is a machine")
    anything_else: str
    all_right: str = Field(description="The caller declined an offer")
    you_are_welcome: str
    goodbye: str

    @field_validator("*")
    @classmethod
    def _known_words(cls, sentence: str, info: ValidationInfo) -> str:
        """Refuse braces that nothing would be filled into."""
        known = _placeholders(TABLES["en"][info.field_name or ""])
        try:
            strange = _placeholders(sentence) - known
        except ValueError as error:
            raise ValueError(f"broken braces: {error}") from None
        if strange:
            allowed = ", ".join(f"{{{word}}}" for word in sorted(known)) or "none"
            raise ValueError(f"{{{min(strange)}}} cannot be filled in; known here: {allowed}")
        return sentence


def _placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def with_defaults(language: str, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sentences of ``language`` with ``overrides`` in their place.

    A language without a table of its own has only the overrides.
    """
    return {**TABLES.get(language, {}), **overrides}


def join_names(names: list[str], phrases: Phrases) -> str:
    """Return ``names`` as one list to be spoken: 'sales, support or Anna'."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {phrases.list_or} {names[-1]}"


def fixed_sentences(prompt: Prompt, *, presence: bool = True) -> tuple[str, ...]:
    """Return every sentence that is known before the first call, without doubles.

    The greeting comes first, then the answers and the phrases, with each name of the directory
    filled in. Worth synthesising at start: they are then spoken without any wait. ``presence``:
    also what is only said where it is known who is on another call.
    """
    phrases = prompt.phrases
    names = [entry.name for entry in prompt.directory.values()]
    operator = prompt.directory[prompt.operator].name
    stand_ins = [prompt.directory[key].name for key in prompt.stand_ins]
    only_about = {
        "not_understood_again": [operator],
        "handing_over": [operator],
        "offer_instead": stand_ins,
        "instead_or_wait": stand_ins,
    }
    found = [prompt.greeting, *(item.answer for item in prompt.faq)]
    for field in _SENTENCES if presence else _WITHOUT_PRESENCE:
        sentence = getattr(phrases, field)
        wanted = _placeholders(sentence)
        if not wanted:
            found.append(sentence)
        elif wanted == {"name"}:
            found += [sentence.format(name=name) for name in only_about.get(field, names)]
        elif wanted == {"names"}:
            found.append(sentence.format(names=join_names(names, phrases)))
    found.append(opening_hours(prompt))
    return tuple(dict.fromkeys(found))


_WORDS = {"list_or", "today", "tomorrow", "on_weekdays", "on_weekends", "every_day", *ON_DAYS}
_SENTENCES = tuple(field for field in Phrases.model_fields if field not in _WORDS)
_PRESENCE = {
    "on_call",
    "instead_or_wait",
    "offer_wait",
    "waiting",
    "still_waiting",
    "now_free",
    "waited_in_vain",
}
_WITHOUT_PRESENCE = tuple(field for field in _SENTENCES if field not in _PRESENCE)


def opening_hours(prompt: Prompt) -> str:
    """Return the sentence that says when the office is open."""
    phrases, hours = prompt.phrases, prompt.hours
    if hours is None:
        return phrases.always_open
    week = hours.week
    groups: list[tuple[str, int]]
    if len(set(week)) == 1:
        groups = [(phrases.every_day, 0)]
    else:
        groups = [*_group(week[:5], 0, phrases.on_weekdays, phrases)]
        groups += _group(week[5:], 5, phrases.on_weekends, phrases)
    parts = []
    for days, index in groups:
        spans = [
            phrases.hours_range.format(start=span.clock(span.start), end=span.clock(span.end))
            for span in week[index]
        ]
        if spans:
            parts.append(f"{days} {', '.join(spans)}")
    return phrases.opening_hours.format(hours=", ".join(parts)) if parts else phrases.closed


def _group(
    days: tuple[object, ...], offset: int, together: str, phrases: Phrases
) -> list[tuple[str, int]]:
    """Name ``days`` with one word where their hours are the same, else one by one."""
    if len(set(days)) == 1:
        return [(together, offset)]
    return [(getattr(phrases, ON_DAYS[offset + n]), offset + n) for n in range(len(days))]


def opening_now(prompt: Prompt, now: dt.datetime) -> str:
    """Return the sentence that says whether the office is open at ``now`` (with a time zone)."""
    phrases, hours = prompt.phrases, prompt.hours
    if hours is None:
        return phrases.always_open
    closes = hours.closes(now)
    if closes is not None:
        return phrases.open_now.format(time=f"{closes:%-H:%M}")
    opens = hours.next_opening(now)
    if opens is None:
        return phrases.closed
    days = (opens.date() - hours.local(now).date()).days
    if days < 2:
        day = (phrases.today, phrases.tomorrow)[days]
    elif days < 7:
        day = getattr(phrases, ON_DAYS[opens.weekday()])
    else:
        day = phrases.on_date.format(date=opens.date().isoformat())
    return phrases.closed_now.format(day=day, time=f"{opens:%-H:%M}")
