from __future__ import annotations

from structlog.testing import capture_logs

from tests.apps.test_minutes import a_channel
from voicebot.apps.reporting import log_call
from voicebot.call.report import BotSaid, CallerSaid, Speculated
from voicebot.call.timeline import Stamp, Timeline

ANSWER = "The answer is a secret."


def test_a_turn_is_one_line_with_all_of_its_steps():
    timeline = Timeline(2, {step: 7.0 + 0.05 * place for place, step in enumerate(Stamp)})

    with capture_logs() as lines:
        log_call(a_channel())(BotSaid(ANSWER, interrupted=False, timeline=timeline))

    (line,) = lines
    assert (line["event"], line["turn"], line["interrupted"]) == ("turn", 2, False)
    assert [line[step] for step in Stamp] == [0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0]


def test_what_was_drafted_in_vain_is_one_line():
    wasted = Speculated(
        transcripts=5,
        drafts=3,
        used=1,
        dropped={"resumed": 2},
        held_back={"per_turn": 1},
        wasted_ms={"llm": 40},
    )

    with capture_logs() as lines:
        log_call(a_channel())(wasted)

    (line,) = lines
    assert (line["event"], line["drafts"], line["used"]) == ("speculation", 3, 1)
    assert (line["dropped"], line["held_back"]) == ({"resumed": 2}, {"per_turn": 1})
    assert line["wasted_ms"] == {"llm": 40}


def test_nothing_that_is_said_is_logged():
    with capture_logs() as lines:
        report = log_call(a_channel())
        report(CallerSaid(ANSWER, 1))
        report(BotSaid(ANSWER, interrupted=True, timeline=None))
        report(BotSaid(ANSWER, interrupted=True, timeline=Timeline(1)))

    assert ANSWER not in str(lines)
