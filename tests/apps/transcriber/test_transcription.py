"""One call while it is transcribed: who is heard from when on, and that nothing is left behind."""

from __future__ import annotations

import asyncio

import pytest

from tests.apps.transcriber.fakes import FRAME, FakePbx
from tests.apps.transcriber.pbx import channel
from voicebot.apps.transcriber.register import Begin, Join
from voicebot.apps.transcriber.transcription import Transcription
from voicebot.errors import AriConnectionError, AriRequestError
from voicebot.media.audio import SILENCE
from voicebot.records.events import CallEnded, CallStarted, PartyJoined, PartyLeft

A, B, C = channel(1), channel(2), channel(3)
BROKEN = AriRequestError("POST", "/channels/externalMedia", 500, "Internal Server Error")
LOST = AriConnectionError("connection lost")


@pytest.fixture
def pbx() -> FakePbx:
    return FakePbx(channels={it.id: it for it in (A, B, C)})


def transcription(pbx: FakePbx, *, announce: str | None = None) -> Transcription:
    return Transcription(pbx.studio(announce=announce), Begin("call", "internal"))


async def settled() -> None:
    """Let everything happen that needs no event from outside."""
    for _ in range(60):
        await asyncio.sleep(0)


def kinds(pbx: FakePbx) -> list[str]:
    return [type(event).__name__ for event in pbx.events]


