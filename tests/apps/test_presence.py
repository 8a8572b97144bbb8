from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tests.ari.fake import FakeAsterisk, application, event
from voicebot.apps.phones import Phone, Phones, Status, is_phone, name_in
from voicebot.apps.presence import Presence
from voicebot.ari import AriClient, Backoff, Connected
from voicebot.errors import AriRequestError
from voicebot.speech.availability import Availability

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

APP = "bot-presence"
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
CALLER_IDS = {"201": '"Alice" <201>', "202": "Bob <202>", "203": "203"}


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    """An Asterisk with three phones, a trunk nobody registered, and what is not a phone."""
    fake = FakeAsterisk()
    fake.register(APP)
    fake.answers["PUT", f"/applications/{APP}/eventFilter"] = 200, application(APP)
    set_phones(fake, {"201": "NOT_INUSE", "202": "INUSE", "203": "UNAVAILABLE"})
    await fake.start()
    yield fake
    await fake.stop()


def set_phones(fake: FakeAsterisk, states: dict[str, str]) -> None:
    fake.answers["GET", "/endpoints"] = (
        200,
        [endpoint(number) for number in (*states, "anonymous")] + [endpoint("x", "Local")],
    )
    for number, state in states.items():
        device = {"name": f"PJSIP/{number}", "state": state}
        fake.answers["GET", f"/deviceStates/PJSIP%2F{number}"] = 200, device
        fields = [{"attribute": "callerid", "value": CALLER_IDS.get(number, "")}]
        path = f"/asterisk/config/dynamic/res_pjsip/endpoint/{number}"
        fake.answers["GET", path] = 200, fields


def endpoint(number: str, technology: str = "PJSIP", state: str = "online") -> dict[str, Any]:
    return {"technology": technology, "resource": number, "state": state, "channel_ids": []}


def changed(device: str, state: str) -> dict[str, Any]:
    return event("DeviceStateChanged", APP, device_state={"name": device, "state": state})


class Watcher:
    """A running presence and what it told."""

    def __init__(self, ari: AriClient, names: dict[str, str] | None = None) -> None:
        self.news: asyncio.Queue[object] = asyncio.Queue()
        self.presence = Presence(
            ari, APP, names=names, tell=self.news.put_nowait, clock=lambda: NOON
        )

    async def next_phone(self) -> Phone:
        while True:
            if isinstance(news := await self.next(), Phone):
                return news

    async def connected(self) -> None:
        while not isinstance(await self.next(), Connected):
            pass

    async def next(self) -> object:
        return await asyncio.wait_for(self.news.get(), 5)


@asynccontextmanager
async def watching(
    asterisk: FakeAsterisk, names: dict[str, str] | None = None
) -> AsyncIterator[Watcher]:
    backoff = Backoff(first_s=0.01, longest_s=0.01)
    async with AriClient(
        asterisk.url, "bot", "secret", app=APP, subscribe_all=True, backoff=backoff
    ) as ari:
        watcher = Watcher(ari, names)
        task = asyncio.create_task(watcher.presence.run())
        try:
            await watcher.connected()
            yield watcher
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def test_the_first_look_finds_every_phone_its_state_and_its_name(asterisk: FakeAsterisk):
    async with watching(asterisk, {"203": "Support"}) as watcher:
        phones = [(it.number, it.name, it.state) for it in watcher.presence.phones]

    assert phones == [
        ("201", "Alice", "NOT_INUSE"),
        ("202", "Bob", "INUSE"),
        ("203", "Support", "UNAVAILABLE"),
    ]


async def test_the_application_is_told_of_phones_only(asterisk: FakeAsterisk):
    async with watching(asterisk):
        (request,) = [it for it in asterisk.requests if it.path.endswith("/eventFilter")]

    kinds = {allowed["type"] for allowed in request.body["allowed"]}
    assert "DeviceStateChanged" in kinds
    assert "ChannelVarset" not in kinds


