from __future__ import annotations

import pytest

from tests.apps.doctor_facts import in_stasis
from voicebot.apps.doctor.dialplan import check_fallback, check_presence, check_transfers
from voicebot.apps.doctor.finding import Verdict
from voicebot.config import ReceptionistSettings

OK, WARNING, FAILED, SKIPPED = Verdict


class Dialplan:
    """A dialplan with these places."""

    def __init__(self, *places: tuple[str, str, int]) -> None:
        self._places = places

    async def dialplan_has(self, context: str, extension: str, priority: int = 1) -> bool:
        return (context, extension, priority) in self._places


OFFICE = Dialplan(("internal", "201", 1), ("internal", "bot", 1), ("internal", "bot", 3))
DEVICES = {"PJSIP/201"}

# How it is dialled, the extension, whether that is fine.
DIALS = [
    ("Local/{extension}@internal", "201", True),
    ("Local/{extension}@internal/n", "201", True),
    ("Local/{extension}@internal", "299", False),
    ("Local/{extension}@from-internal", "201", False),
    ("PJSIP/{extension}", "201", True),
    ("PJSIP/{extension}", "299", False),
    ("PJSIP/{extension}@trunk", "299", True),
]


@pytest.mark.parametrize(("dial", "extension", "fine"), DIALS)
async def test_what_asterisk_can_dial(dial: str, extension: str, fine: bool):
    found = await check_transfers(OFFICE, dial, {"sales": extension}, DEVICES)

    assert found.verdict is (OK if fine else WARNING)
    assert fine or dial.format(extension=extension) in found.detail


async def test_every_entry_that_cannot_be_dialled_is_named():
    found = await check_transfers(
        OFFICE,
        "Local/{extension}@internal",
        {"sales": "201", "billing": "298", "boss": "299"},
        DEVICES,
    )

    assert "billing" in found.detail
    assert "boss" in found.detail
    assert "sales" not in found.detail
    assert "receptionist.dial" in found.fix


async def test_without_a_call_there_is_only_advice():
    found = await check_fallback(OFFICE, "voicebot", [in_stasis("another")])

    assert found.verdict is SKIPPED
    assert "Stasis(voicebot)" in found.fix
    assert "Dialplan applications" in found.mikopbx


async def test_a_dialplan_that_goes_on_after_stasis_is_fine():
    found = await check_fallback(
        OFFICE, "voicebot", [in_stasis("voicebot"), in_stasis("voicebot,a")]
    )

    assert found.verdict is OK


async def test_a_dialplan_that_ends_with_stasis_drops_callers():
    found = await check_fallback(
        OFFICE, "voicebot", [in_stasis("voicebot"), in_stasis("voicebot", exten="other")]
    )

    assert found.verdict is WARNING
    assert "internal,other" in found.detail
    assert "internal,bot" not in found.detail


def test_a_phone_of_which_nothing_is_known_is_named():
    extensions = {"sales": "201", "queue": "700"}

    found = check_presence(ReceptionistSettings(), extensions, DEVICES)

    assert found.verdict is OK
    assert found.detail == "known of 1 of 2 in the directory; always rung: queue"


def test_a_pbx_that_names_phones_differently_is_a_warning():
    settings = ReceptionistSettings(device="SIP/{extension}")

    found = check_presence(settings, {"sales": "201"}, DEVICES)

    assert found.verdict is WARNING
    assert "receptionist.device" in found.fix


def test_who_does_not_want_to_know_is_not_warned():
    settings = ReceptionistSettings(when_busy="ring")

    assert check_presence(settings, {"sales": "299"}, DEVICES).verdict is OK