async def test_a_call_is_told_from_its_first_frame_to_its_end(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()
    pbx.speak()
    pbx.speak(1.0)

    await call.end("hung up")

    assert kinds(pbx) == [
        "CallStarted",
        *("PartyJoined", "PartyJoined", "PartyLeft", "PartyLeft"),
        "CallEnded",
    ]
    joined = [event for event in pbx.events if isinstance(event, PartyJoined)]
    assert [(it.party, it.number, it.name) for it in joined] == [
        *(("c1", "201", "Phone 201"), ("c2", "202", "Phone 202")),
    ]
    assert [it.position for it in joined] == [0, 0]
    assert pbx.events[-1].position == round(1.02 * 16_000)
    assert [(ear.frames, ear.finished) for ear in pbx.ears] == [([FRAME] * 2, True)] * 2
    assert pbx.left == set()


async def test_whoever_joins_later_is_heard_from_there_on(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    pbx.speak()
    pbx.now += 10

    call.join(Join("call", C))
    await settled()
    pbx.speak()

    assert pbx.ears[1].position == 160_320
    await call.end("hung up")


async def test_who_leaves_is_told_and_the_others_go_on(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()
    pbx.speak()

    pbx.hang_up("c2")
    call.leave("c2")
    await settled()

    assert isinstance(pbx.events[-1], PartyLeft)
    assert pbx.events[-1].party == "c2"
    pbx.speak()
    assert [len(ear.frames) for ear in pbx.ears] == [2, 1]
    await call.end("hung up")
    assert pbx.left == set()


async def test_who_is_hushed_is_heard_as_silence(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    call.hush({"c1"})
    await settled()
    pbx.speak()

    call.hush(())
    pbx.speak()

    assert pbx.ears[0].frames == [SILENCE, FRAME]
    await call.end("hung up")


async def test_an_ear_that_fails_costs_one_party(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()
    pbx.speak()
    pbx.ears[0].frames = None  # type: ignore[assignment]

    pbx.speak()
    pbx.speak()

    assert len(pbx.ears[1].frames) == 3
    pbx.ears[0].frames = []
    await call.end("hung up")
    assert pbx.left == set()


async def test_a_snoop_channel_that_breaks_off_is_replaced(pbx: FakePbx, monkeypatch):
    monkeypatch.setattr("voicebot.apps.transcriber.party._AGAIN_S", 0)
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    pbx.speak()
    snoop = next(name for name, it in pbx.channels.items() if it.name.startswith("Snoop/"))

    pbx.hang_up(snoop)
    await settled()
    pbx.speak(1.0)

    assert [(ear.after, ear.finished) for ear in pbx.ears] == [(0, True), (1, False)]
    assert kinds(pbx) == ["CallStarted", "PartyJoined"]
    await call.end("hung up")
    assert pbx.left == set()


@pytest.mark.parametrize("request_", ["snoop", "external_media", "create", "add"])
@pytest.mark.parametrize("error", [BROKEN, LOST], ids=["refused", "lost"])
async def test_a_request_that_fails_costs_one_party_and_leaves_nothing(
    pbx: FakePbx, request_: str, error: Exception
):
    pbx.faults[request_] = error
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    call.join(Join("call", B))
    await settled()
    pbx.speak()

    assert [ear.party for ear in pbx.ears] == ["c2"]
    await call.end("hung up")
    assert pbx.left == set()
    assert all(stream.closed for stream in pbx.transport.streams)


@pytest.mark.parametrize("request_", ["snoop", "external_media", "create", "add"])
async def test_a_hang_up_in_the_middle_of_the_set_up_leaves_nothing(pbx: FakePbx, request_: str):
    pbx.slow.add(request_)
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()

    pbx.hang_up("c1")
    ending = asyncio.create_task(call.end("hung up"))
    await settled()
    pbx.go_on.set()
    await ending

    assert pbx.left == set()
    assert pbx.events == []
    assert all(stream.closed for stream in pbx.transport.streams)


async def test_a_call_in_which_nobody_was_heard_leaves_no_trace(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()

    await call.end("hung up")

    assert pbx.events == []


async def test_all_are_told_before_anybody_is_heard(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()
    first, second = pbx.playing
    assert pbx.transport.streams == []

    target = pbx.playing.pop(second)
    pbx.played()
    await settled()
    assert pbx.transport.streams == []

    pbx.playing = {second: target}
    pbx.played()
    await settled()

    assert first != second
    assert len(pbx.transport.streams) == 2
    await call.end("hung up")
    assert pbx.left == set()


async def test_who_joins_later_is_told_alone(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A))
    await settled()
    pbx.played()
    await settled()
    pbx.speak()

    call.join(Join("call", C))
    await settled()
    pbx.speak()
    assert [ear.party for ear in pbx.ears] == ["c1"]

    pbx.played()
    await settled()
    pbx.speak()
    assert [ear.party for ear in pbx.ears] == ["c1", "c3"]
    assert [len(ear.frames) for ear in pbx.ears] == [3, 1]
    await call.end("hung up")


async def test_who_was_told_before_a_restart_is_not_told_again(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A, again=True))
    await settled()

    assert pbx.playing == {}
    assert len(pbx.transport.streams) == 1
    await call.end("hung up")


async def test_where_somebody_cannot_be_told_nobody_is_heard_until_he_leaves(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()
    (first, target), _ = pbx.playing.items()
    del pbx.playing[first]
    pbx.played()
    pbx.playing = {first: target}
    pbx.played(state="failed")
    await settled()
    assert pbx.transport.streams == []

    call.leave("c1")
    await settled()

    assert len(pbx.transport.streams) == 1
    await call.end("hung up")
    assert pbx.left == set()


async def test_a_hang_up_during_the_announcement_leaves_nothing(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A))
    call.join(Join("call", B))
    await settled()

    pbx.hang_up("c1")
    call.leave("c1")
    await call.end("hung up")

    assert pbx.left == set()
    assert pbx.events == []


async def test_the_call_starts_when_people_were_told(pbx: FakePbx):
    call = transcription(pbx, announce="sound:x")
    call.join(Join("call", A))
    await settled()
    pbx.now += 5
    pbx.played()
    await settled()
    pbx.speak()

    started = pbx.events[0]
    assert isinstance(started, CallStarted)
    assert started.at.timestamp() == pytest.approx(
        pbx.studio().wall_clock().timestamp() - 0.02, abs=0.001
    )
    await call.end("opted out")
    assert isinstance(pbx.events[-1], CallEnded)
    assert pbx.events[-1].reason == "opted out"


async def test_a_capture_that_comes_late_is_replaced_and_nothing_is_lost(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    pbx.speak()
    # Asterisk holds back 0.3 s of what is said.
    pbx.speak(0.3)
    for _ in range(30):
        pbx.speak()
    await settled()

    heard = len(pbx.ears[0].frames)
    old, new = pbx.transport.streams
    for _ in range(20):
        pbx.speak()
    await settled()

    assert old.closed
    assert not new.closed
    # The 15 frames that were held back, and those since.
    assert len(pbx.ears) == 1
    assert abs(len(pbx.ears[0].frames) - heard - 20 - 14) <= 1
    await call.end("hung up")
    assert pbx.left == set()


async def test_where_no_other_capture_can_be_made_listening_begins_again(pbx: FakePbx, monkeypatch):
    monkeypatch.setattr("voicebot.apps.transcriber.party._AGAIN_S", 0)
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    pbx.speak()
    pbx.faults["external_media"] = BROKEN
    pbx.speak(0.3)
    for _ in range(30):
        pbx.speak()
    await settled()
    pbx.speak()

    assert [ear.finished for ear in pbx.ears] == [True, False]
    await call.end("hung up")
    assert pbx.left == set()


async def test_who_hangs_up_while_his_capture_is_replaced_leaves_nothing(pbx: FakePbx):
    call = transcription(pbx)
    call.join(Join("call", A))
    await settled()
    pbx.speak()
    pbx.slow.add("external_media")
    pbx.speak(0.3)
    for _ in range(30):
        pbx.speak()
    await settled()

    pbx.hang_up("c1")
    call.leave("c1")
    pbx.go_on.set()
    await call.end("hung up")

    assert len(pbx.ears) == 1
    assert pbx.ears[0].finished
    assert pbx.left == set()
