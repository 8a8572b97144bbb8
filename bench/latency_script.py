"""Conversation scripts: what the caller says, and when.

One step a line; ``#`` begins a comment::

    call opening hours             a new conversation, with a name
    wait                           until the greeting is over
    say When are you open?         speak: a text, FILE.wav, or sound:NAME of Asterisk's prompts
    wait                           until the answer is over
    interrupt 800 Stop, please.    speak over the bot, 800 ms after its answer began
    wait 5                         as wait, but an answer later than 5 s is missed
    silence 3                      3 s in which the bot should say nothing

A file without ``call`` is one conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from bench.latency_errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Say:
    """Speak now."""

    text: str


@dataclass(frozen=True, slots=True)
class Interrupt:
    """Speak over the bot, ``after_ms`` after the onset of what it says next."""

    text: str
    after_ms: float


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait until the bot has spoken. ``within`` seconds replace the run's own patience."""

    within: float | None = None


@dataclass(frozen=True, slots=True)
class ExpectSilence:
    """Say nothing for ``seconds``; the bot should do the same."""

    seconds: float


Step: TypeAlias = Say | Interrupt | Wait | ExpectSilence


@dataclass(frozen=True, slots=True)
class Conversation:
    """What happens in one call."""

    name: str
    steps: tuple[Step, ...]

    def texts(self) -> Iterator[str]:
        """Yield everything that the caller says."""
        for step in self.steps:
            if isinstance(step, Say | Interrupt):
                yield step.text


def asking(texts: Iterable[str]) -> Conversation:
    """Return the conversation that hears the greeting and then says each of ``texts``."""
    steps: list[Step] = [Wait()]
    for text in texts:
        steps += [Say(text), Wait()]
    return Conversation("questions", tuple(steps))


def read_script(path: Path) -> list[Conversation]:
    """Return the conversations in a file. Raises ``UsageError`` with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    return parse(text, str(path))


def parse(text: str, source: str = "script") -> list[Conversation]:
    """Return the conversations in ``text``. Raises ``UsageError`` with ``source`` and line."""
    found: list[tuple[str, list[Step]]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].strip()
        if not words:
            continue
        verb, _, argument = words.partition(" ")
        argument = argument.strip()
        if verb == "call":
            found.append((argument or f"call {len(found) + 1}", []))
            continue
        if not found:
            found.append(("conversation", []))
        found[-1][1].append(_step(verb, argument, f"{source}:{number}"))
    conversations = [Conversation(name, tuple(steps)) for name, steps in found]
    _refuse_empty(conversations, source)
    return conversations


def _step(verb: str, argument: str, place: str) -> Step:
    builder = _VERBS.get(verb)
    if builder is None:
        known = ", ".join(["call", *_VERBS])
        raise UsageError(f"{place}: no such step: {verb} (there are {known})")
    try:
        return builder(argument)
    except ValueError as error:
        raise UsageError(f"{place}: {verb} {argument}: {error}") from error


def _say(argument: str) -> Say:
    if not argument:
        raise ValueError("what is said is missing")
    return Say(argument)


def _interrupt(argument: str) -> Interrupt:
    delay, _, text = argument.partition(" ")
    if not text.strip():
        raise ValueError("it needs milliseconds and what is said")
    return Interrupt(text.strip(), _number(delay, "milliseconds"))


def _wait(argument: str) -> Wait:
    return Wait(_number(argument, "seconds") if argument else None)


def _silence(argument: str) -> ExpectSilence:
    return ExpectSilence(_number(argument, "seconds"))


def _number(number: str, unit: str) -> float:
    try:
        value = float(number)
    except ValueError:
        raise ValueError(f"{number!r} is not a number of {unit}") from None
    if not 0 <= value < float("inf"):
        raise ValueError(f"{number} {unit} cannot be waited")
    return value


_VERBS: dict[str, Callable[[str], Step]] = {
    "say": _say,
    "wait": _wait,
    "interrupt": _interrupt,
    "silence": _silence,
}


def _refuse_empty(conversations: Sequence[Conversation], source: str) -> None:
    if not conversations:
        raise UsageError(f"{source}: there is no step in it")
    for conversation in conversations:
        if not any(conversation.texts()):
            raise UsageError(f"{source}: nothing is said in {conversation.name}")
