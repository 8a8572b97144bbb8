from __future__ import annotations

from voicebot.turns.turn import Turn


def test_words_keep_the_confidence_that_they_were_understood_with():
    turn = Turn(1)
    for revision, (text, confidence) in enumerate(
        [("Wait.", 0.7), ("", 0.1), ("Weight.", 0.4)], start=1
    ):
        turn.revise(b"", 0, 1000 * revision)
        assert turn.understand(1, revision, text, confidence)

    assert (turn.words, turn.confidence) == ("Weight.", 0.4)
    assert (turn.before, turn.believed) == ("Wait.", 0.7)


def test_what_else_words_may_have_been_is_kept_with_them():
    turn = Turn(1)
    turn.revise(b"", 0, 1000)
    turn.understand(1, 1, "Them.", 0.3, readings=[{"Them.": 0.1}])
    turn.revise(b"", 0, 2000)
    turn.understand(1, 2, "", None, readings=[{"You.": 0.1}])
    assert turn.readings == [{"Them.": 0.1}]

    turn.revise(b"", 0, 3000)
    turn.understand(1, 3, "Them too.", 0.5)
    assert not turn.readings


def test_a_hearing_without_words_leaves_those_before():
    turn = Turn(1)
    turn.revise(b"", 0, 1000)
    turn.understand(1, 1, "Wait.", 0.7)
    turn.revise(b"", 0, 3000)
    turn.understand(1, 2, "", 0.1)

    assert (turn.text, turn.confidence) == ("Wait.", 0.7)
    assert turn.wordless == 3000
