"""One load run, the same for every engine: who speaks when, the feed, and what came back.

Nothing but the standard library is imported here: this file runs in every environment. Times are
monotonic seconds, positions are frames of 20 ms.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

SAMPLE_RATE = 16_000
FRAME_SECONDS = 0.02
FRAME_SAMPLES = 320
FRAME_BYTES = 640

GREETING = "Hello, this is Northwind Telephones."
UNDERSTOOD = "I would like to speak to somebody, please."
ANSWER = "Certainly, I will put you through to a colleague at once."

WARM_S = 4.0
"""Time for the engines to start and to settle; nothing of it is measured."""

GROUPS = 10
"""The calls are spread over the 20 ms in so many groups."""

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


@dataclass(frozen=True, slots=True)
class Spread:
    """Percentiles; 0 where nothing was measured."""

    count: int = 0
    p50: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    max: float = 0.0

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the percentiles of ``values``."""
        if not values:
            return cls()
        ranked = sorted(values)
        p50, p95, p99 = (ranked[round(share * (len(ranked) - 1))] for share in (0.5, 0.95, 0.99))
        return cls(len(ranked), *(round(value, 3) for value in (p50, p95, p99, ranked[-1])))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run gave. Spreads are in ms; ``unanswered`` utterances got no answer in time.

    ``wait`` is from the last speech sample in to the first answer sample out, ``engine`` what of it
    is left without the silence that the settings have the engine wait, ``late`` the lateness of
    each piece of the answer, ``stop`` how long the bot was heard after a caller spoke over it.
    ``waited_s`` is how long the event loop's thread could have run, and others had the core.
    """

    calls: int
    seconds: float
    cpu_s: float
    waited_s: float
    rss_kb: float
    turns: int
    unanswered: int
    wait: Spread
    engine: Spread
    late: Spread
    stop: Spread

    @classmethod
    def parse(cls, text: str) -> Outcome:
        """Read an outcome that was written as JSON."""
        return cls.restored(json.loads(text))

    @classmethod
    def restored(cls, found: Mapping[str, Any]) -> Outcome:
        """Return the outcome in decoded JSON."""
        spreads = {name: Spread(**found[name]) for name in ("wait", "engine", "late", "stop")}
        return cls(**dict(found) | spreads)

    def written(self) -> str:
        """Return the outcome as JSON."""
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


class Engine(Protocol):
    """What is measured. Its calls end with its process."""

    async def answer(self, call: Call) -> Callable[[bytes], None]:
        """Take a call; return what takes its frames. It reports to ``call.hear``."""
        ...


def run(serve: Callable[[Order], Awaitable[Engine]]) -> None:
    """Carry out the order in the first argument with an engine; print the outcome.

    The engine shares its event loop with the feed; its threads share its core.
    """
    order = Order.parse(sys.argv[1])
    import uvloop  # noqa: PLC0415 - a part of every environment, but of no other code of this file

    uvloop.run(_carry_out(order, serve))


async def _carry_out(order: Order, serve: Callable[[Order], Awaitable[Engine]]) -> None:
    outcome = await _measure(order, serve)
    print(outcome.written(), flush=True)
    # Not every engine comes to an end when its tasks are cancelled, and the figures are out.
    os._exit(0)


async def _measure(order: Order, serve: Callable[[Order], Awaitable[Engine]]) -> Outcome:
    engine = await serve(order)
    calls = [Call(order, number) for number in range(order.calls)]
    gc.collect()
    before = _rss_kb()
    takers = [await engine.answer(call) for call in calls]
    frames = _frames(order.speech)
    feed = asyncio.create_task(_feed(calls, takers, frames))
    await asyncio.sleep(order.warm_s)
    cpu, waited, since = _cpu(), _waited_s(), time.monotonic()
    await asyncio.sleep(order.seconds)
    cpu, waited, until = _cpu() - cpu, _waited_s() - waited, time.monotonic()
    grown = _rss_kb() - before
    feed.cancel()
    return judge(calls, order, since, until, cpu_s=cpu, waited_s=waited, rss_kb=grown)


async def _feed(
    calls: Sequence[Call], takers: Sequence[Callable[[bytes], None]], frames: Sequence[bytes]
) -> None:
    """Give each call a frame each 20 ms against absolute deadlines; none is left out."""
    origin = time.monotonic() + FRAME_SECONDS
    groups: list[list[tuple[int, Callable[[bytes], None]]]] = [[] for _ in range(GROUPS)]
    for number, (call, take) in enumerate(zip(calls, takers, strict=True)):
        group = number % GROUPS
        call.origin = origin + group * FRAME_SECONDS / GROUPS
        groups[group].append((call.offset, take))
    tick = 0
    while True:
        for group, members in enumerate(groups):
            if not members:
                continue
            due = origin + (tick + group / GROUPS) * FRAME_SECONDS
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            for offset, take in members:
                take(frames[(offset + tick) % len(frames)])
        tick += 1


def judge(
    calls: Sequence[Call],
    order: Order,
    since: float,
    until: float,
    *,
    cpu_s: float,
    waited_s: float,
    rss_kb: float,
) -> Outcome:
    """Put together what the calls heard between ``since`` and ``until``."""
    waits: list[float] = []
    stops: list[float] = []
    late: list[float] = []
    unanswered = 0
    for call in calls:
        for start, end, over_bot, again in call.utterances(since, until):
            latest = min(again, end + ANSWERED_S)
            onset = next((s.sent[0] for s in call.heard if end < s.sent[0] < latest), None)
            if onset is None:
                unanswered += 1
            else:
                waits.append(1000 * (onset - end))
            if over_bot:
                stops.extend(_stops(call, start, end))
        late += [
            1000 * value
            for speech in call.heard
            if since <= speech.sent[0]
            for value in speech.lateness()
        ]
    return Outcome(
        calls=len(calls),
        seconds=until - since,
        cpu_s=cpu_s,
        waited_s=waited_s,
        rss_kb=rss_kb,
        turns=len(waits),
        unanswered=unanswered,
        wait=Spread.of(waits),
        engine=Spread.of([wait - _waited(wait, order.settings_ms) for wait in waits]),
        late=Spread.of(late),
        stop=Spread.of(stops),
    )


def _waited(wait: float, settings_ms: Sequence[float]) -> float:
    """Return which of the settings an engine must have waited that answered after ``wait``."""
    return max((value for value in settings_ms if value <= wait), default=min(settings_ms))


def _stops(call: Call, start: float, end: float) -> Iterator[float]:
    """Yield how long after ``start`` the bot was last heard, in ms, if it was speaking then."""
    for speech in call.heard:
        if speech.sent[0] < start < speech.end:
            last = max(
                at + length
                for at, length in zip(speech.sent, speech.lengths, strict=True)
                if at < end
            )
            yield 1000 * (last - start)


def _frames(path: str) -> list[bytes]:
    raw = Path(path).read_bytes()
    return [raw[at : at + FRAME_BYTES] for at in range(0, len(raw), FRAME_BYTES)]


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _waited_s() -> float:
    """Return how long the process's first thread has waited for a core so far (proc(5))."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _rss_kb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024