async def test_a_change_is_told_with_the_time_of_its_event(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        socket = await asterisk.socket()
        await socket.send_json(changed("PJSIP/201", "RINGING"))
        phone = await watcher.next_phone()

        assert (phone.number, phone.state) == ("201", "RINGING")
        assert phone.updated == dt.datetime(2026, 11, 22, 22, 31, 0, 123000, tzinfo=dt.UTC)
        assert watcher.presence.state_of("PJSIP/201") is Status.RINGING


async def test_what_the_first_look_already_knew_is_no_news(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        socket = await asterisk.socket()
        await socket.send_json(changed("PJSIP/201", "NOT_INUSE"))
        await socket.send_json(changed("PJSIP/202", "NOT_INUSE"))

        assert (await watcher.next_phone()).number == "202"


async def test_channels_that_are_no_phones_are_left_out(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        socket = await asterisk.socket()
        for device in ("Snoop/201", "UnicastRTP/127.0.0.1:4000", "Local/201@internal", "Queue:7"):
            await socket.send_json(changed(device, "INUSE"))
        await socket.send_json(changed("PJSIP/202", "RINGING"))

        assert (await watcher.next_phone()).device == "PJSIP/202"
        assert len(watcher.presence.phones) == 3


async def test_a_phone_that_is_new_gets_its_name(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        set_phones(asterisk, {"204": "NOT_INUSE"})
        fields = [{"attribute": "callerid", "value": "Dora <204>"}]
        path = "/asterisk/config/dynamic/res_pjsip/endpoint/204"
        asterisk.answers["GET", path] = 200, fields
        socket = await asterisk.socket()
        await socket.send_json(changed("PJSIP/204", "NOT_INUSE"))

        assert (await watcher.next_phone()).name == "Dora"


CONTACT = {"uri": "sip:203@192.0.2.7", "contact_status": "Reachable", "aor": "203"}
COMINGS = {
    "a contact": event("ContactStatusChange", APP, endpoint=endpoint("203"), contact_info=CONTACT),
    "a peer": event(
        "PeerStatusChange", APP, endpoint=endpoint("203"), peer={"peer_status": "Reachable"}
    ),
    "an endpoint": event("EndpointStateChange", APP, endpoint=endpoint("203")),
}


@pytest.mark.parametrize("message", COMINGS.values(), ids=COMINGS)
async def test_a_phone_that_came_is_asked_for_its_state(
    asterisk: FakeAsterisk, message: dict[str, Any]
):
    async with watching(asterisk) as watcher:
        set_phones(asterisk, {"203": "NOT_INUSE"})
        socket = await asterisk.socket()
        await socket.send_json(message)

        phone = await watcher.next_phone()
        assert (phone.number, phone.state, phone.updated) == ("203", "NOT_INUSE", NOON)


async def test_a_state_that_asterisk_does_not_tell_is_no_end(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        asterisk.answers["GET", "/deviceStates/PJSIP%2F203"] = 500, {"message": "Out of memory"}
        socket = await asterisk.socket()
        await socket.send_json(COMINGS["a contact"])
        await socket.send_json(changed("PJSIP/202", "NOT_INUSE"))

        assert (await watcher.next_phone()).number == "202"


async def test_after_a_gap_everything_is_looked_at_again(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        socket = await asterisk.socket()
        set_phones(asterisk, {"201": "INUSE", "202": "INUSE"})
        asterisk.cut(socket)
        await watcher.connected()

        assert watcher.presence.state_of("PJSIP/201") is Status.INUSE
        assert [it.number for it in watcher.presence.phones] == ["201", "202"]


async def test_while_the_events_are_lost_nobody_is_known_to_be_free(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        socket = await asterisk.socket()
        assert watcher.presence.state_of("PJSIP/201") is Status.NOT_INUSE
        asterisk.answers["GET", "/events"] = 503, {"message": "booting"}
        asterisk.cut(socket)
        await watcher.next()

        assert watcher.presence.state_of("PJSIP/201") is Status.UNKNOWN
        assert [it.state for it in watcher.presence.phones][:1] == ["NOT_INUSE"]


async def test_a_look_that_fails_after_a_gap_is_made_up_for_by_the_next(asterisk: FakeAsterisk):
    async with watching(asterisk) as watcher:
        phones = asterisk.answers["GET", "/endpoints"]
        asterisk.answers["GET", "/endpoints"] = 500, {"message": "Out of memory"}
        asterisk.cut(await asterisk.socket())
        await watcher.connected()
        assert watcher.presence.state_of("PJSIP/201") is Status.UNKNOWN

        asterisk.answers["GET", "/endpoints"] = phones
        asterisk.cut(await asterisk.socket())
        await watcher.connected()
        assert watcher.presence.state_of("PJSIP/201") is Status.NOT_INUSE


async def test_a_first_look_that_fails_is_an_error(asterisk: FakeAsterisk):
    asterisk.answers["GET", "/endpoints"] = 500, {"message": "Out of memory"}
    async with AriClient(asterisk.url, "bot", "secret", app=APP, subscribe_all=True) as ari:
        with pytest.raises(AriRequestError, match="Out of memory"):
            await Presence(ari, APP).run()


def test_a_state_that_nobody_knows_is_kept_as_it_is():
    phones = Phones()
    phone = phones.set("PJSIP/201", "DO_NOT_DISTURB", NOON)

    assert phone is not None
    assert (phone.state, phone.status) == ("DO_NOT_DISTURB", Status.UNKNOWN)
    assert phones.status_of("PJSIP/201") is Status.UNKNOWN


def test_numbers_are_sorted_as_numbers_and_names_come_last():
    phones = Phones()
    for number in ("trunk", "1001", "201", "99"):
        phones.set(f"PJSIP/{number}", "NOT_INUSE", NOON)

    assert [it.number for it in phones] == ["99", "201", "1001", "trunk"]


# The states of the desk phone and of the browser phone; the one that counts.
TWO_PHONES = [
    ("NOT_INUSE", "INUSE", Status.INUSE),
    ("UNAVAILABLE", "NOT_INUSE", Status.NOT_INUSE),
    ("RINGING", "NOT_INUSE", Status.RINGING),
    ("UNAVAILABLE", "INVALID", Status.UNAVAILABLE),
    ("ONHOLD", "UNAVAILABLE", Status.ONHOLD),
]


@pytest.mark.parametrize(("desk", "browser", "expected"), TWO_PHONES)
def test_somebody_with_two_phones_is_in_the_weightiest_state(
    desk: str, browser: str, expected: Status
):
    phones = Phones()
    phones.set("PJSIP/201", desk, NOON)
    phones.set("PJSIP/201-WS", browser, NOON)

    assert phones.status_of("PJSIP/201") is expected


def test_an_extension_without_a_phone_is_unknown():
    assert Phones().status_of("PJSIP/700") is Status.UNKNOWN


MEANINGS = {
    Status.NOT_INUSE: Availability.FREE,
    Status.INUSE: Availability.BUSY,
    Status.BUSY: Availability.BUSY,
    Status.RINGING: Availability.BUSY,
    Status.RINGINUSE: Availability.BUSY,
    Status.ONHOLD: Availability.BUSY,
    Status.UNAVAILABLE: Availability.AWAY,
    Status.INVALID: Availability.AWAY,
    Status.UNKNOWN: Availability.UNKNOWN,
}


@pytest.mark.parametrize("status", Status)
def test_each_status_means_something_to_who_wants_to_call(status: Status):
    assert status.availability is MEANINGS[status]


@pytest.mark.parametrize(
    ("caller_id", "name"),
    [
        ('"Alice B" <201>', "Alice B"),
        ("Bob <202>", "Bob"),
        ("203", ""),
        ("<unknown>", ""),
        ("", ""),
    ],
)
def test_the_name_in_a_caller_id(caller_id: str, name: str):
    assert name_in(caller_id) == name


@pytest.mark.parametrize(
    ("device", "phone"),
    [
        ("PJSIP/201", True),
        ("SIP/trunk", True),
        ("DAHDI/1", True),
        ("PJSIP/anonymous", False),
        ("PJSIP/", False),
        ("Snoop/x", False),
        ("WebSocket/INCOMING", False),
        ("confbridge:7", False),
    ],
)
def test_what_is_a_phone(device: str, phone: bool):
    assert is_phone(device) is phone
