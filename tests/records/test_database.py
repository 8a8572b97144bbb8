"""What the database keeps, in SQLite and in PostgreSQL."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.records.telling import NOON, a_call, at, entries, final
from voicebot.errors import CallUnknownError, ConfigError, RecordsForeignError, RecordsRefusedError
from voicebot.records.database import Database
from voicebot.records.events import (
    CallEnded,
    CallStarted,
    Partial,
    PartyJoined,
    ToolCalled,
    TurnTaken,
)
from voicebot.records.reading import list_calls, load_call
from voicebot.records.schema import HEAD, KNOWN
from voicebot.records.tables import VERSION_TABLE, metadata


def test_a_call_is_read_back_as_it_was_told(database):
    database.deliver(entries(a_call()))

    record = load_call(database, "1.1")

    assert (record.app, record.direction, record.reason) == ("transcriber", "internal", "hung up")
    assert record.started_at == NOON
    assert record.ended_at == NOON + dt.timedelta(seconds=10)
    assert [(it.number, it.name, it.joined, it.left) for it in record.parties] == [
        ("201", "Anna", 0, at(10)),
        ("202", "Boris", 0, at(10)),
    ]
    first, second = record.utterances
    told = final("Hello Boris.", 1)
    assert (first.party, first.start, first.end, first.text) == (
        "anna",
        told.start,
        told.end,
        told.text,
    )
    assert (first.language, first.confidence, first.lag_s) == ("en", 0.9, 0.4)
    assert first.words == told.words
    assert (second.party, second.text) == ("boris", "Hello Anna.")


def test_a_call_that_is_still_going_on_is_there_already(database):
    database.deliver(entries(a_call()[:4]))

    record = load_call(database, "1.1")

    assert record.ended_at is None
    assert [it.text for it in record.utterances] == ["Hello Boris."]


def test_events_that_come_again_change_nothing(database):
    told = entries(a_call())
    database.deliver(told)
    before = load_call(database, "1.1")

    database.deliver(told)
    database.deliver(told[3:])

    assert load_call(database, "1.1") == before


def test_what_was_delivered_before_a_kill_is_skipped_and_the_rest_kept(database):
    told = entries(a_call())
    database.deliver(told[:5])

    database.deliver(told)

    record = load_call(database, "1.1")
    assert len(record.utterances) == 2
    assert record.reason == "hung up"


def test_a_call_that_comes_again_goes_on_in_the_same_record(database):
    again = NOON + dt.timedelta(seconds=60)
    database.deliver(entries(a_call()[:5], run="first"))

    database.deliver(
        entries(
            [
                CallStarted("1.1", again, "internal"),
                PartyJoined("1.1", "anna", "201", "Anna", 0),
                final("Still there?", 2.0),
                CallEnded("1.1", again + dt.timedelta(seconds=9), at(9), "hung up"),
            ],
            run="second",
        )
    )

    record = load_call(database, "1.1")
    assert record.started_at == NOON
    assert record.ended_at == again + dt.timedelta(seconds=9)
    assert [it.text for it in record.utterances] == ["Hello Boris.", "Hello Anna.", "Still there?"]
    assert record.utterances[-1].start == at(62.0)
    assert record.utterances[-1].words[0].start == at(62.0)
    assert [it.name for it in record.parties] == ["Anna", "Boris"]
    assert {it.left for it in record.parties} == {at(69)}


def test_a_party_that_nobody_announced_is_kept_and_named_later(database):
    started, anna, *_ = a_call()
    database.deliver(entries([started, final("Hello?", 1)]))

    (unknown,) = load_call(database, "1.1").parties
    database.deliver(entries([anna], first=3))
    (known,) = load_call(database, "1.1").parties

    assert unknown.number == ""
    assert unknown.shown == "anna"
    assert (known.number, known.shown) == ("201", "Anna")


def test_an_utterance_that_comes_again_with_another_text_is_replaced(database):
    database.deliver(entries([*a_call()[:3], final("Hello Doris.", 1), final("Hello Boris.", 1)]))

    assert [it.text for it in load_call(database, "1.1").utterances] == ["Hello Boris."]


def test_partials_are_not_kept(database):
    database.deliver(entries([*a_call()[:3], Partial("1.1", "anna", 1, 0, at(1), "Hel")]))

    assert load_call(database, "1.1").utterances == ()


def test_characters_that_no_database_takes_do_not_stop_it(database):
    events = [*a_call()[:2], final("zero\0 byte", 1), replace(final("ok", 2), utterance=2)]

    database.deliver(entries(events))

    assert [it.text for it in load_call(database, "1.1").utterances] == ["zero byte", "ok"]


def test_a_number_that_no_column_takes_is_refused_and_nothing_of_it_kept(database):
    beyond = replace(final("late", 1), start=2**70, words=())

    with pytest.raises((RecordsRefusedError, OverflowError)):
        database.deliver(entries([*a_call()[:2], beyond]))

    assert list_calls(database, limit=1) == []


def test_why_an_event_is_refused_is_told_without_what_was_said(database):
    incomplete = replace(final("Buttercup.", 1), language=None)

    with pytest.raises(RecordsRefusedError, match="language") as caught:
        database.deliver(entries([*a_call()[:2], incomplete]))

    assert "Buttercup" not in str(caught.value)


def test_turns_with_the_receptionist_are_kept_with_their_waits_and_tools(database):
    database.deliver(
        entries(
            [
                CallStarted("2.1", NOON, "incoming", "receptionist"),
                PartyJoined("2.1", "caller", "+31201234567", "", 0),
                PartyJoined("2.1", "bot", "100", "Northwind", 0),
                TurnTaken("2.1", "bot", 0, at(2), "Hello."),
                TurnTaken("2.1", "caller", 1, at(4), "I would like"),
                TurnTaken("2.1", "caller", 1, at(5), "I would like sales."),
                TurnTaken("2.1", "bot", 1, at(6), "One mo", interrupted=True, steps={"pause": 104}),
                ToolCalled("2.1", at(7), "transfer", "sales", "answered"),
                CallEnded("2.1", NOON + dt.timedelta(seconds=8), at(8), "transferred"),
            ]
        )
    )

    record = load_call(database, "2.1")

    assert record.app == "receptionist"
    assert [(it.party, it.text, it.interrupted) for it in record.turns] == [
        ("bot", "Hello.", False),
        ("caller", "I would like sales.", False),
        ("bot", "One mo", True),
    ]
    assert record.turns[-1].steps == {"pause": 104}
    assert [(it.name, it.argument, it.result) for it in record.tools] == [
        ("transfer", "sales", "answered")
    ]


def test_calls_are_listed_newest_first_with_their_parties(database):
    for count in range(5):
        database.deliver(
            entries(a_call(f"1.{count}", begun=NOON + dt.timedelta(hours=count)), run=str(count))
        )

    listed = list_calls(database, limit=3)

    assert [it.call for it in listed] == ["1.4", "1.3", "1.2"]
    assert [it.shown for it in listed[0].parties] == ["Anna", "Boris"]
    assert listed[0].said == 2


@pytest.mark.parametrize(
    ("number", "found"), [("201", True), ("20*", True), ("*", True), ("20", False), ("2_1", False)]
)
def test_calls_are_found_by_the_number_of_a_party(database, number, found):
    database.deliver(entries(a_call()))

    assert bool(list_calls(database, number=number, limit=9)) is found


def test_calls_are_found_by_their_time_whatever_its_zone(database):
    database.deliver(entries(a_call()))
    moscow = dt.timezone(dt.timedelta(hours=3))
    noon = NOON.astimezone(moscow)

    assert list_calls(database, since=noon, limit=9)
    assert not list_calls(database, until=noon, limit=9)
    assert not list_calls(database, since=noon + dt.timedelta(seconds=1), limit=9)


def test_old_calls_are_deleted_with_all_that_was_said(database):
    database.deliver(entries(a_call("old"), run="a"))
    database.deliver(entries(a_call("new", begun=NOON + dt.timedelta(days=2)), run="b"))

    assert database.prune(NOON + dt.timedelta(days=1)) == 1

    assert [it.call for it in list_calls(database, limit=9)] == ["new"]
    with database.reading() as connection:
        for name in ("parties", "utterances"):
            rows = connection.execute(metadata.tables[name].select()).all()
            assert {row.call_id for row in rows} == {"new"}


def test_of_a_call_that_somebody_opted_out_of_no_word_is_kept(database):
    *told, ended = a_call()

    database.deliver(entries([*told, replace(ended, reason="opted out")]))

    record = load_call(database, "1.1")
    assert record.reason == "opted out"
    assert record.utterances == ()


def test_a_deleted_call_does_not_come_back_with_its_next_sentence(database):
    database.deliver(entries(a_call()[:4]))
    database.delete("1.1")

    database.deliver(entries([final("I said:", 5)], first=5))

    with pytest.raises(CallUnknownError, match=r"1\.1"):
        load_call(database, "1.1")
    assert list_calls(database, limit=9) == []


def test_deleting_what_is_not_there_is_named(database):
    with pytest.raises(CallUnknownError, match="no-such"):
        database.delete("no-such")


def test_the_migrations_make_the_tables_that_the_code_uses(database):
    database.open()

    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})

        assert compare_metadata(context, metadata) == []


def test_the_last_migration_is_the_one_that_the_code_asks_for():
    config = Config()
    config.set_main_option("script_location", "voicebot.records:migrations")
    scripts = ScriptDirectory.from_config(config)

    assert scripts.get_heads() == [HEAD]
    assert {script.revision for script in scripts.walk_revisions()} == KNOWN


def test_a_newer_schema_is_refused_and_left_as_it_is(url):
    newer = Database(url)
    newer.deliver(entries(a_call()))
    with newer.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")  # noqa: S608
    newer.close()
    database = Database(url)

    with pytest.raises(RecordsForeignError, match=r"9999.*update"):
        database.open()

    database.close()


def test_two_programs_may_start_and_write_at_once(url):
    databases = [Database(url), Database(url)]

    def work(index: int) -> None:
        for count in range(10):
            name = f"{index}.{count}"
            databases[index].deliver(entries(a_call(name), run=name))

    with ThreadPoolExecutor() as threads:
        list(threads.map(work, range(2)))

    listed = {it.call: it.said for it in list_calls(databases[0], limit=99)}
    assert listed == {f"{index}.{count}": 2 for index in range(2) for count in range(10)}
    for database in databases:
        database.close()


@pytest.mark.parametrize("url", ["sqlite://", "postgresql://host:port/x", "sqlite:///"])
def test_a_url_that_cannot_be_used_is_named_by_its_key(url):
    with pytest.raises(ConfigError, match=r"records\.url"):
        Database(url)
