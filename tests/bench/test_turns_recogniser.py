from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from bench.turns_recogniser import LocalWhisper, Understood
from voicebot.models.weights import WHISPER_TINY_EN

if TYPE_CHECKING:
    from pathlib import Path


def key(pcm: bytes) -> str:
    return hashlib.sha256(b"en" + pcm).hexdigest()[:32]


def test_what_was_heard_is_remembered_and_two_runs_at_once_forget_nothing(tmp_path: Path):
    file = tmp_path / f"heard-{WHISPER_TINY_EN.name}.json"
    file.write_text(json.dumps({key(b"one"): ["Hello.", 0.9, 0.8]}))
    recogniser = LocalWhisper(tmp_path)
    assert recogniser.hear(b"one", "en") == Understood("Hello.", 0.9, 0.8)

    file.write_text(json.dumps({key(b"another"): ["Stop.", 0.9, 0.7]}))
    recogniser.save()

    after = LocalWhisper(tmp_path)
    assert after.hear(b"one", "en").text == "Hello."
    assert after.hear(b"another", "en").text == "Stop."
    assert after.measured_ms == []
