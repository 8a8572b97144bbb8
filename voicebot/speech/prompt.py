"""A prompt file: what the receptionist knows (front matter) and how it behaves (body)."""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003 - pydantic evaluates the annotations of fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

import voicebot
from voicebot.errors import ConfigError
from voicebot.speech.front_matter import FrontMatter, read_front_matter
from voicebot.speech.hours import Hours  # noqa: TC001 - the same
from voicebot.speech.intents import Intent  # noqa: TC001 - the same
from voicebot.speech.phrases import Phrases, opening_hours, with_defaults

if TYPE_CHECKING:
    import datetime as dt

    from pydantic_core import ErrorDetails


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Entry(_Part):
    """Somebody whom a call can be transferred to.

    ``names`` are what callers say, the first one is what the bot says. ``instead`` is the key of
    who stands in while this one is on another call.
    """

    names: tuple[str, ...] = Field(min_length=1)
    # Goes into a dial string: nothing that Asterisk would read as more than a number or a name.
    extension: str = Field(pattern=r"^[0-9A-Za-z*#+._-]{1,32}$")
    description: str = ""
    instead: str | None = None

    @property
    def name(self) -> str:
        """The name that the bot says."""
        return self.names[0]


class FrequentQuestion(_Part):
    """An answer and how it is asked for.

    All words of a keyword must be said; a question may be put a little differently.
    """

    questions: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    answer: str = Field(min_length=1)

    @model_validator(mode="after")
    def _is_asked_for(self) -> FrequentQuestion:
        if not self.questions and not self.keywords:
            raise ValueError("has neither questions nor keywords; give at least one of them")
        return self


class Prompt(_Part):
    """What the receptionist knows. ``body`` is prose for a language model."""

    company: str = Field(min_length=1)
    language: str = Field(pattern=r"^[a-z]{2}$")
    greeting: str = Field(min_length=1)
    hours: Hours | None = None
    directory: Mapping[str, Entry] = Field(min_length=1)
    operator: str
    faq: tuple[FrequentQuestion, ...] = ()
    fallback: Literal["operator", "hang_up"] = "operator"
    phrases: Phrases
    words: Mapping[Intent, tuple[Annotated[str, Field(min_length=1)], ...]] = Field(
        default_factory=dict,
        description="What callers say for yes, no, goodbye and so on, beside the language's own",
    )
    body: str = ""

    @model_validator(mode="before")
    @classmethod
    def _fill_phrases(cls, data: object) -> object:
        """Put the language's own sentences under those of the file."""
        if not isinstance(data, dict):
            return data
        own = data.get("phrases", {})
        if isinstance(own, dict):
            own = with_defaults(str(data.get("language")), own)
        return {**data, "phrases": own}

    @field_validator("words", mode="before")
    @classmethod
    def _yes_and_no_are_words(cls, words: object) -> object:
        """Undo YAML's own reading of ``yes``, ``no`` and ``on``, as keys and as words."""
        if not isinstance(words, dict):
            return words
        return {
            _as_word(intent): [_as_word(word) for word in said] if isinstance(said, list) else said
            for intent, said in words.items()
        }

    @field_validator("directory")
    @classmethod
    def _names_differ(cls, directory: Mapping[str, Entry]) -> Mapping[str, Entry]:
        owners: dict[str, str] = {}
        for key, entry in directory.items():
            for position, name in enumerate(entry.names):
                owner = owners.setdefault(name.casefold(), key)
                if owner != key:
                    reason = f"'{name}' is also a name of '{owner}'; a name leads to one entry"
                    raise _misfit(reason, key, "names", position)
        return directory

    @model_validator(mode="after")
    def _keys_are_known(self) -> Prompt:
        named: list[tuple[str, tuple[str, ...]]] = [(self.operator, ("operator",))]
        for key, entry in self.directory.items():
            if entry.instead is not None:
                named.append((entry.instead, ("directory", key, "instead")))
        for name, place in named:
            if name not in self.directory:
                known = ", ".join(self.directory)
                reason = f"'{name}' is not a key of the directory; its keys are {known}"
                raise _misfit(reason, *place)
        return self

    @property
    def stand_ins(self) -> tuple[str, ...]:
        """The keys of those who may be offered in somebody else's place."""
        found = (entry.instead for entry in self.directory.values() if entry.instead is not None)
        return tuple(dict.fromkeys((self.operator, *found)))

    def is_open(self, now: dt.datetime) -> bool:
        """Return whether the office is open at ``now`` (with a time zone)."""
        return self.hours is None or self.hours.is_open(now)

    def local(self, now: dt.datetime) -> dt.datetime:
        """Return ``now`` as the office's clock shows it; as it is without hours."""
        return now if self.hours is None else self.hours.local(now)

    def next_opening(self, now: dt.datetime) -> dt.datetime | None:
        """Return the next opening after ``now``; ``None`` without hours or when there is none."""
        return None if self.hours is None else self.hours.next_opening(now)


