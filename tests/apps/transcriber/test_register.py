"""Which talks are one call, and what is done about it."""

from __future__ import annotations

import pytest

from tests.apps.transcriber.pbx import channel, talk
from voicebot.apps.transcriber.notebook import Facts, Notebook
from voicebot.apps.transcriber.policy import Policy
from voicebot.apps.transcriber.register import (
    Ask,
    Begin,
    End,
    Forget,
    Join,
    Leave,
    Register,
)
from voicebot.config import TranscribeSettings

A, B, C, D = channel(1), channel(2), channel(3), channel(4)


class Pbx:
    """A register that is told what goes on, and answers what it asks."""

    def __init__(self, **settings: object) -> None:
        self.notebook = Notebook()
        self.register = Register(Policy(TranscribeSettings(**settings)), self.notebook)
        self.linked: dict[str, str] = {}
        self.marks: dict[str, str] = {}
        self.present: set[str] = set()

    def now(self, *talks, gone: str = "") -> list:
        """Return the orders, as short as they can be read, once all questions are answered."""
        for one in talks:
            self.present |= one.ids
        self.present -= set(gone.split())
        orders = self.register.settle(talks, self.present)
        asks = [order for order in orders if isinstance(order, Ask)]
        for ask in asks:
            name = ask.channel.id
            facts = Facts(self.linked.get(name, "c1"), self.marks.get(name, ""))
            self.notebook.learn(name, facts)
        rest = [short(order) for order in orders if not isinstance(order, Ask)]
        return rest + (self.now(*talks) if asks else [])


def short(order) -> str:
    match order:
        case Begin(call=call):
            return f"{call} begins"
        case Join(call=call, channel=one, again=again):
            return f"{call}: {one.id} joins{' again' if again else ''}"
        case Leave(call=call, channel_id=one):
            return f"{call}: {one} leaves"
        case End(call=call, reason=reason):
            return f"{call} ends: {reason}"
        case Forget(call=call):
            return f"{call} is forgotten"
    raise AssertionError(order)


BASIC = ["c1 begins", "c1: c1 joins", "c1: c2 joins"]


def test_two_who_talk_are_a_call_that_ends_with_them():
    pbx = Pbx()

    assert pbx.now(talk(A, B)) == BASIC
    assert pbx.now(talk(A, B)) == []
    assert pbx.now(gone="c2") == ["c1: c2 leaves"]
    assert pbx.now(gone="c1") == ["c1: c1 leaves", "c1 ends: hung up"]


def test_nobody_is_heard_before_it_is_known_whether_somebody_said_no():
    register = Register(Policy(TranscribeSettings()), notebook := Notebook())

    assert register.settle([talk(A, B)], {"c1", "c2"}) == [Ask(A), Ask(B)]
    assert register.settle([talk(A, B)], {"c1", "c2"}) == []
    notebook.learn("c1", Facts("c1"))
    notebook.forgo("c2")

    assert register.settle([talk(A, B)], {"c1", "c2"}) == [Ask(B)]


def test_a_no_that_comes_while_the_question_is_on_its_way_counts():
    register = Register(Policy(TranscribeSettings()), notebook := Notebook())
    register.settle([talk(A, B)], {"c1", "c2"})

    notebook.mark("c2", "no")
    notebook.learn("c1", Facts("c1"))
    notebook.learn("c2", Facts("c1"))

    assert register.settle([talk(A, B)], {"c1", "c2"}) == []


def test_after_a_blind_transfer_the_call_goes_on():
    pbx = Pbx()
    pbx.now(talk(A, B))

    assert pbx.now(gone="c2") == ["c1: c2 leaves"]
    assert pbx.register.hushed == {"c1"}
    assert pbx.now(talk(A, C)) == ["c1: c3 joins"]
    assert pbx.register.hushed == set()


def test_a_consultation_is_part_of_the_call_while_the_caller_waits():
    pbx = Pbx()
    pbx.now(talk(A, B))

    assert pbx.now(talk(B, C)) == ["c1: c3 joins"]
    assert pbx.register.hushed == {"c1"}
    assert pbx.now(talk(A, C), gone="c2") == ["c1: c2 leaves"]
    assert pbx.register.hushed == set()


def test_where_two_calls_come_together_the_older_one_goes_on():
    pbx = Pbx()
    pbx.linked = {"c3": "c3", "c4": "c3"}
    pbx.now(talk(A, B))
    assert pbx.now(talk(A, B), talk(C, D)) == ["c3 begins", "c3: c3 joins", "c3: c4 joins"]

    assert pbx.now(talk(A, D)) == ["c3: c4 leaves", "c1: c4 joins"]
    assert pbx.now(talk(A, D), gone="c2 c3") == [
        *("c1: c2 leaves", "c3: c3 leaves", "c3 ends: hung up"),
    ]


