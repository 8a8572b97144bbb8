from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.turns_judges import JUDGES
from bench.turns_noise import NOISY, QUIET, Noise, Scene
from bench.turns_over_bot import judged
from bench.turns_phrases import TUNING, PhraseSet
from bench.turns_recogniser import Understood
from bench.turns_report import save_selectivity
from bench.turns_sayings import ROBOTIC, Saying, grouped, short
from bench.turns_speech import LEVEL, LINE, Line, Spoken, level
from bench.turns_yielding import (
    BEGIN,
    Outcome,
    by_duration,
    call,
    noises,
    place,
    selecting,
    spoken_over,
)
from tests.conftest import unavailable
from tests.turns.signals import voice
from voicebot.errors import ModelError
from voicebot.media.audio import SAMPLE_RATE

if TYPE_CHECKING:
    from pathlib import Path

BOT = Spoken(voice(4000, seed=3, pitch=200), "We are open.", "en")
YIELDED, EARLY, IGNORED = Outcome(confirmed_ms=600.0), Outcome(confirmed_ms=-200.0), Outcome()


class FakeVoices:
    """Says everything with one voice, where it is installed."""

    def say(self, text: str, voice: str, *, speed: float = 1.0, pitch: float = 1.0) -> Spoken:
        if voice == "missing":
            message = "not installed"
            raise ModelError(message)
        return Spoken(np.full(int(SAMPLE_RATE / speed), 1000.0 * pitch), text, "en")


class Hears:
    """A recogniser that always hears the same."""

    def __init__(self, text: str) -> None:
        self._text = text

    def hear(self, pcm: bytes, language: str, hint: str = "") -> Understood:
        assert pcm
        assert hint
        assert language == "en"
        return Understood(self._text)


def test_every_saying_is_said_in_all_variants_of_every_voice_that_is_installed(capsys):
    variants = ((1.0, 1.0, 0.0), (2.0, 1.0, -20.0))
    phrases = PhraseSet({}, {"en": ("Stop.", "Wait.")}, {"en": dict.fromkeys("ab", variants)})
    missing = PhraseSet({}, {"en": ("Stop.",)}, {"en": {"missing": variants}})

    said = short(phrases, phrases.interruptions, FakeVoices())  # type: ignore[arg-type]

    assert [(one.spoken.text, one.voice) for one in said[:4]] == [
        ("Stop.", "a"), ("Stop.", "a"), ("Wait.", "a"), ("Wait.", "a")
    ]  # fmt: skip
    assert len(said) == 8
    assert [one.spoken.seconds for one in said[:2]] == [1.0, 0.5]
    assert said[1].spoken.signal[0] == pytest.approx(100.0)
    assert short(missing, missing.interruptions, FakeVoices()) == []  # type: ignore[arg-type]
    assert "without missing: not installed" in capsys.readouterr().out


def test_robots_are_counted_apart_from_people():
    one = Spoken(np.zeros(1), "Стоп.", "ru")
    groups = grouped([Saying(one, "ru+m7"), Saying(one, "ru rhvoice Anna"), Saying(one, "ru+f1")])
    assert {name: len(found) for name, found in groups.items()} == {
        "robots, ru": 2,
        "voices of people, ru": 1,
    }


@pytest.mark.parametrize("judge", JUDGES.values(), ids=list(JUDGES))
@pytest.mark.parametrize("language", ["en", "ru"])
def test_who_judges_says_nothing_that_was_tuned_on_and_speaks_otherwise(
    language: str, judge: PhraseSet
):
    for phrases in ("interruptions", "back_channels"):
        sets = [set(getattr(one, phrases)[language]) for one in (TUNING, *JUDGES.values())]
        assert len(set.union(*sets)) == sum(map(len, sets))
    for voice_, variants in judge.voices[language].items():
        tuned_ = TUNING.voices[language].get(voice_, ())
        assert not {pitch for _, pitch, _ in variants} & {pitch for _, pitch, _ in tuned_}
    assert sum(one.split("+")[0] not in ROBOTIC for one in judge.voices[language]) >= 4


