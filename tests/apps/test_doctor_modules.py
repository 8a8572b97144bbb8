from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.apps.doctor_facts import HEALTHY, STOCK
from tests.ari.fake import FakeAsterisk
from voicebot.apps.doctor import modules
from voicebot.apps.doctor.finding import Verdict
from voicebot.ari import AriClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

OK, WARNING, FAILED, SKIPPED = Verdict


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk()
    await fake.start()
    yield fake
    await fake.stop()


def test_a_healthy_pbx_has_every_module():
    for transport in (modules.RTP, modules.WEBSOCKET):
        found = [
            *modules.check_modules(HEALTHY, transport),
            *modules.check_codecs(HEALTHY, transport),
        ]
        assert [it.verdict for it in found] == [OK, OK]


def test_a_stock_mikopbx_misses_the_driver_and_what_it_uses_in_loading_order():
    names = [need.module for need in modules.missing(STOCK, modules.RTP)]

    assert names == ["res_rtp_multicast", "chan_rtp"]


def test_the_websocket_driver_is_needed_for_the_websocket_only():
    names = [need.module for need in modules.missing(STOCK, modules.WEBSOCKET)]

    assert names == ["chan_websocket"]


@pytest.mark.parametrize("need", modules.needed(modules.RTP), ids=lambda need: need.module)
def test_each_missing_module_is_named_with_its_fix_for_both_pbxs(need: modules.Need):
    running = HEALTHY - {need.module}

    found = [
        *modules.check_modules(running, modules.RTP),
        *modules.check_codecs(running, modules.RTP),
    ]

    (ill,) = [it for it in found if it.verdict is not OK]
    assert ill.verdict is (FAILED if need.vital else WARNING)
    assert ill.detail.startswith(f"{need.module}.so")
    assert need.purpose in ill.detail
    assert "voicebot doctor --fix" in ill.fix
    assert f"load => {need.module}.so" in ill.fix
    assert "modules.conf" in ill.mikopbx


@pytest.mark.parametrize(
    ("timing", "verdict"),
    [
        ({"res_timing_timerfd"}, OK),
        ({"res_timing_dahdi", "res_timing_pthread"}, OK),
        ({"res_timing_pthread"}, WARNING),
        (set(), FAILED),
    ],
)
def test_a_timing_source(timing: set[str], verdict: Verdict):
    running = {name for name in HEALTHY if "timing" not in name} | timing

    assert modules.check_timing(running).verdict is verdict


async def test_fixing_loads_what_is_missing_in_its_order(asterisk: FakeAsterisk):
    async with AriClient(asterisk.url, "bot", "secret") as ari:
        found, loaded = await modules.load_missing(ari, STOCK, modules.RTP)

    assert asterisk.asked("POST") == [
        "/asterisk/modules/res_rtp_multicast.so",
        "/asterisk/modules/chan_rtp.so",
    ]
    assert loaded == {"res_rtp_multicast", "chan_rtp"}
    (told,) = found
    assert told.verdict is WARNING
    assert "load => chan_rtp.so" in told.mikopbx


async def test_fixing_a_healthy_pbx_does_nothing(asterisk: FakeAsterisk):
    async with AriClient(asterisk.url, "bot", "secret") as ari:
        found, loaded = await modules.load_missing(ari, HEALTHY, modules.RTP)

    assert asterisk.requests == []
    assert [it.verdict for it in found] == [OK]
    assert not loaded


async def test_a_module_that_asterisk_refuses_is_told_and_the_others_are_loaded(
    asterisk: FakeAsterisk,
):
    refused = "/asterisk/modules/res_rtp_multicast.so"
    asterisk.answers["POST", refused] = 409, {"message": "Module load declined"}
    async with AriClient(asterisk.url, "bot", "secret") as ari:
        found, loaded = await modules.load_missing(ari, STOCK, modules.RTP)

    assert loaded == {"chan_rtp"}
    assert [it.verdict for it in found] == [WARNING, FAILED]
    assert "res_rtp_multicast.so" in found[1].detail
    assert "file is missing" in found[1].fix


async def test_a_pbx_without_any_timing_source_gets_one(asterisk: FakeAsterisk):
    async with AriClient(asterisk.url, "bot", "secret") as ari:
        _, loaded = await modules.load_missing(ari, HEALTHY - {"res_timing_timerfd"}, modules.RTP)

    assert loaded == {"res_timing_timerfd"}
