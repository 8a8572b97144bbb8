"""Which calls are transcribed."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from voicebot.apps.phones import BROWSER
from voicebot.apps.transcriber.tracker import device_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from voicebot.ari.models import Channel
    from voicebot.config import TranscribeSettings
    from voicebot.records.events import Direction

Mark: TypeAlias = Literal["", "yes", "no"]
"""What a channel's variable says of its call: nothing, to be transcribed, not to be."""

_YES: Final = frozenset({"yes", "true", "on", "1"})
_NO: Final = frozenset({"no", "false", "off", "0"})
_SHOWN: Final = 8


class Policy:
    """Decides by the settings ``select``, ``allow``, ``deny``, ``trunks`` and ``directions``.

    A person is known by the extension of the phone and by the caller id; either may be named.
    """

    def __init__(self, settings: TranscribeSettings) -> None:
        self._settings = settings

    def direction(self, channels: Sequence[Channel]) -> Direction:
        """Return where the call of ``channels``, the oldest first, comes from or goes to."""
        outside = [_matches((_extension(it),), self._settings.trunks) for it in channels]
        if not any(outside):
            return "internal"
        return "incoming" if outside[0] else "outgoing"

    def denies(self, channels: Iterable[Channel]) -> bool:
        """Return whether one of the people is never transcribed."""
        return any(_matches(_numbers(it), self._settings.deny) for it in channels)

    def selects(
        self, channels: Sequence[Channel], direction: Direction, marks: Collection[Mark]
    ) -> bool:
        """Return whether a call begins to be transcribed.

        A denied person and the variable that says no win over everything, the variable that says
        yes over what is left.
        """
        if "no" in marks or self.denies(channels):
            return False
        if "yes" in marks:
            return True
        if direction not in self._settings.directions or self._settings.select == "none":
            return False
        if self._settings.select == "all":
            return True
        return any(_matches(_numbers(it), self._settings.allow) for it in channels)

    def complaints(self, extensions: Collection[str]) -> Iterator[str]:
        """Yield what the settings name that none of the PBX's ``extensions`` is called."""
        named = {
            "allow": self._settings.allow,
            "deny": self._settings.deny,
            "trunks": self._settings.trunks,
        }
        for key, patterns in named.items():
            for pattern in patterns:
                if not any(fnmatchcase(name, pattern) for name in extensions):
                    yield _complaint(key, pattern, sorted(extensions))
        if self._settings.select == "listed" and not self._settings.allow:
            yield (
                "transcribe.select is listed, but transcribe.allow is empty: only calls that are "
                "sent to us are transcribed; name extensions, or select none"
            )


def mark_of(value: str) -> Mark:
    """Return what a variable's value says."""
    word = value.strip().lower()
    if word in _NO:
        return "no"
    return "yes" if word in _YES else ""


def _complaint(key: str, pattern: str, extensions: Sequence[str]) -> str:
    near = get_close_matches(pattern, extensions, n=1)
    if near:
        hint = f"did you mean {near[0]}?"
    else:
        shown = ", ".join(extensions[:_SHOWN]) or "none"
        more = f" and {len(extensions) - _SHOWN} more" if len(extensions) > _SHOWN else ""
        hint = f"known are {shown}{more}"
    effect = "no line is told by it" if key == "trunks" else "it can only match a caller id"
    return f"transcribe.{key} names {pattern}, but the PBX has no such endpoint: {effect}; {hint}"


def _extension(channel: Channel) -> str:
    return device_of(channel).partition("/")[2].removesuffix(BROWSER)


def _numbers(channel: Channel) -> tuple[str, ...]:
    return _extension(channel), channel.caller.number


def _matches(numbers: Iterable[str], patterns: Sequence[str]) -> bool:
    return any(number and fnmatchcase(number, it) for number in numbers for it in patterns)
