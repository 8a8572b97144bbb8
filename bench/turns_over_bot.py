"""To whom the bot yields, and over whom it goes on: those who only judge, in all places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.turns_judges import HELD, JUDGES
from bench.turns_noise import NOISY, QUIET, Scene
from bench.turns_sayings import PEOPLE, coughs, grouped, human_back_channels, short
from bench.turns_speech import Line, recordings
from bench.turns_yielding import (
    by_duration,
    echoes,
    ignoring,
    noises,
    place,
    selecting,
    spoken_over,
    yielding,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bench.turns_phrases import PhraseSet
    from bench.turns_recogniser import Recogniser
    from bench.turns_sayings import Saying
    from bench.turns_speech import Spoken
    from bench.turns_voices import Voices
    from bench.turns_yielding import Outcome

    Groups = Mapping[str, Sequence[Saying]]

_LINES = (Scene(Line.WIDE), Scene(Line.LOSSY))
_ECHOES = (30, 20, 12)
# In noise every line and each of its levels wants transcripts of its own.
_IN_NOISE = 5


def yields(count: int, voices: Voices, recogniser: Recogniser) -> dict[str, Any]:
    """Return to whom the bot yields, and over whom it goes on."""
    bots = recordings(count, shortest=4.0, longest=20.0)
    wanted, unwanted = (
        grouped(short(HELD, sentences, voices))
        for sentences in (HELD.interruptions, HELD.back_channels)
    )
    return {
        **_in_silence(count, bots, wanted, unwanted, recogniser),
        "judged_by": [
            row
            for name, phrases in JUDGES.items()
            for row in judged(name, phrases, bots, voices, recogniser)
        ],
        "yields_in_noise": _in_noise(bots, wanted, unwanted, recogniser),
        "noise_alone": [noises(bots, recogniser, scene) for scene in NOISY],
        "echoes": [echoes(bots, recogniser, loss) for loss in _ECHOES],
    }


def _in_silence(
    count: int, bots: Sequence[Spoken], wanted: Groups, unwanted: Groups, recogniser: Recogniser
) -> dict[str, Any]:
    people = recordings(count, shortest=1.0, longest=8.0)
    rows, ignored = [], []
    interrupted: list[tuple[Spoken, Outcome]] = []
    nodded: list[tuple[Spoken, Outcome]] = []
    for name, spoken in {"people": people, **_spoken(wanted)}.items():
        for scene in _LINES:
            outcomes = spoken_over(spoken, bots, recogniser, scene)
            interrupted += zip(spoken, outcomes, strict=True) if "robots" not in name else ()
            rows.append({"who": name, "line": str(scene.line), **yielding(outcomes)})
    for loss in _ECHOES:
        outcomes = spoken_over(people, bots, recogniser, echo_db=loss)
        rows.append({"who": f"people, echo -{loss} dB", "line": "", **yielding(outcomes)})
    others = {"people": human_back_channels(), "coughs": coughs(2 * count)}
    for name, spoken in {**_spoken(unwanted), **others}.items():
        for scene in _LINES:
            outcomes = spoken_over(spoken, bots, recogniser, scene)
            nodded += zip(spoken, outcomes, strict=True) if "robots" not in name else ()
            ignored.append({"what": name, "line": str(scene.line), **ignoring(outcomes)})
    selectivity = by_duration(interrupted, nodded)
    return {"interruptions": rows, "ignored": ignored, "selectivity": selectivity}


def judged(
    name: str,
    phrases: PhraseSet,
    bots: Sequence[Spoken],
    voices: Voices,
    recogniser: Recogniser,
) -> list[dict[str, Any]]:
    """Return for each language to how many of ``phrases`` the bot yields, said by people.

    Half of them are said on each line. ``name`` is that of the phrases.
    """
    rows = []
    for code in phrases.voices:
        row: dict[str, Any] = {"phrases": name, "language": code}
        for kind in ("interruptions", "back_channels"):
            sayings = short(phrases, {code: getattr(phrases, kind)[code]}, voices)
            people = [one.spoken for one in sayings if one.group.startswith(PEOPLE)]
            outcomes = [
                outcome
                for number, scene in enumerate(_LINES)
                for outcome in spoken_over(people[number :: len(_LINES)], bots, recogniser, scene)
            ]
            row[kind] = len(outcomes)
            row[f"{kind}_yielded"] = sum((one.confirmed_ms or 0) > 0 for one in outcomes)
        rows.append(row)
    return rows


def _in_noise(
    bots: Sequence[Spoken], wanted: Groups, unwanted: Groups, recogniser: Recogniser
) -> list[dict[str, Any]]:
    """Return for each noise to how many the bot yields, and how many it ignores."""
    rows = []
    for name in (group for group in wanted if group.startswith(PEOPLE)):
        for scene in (QUIET, *NOISY):
            calling, nodding = (
                spoken_over(
                    [one.spoken for one in chosen[name][::_IN_NOISE]], bots, recogniser, scene
                )
                for chosen in (wanted, unwanted)
            )
            rows.append({"who": name, **place(scene), **selecting(calling, nodding)})
    return rows


def _spoken(groups: Groups) -> dict[str, list[Spoken]]:
    return {name: [one.spoken for one in sayings] for name, sayings in groups.items()}
