from __future__ import annotations

from voicebot.sim.agenda import Agenda


def advance(agenda: Agenda, ticks: int) -> None:
    for _ in range(ticks):
        agenda.advance()


def test_things_are_done_when_they_are_due_and_in_order():
    agenda, done = Agenda(), list[str]()
    agenda.after(0.06, lambda: done.append("late"))
    agenda.after(0.02, lambda: done.append("soon"))
    agenda.after(0.02, lambda: done.append("next"))
    advance(agenda, 1)
    assert done == ["soon", "next"]
    advance(agenda, 1)
    assert done == ["soon", "next"]
    advance(agenda, 1)
    assert done == ["soon", "next", "late"]


def test_what_is_cancelled_is_not_done():
    agenda, done = Agenda(), list[str]()
    appointment = agenda.after(0.02, lambda: done.append("never"))
    appointment.cancel()
    appointment.cancel()
    advance(agenda, 2)
    assert done == []


def test_at_once_means_the_next_tick():
    agenda, done = Agenda(), list[float]()
    agenda.after(0.0, lambda: done.append(agenda.now))
    assert done == []
    advance(agenda, 1)
    assert done == [0.02]


def test_an_action_may_make_another_appointment():
    agenda, done = Agenda(), list[int]()

    def again() -> None:
        done.append(agenda.tick)
        agenda.after(0.04, again)

    again()
    advance(agenda, 5)
    assert done == [0, 2, 4]
