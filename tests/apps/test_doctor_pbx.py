from __future__ import annotations

from typing import Any

import pytest

from tests.apps.doctor_facts import facts, in_stasis, info, settings
from voicebot.apps.doctor import pbx
from voicebot.apps.doctor.finding import Verdict

OK, WARNING, FAILED, SKIPPED = Verdict

# Asterisk's version, the transport, the verdict, a word of the fix.
VERSIONS = [
    ("22.10.1+dfsg+~cs6.17.60671434-1", "rtp", OK, ""),
    ("18.0.0", "rtp", OK, ""),
    ("certified-18.9-cert4", "rtp", OK, ""),
    ("GIT-master-abc", "rtp", SKIPPED, ""),
    ("16.30.0", "rtp", FAILED, "update Asterisk"),
    ("13.1.0", "websocket", FAILED, "update Asterisk"),
    ("20.15.2", "websocket", FAILED, "media.transport = rtp"),
    ("20.16.0", "websocket", OK, ""),
    ("22.5.9", "websocket", FAILED, "22.6"),
    ("22.6.0", "websocket", OK, ""),
    ("23.0.0", "websocket", OK, ""),
    ("19.8.1", "websocket", FAILED, "media.transport = rtp"),
]


@pytest.mark.parametrize(("version", "transport", "verdict", "fix"), VERSIONS)
def test_a_version_is_old_enough_for_its_transport_or_not(
    version: str, transport: str, verdict: Verdict, fix: str
):
    seen = facts(info=info(version))

    found = pbx.check_version(seen, settings(media={"transport": transport}))

    assert found.verdict is verdict
    assert fix in found.fix


SCRIBE = {"app": "scribe"}


def test_a_name_that_nobody_uses_is_free():
    (found,) = pbx.check_names(facts(), settings())

    assert found.verdict is OK


# Whose name is registered, its settings, the program and the key that the fix names.
TAKEN: list[tuple[str, dict[str, Any], str, str]] = [
    ("voicebot", {}, "receptionist", "ari.app"),
    ("voicebot", {"transcribe": SCRIBE}, "receptionist", "ari.app"),
    ("scribe", {"transcribe": SCRIBE}, "transcriber", "transcribe.app"),
    ("voicebot-transcriber", {}, "transcriber", "transcribe.app"),
]


@pytest.mark.parametrize(("name", "sections", "program", "key"), TAKEN)
def test_a_name_in_use_is_a_warning_that_counts_its_calls(
    name: str, sections: dict[str, Any], program: str, key: str
):
    busy = facts(
        applications=frozenset({name}),
        channels=(in_stasis(name), in_stasis(f"{name},vip"), in_stasis(f"{name}2")),
    )

    found = pbx.check_names(busy, settings(**sections))

    (taken,) = [it for it in found if it.verdict is not OK]
    assert taken.verdict is WARNING
    assert f"{name!r} is registered already (2 calls" in taken.detail
    assert program in taken.fix
    assert key in taken.fix


def test_a_transcriber_that_has_settings_has_a_name_to_look_at():
    names = [it.detail for it in pbx.check_names(facts(), settings(transcribe=SCRIBE))]

    assert names == ["nobody uses the name 'voicebot'", "nobody uses the name 'scribe'"]


def test_two_of_ours_with_one_name_would_fight():
    same = settings(transcribe={"app": "voicebot"})

    *_, found = pbx.check_names(facts(), same)

    assert found.verdict is FAILED
    assert "transcribe.app" in found.fix


# How far Asterisk is ahead, how long its answer took, the verdict, a word of the detail.
CLOCKS = [
    (0.0, 0.01, OK, "0.00 s"),
    (-1.9, 0.01, OK, "1.90 s"),
    (4.0, 0.01, WARNING, "4.0 s ahead of"),
    (-3600.0, 0.01, WARNING, "3600.0 s behind"),
    (4.0, 3.0, OK, "4.00 s"),
]


