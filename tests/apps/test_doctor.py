from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from tests.apps.doctor_facts import (
    HEALTHY,
    NOON,
    STOCK,
    answer_healthily,
    facts,
    settings,
)
from tests.apps.test_doctor_here import Shelf
from tests.ari.fake import FakeAsterisk
from voicebot.apps.doctor import Finding, Surroundings, Verdict, examine, report, run_doctor
from voicebot.apps.doctor.examination import judge_facts
from voicebot.apps.doctor.priority import Running

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK, WARNING, FAILED, SKIPPED = Verdict
REFUSED = 500, {"message": "An internal error prevented this request from being handled"}


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    """A stock MikoPBX: everything is there but the driver of externalMedia."""
    fake = FakeAsterisk()
    answer_healthily(fake, STOCK)
    fake.answers["POST", "/channels/externalMedia"] = REFUSED
    await fake.start()
    yield fake
    await fake.stop()


@pytest.fixture(autouse=True)
def _one_name(monkeypatch: pytest.MonkeyPatch, asterisk: FakeAsterisk) -> None:
    """Let the doctor's own names be known beforehand."""
    monkeypatch.setattr("voicebot.apps.doctor.examination.uuid4", lambda: FixedId)
    monkeypatch.setattr("voicebot.apps.doctor.reach.uuid4", lambda: FixedId)
    asterisk.register(f"voicebot-doctor-{FixedId.hex[:8]}")
    there = "DELETE", f"/bridges/voicebot-doctor-{FixedId.hex}"
    asterisk.answers[there] = 404, {"message": "Bridge not found"}


class FixedId:
    hex = "0" * 32


async def findings(url: str, *, fix: bool = False, **sections: Any) -> dict[str, list[Finding]]:
    around = Surroundings(
        variables={},
        store=Shelf(),
        clock=lambda: NOON,
        asterisks=lambda: [Running(7, real_time=False)],
    )
    found: dict[str, list[Finding]] = {}
    async for finding in examine(settings(url, **sections), fix=fix, surroundings=around):
        found.setdefault(finding.check, []).append(finding)
    return found


def test_a_healthy_pbx_has_no_fault():
    assert {it.verdict for it in judge_facts(facts(running=HEALTHY), settings())} == {OK}


async def test_a_stock_mikopbx_fails_where_it_should(asterisk: FakeAsterisk):
    found = await findings(asterisk.url)

    failed = {check for check, its in found.items() if any(it.verdict is FAILED for it in its)}
    assert failed == {"modules", "round trip"}
    assert [it.detail.split()[0] for it in found["modules"]] == [
        "res_rtp_multicast.so",
        "chan_rtp.so",
    ]
    assert "voicebot doctor --fix" in found["round trip"][0].fix


async def test_an_asterisk_beside_our_models_is_asked_for_its_priority(asterisk: FakeAsterisk):
    assert [it.verdict for it in (await findings(asterisk.url))["priority"]] == [WARNING]


async def test_without_models_here_its_priority_does_not_matter(asterisk: FakeAsterisk):
    cloud = {"provider": "openai", "base_url": f"{asterisk.url}/v1"}

    found = await findings(asterisk.url, stt=cloud, tts=cloud)

    assert "priority" not in found


async def test_fixing_loads_and_then_judges_what_there_is(asterisk: FakeAsterisk):
    found = await findings(asterisk.url, fix=True)

    assert [path for path in asterisk.asked("POST") if "modules" in path] == [
        "/asterisk/modules/res_rtp_multicast.so",
        "/asterisk/modules/chan_rtp.so",
    ]
    assert [it.verdict for it in found["modules"]] == [OK]
    assert [it.verdict for it in found["modules loaded"]] == [WARNING]


async def test_without_fix_nothing_is_loaded(asterisk: FakeAsterisk):
    await findings(asterisk.url)

    assert not [path for path in asterisk.asked("POST") if "modules" in path]


async def test_a_running_receptionist_keeps_its_name(asterisk: FakeAsterisk):
    asterisk.answers["GET", "/applications"] = (
        200,
        [
            asterisk.answers["GET", f"/applications/voicebot-doctor-{FixedId.hex[:8]}"][1]
            | {"name": "voicebot"}
        ],
    )
    found = await findings(asterisk.url)

    (events,) = [it for it in asterisk.requests if it.path == "/events"]
    assert events.query["app"] == f"voicebot-doctor-{FixedId.hex[:8]}"
    assert found["application"][0].verdict is WARNING


