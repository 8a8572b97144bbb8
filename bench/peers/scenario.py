"""One load run, the same for every engine: who speaks when, and what each caller hears.

Nothing but the standard library is imported here: this file runs in every environment, and so do
``outcome`` and ``feed``. Times are monotonic seconds, positions are frames of 20 ms.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SAMPLE_RATE = 16_000
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 320
FRAME_BYTES = 640

GREETING = "Hello, this is Northwind Telephones."
UNDERSTOOD = "I would like to speak to somebody, please."
ANSWER = "Certainly, I will put you through to a colleague at once."

WARM_S = 4.0
"""Time for the engines to start and to settle; nothing of it is measured."""

STEP = 37
"""Frames between the places at which two calls begin: they do not all speak at once."""

ANSWERED_S = 3.0
"""An answer that begins later than this is none."""

SAME_SPEECH_S = 1.0
"""A longer gap in what the bot says ends one speech and begins the next."""


@dataclass(frozen=True, slots=True)
class Said:
    """An utterance, from its first frame to the one after its last."""

    start: int
    end: int
    over_bot: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What an engine's process is told. ``speech`` is played in a circle; both are raw slin16.

    ``settings_ms`` are the silences after which the engine's settings let it answer.
    """

    calls: int
    seconds: float
    speech: str
    reply: str
    said: tuple[Said, ...]
    settings_ms: tuple[float, ...] = (0.0,)
    cheap: bool = False
    warm_s: float = WARM_S

    @classmethod
    def parse(cls, text: str) -> Order:
        """Read an order that was written as JSON."""
        found = json.loads(text)
        said = tuple(Said(**one) for one in found["said"])
        return cls(**found | {"said": said, "settings_ms": tuple(found["settings_ms"])})

    def written(self) -> str:
        """Return the order as JSON."""
        return json.dumps(asdict(self))


@dataclass(slots=True)
class Speech:
    """What the bot said in one go.

    Of each piece: when it was sent, its place on the engine's own grid (seconds, from anywhere),
    and how long it lasts.
    """

    sent: list[float] = field(default_factory=list)
    places: list[float] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)

    @property
    def end(self) -> float:
        """When the last of it has been heard."""
        return self.sent[-1] + self.lengths[-1]

    def lateness(self) -> Iterator[float]:
        """Yield how late each piece came, in seconds.

        A piece is due when the one before it has been played. Where the engine leaves out a part of
        its grid after it was held up, the piece that follows is as late as that, and no other.
        """
        base = min(at - place for at, place in zip(self.sent, self.places, strict=True))
        due = self.places[0]
        for at, place, length in zip(self.sent, self.places, self.lengths, strict=True):
            yield at - base - due
            due = place + length


class Call:
    """One caller: where its speech begins, when it was fed, and what it heard."""

    def __init__(self, order: Order, number: int) -> None:
        self._order = order
        self.offset = STEP * number
        self.origin = 0.0
        self.heard: list[Speech] = []

    def hear(self, length: int, at: float, place: float) -> None:
        """Take note that ``length`` octets of the bot's speech were sent at ``at``.

        ``place`` is when the engine's own grid had them due, in seconds from anywhere.
        """
        speech = self.heard[-1] if self.heard else None
        if speech is None or at - speech.end > SAME_SPEECH_S:
            speech = Speech()
            self.heard.append(speech)
        speech.sent.append(at)
        speech.places.append(place)
        speech.lengths.append(length / 2 / SAMPLE_RATE)

    def utterances(self, since: float, until: float) -> Iterator[tuple[float, float, bool, float]]:
        """Yield start and end of what was said in this time, whether over the bot, and the next.

        The times are those of the first and the last frame; the fourth is when the caller speaks
        again.
        """
        order = self._order
        circle = Path(order.speech).stat().st_size // FRAME_BYTES
        found = []
        for turn in range(int((until - self.origin) / FRAME_SECONDS / circle) + 3):
            for said in order.said:
                first = turn * circle + said.start - self.offset
                last = turn * circle + said.end - 1 - self.offset
                if first >= 0:
                    found.append((self._time(first), self._time(last), said.over_bot))
        for (start, end, over), following in zip(found, [*found[1:], None], strict=True):
            again = following[0] if following else float("inf")
            if since <= start and end + ANSWERED_S <= until:
                yield start, end, over, again

    def _time(self, frame: int) -> float:
        return self.origin + frame * FRAME_SECONDS


class Recogniser:
    """Knows without listening when an utterance of its call is over."""

    def __init__(self, order: Order, call: Call) -> None:
        circle = Path(order.speech).stat().st_size // FRAME_BYTES
        self._ends = {said.end % circle for said in order.said}
        self._circle = circle
        self._samples = call.offset * FRAME_SAMPLES

    def ended(self, samples: int) -> bool:
        """Take so many more samples; return whether an utterance was over in them."""
        before = self._samples // FRAME_SAMPLES
        self._samples += samples
        after = self._samples // FRAME_SAMPLES
        return any(frame % self._circle in self._ends for frame in range(before + 1, after + 1))
