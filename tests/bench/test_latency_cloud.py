from __future__ import annotations

import pytest

from bench.latency_cloud import Cloud, cloud_server
from bench.latency_errors import UnreachableError, UsageError
from bench.latency_options import parse


def test_a_cloud_is_given_by_its_first_token_and_usual_figures():
    options = parse(["--local", "--cloud", "300"])

    assert options.cloud == Cloud(300, 60, (150, 250), 150)
    assert "300 ms to the first token" in options.cloud.describe()


def test_without_it_there_is_no_cloud():
    assert parse(["--local"]).cloud is None


def test_speech_may_stay_local():
    options = parse(["--local", "--cloud", "300", "--cloud-stt", "local", "--cloud-tts", "local"])

    assert options.cloud is not None
    settings = options.cloud.settings("http://127.0.0.1:1/v1", "/nowhere")
    assert settings["VOICEBOT_LLM__BASE_URL"] == "http://127.0.0.1:1/v1"
    assert not [name for name in settings if "STT" in name or "TTS" in name]


def test_what_is_in_the_cloud_is_asked_there_and_kept_apart():
    cloud = Cloud(300, 60, (150, 250), 150)

    settings = cloud.settings("http://127.0.0.1:1/v1", "/nowhere")

    urls = [name for name in settings if name.endswith("BASE_URL")]
    assert len(urls) == 3
    assert settings["VOICEBOT_TTS__CACHE"] == "/nowhere"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--sip", "a:b@c", "--dial", "1", "--cloud", "300"],
        ["--local", "--calibrate", "--cloud", "300"],
        ["--local", "--cloud", "-1"],
        ["--local", "--cloud", "300", "--cloud-tokens", "0"],
        ["--local", "--cloud", "300", "--cloud-stt", "soon"],
        ["--local", "--cloud", "300", "--cloud-tts", "1-"],
    ],
)
def test_a_cloud_that_cannot_be_is_refused(arguments: list[str]):
    with pytest.raises(UsageError, match="--cloud"):
        parse(arguments)


async def test_a_cloud_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("VOICEBOT_RECEPTIONIST__PROMPT", "/nonexistent.md")

    with pytest.raises(UnreachableError, match="did not start"):
        async with cloud_server(Cloud(300, 60, None, None)):
            pass