def test_a_second_call_of_the_same_phone_is_a_call_of_its_own():
    pbx = Pbx()
    second = channel(3, "201")
    pbx.linked = {"c3": "c3", "c4": "c3"}

    pbx.now(talk(A, B))

    assert pbx.now(talk(A, B), talk(second, D))[0] == "c3 begins"


def test_people_in_a_conference_join_and_leave():
    pbx = Pbx()
    pbx.linked = {"c1": "c1", "c2": "c2", "c3": "c3"}

    assert pbx.now(talk(A, B)) == BASIC
    assert pbx.now(talk(A, B, C)) == ["c1: c3 joins"]
    assert pbx.now(talk(B, C), gone="c1") == ["c1: c1 leaves"]
    assert pbx.now(gone="c2 c3") == ["c1: c2 leaves", "c1: c3 leaves", "c1 ends: hung up"]


def test_who_is_on_hold_is_silent():
    pbx = Pbx()
    pbx.now(talk(A, B))

    pbx.now(talk(A, B, held="c1 c2"))
    assert pbx.register.hushed == {"c1", "c2"}

    pbx.now(talk(A, B))
    assert pbx.register.hushed == set()


def test_a_variable_switches_a_call_off_before_it_begins():
    pbx = Pbx()
    pbx.marks = {"c2": "no"}

    assert pbx.now(talk(A, B)) == []
    assert pbx.now(gone="c1 c2") == []


def test_a_variable_switches_a_call_off_for_good():
    pbx = Pbx()
    pbx.now(talk(A, B))

    pbx.notebook.mark("c1", "no")
    assert pbx.now(talk(A, B)) == ["c1: c1 leaves", "c1: c2 leaves", "c1 ends: stopped"]

    pbx.notebook.mark("c1", "yes")
    assert pbx.now(talk(A, B)) == []
    assert pbx.now(gone="c1 c2") == ["c1 is forgotten"]


def test_a_variable_switches_a_call_on_later():
    pbx = Pbx(select="none")
    assert pbx.now(talk(A, B)) == []

    pbx.notebook.mark("c1", "yes")

    assert sorted(pbx.now(talk(A, B))) == sorted(BASIC)


def test_a_call_that_somebody_opted_out_of_stays_so_whoever_joins():
    pbx = Pbx()
    pbx.linked = {"c3": "c3", "c4": "c3"}
    pbx.now(talk(A, B))
    name = pbx.register.call_of("c2")
    assert name == "c1"

    orders = pbx.register.stop(name, "opted out")

    assert [short(order) for order in orders][-1] == "c1 ends: opted out"
    assert pbx.register.call_of("c2") is None
    pbx.now(talk(A, B), talk(C, D))
    assert pbx.now(talk(A, D)) == ["c3: c4 leaves"]


def test_with_somebody_who_is_never_transcribed_nobody_is_heard():
    pbx = Pbx(deny=("203",))
    pbx.now(talk(A, B))

    assert pbx.now(talk(A, C), gone="c2") == ["c1: c2 leaves"]
    assert "c1" in pbx.register.hushed
    assert pbx.now(talk(A, D), gone="c3") == ["c1: c3 leaves", "c1: c4 joins"]
    assert pbx.register.hushed == set()


def test_an_unwanted_call_is_wanted_once_somebody_on_the_list_joins():
    pbx = Pbx(select="listed", allow=("203",))

    assert pbx.now(talk(A, B)) == []
    assert sorted(pbx.now(talk(A, C), gone="c2")) == [
        *("c1 begins", "c1: c1 joins", "c1: c3 joins"),
    ]


def test_after_a_crash_a_call_goes_on_under_its_name():
    pbx = Pbx()
    # Of a conference nothing but memory tells which call it was: the first to come has left.
    pbx.notebook.recall({"c2": "conference"}, ())

    assert pbx.now(talk(A, B)) == [
        *("conference begins", "conference: c1 joins", "conference: c2 joins again"),
    ]


def test_after_a_crash_a_refusal_is_remembered():
    pbx = Pbx()
    pbx.notebook.recall({}, ["c1"])

    assert pbx.now(talk(A, B)) == []
    assert pbx.now(gone="c1 c2") == ["c1 is forgotten"]


@pytest.mark.parametrize("moment", range(4))
def test_who_hangs_up_while_questions_are_open_is_forgotten(moment):
    register = Register(Policy(TranscribeSettings()), notebook := Notebook())
    register.settle([talk(A, B)], {"c1", "c2"})
    for name in ("c1", "c2", "c3")[:moment]:
        notebook.learn(name, Facts("c1"))

    assert register.settle([], ()) == []
    assert register.settle([], ()) == []
