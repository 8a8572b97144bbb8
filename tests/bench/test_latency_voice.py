from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import numpy as np
import pytest

from bench.latency_errors import UsageError
from bench.latency_speech import speech
from bench.latency_voice import OpenAiVoice, PiperVoice, prepare
from bench.microphone import SPEECH_RATE
from bench.waveform import write_wav
from tests.bench.latency_calls import noise, silence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Tone:
    """A voice that speaks one second of noise, and counts how often."""

    name = "tone"

    def __init__(self) -> None:
        self.spoken: list[str] = []

    def speak(self, text: str) -> bytes:
        self.spoken.append(text)
        return noise(1.5, seed=1).astype("<i2").tobytes()


def test_a_text_is_spoken_once_and_kept(tmp_path: Path):
    first, second = Tone(), Tone()

    one = prepare(["hello", "hello"], first, language="en", cache=tmp_path)
    two = prepare(["hello"], second, language="en", cache=tmp_path)

    assert first.spoken == ["hello"]
    assert second.spoken == []
    assert np.array_equal(one["hello"].samples, two["hello"].samples)
    # 1.5 s at 16 kHz are one second of the 24 kHz that voices speak
    assert len(one["hello"].samples) == pytest.approx(SPEECH_RATE, abs=2)


def test_a_file_is_said_as_it_is_at_the_phones_rate(tmp_path: Path):
    path = tmp_path / "question.wav"
    write_wav(path, 8000, np.concatenate([silence(0.25), noise(0.5, 1), silence(0.25)]))

    utterance = prepare([str(path)], Tone(), language="en")[str(path)]
    _, label = utterance.at(SPEECH_RATE)

    # what is 0.25 s at 16 kHz lasts 0.5 s at 8 kHz
    assert label.start == pytest.approx(0.5, abs=0.003)
    assert label.end == pytest.approx(1.5, abs=0.003)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file"), (b"RIFF....", "not a WAV file"), (b"", "not a WAV file")],
)
def test_a_file_that_cannot_be_said_is_named(tmp_path: Path, content: bytes | None, message: str):
    path = tmp_path / "bad.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(UsageError, match=rf"bad\.wav.*{message}"):
        prepare([str(path)], Tone(), language="en")


def test_silence_is_no_utterance(tmp_path: Path):
    path = tmp_path / "silence.wav"
    write_wav(path, SPEECH_RATE, silence(1.0))

    with pytest.raises(UsageError, match="no speech in it"):
        prepare([str(path)], Tone(), language="en")


def test_an_unknown_prompt_of_asterisks_is_named():
    with pytest.raises(UsageError, match=r"sound:no-such|asterisk-core-sounds"):
        prepare(["sound:no-such"], Tone(), language="en")


def test_speech_ends_where_it_has_become_far_quieter_than_it_was():
    loud, tail = noise(1.0, 1), (noise(0.4, 2) // 300).astype(np.int16)

    (found,) = speech(np.concatenate([silence(0.5), loud, tail, silence(1.0)]), SPEECH_RATE)

    assert found.start == pytest.approx(0.5, abs=0.002)
    assert found.end == pytest.approx(1.5, abs=0.003)


def test_speech_is_found_in_the_noise_of_a_line():
    line = (noise(4.0, 3) // 300).astype(np.int16)
    line[2 * SPEECH_RATE : 3 * SPEECH_RATE] += noise(1.0, 4)

    (found,) = speech(line, SPEECH_RATE)

    assert found.start == pytest.approx(2.0, abs=0.003)
    assert found.end == pytest.approx(3.0, abs=0.003)


class _Speech(BaseHTTPRequestHandler):
    asked: list[dict[str, object]] = []  # noqa: RUF012 (one server, one test)
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append({"path": self.path, **json.loads(body)})
        payload = noise(1.0, 1).tobytes() if self.status == 200 else b"{}"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def speech_server() -> Iterator[tuple[str, type[_Speech]]]:
    handler = type("Handler", (_Speech,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_any_speech_endpoint_can_speak(speech_server: tuple[str, type[_Speech]]):
    url, handler = speech_server

    spoken = OpenAiVoice(base_url=url, model="m", voice="v").speak("hello")

    assert spoken == noise(1.0, 1).tobytes()
    (asked,) = handler.asked
    assert asked["path"] == "/v1/audio/speech"
    assert (asked["input"], asked["model"], asked["voice"]) == ("hello", "m", "v")
    assert asked["response_format"] == "pcm"


def test_a_speech_endpoint_that_refuses_is_named(speech_server: tuple[str, type[_Speech]]):
    url, handler = speech_server
    handler.status = 401

    with pytest.raises(UsageError, match=rf"speech from {url}"):
        OpenAiVoice(base_url=url, model="m", voice="v").speak("hello")


def test_the_english_voice_speaks_no_other_language(tmp_path: Path):
    with pytest.raises(UsageError, match="--language ru"):
        prepare(["Добрый день"], PiperVoice("ru"), language="ru", cache=tmp_path)