@pytest.mark.parametrize(("ahead", "took", "verdict", "word"), CLOCKS)
def test_clocks_apart(ahead: float, took: float, verdict: Verdict, word: str):
    found = pbx.check_clock(facts(ahead_s=ahead, answer_s=took))

    assert found.verdict is verdict
    assert word in found.detail


@pytest.mark.parametrize(("took", "verdict"), [(0.004, OK), (0.05, OK), (0.2, WARNING)])
def test_slow_answers(took: float, verdict: Verdict):
    assert pbx.check_answers(facts(answer_s=took)).verdict is verdict


LIMITS = [
    ({}, OK, "none set"),
    ({"max_channels": 200, "max_load": 0.9, "max_open_files": 65536}, OK, "maxcalls 200"),
    ({"max_channels": 10}, WARNING, "maxcalls 10"),
    ({"max_open_files": 256}, WARNING, "maxfiles 256"),
    ({"max_channels": 0}, OK, "none set"),
]


@pytest.mark.parametrize(("config", "verdict", "word"), LIMITS)
def test_limits_of_asterisk(config: dict[str, Any], verdict: Verdict, word: str):
    found = pbx.check_limits(facts(info=info(**config)))

    assert found.verdict is verdict
    assert word in found.detail


def test_an_asterisk_that_tells_no_configuration_has_no_known_limits():
    assert pbx.check_limits(facts(info={})).verdict is OK
    assert pbx.check_version(facts(info={}), settings()).verdict is SKIPPED


URLS = [
    ("https://pbx.example:8089/asterisk", OK),
    ("http://127.0.0.1:8088", OK),
    ("http://localhost:8088", OK),
    ("http://[::1]:8088", OK),
    ("http://192.168.1.5:8088/asterisk", WARNING),
    ("http://pbx.example:8088", WARNING),
]


@pytest.mark.parametrize(("url", "verdict"), URLS)
def test_a_password_in_the_clear(url: str, verdict: Verdict):
    assert pbx.check_tls(settings(url).ari).verdict is verdict


# The PBX, the media section, the verdict.
ADDRESSES: list[tuple[str, dict[str, Any], Verdict]] = [
    ("127.0.0.1", {}, OK),
    ("192.168.1.5", {}, FAILED),
    ("192.168.1.5", {"host": "192.168.1.9"}, OK),
    ("192.168.1.5", {"host": "0.0.0.0", "advertise": "192.168.1.9"}, OK),  # noqa: S104 - what is judged
    ("192.168.1.5", {"host": "0.0.0.0"}, FAILED),  # noqa: S104 - what is judged
    ("pbx.example", {"host": "10.0.0.9", "advertise": "127.0.0.1"}, FAILED),
    ("192.168.1.5", {"transport": "websocket"}, OK),
]


@pytest.mark.parametrize(("pbx_host", "media", "verdict"), ADDRESSES)
def test_an_address_that_asterisk_can_send_to(
    pbx_host: str, media: dict[str, Any], verdict: Verdict
):
    found = pbx.check_media_address(settings(f"http://{pbx_host}:8088", media=media))

    assert found.verdict is verdict
    assert (verdict is FAILED) == ("media.advertise" in found.fix)


WEBSOCKET = {"advertise": "8.8.8.8", "transport": "websocket"}


@pytest.mark.parametrize(
    ("url", "media", "verdict"),
    [
        ("http://127.0.0.1:8088", {"host": "192.168.1.9"}, OK),
        ("http://127.0.0.1:8088", {"advertise": "8.8.8.8"}, WARNING),
        ("http://127.0.0.1:8088", WEBSOCKET, OK),
        ("http://192.168.1.2:8088", WEBSOCKET, OK),
        ("http://8.8.4.4:8088", WEBSOCKET, WARNING),
        ("https://8.8.4.4:8089", WEBSOCKET, OK),
        ("https://pbx.example:8089", WEBSOCKET, OK),
    ],
)
def test_audio_that_others_can_hear(url: str, media: dict[str, Any], verdict: Verdict):
    found = pbx.check_media_privacy(settings(url, media=media))

    assert found.verdict is verdict
    assert (verdict is WARNING) == ("https" in found.fix)
