"""What one load run gave: what callers waited, how late they heard, and what it cost."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from bench.peers.scenario import ANSWERED_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.peers.scenario import Call, Order


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