class Speaker:
    """Says every phrase with the same sound."""

    def say(self, text: str, name: str, *, speed: float = 1.0, pitch: float = 1.0) -> Spoken:
        assert (name, speed, pitch) in {("flite slt", 1.0, 1.0), ("en-us", 1.0, 1.0)}
        return Spoken(voice(500), text, "en")


def test_of_each_set_of_phrases_is_told_to_how_many_that_people_say_the_bot_yields():
    plain = ((1.0, 1.0, 0.0),)
    phrases = PhraseSet(
        {"en": ("Okay.", "Right.")},
        {"en": ("Stop.",)},
        {"en": {"flite slt": plain, "en-us": plain}},
    )

    def told(heard: str) -> list[dict[str, object]]:
        return judged("ours", phrases, [BOT], Speaker(), Hears(heard))  # type: ignore[arg-type]

    row = {"phrases": "ours", "language": "en", "interruptions": 1, "back_channels": 2}
    assert told("Stop.") == [{**row, "interruptions_yielded": 1, "back_channels_yielded": 2}]
    assert told("Okay.") == [{**row, "interruptions_yielded": 0, "back_channels_yielded": 0}]


@pytest.mark.parametrize("noise", list(Noise))
def test_noise_is_there_before_and_with_the_caller_below_his_own_level(noise: Noise):
    quiet = Spoken(voice(2000, LEVEL - 6), "Stop.", "en")
    scene = Scene(noise=noise, snr=10)

    try:
        heard = call(quiet, scene, np.random.default_rng(1), 0)
    except FileNotFoundError as error:
        unavailable(str(error))

    before = heard[: int(BEGIN * SAMPLE_RATE)]
    assert level(before) == pytest.approx(level(quiet.signal) - 10, abs=6)
    calm = call(quiet, QUIET, np.random.default_rng(1), 0)
    assert level(calm[: len(before)]) == pytest.approx(LINE, abs=1)
    assert len(call(quiet, Scene(Line.LOSSY), np.random.default_rng(1), 0)) == len(calm)


def test_who_calls_out_in_noise_gets_the_word_and_silence_with_noise_does_not():
    caller = Spoken(voice(900), "Stop, please", "en")
    scene = Scene(noise=Noise.LINE, snr=20)

    (outcome,) = spoken_over([caller], [BOT], Hears("Stop, please"), scene)
    alone = noises([BOT], Hears(""), scene)

    assert outcome.confirmed_ms is not None
    assert outcome.confirmed_ms > 0
    assert (alone["yielded"], alone["snr_db"], alone["noise"]) == (0, 20, "line noise")


def test_yielding_to_noise_before_the_caller_speaks_is_no_yielding():
    row = selecting([YIELDED, EARLY, IGNORED, YIELDED], [IGNORED, EARLY])
    assert row["interruptions_yielded"] == 0.5
    assert row["back_channels_yielded"] == 0.5
    assert row["yielded_too_early"] == 2
    assert row["confirmed_ms"] == {"p5": 600, "p50": 600, "p95": 600}


def test_shares_are_told_by_duration():
    short_, long = (Spoken(np.zeros(int(s * SAMPLE_RATE)), "", "en") for s in (0.4, 0.8))
    rows = by_duration([(short_, IGNORED), (long, YIELDED)], [(long, IGNORED)])
    found = {tuple(row["seconds"]): row for row in rows}  # type: ignore[arg-type]
    assert found[0.3, 0.5]["interruptions_yielded"] == 0.0
    assert found[0.7, 0.9]["interruptions_yielded"] == 1.0
    assert found[0.7, 0.9]["back_channels_yielded"] == 0.0


def test_to_whom_it_yields_is_drawn_by_length_and_in_noise(tmp_path: Path):
    pytest.importorskip("matplotlib", reason="the extra bench is not installed")
    lengths = by_duration([], [])
    noisy = [
        {**place(scene), **selecting([YIELDED, IGNORED], [IGNORED])}
        for _language in ("en", "ru")
        for scene in (QUIET, *NOISY)
    ]

    save_selectivity(tmp_path / "yields.png", lengths, noisy)

    assert (tmp_path / "yields.png").read_bytes().startswith(b"\x89PNG")
