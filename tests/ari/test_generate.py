from __future__ import annotations

import json
from pathlib import Path

import pytest

import voicebot.ari
from voicebot.ari.generate import formatted, main
from voicebot.ari.generate.description import read
from voicebot.ari.generate.models import write_models
from voicebot.ari.generate.names import python_type, snake, title
from voicebot.ari.generate.resources import write_resource
from voicebot.errors import ConfigError

ROOM = Path(voicebot.ari.__file__).parent


@pytest.mark.parametrize(
    ("ari", "python"),
    [
        ("externalMedia", "external_media"),
        ("sendDTMF", "send_dtmf"),
        ("absorbDTMF", "absorb_dtmf"),
        ("report_events", "report_events"),
        ("from", "from_"),
        ("getGlobalVar", "get_global_var"),
        ("rtpstatistics", "rtpstatistics"),
        ("snoopChannelWithId", "snoop_channel_with_id"),
    ],
)
def test_names_become_snake_case(ari: str, python: str) -> None:
    assert snake(ari) == python


def test_types_become_python_types() -> None:
    assert title("deviceStates") == "DeviceStates"
    assert python_type("List[Channel]") == "tuple[Channel, ...]"
    assert python_type("long") == "int"
    assert python_type("Date") == "Date"


def description(folder: Path, **operation: object) -> None:
    """Write a description as a later Asterisk might ship it: one new operation, one new event."""
    models = {
        "Message": {"id": "Message", "properties": {}, "subTypes": ["Event"]},
        "Event": {"id": "Event", "properties": {}, "subTypes": ["TeaReady"]},
        "TeaReady": {
            "id": "TeaReady",
            "properties": {
                "from": {"type": "string", "required": True},
                "cups": {"type": "List[int]"},
            },
        },
    }
    api = {"path": "/tea/{teaId}", "operations": [{"nickname": "brewTea", **operation}]}
    (folder / "resources.json").write_text("{}")
    (folder / "tea.json").write_text(json.dumps({"apis": [api], "models": models}))


def test_an_operation_that_nobody_has_worded_is_still_written(tmp_path: Path) -> None:
    parameters = [
        {"name": "teaId", "paramType": "path", "dataType": "string"},
        {"name": "sugar", "paramType": "query", "dataType": "int", "defaultValue": 2},
        {"name": "kind", "paramType": "query", "dataType": "string", "required": True},
    ]
    description(
        tmp_path,
        httpMethod="POST",
        responseClass="void",
        parameters=parameters,
        errorResponses=[{"code": "418"}, {"code": 404}],
    )

    text = formatted(write_resource(read(tmp_path)[0]))

    assert "def brew_tea(self, tea_id: str, *, kind: str, sugar: int | None = None)" in text
    assert "``POST /tea/{teaId}``. Errors: 404, 418." in text
    assert "``sugar``: 2 unless given." in text


def test_an_event_joins_the_union_under_its_own_tag(tmp_path: Path) -> None:
    description(tmp_path, httpMethod="GET", responseClass="TeaReady")

    text = formatted(write_models(read(tmp_path)))

    assert "class TeaReady(Event, frozen=True, kw_only=True, tag=True):" in text
    assert 'from_: str = msgspec.field(name="from")' in text
    assert "cups: tuple[int, ...] | None = None" in text
    assert "AnyMessage: TypeAlias = TeaReady" in text


def test_a_folder_without_description_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=str(tmp_path)):
        read(tmp_path)


def test_a_file_that_is_no_description_is_named(tmp_path: Path) -> None:
    (tmp_path / "tea.json").write_text('{"apis": 1}')

    with pytest.raises(ConfigError, match=r"tea\.json"):
        read(tmp_path)


def test_the_command_wants_one_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "FOLDER" in capsys.readouterr().err