async def test_a_user_that_may_only_read_is_not_asked_to_write(asterisk: FakeAsterisk):
    there = "DELETE", f"/bridges/voicebot-doctor-{FixedId.hex}"
    asterisk.answers[there] = 403, {"message": "Write access denied"}
    found = await findings(asterisk.url, fix=True)

    assert found["permission"][0].verdict is FAILED
    assert asterisk.asked("POST") == []
    assert "round trip" not in found


async def test_what_depends_on_a_failed_step_is_left_out(asterisk: FakeAsterisk):
    found = await findings(asterisk.url, ari={"password": "wrong"})

    assert found["credentials"][0].verdict is FAILED
    assert "modules" not in found
    assert found["models"][0].verdict is OK


async def test_an_asterisk_that_fails_in_the_middle_is_told(asterisk: FakeAsterisk):
    asterisk.answers["GET", "/asterisk/modules"] = REFUSED
    found = await findings(asterisk.url)

    assert [it.verdict for it in found["asterisk"]] == [OK, FAILED]
    assert "/asterisk/modules" in found["asterisk"][1].detail


async def test_an_asterisk_that_pings_but_hangs_is_to_be_restarted(asterisk: FakeAsterisk):
    asterisk.hanging.add("/applications")
    found = await findings(asterisk.url, ari={"timeout_s": 0.2})

    assert found["asterisk"][-1].verdict is FAILED
    assert "restart it" in found["asterisk"][-1].fix


async def test_a_media_address_that_cannot_be_bound_fails_the_round_trip(asterisk: FakeAsterisk):
    found = await findings(asterisk.url, media={"host": "203.0.113.7"})

    assert found["round trip"][0].verdict is FAILED
    assert "media.host" in found["round trip"][0].fix


async def test_a_websocket_that_asterisk_cannot_make_fails_the_round_trip(asterisk: FakeAsterisk):
    found = await findings(asterisk.url, media={"transport": "websocket"})

    assert found["round trip"][0].verdict is FAILED
    assert "chan_websocket" in found["round trip"][0].fix


@pytest.mark.parametrize("as_json", [True, False])
async def test_the_exit_code_tells_of_a_failure(
    asterisk: FakeAsterisk, capsys: pytest.CaptureFixture[str], as_json: bool
):
    prompt = settings(asterisk.url, ari={"password": "wrong"})
    code = await run_doctor(prompt, fix=False, as_json=as_json)

    assert code == 1
    assert "credentials" in capsys.readouterr().out


async def test_json_lines_end_with_the_sum(
    asterisk: FakeAsterisk, capsys: pytest.CaptureFixture[str]
):
    with capture_logs():
        await run_doctor(settings(asterisk.url), fix=False, as_json=True)

    *lines, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert set(lines[0]) == {"check", "verdict", "detail", "why", "fix", "mikopbx"}
    verdicts = [line["verdict"] for line in lines]
    assert total == {"sum": {verdict.value: verdicts.count(verdict) for verdict in Verdict}}


ILL = Finding("modules", FAILED, "[chan_rtp.so] is gone", "no calls", "load it", "System → …")
WELL = Finding("clock", OK, "0.00 s apart", "logs")


def shown(*found: Finding, colours: bool = False) -> str:
    out = io.StringIO()
    system = "truecolor" if colours else "auto"
    console = Console(file=out, width=100, force_terminal=colours, color_system=system)
    for finding in found:
        report.show(console, finding)
    report.show_sum(console, found)
    return out.getvalue()


def test_what_is_ill_is_shown_with_why_and_fix():
    text = shown(ILL)

    words = ("✗", "modules", "[chan_rtp.so] is gone", "no calls", "load it", "MikoPBX: System → …")
    assert all(word in text for word in words)


def test_what_is_well_is_one_line():
    lines = [line for line in shown(WELL).splitlines() if "failed" not in line]

    assert len(lines) == 1
    assert "logs" not in lines[0]


def test_there_are_colours_only_in_a_terminal():
    assert "\x1b[" in shown(ILL, colours=True)
    assert "\x1b[" not in shown(ILL)


def test_the_sum_names_every_verdict():
    assert "1 ok, 0 warning, 1 failed, 0 skipped" in shown(ILL, WELL)