def _as_word(value: object) -> object:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _misfit(reason: str, *keys: str | int) -> PydanticCustomError:
    """Build the error of a value that lies at ``keys`` below the one being validated."""
    return PydanticCustomError("misfit", "{reason}", {"reason": reason, "keys": keys})


def load_prompt(path: Path) -> Prompt:
    """Read the prompt file ``path``.

    Raises ``ConfigError``, which names the file, the line, the key and the way out of every
    mistake; a file that is not there is one.
    """
    source = read_front_matter(path)
    try:
        return Prompt.model_validate({**source.data, "body": source.body})
    except ValidationError as error:
        mistakes = _mistakes(source, error.errors(include_url=False))
        raise ConfigError("\n".join(mistakes)) from None


def builtin_prompt(language: str) -> Path:
    """Return the prompt file that ships for ``language`` (ISO 639-1)."""
    name = "receptionist.md" if language == "en" else f"receptionist.{language}.md"
    package = Path(voicebot.__file__).parent
    # In a wheel the prompts lie inside the package, in a source tree beside it.
    for folder in (package / "prompts", package.parent / "prompts"):
        if (folder / name).is_file():
            return folder / name
    raise ConfigError(
        f"no prompt for language '{language}' comes with voicebot; write one and set "
        "receptionist.prompt to its path"
    )


_PLACES: Mapping[str, str] = {
    "extension": 'give the number to dial, for example extension: "201"',
    "names": "give the names that callers say, for example names: [sales, sales department]",
    "operator": "give the directory key that takes calls nobody else can",
    "language": "give an ISO 639-1 code such as en or ru",
    "zone": "give a time zone such as Europe/London",
    "closed": "write each date as 2026-12-25",
    "fallback": "write operator or hang_up",
}


def _mistakes(source: FrontMatter, errors: list[ErrorDetails]) -> list[str]:
    """Describe each mistake in a line; phrases that a language lacks share one."""
    lines = []
    lacking = [str(e["loc"][1]) for e in errors if e["type"] == "missing" and _is_phrase(e)]
    for error in errors:
        if error["type"] == "missing" and _is_phrase(error):
            continue
        keys = (*error["loc"], *error.get("ctx", {}).get("keys", ()))
        dotted = ".".join(str(key) for key in keys)
        lines.append(f"{source.place(keys)}: {dotted}: {_reason(error, keys)}")
    if lacking:
        language = source.data.get("language")
        lines.append(
            f"{source.place(('phrases',))}: phrases: language '{language}' has no sentences of its "
            f"own in voicebot; add {', '.join(lacking)}"
        )
    return lines


def _is_phrase(error: ErrorDetails) -> bool:
    return len(error["loc"]) == 2 and error["loc"][0] == "phrases"


def _reason(error: ErrorDetails, keys: tuple[str | int, ...]) -> str:
    hint = _PLACES.get(str(next((key for key in reversed(keys) if isinstance(key, str)), "")), "")
    match error["type"]:
        case "missing":
            return f"is missing; {hint}" if hint else "is missing"
        case "extra_forbidden":
            return "is not a known key; take it out or correct its spelling"
        case "misfit":
            return error["msg"]
        case "value_error":
            return error["msg"].removeprefix("Value error, ")
        case _:
            text = f"{error['msg'][0].lower()}{error['msg'][1:]}"
            return f"{text}; {hint}" if hint else text


def system_prompt(prompt: Prompt, now: dt.datetime) -> str:
    """Return the body with all facts of the front matter, as a language model's system message.

    ``now`` (with a time zone) comes last: what stands before it is the same for every call, so
    providers can reuse what they computed for it.
    """
    local = prompt.local(now)
    entries = [
        f"- {key}: {', '.join(entry.names)}{f' ({entry.description})' if entry.description else ''}"
        for key, entry in prompt.directory.items()
    ]
    answers = [
        f"- {'; '.join((*item.questions, *item.keywords))}: {item.answer}" for item in prompt.faq
    ]
    facts = [
        f"Company: {prompt.company}",
        f"Speak the language with the code '{prompt.language}'.",
        f"Opening hours: {opening_hours(prompt)}",
        "Directory (destination: names):",
        *entries,
        f"When nobody can help: {_FALLBACKS[prompt.fallback].format(operator=prompt.operator)}",
        *(["Questions and answers:", *answers] if answers else []),
        f"It is {local:%A %Y-%m-%d %H:%M}. The office is {_open_or_closed(prompt, now)}.",
    ]
    return "\n\n".join(part for part in (prompt.body, "\n".join(facts)) if part)


_FALLBACKS: Mapping[str, str] = {
    "operator": "transfer the caller to {operator}.",
    "hang_up": "say so, say goodbye and hang up.",
}


def _open_or_closed(prompt: Prompt, now: dt.datetime) -> str:
    if prompt.is_open(now):
        return "open now"
    opening = prompt.next_opening(now)
    return f"closed now, and opens on {opening:%A %Y-%m-%d at %H:%M}" if opening else "closed now"
