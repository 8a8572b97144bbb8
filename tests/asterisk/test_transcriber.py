"""People talk with each other through real Asterisk, and the sidecar writes it down."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jiwer
import pytest
from whisper_normalizer.basic import BasicTextNormalizer

from bench.phone import MU_LAW, WIDEBAND
from bench.prompts import prompts
from tests.asterisk.helpers import ari, hear, leftovers
from tests.asterisk.server import AsteriskServer
from tests.asterisk.test_troubles import Wire

if TYPE_CHECKING:
    from bench.phone import Phone, PhoneCall
    from bench.waveform import Samples
    from tests.asterisk.conftest import Phones, Transcribers
    from tests.asterisk.programs import Program

# What people say, of the prompts that the small model understands without fault.
PASSWORD, EXTENSION, LOGIN = "agent-pass", "agent-newlocation", "agent-incorrect"
WRONG = 0.4
"""Share of the words that the small model may get wrong on a machine that others load."""

_plain = BasicTextNormalizer()


def speech(name: str) -> Samples:
    return prompts()[name].samples()


def words(name: str) -> str:
    return prompts()[name].text


class Listened:
    """What a transcriber told of one call."""

    def __init__(self, events: list[dict[str, Any]], call: str) -> None:
        self.events = [event for event in events if event.get("call") == call and "event" in event]

    def all(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def people(self) -> list[str]:
        return [event["number"] for event in self.all("party_joined")]

    def said_by(self, number: str) -> str:
        parties = {it["party"] for it in self.all("party_joined") if it["number"] == number}
        return " ".join(it["text"] for it in self.all("final") if it["party"] in parties)


def calls_of(program: Program) -> list[str]:
    return [event["call"] for event in program.said("call_started")]


def assert_said(listened: Listened, number: str, *names: str) -> None:
    """``number`` said these prompts, and nothing else, but for a few words."""
    expected, heard = _plain(" ".join(map(words, names))), _plain(listened.said_by(number))
    assert jiwer.wer(expected, heard) <= WRONG, f"{number} said {expected!r}, heard {heard!r}"


async def connect(caller: Phone, number: str, callee: Phone) -> tuple[PhoneCall, PhoneCall]:
    """Return both ends of a call that is up and, after a moment, listened to."""
    call = await caller.dial(number)
    taken = await callee.called()
    await taken.answered()
    return call, taken


async def heard_by(program: Program, people: int) -> None:
    """Wait until ``people`` parties are heard, counted over all calls."""
    await program.says("party_joined", count=people, within=10)


@pytest.mark.parametrize(
    ("codecs", "transport"),
    [(WIDEBAND, "rtp"), (MU_LAW, "rtp"), (WIDEBAND, "websocket")],
    ids=["wideband", "narrowband", "websocket"],
)
async def test_both_sides_of_a_call_are_written_down_also_where_they_overlap(
    pbx: AsteriskServer,
    phones: Phones,
    transcribers: Transcribers,
    codecs: tuple[str, ...],
    transport: str,
) -> None:
    sidecar = await transcribers(MEDIA__TRANSPORT=transport)
    a, b = await phones("203", codecs=codecs), await phones("202", codecs=codecs)
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    await call.say(speech(LOGIN))
    await asyncio.gather(call.say(speech(PASSWORD)), taken.say(speech(EXTENSION)))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    listened = Listened(sidecar.log, calls_of(sidecar)[0])
    assert_said(listened, "203", LOGIN, PASSWORD)
    assert_said(listened, "202", EXTENSION)
    assert listened.all("call_started")[0]["direction"] == "internal"
    assert listened.all("call_ended")[0]["reason"] == "hung up"
    assert listened.all("partial")
    assert await leftovers(pbx) == []


async def test_what_is_being_said_is_shown_while_it_is_said(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    saying = asyncio.create_task(call.say(speech(PASSWORD)))
    await sidecar.says("partial")
    partial = sidecar.said("partial")[0]

    assert not saying.done()
    assert set(_plain(partial["text"]).split()) & set(_plain(words(PASSWORD)).split())
    await saying
    await taken.hang_up()
    await sidecar.says("call_ended")
    assert await leftovers(pbx) == []


async def test_after_a_blind_transfer_the_same_call_goes_on_with_somebody_else(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))

    await taken.transfer(f"sip:201@127.0.0.1:{pbx.sip_port}")
    other = await c.called()
    await other.answered()
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await call.say(speech(LOGIN))
    await asyncio.sleep(1)
    await other.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert listened.people()[-1] == "201"
    assert_said(listened, "203", PASSWORD, LOGIN)
    assert_said(listened, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def test_after_an_attended_transfer_the_older_call_goes_on(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    # Asterisk does not mind that the one who transfers has two telephones for it.
    a, first = await phones("203"), await phones("201")
    second, c = await phones("second"), await phones("202")
    call, taken = await connect(a, "201", first)
    await heard_by(sidecar, 2)
    _consultation, other = await connect(second, "202", c)
    await heard_by(sidecar, 4)
    await other.say(speech(EXTENSION))

    await taken.transfer(await replacing(pbx, "202"))
    await heard_by(sidecar, 5)
    await call.say(speech(PASSWORD))
    await other.say(speech(LOGIN))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended", count=2)
    older, consultation = (Listened(sidecar.log, name) for name in calls_of(sidecar))
    assert_said(consultation, "202", EXTENSION)
    assert_said(older, "203", PASSWORD)
    assert_said(older, "202", LOGIN)
    assert await leftovers(pbx) == []


async def test_a_second_call_of_the_same_phone_is_a_call_of_its_own(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, first = await phones("203"), await phones("201")
    call, taken = await connect(a, "201", first)
    await heard_by(sidecar, 2)
    # For Asterisk a telephone is its account: this is the other line of 201.
    line, c = await phones("201"), await phones("202")
    second, _ = await connect(line, "202", c)
    await heard_by(sidecar, 4)

    await asyncio.gather(second.say(speech(EXTENSION)), call.say(speech(PASSWORD)))
    await second.hang_up()
    await taken.say(speech(LOGIN))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended", count=2)
    older, newer = (Listened(sidecar.log, name) for name in calls_of(sidecar))
    assert_said(older, "203", PASSWORD)
    assert_said(older, "201", LOGIN)
    assert_said(newer, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def replacing(pbx: AsteriskServer, number: str) -> str:
    """Return the address that takes the place of the one who talks with ``number`` (RFC 3891)."""
    _, channels = await ari(pbx, "GET", "/channels")
    (there,) = [it["id"] for it in channels if it["connected"]["number"] == number]
    names = ("call-id", "local_tag", "remote_tag")
    answers = [
        await ari(pbx, "GET", f"/channels/{there}/variable", variable=f"CHANNEL(pjsip,{name})")
        for name in names
    ]
    call_id, to_tag, from_tag = (answer["value"] for _, answer in answers)
    replaces = quote(f"{call_id};to-tag={to_tag};from-tag={from_tag}", safe="")
    return f"sip:{number}@127.0.0.1:{pbx.sip_port}?Replaces={replaces}"


async def test_a_transfer_by_feature_code_stays_one_call(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "features-202", b)
    await heard_by(sidecar, 2)

    await press(taken, "*2")
    await asyncio.sleep(1.5)
    await press(taken, "201")
    other = await c.called()
    await other.answered()
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await taken.hang_up()
    await asyncio.sleep(1)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "201", EXTENSION)
    assert_said(listened, "203", PASSWORD)
    assert await leftovers(pbx) == []


async def press(call: PhoneCall, keys: str) -> None:
    for key in keys:
        await call.press(key)


async def test_what_is_said_on_hold_is_not_written_down(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)

    await taken.hold()
    await call.say(speech(LOGIN))
    await taken.resume()
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await taken.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert listened.said_by("202") == ""
    assert await leftovers(pbx) == []


async def test_a_parked_call_goes_on_with_whoever_takes_it(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b, c = await phones("203"), await phones("202"), await phones("201")
    call, taken = await connect(a, "features-202", b)
    await heard_by(sidecar, 2)

    await press(taken, "#72")
    await taken.closed(within=10)
    other = await c.dial("701")
    await heard_by(sidecar, 3)
    await other.say(speech(EXTENSION))
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert_said(listened, "201", EXTENSION)
    assert await leftovers(pbx) == []


async def test_each_in_a_conference_is_a_party(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    people = [await phones(user) for user in ("201", "202", "203")]
    calls = [await person.dial("room") for person in people]
    await heard_by(sidecar, 3)

    for call, name in zip(calls, (LOGIN, EXTENSION, PASSWORD), strict=True):
        await call.say(speech(name))
    await asyncio.sleep(1)
    for call in calls:
        await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "201", LOGIN)
    assert_said(listened, "202", EXTENSION)
    assert_said(listened, "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_a_call_through_a_local_channel_is_one_call(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "local-202", b)
    await heard_by(sidecar, 2)
    await asyncio.gather(call.say(speech(PASSWORD)), taken.say(speech(EXTENSION)))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    assert_said(Listened(sidecar.log, name), "203", PASSWORD)
    assert_said(Listened(sidecar.log, name), "202", EXTENSION)
    assert await leftovers(pbx) == []


async def test_only_what_the_policy_selects_is_listened_to(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    app = "policy"
    sidecar = await transcribers(
        TRANSCRIBE__APP=app,
        TRANSCRIBE__SELECT="listed",
        TRANSCRIBE__ALLOW='["203", "299"]',
        TRANSCRIBE__DENY='["201"]',
    )
    assert any("transcribe.allow names 299" in str(it.get("event")) for it in sidecar.log)
    a, b, c = await phones("203"), await phones("202"), await phones("201")

    for caller, number, callee in (
        (a, "201", c),
        (b, "201", c),
        (a, "secret-202", b),
        (b, "203", a),
    ):
        call, _taken = await connect(caller, number, callee)
        await asyncio.sleep(0.5)
        listening = await snoops(pbx)
        assert bool(listening) == (number == "203"), number
        await call.hang_up()

    await sidecar.says("call_ended")
    assert len(calls_of(sidecar)) == 1
    assert await leftovers(pbx) == []


async def snoops(pbx: AsteriskServer) -> list[str]:
    _, channels = await ari(pbx, "GET", "/channels")
    return [it["name"] for it in channels if it["name"].startswith("Snoop/")]


async def test_a_dialplan_sends_a_call_through_and_has_it_back_at_once(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__SELECT="none")
    a, b = await phones("203"), await phones("202")
    plain, _ = await connect(a, "202", b)
    await asyncio.sleep(0.5)
    assert await snoops(pbx) == []
    await plain.hang_up()

    call, _ = await connect(a, "through-202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    (name,) = calls_of(sidecar)
    assert_said(Listened(sidecar.log, name), "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_without_the_sidecar_the_dialplan_goes_on(
    pbx: AsteriskServer, phones: Phones
) -> None:
    a, b = await phones("203"), await phones("202")

    call, _ = await connect(a, "through-202", b)

    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_both_are_told_before_anybody_is_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__ANNOUNCE="sound:hello-world")
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await call.say(speech(LOGIN), wait=False)

    await taken.listen(quiet=0.5)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await sidecar.says("call_ended")
    recording = call.recording()
    assert "hello world" in _plain(await hear(recording.heard, recording.rate))
    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert words(PASSWORD).split()[-2] in listened.said_by("203")
    assert "hello" not in _plain(listened.said_by("202") + listened.said_by("203"))
    assert await leftovers(pbx) == []


async def test_who_could_not_be_told_is_not_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers(TRANSCRIBE__ANNOUNCE="sound:no-such-sound")
    a, b = await phones("203"), await phones("202")
    call, _ = await connect(a, "202", b)

    await sidecar.says("call is not transcribed: it could not be announced", within=10)
    await call.say(speech(PASSWORD))
    await call.hang_up()

    assert await leftovers(pbx) == []
    assert calls_of(sidecar) == []


@pytest.mark.parametrize("who", ["caller", "callee"])
async def test_either_party_opts_out_with_a_key(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers, who: str
) -> None:
    sidecar = await transcribers(TRANSCRIBE__OPT_OUT="9")
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD), wait=False)
    await asyncio.sleep(1)

    await (call if who == "caller" else taken).press("9")

    await sidecar.says("call_ended", within=10)
    await asyncio.sleep(0.5)
    assert await snoops(pbx) == []
    (name,) = calls_of(sidecar)
    assert Listened(sidecar.log, name).all("call_ended")[0]["reason"] == "opted out"
    # The two talk on, and a sidecar that starts now knows their wish.
    sidecar.kill()
    again = await transcribers(TRANSCRIBE__OPT_OUT="9")
    await asyncio.sleep(1)
    assert call.is_up
    assert calls_of(again) == []
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_killed_in_mid_call_it_leaves_the_call_up_and_its_next_start_goes_on(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    first = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(first, 2)
    first.kill()
    await first.exits()
    before = await ours(pbx)
    assert before

    second = await transcribers()
    await heard_by(second, 2)
    await call.say(speech(PASSWORD))
    await taken.say(speech(EXTENSION))
    await asyncio.sleep(1)
    assert not before & await ours(pbx)
    await call.hang_up()

    await second.says("call_ended")
    assert calls_of(second) == calls_of(first)
    listened = Listened(second.log, calls_of(second)[0])
    assert_said(listened, "203", PASSWORD)
    assert_said(listened, "202", EXTENSION)
    assert await leftovers(pbx) == []


async def ours(pbx: AsteriskServer) -> set[str]:
    """Return the ids of what voicebot has in the PBX."""
    _, channels = await ari(pbx, "GET", "/channels")
    _, bridges = await ari(pbx, "GET", "/bridges")
    return {it["id"] for it in (*channels, *bridges) if it["id"].startswith("voicebot-")}


async def test_after_a_crash_a_call_on_hold_stays_silent(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    first = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, taken = await connect(a, "202", b)
    await heard_by(first, 2)
    await taken.hold()
    first.kill()
    await first.exits()

    second = await transcribers()
    await heard_by(second, 2)
    await call.say(speech(LOGIN))
    await taken.resume()
    await call.say(speech(PASSWORD))
    await asyncio.sleep(1)
    await call.hang_up()

    await second.says("call_ended")
    assert_said(Listened(second.log, calls_of(second)[0]), "203", PASSWORD)
    assert await leftovers(pbx) == []


async def test_a_stock_mikopbx_is_told_what_it_lacks_and_works_once_it_has_it(
    phones: Phones, transcribers: Transcribers, asterisk_available: None
) -> None:
    del asterisk_available
    async with AsteriskServer(profile="mikopbx") as stock:
        sidecar = await transcribers(pbx=stock)
        a, b = await phones("203", pbx=stock), await phones("202", pbx=stock)
        call, _ = await connect(a, "202", b)
        await sidecar.says("party cannot be heard", count=2, within=10)
        assert "doctor --fix" in sidecar.said("party cannot be heard")[0]["advice"]
        assert call.is_up
        await call.hang_up()
        assert await leftovers(stock) == []

        for module in ("res_rtp_multicast.so", "chan_rtp.so"):
            assert await ari(stock, "POST", f"/asterisk/modules/{module}") == (204, None)
        call, _ = await connect(a, "202", b)
        await heard_by(sidecar, 2)
        await call.say(speech(PASSWORD))
        await asyncio.sleep(1)
        await call.hang_up()

        await sidecar.says("call_ended")
        assert_said(Listened(sidecar.log, calls_of(sidecar)[-1]), "203", PASSWORD)
        assert await leftovers(stock) == []


async def test_told_to_stop_it_still_writes_down_what_it_heard(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    a, b = await phones("203"), await phones("202")
    call, _ = await connect(a, "202", b)
    await heard_by(sidecar, 2)
    await call.say(speech(PASSWORD))

    assert await sidecar.terminate() == 0

    (name,) = calls_of(sidecar)
    listened = Listened(sidecar.log, name)
    assert_said(listened, "203", PASSWORD)
    assert listened.all("call_ended")[0]["reason"] == "stopped"
    assert await ours(pbx) == set()
    assert call.is_up
    await call.hang_up()
    assert await leftovers(pbx) == []


async def test_a_hang_up_while_the_events_are_lost_is_noticed_afterwards(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    async with Wire(pbx.ari_url) as wire:
        sidecar = await transcribers(ARI__URL=wire.url)
        a, b = await phones("203"), await phones("202")
        call, _ = await connect(a, "202", b)
        await heard_by(sidecar, 2)

        wire.cut()
        await call.hang_up()
        await sidecar.says("ari events connected", count=2, within=10)
        await sidecar.says("call_ended")

        again, _ = await connect(a, "202", b)
        await heard_by(sidecar, 4)
        await again.hang_up()
        await sidecar.says("call_ended", count=2)
        assert await leftovers(pbx) == []


async def test_calls_that_start_and_end_at_random_leave_nothing_behind(
    pbx: AsteriskServer, phones: Phones, transcribers: Transcribers
) -> None:
    sidecar = await transcribers()
    chance = random.Random(7)
    pairs = [
        (await phones("203"), "202", await phones("202")),
        (await phones("201"), "204", await phones("204")),
    ]

    async def talk(caller: Phone, number: str, callee: Phone) -> None:
        for _ in range(10):
            call, taken = await connect(caller, number, callee)
            await asyncio.sleep(chance.choice((0.0, 0.02, 0.05, 0.1, 0.3, 1.0)))
            await chance.choice((call, taken)).hang_up()
            await call.closed()
            await taken.closed()

    await asyncio.gather(*(talk(*pair) for pair in pairs))

    assert await leftovers(pbx, within=8) == []
    assert not [line for line in sidecar.log if line.get("level") in {"error", "warning"}]
