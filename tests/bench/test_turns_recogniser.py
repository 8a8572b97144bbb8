from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from bench import turns_recogniser
from bench.turns_recogniser import LocalWhisper, Understood, delay_ms
from voicebot.models import readings
from voicebot.models.weights import MOONSHINE_EN, WHISPER_BASE, WHISPER_TINY_EN

if TYPE_CHECKING:
    from pathlib import Path

    from voicebot.models.weights import Weights


def key(pcm: bytes, asked: str = "en") -> str:
    return hashlib.sha256(asked.encode() + pcm).hexdigest()[:32]


def write(folder: Path, weights: Weights, known: dict[str, object]) -> None:
    version = turns_recogniser.version(weights)
    (folder / f"heard-{weights.name}-{version}.json").write_text(json.dumps(known))


def test_what_was_heard_is_remembered_and_two_runs_at_once_forget_nothing(tmp_path: Path):
    write(tmp_path, WHISPER_TINY_EN, {key(b"one"): ["Hello.", 0.9, 0.8]})
    recogniser = LocalWhisper(tmp_path)
    assert recogniser.hear(b"one", "en") == Understood("Hello.", 0.9, 0.8)

    write(tmp_path, WHISPER_TINY_EN, {key(b"another"): ["Stop.", 0.9, 0.7]})
    recogniser.save()

    after = LocalWhisper(tmp_path)
    assert after.hear(b"one", "en").text == "Hello."
    assert after.hear(b"another", "en").text == "Stop."
    assert after.measured_ms == []


def test_over_the_bot_english_is_heard_by_all(tmp_path: Path):
    first, others = key(b"one", "en|Stop.|"), key(b"one", "en|Stop.|readings|")
    write(tmp_path, WHISPER_TINY_EN, {first: ["Shop.", 0.9, 0.4, [{"Shop.": 0.4}]]})
    write(tmp_path, WHISPER_BASE, {others: ["", None, None, [{"Stop.": 0.2}]]})
    write(tmp_path, MOONSHINE_EN, {others: ["", None, None, [{"stop": 0.5}]]})
    recogniser = LocalWhisper(tmp_path)

    heard = recogniser.hear(b"one", "en", "Stop.")

    assert heard == Understood("Shop.", 0.9, 0.4, ({"Shop.": 0.4}, {"Stop.": 0.2}, {"stop": 0.5}))
    assert recogniser.measured_ms == []


def test_who_has_nothing_to_say_is_left_out(tmp_path: Path):
    others = key(b"one", "en|Stop.|readings|")
    write(
        tmp_path, WHISPER_TINY_EN, {key(b"one", "en|Stop.|"): ["Stop.", 0.9, 0.4, [{"Stop.": 1}]]}
    )
    write(tmp_path, WHISPER_BASE, {others: ["", None, None, []]})
    write(tmp_path, MOONSHINE_EN, {others: ["", None, None, [{"stop": 0.5}]]})

    heard = LocalWhisper(tmp_path).hear(b"one", "en", "Stop.")

    assert heard.readings == ({"Stop.": 1}, {"stop": 0.5})


def test_russian_and_what_is_long_are_heard_by_one(tmp_path: Path):
    write(tmp_path, WHISPER_BASE, {key(b"one", "ru|Стоп.|"): ["Стоп.", 0.9, 0.4, [{"Стоп.": 0.4}]]})
    write(tmp_path, WHISPER_TINY_EN, {key(b"one", "en|Stop.|"): ["Stop.", 0.9, 0.4, []]})
    recogniser = LocalWhisper(tmp_path)

    assert recogniser.hear(b"one", "ru", "Стоп.").readings == ({"Стоп.": 0.4},)
    assert recogniser.hear(b"one", "en", "Stop.").readings == []
    assert recogniser.measured_ms == []


@pytest.mark.parametrize("name", ["VERSION", "MOST", "LONGEST_S", "TOKENS"])
def test_answers_of_another_search_are_not_taken_for_those_of_this_one(
    monkeypatch: pytest.MonkeyPatch, name: str
):
    before = turns_recogniser.version(WHISPER_BASE)
    assert before != turns_recogniser.version(WHISPER_TINY_EN)

    monkeypatch.setattr(readings, name, getattr(readings, name) + 1)

    assert turns_recogniser.version(WHISPER_BASE) != before


def test_what_else_was_likely_takes_time_where_it_is_asked_for():
    second, long = bytes(32_000), bytes(3 * 32_000)

    assert delay_ms(second, "Stop.") > delay_ms(second) == pytest.approx(66)
    assert delay_ms(long, "Stop.") == delay_ms(long)
