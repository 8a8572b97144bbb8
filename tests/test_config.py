"""Settings: defaults, file, environment, and mistakes that are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicebot.config import Settings
from voicebot.errors import ConfigError
from voicebot.loading import load_settings

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def toml(tmp_path: Path):
    def write(text: str) -> Path:
        path = tmp_path / "voicebot.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_without_file_and_environment_the_defaults_hold():
    settings = load_settings()

    assert settings.ari.url == "http://127.0.0.1:8088"
    assert settings.media.host == "127.0.0.1"
    assert settings.llm.provider == "auto"


def test_the_file_wins_over_the_defaults(toml):
    path = toml('[ari]\nurl = "https://pbx:8089/asterisk"\n[turns]\npause_ms = 120\n')

    settings = load_settings(path)

    assert settings.ari.url == "https://pbx:8089/asterisk"
    assert settings.turns.pause_ms == 120


def test_the_environment_wins_over_the_file_key_by_key(toml, monkeypatch):
    path = toml('[ari]\nurl = "http://file:8088"\nusername = "from-file"\n')
    monkeypatch.setenv("VOICEBOT_ARI__URL", "http://environment:8088/asterisk")

    settings = load_settings(path)

    assert settings.ari.url == "http://environment:8088/asterisk"
    assert settings.ari.username == "from-file"


def test_the_calls_own_ports_are_a_range_with_both_ends(toml):
    path = toml('[media]\nper_call_port = true\nports = "10000-10199"\n')

    assert load_settings(path).media.port_range == range(10000, 10200)


def test_without_a_range_any_free_port_will_do():
    assert load_settings().media.port_range == range(1)


def test_secrets_are_not_shown_when_settings_are_printed(monkeypatch):
    monkeypatch.setenv("VOICEBOT_ARI__PASSWORD", "hunter2")
    monkeypatch.setenv("VOICEBOT_STT__API_KEY", "sk-hunter2")

    settings = load_settings()

    assert "hunter2" not in repr(settings)
    assert settings.ari.password.get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ('[ari]\nurll = "http://pbx"\n', ["ari.urll", "did you mean url"]),
        ('[arii]\nurl = "http://pbx"\n', ["arii", "did you mean ari"]),
        ('[ari]\nurl = "pbx:8088"\n', ["ari.url", "pbx:8088"]),
        ('[media]\nport = "many"\n', ["media.port", "many"]),
        ("[media]\nport = 70000\n", ["media.port", "65535"]),
        ('[media]\ntransport = "pigeon"\n', ["media.transport", "rtp", "websocket"]),
        (
            '[media]\nper_call_port = true\nports = "many"\n',
            ["media.ports: UDP ports", "10000-10199", "many"],
        ),
        ('[media]\nper_call_port = true\nports = "0-9"\n', ["media.ports: UDP ports"]),
        ('[media]\nper_call_port = true\nports = "9000-8000"\n', ["media.ports: UDP ports"]),
        ('[media]\nper_call_port = true\nports = "65000-70000"\n', ["media.ports: UDP ports"]),
        ('[media]\nports = "10000-10199"\n', ["media.ports: set media.per_call_port = true"]),
        (
            "[media]\nport = 5004\nper_call_port = true\n",
            ["media.per_call_port: media.port is the one port", "media.ports"],
        ),
        ('[receptionist]\ndial = "PJSIP/201"\n', ["receptionist.dial"]),
        (
            '[receptionist]\ndial = "Local/{extension}@{context}"\n',
            ["receptionist.dial: nothing but {extension}"],
        ),
        (
            '[receptionist]\nhand_back = "internal,{exten},1"\n',
            ["receptionist.hand_back: nothing but {extension}", "{exten},1"],
        ),
        (
            '[receptionist]\ndevice = "PJSIP/{extension}{"\n',
            ["receptionist.device: nothing but {extension}"],
        ),
        ("[ari\n", ["not valid TOML", "line 1"]),
    ],
)
def test_a_mistake_in_the_file_is_named_with_file_and_key(toml, text, named):
    path = toml(text)

    with pytest.raises(ConfigError) as caught:
        load_settings(path)

    for words in [str(path), *named]:
        assert words in str(caught.value)


def test_all_mistakes_are_named_at_once(toml):
    path = toml('[ari]\nurll = "x"\n[media]\nport = -1\n')

    with pytest.raises(ConfigError) as caught:
        load_settings(path)

    assert "ari.urll" in str(caught.value)
    assert "media.port" in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "value", "named"),
    [
        ("VOICEBOT_ARI__URL", "pbx", ["VOICEBOT_ARI__URL", "pbx"]),
        ("VOICEBOT_MEDIA__PORT", "x", ["VOICEBOT_MEDIA__PORT"]),
        ("VOICEBOT_MEDIA__PROT", "1", ["VOICEBOT_MEDIA__PROT", "did you mean port"]),
        ("VOICEBOT_MEDAI__PORT", "1", ["VOICEBOT_MEDAI__PORT", "VOICEBOT_MEDIA"]),
        ("VOICEBOT_PORT", "1", ["VOICEBOT_PORT"]),
    ],
)
def test_a_mistake_in_the_environment_is_named_with_its_variable(
    monkeypatch, variable, value, named
):
    monkeypatch.setenv(variable, value)

    with pytest.raises(ConfigError) as caught:
        load_settings()

    for words in named:
        assert words in str(caught.value)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[ari]\npassword = 12345678\n", "ari.password"),
        ("[webhook]\nsecret = 12345678\n", "webhook.secret"),
        ('[records]\nurl = "mysql://bot:12345678@db/calls"\n', "records.url"),
    ],
)
def test_a_wrong_secret_is_not_repeated_in_the_message(toml, text, key):
    path = toml(text)

    with pytest.raises(ConfigError) as caught:
        load_settings(path)

    assert key in str(caught.value)
    assert "12345678" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"missing\.toml"):
        load_settings(tmp_path / "missing.toml")


def test_every_key_says_what_it_is():
    for section in Settings.model_fields.values():
        fields = section.annotation.model_fields

        assert all(field.description for field in fields.values())
