from __future__ import annotations

import datetime as dt
import io
import json
import re
import wave
import zlib
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from structlog.testing import capture_logs

from tests.call.voices import speech
from voicebot.apps.calls import Office
from voicebot.apps.demo import CONVERSATIONS, Conversation, run_demo
from voicebot.apps.demo.checks import (
    Answers,
    Evidence,
    FollowsScript,
    GoesOn,
    HangsUp,
    LeavesNothing,
    Talks,
    Transfers,
    Waits,
    Yields,
    share_heard,
)
from voicebot.apps.demo.colleague import Colleague, WaitForColleague
from voicebot.apps.demo.conversations import Line, Meets, OnCall
from voicebot.apps.demo.events import (
    BotSpoke,
    BotUsedTool,
    CallEnded,
    CallerSpeaks,
    CallStarted,
    ColleagueSpeaks,
    Heard,
    Preparing,
    Starting,
    Verdict,
)
from voicebot.apps.demo.run import choose, dialplan_of, settings_for, summarise
from voicebot.apps.demo.views import JsonView, LineView, TerminalView
from voicebot.apps.demo.voices import speak
from voicebot.call.common import Providers
from voicebot.call.report import BotSaid, ToolUsed
from voicebot.call.speculation import Limits
from voicebot.config import LlmSettings, ModelsSettings, Settings, SttSettings
from voicebot.errors import ConfigError, DemoError, ModelMissingError
from voicebot.media.audio import FRAME_BYTES, SAMPLE_RATE, SILENCE
from voicebot.media.endpoint import RtpEndpoint
from voicebot.sim import Phone, Recording, SimulatedPbx, Spoken
from voicebot.sim.script import HangUp, Pause, ScriptTimeoutError, WaitForEnd, WaitForQuiet
from voicebot.speech.availability import Availability
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.protocols import Message, TextDelta, Tool, Transcript
from voicebot.speech.scripted import ScriptedLanguageModel

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from voicebot.apps.demo.events import DemoEvent
    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport, Reporter
    from voicebot.call.waiting import Colleagues
    from voicebot.media.audio import Pcm

NOON = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
SECONDS_PER_WORD = 0.06
LISTEN = WaitForQuiet(0.3)


@pytest.fixture(autouse=True)
def _log_apart() -> Iterator[None]:
    """Keep the log out of what is read from standard output."""
    with capture_logs():
        yield


def noon() -> dt.datetime:
    return NOON


@dataclass
class Ears:
    """Understands ``texts`` one after the other."""

    texts: list[str]

    async def transcribe(self, pcm: Pcm, *, language: str, hint: str = "") -> Transcript:
        assert pcm
        del hint
        return Transcript(self.texts.pop(0) if self.texts else "", language)


@dataclass
class Voice:
    """Speaks 0.06 s a word, at least 0.3 s."""

    spoken: list[str] = field(default_factory=list)

    async def synthesise(self, text: str, *, language: str) -> AsyncIterator[Pcm]:
        self.spoken.append(f"{language}: {text}")
        # No two lines sound the same.
        pitch = 110 + zlib.crc32(text.encode()) % 80
        yield speech(max(0.3, SECONDS_PER_WORD * len(text.split())), pitch=pitch)


def office_with(ears: Ears, *, error: Exception | None = None) -> Any:
    """Return an ``OfficeOpener``: fake ears and voice; all else is what callers meet."""

    @asynccontextmanager
    async def open_office(
        settings: Settings, *, watch: Callable[[Channel], Reporter], colleagues: Colleagues
    ) -> AsyncIterator[Office]:
        if error is not None:
            raise error
        assert settings.receptionist.prompt is not None
        prompt = load_prompt(settings.receptionist.prompt)
        llm = ScriptedLanguageModel(prompt, noon, colleagues.availability)
        providers = Providers(ears, llm, Voice())
        transport = RtpEndpoint()
        await transport.start()
        try:
            limits = Limits(settings.speculation)
            office = Office(settings, prompt, providers, transport, noon, watch, limits)
            yield replace(office, colleagues=colleagues)
        finally:
            await transport.close()

    return open_office


def stage(
    monkeypatch: pytest.MonkeyPatch, conversation: Conversation, *, language: str = "en"
) -> Ears:
    """Put ``conversation`` among those that can be named; return ears that understand it."""
    monkeypatch.setitem(CONVERSATIONS[language], conversation.name, conversation)
    return Ears([act.text for act in conversation.acts if isinstance(act, Line) and act.answered])


async def demonstrate(
    conversation: Conversation, ears: Ears, output: Path, *, as_json: bool = True
) -> None:
    await run_demo(
        Settings(),
        language="en",
        conversations=[conversation.name],
        output=output,
        as_json=as_json,
        open_office=office_with(ears),
    )


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class TestOnTheWire:
    """The unchanged receptionist and the simulated PBX, in real time."""

    async def test_a_caller_is_answered_and_the_bot_hangs_up(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        question = Conversation(
            "question",
            "A question",
            (LISTEN, Line("What is your address?"), LISTEN, Line("Goodbye."), WaitForEnd(5)),
            (Answers("12 Harbour Street"), HangsUp()),
        )

        await demonstrate(question, stage(monkeypatch, question), tmp_path)

        events = told(capsys)
        names = [event["event"] for event in events]
        assert names[:4] == ["starting", "preparing", "preparing", "call_started"]
        assert names[-2:] == ["call_ended", "summary"]
        spoken = [event for event in events if event["event"] == "bot_spoke"]
        assert "12 Harbour Street" in spoken[1]["text"]
        assert spoken[0]["wait_ms"] is None
        assert all(0 < event["wait_ms"] < 2000 for event in spoken[1:])
        summary = events[-1]
        assert summary["ok"]
        assert summary["turns"] == 2
        assert summary["left_behind"] == 0
        (call,) = summary["calls"]
        assert call["waits_ms"] == [event["wait_ms"] for event in spoken[1:]]
        assert all(verdict["met"] for verdict in call["verdicts"])
        with wave.open(call["recording"]) as file:
            assert file.getnchannels() == 2
            assert file.getnframes() / file.getframerate() == pytest.approx(
                call["seconds"], abs=0.2
            )
        assert Path(call["recording"]).name == "voicebot-demo-en-question.wav"

    async def test_a_transferred_caller_talks_with_the_colleague(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        transfer = Conversation(
            "transfer",
            "To sales",
            (
                LISTEN,
                Line("Sales, please."),
                Meets("sales", ("Sales.", "Yes.")),
                Pause(0.1),
                Line("Twelve telephones.", answered=False),
                LISTEN,
                HangUp(),
            ),
            (Transfers("sales"), Talks()),
        )

        monkeypatch.setattr("voicebot.apps.demo.run.ANSWERS", Phone(after=0.1))

        await demonstrate(transfer, stage(monkeypatch, transfer), tmp_path, as_json=False)

        out = capsys.readouterr().out
        order = [
            "starting the receptionist",
            "== To sales",
            "caller: Sales, please.",
            "I'm putting you through to sales.",
            "(transfer sales: answered)",
            "sales: Sales.",
            "caller: Twelve telephones.",
            "sales: Yes.",
            "ok  the caller and the colleague hear each other",
            "ok  nothing is left in the PBX",
            "transfer: turns 1, ",
            "as scripted yes",
        ]
        places = [out.index(part) for part in order]
        assert places == sorted(places)

    async def test_what_went_wrong_is_told_and_ends_with_an_error(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ):
        vain = Conversation("vain", "In vain", (LISTEN, WaitForEnd(0.2)), (Answers("42"),))

        with pytest.raises(DemoError, match=r"vain: .*the caller is told '42'"):
            await demonstrate(vain, stage(monkeypatch, vain), tmp_path)

        summary = told(capsys)[-1]
        assert not summary["ok"]
        unmet = [v["what"] for v in summary["calls"][0]["verdicts"] if not v["met"]]
        assert unmet == ["the caller is told '42'", "the call takes its course"]
        assert (tmp_path / "voicebot-demo-en-vain.wav").exists()

    async def test_a_caller_waits_for_somebody_on_another_call(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ):
        patience = Conversation(
            "patience",
            "A caller waits",
            (
                OnCall("sales", 4.0),
                LISTEN,
                Line("Sales, please."),
                LISTEN,
                Line("I will wait."),
                Meets("sales", ("Sales department, Tom speaking.",)),
                Pause(0.2),
                HangUp(),
            ),
            (Answers("sales is on another call"), Waits("sales"), Transfers("sales"), Talks()),
        )

        await demonstrate(patience, stage(monkeypatch, patience), tmp_path)

        assert told(capsys)[-1]["ok"]


@pytest.mark.local
@pytest.mark.timeout(180)
async def test_with_the_local_models_the_bot_answers_and_hangs_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    pytest.importorskip("faster_whisper")
    from voicebot.server import open_office  # noqa: PLC0415 - needs what the line above looks for

    await run_demo(
        Settings(),
        language="en",
        conversations=["hours"],
        output=tmp_path,
        as_json=True,
        open_office=open_office,
    )

    summary = told(capsys)[-1]
    assert summary["ok"]
    assert summary["turns"] == 3
    assert summary["median_ms"] < 2000


class TestBeforeAnythingStarts:
    async def test_an_unknown_conversation_is_named_with_those_there_are(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"no conversation 'houres'; there are hours, sales"):
            await run_demo(
                Settings(),
                language="en",
                conversations=["houres"],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_an_unknown_language_is_named_with_those_there_are(self, tmp_path: Path):
        with pytest.raises(ConfigError, match=r"no demonstration in 'xx'; there is one in en, ru"):
            await run_demo(
                Settings(),
                language="xx",
                conversations=[],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_a_folder_that_is_a_file_is_refused(self, tmp_path: Path):
        taken = tmp_path / "taken"
        taken.write_text("")

        with pytest.raises(ConfigError, match=re.escape(str(taken))):
            await run_demo(
                Settings(),
                language="en",
                conversations=[],
                output=taken,
                as_json=True,
                open_office=office_with(Ears([])),
            )

    async def test_missing_models_end_the_demonstration_with_the_way_out(self, tmp_path: Path):
        missing = ModelMissingError("install it with: pip install 'voicebot[local]'")

        with pytest.raises(ModelMissingError, match="pip install"):
            await run_demo(
                Settings(),
                language="en",
                conversations=[],
                output=tmp_path,
                as_json=True,
                open_office=office_with(Ears([]), error=missing),
            )

    def test_an_unknown_language_is_named(self):
        with pytest.raises(ConfigError, match="no prompt for language 'xx'"):
            settings_for(Settings(), "xx")
        with pytest.raises(ConfigError, match="no demonstration in 'xx'; there is one in en, ru"):
            choose("xx", [], clear_voice=True)

    def test_without_a_clear_voice_only_what_is_understood_is_played(self):
        assert [talk.name for talk in choose("ru", [], clear_voice=False)] == ["keypad", "yield"]
        assert len(choose("ru", [], clear_voice=True)) == len(CONVERSATIONS["ru"])
        assert [talk.name for talk in choose("ru", ["sales"], clear_voice=False)] == ["sales"]

    def test_providers_left_to_choice_are_local_and_named_ones_stay(self):
        given = Settings(
            stt=SttSettings(base_url="http://speech.example/v1"), llm=LlmSettings(provider="openai")
        )

        own = settings_for(given, "ru")

        assert (own.stt.provider, own.llm.provider, own.tts.provider) == ("auto", "openai", "local")
        assert own.receptionist.prompt == builtin_prompt("ru")
        assert settings_for(Settings(), "en").llm.provider == "scripted"

    def test_models_and_turns_are_those_of_the_settings(self):
        given = Settings(models=ModelsSettings(threads=1))

        assert settings_for(given, "en").models.threads == 1

    @pytest.mark.parametrize("language", CONVERSATIONS)
    def test_everybody_in_the_directory_has_a_phone(self, language: str):
        prompt = load_prompt(builtin_prompt(language))

        dialplan = dialplan_of(prompt)

        assert set(dialplan) == {entry.extension for entry in prompt.directory.values()}
        assert getattr(dialplan[prompt.directory["support"].extension], "outcome", "") == "busy"


SCRIPTS = [
    pytest.param(language, conversation, id=f"{language}-{conversation.name}")
    for language, conversations in CONVERSATIONS.items()
    for conversation in conversations.values()
]


@pytest.mark.parametrize(("language", "conversation"), SCRIPTS)
async def test_the_scripted_receptionist_can_answer_every_line(
    language: str, conversation: Conversation
):
    prompt = load_prompt(builtin_prompt(language))
    calls = [act for act in conversation.acts if isinstance(act, OnCall)]
    busy = {prompt.directory[act.key].extension for act in calls}
    model = ScriptedLanguageModel(
        prompt, noon, lambda it: Availability.BUSY if it in busy else Availability.FREE
    )
    tools = [Tool(name, "", {}) for name in ("transfer", "hang_up", "repeat", "wait")]
    lines = [act.text for act in conversation.acts if isinstance(act, Line) and act.answered]
    said = prompt.greeting
    for text in lines:
        if language == "ru" and text.endswith("уже знаю."):
            continue  # said only to interrupt
        messages = [Message("assistant", said), Message("user", text)]
        parts = [part async for part in model.reply(messages, tools=tools)]
        said = "".join(part.text for part in parts if isinstance(part, TextDelta))
        assert said
        assert prompt.phrases.not_understood not in said, text
    for act in conversation.acts:
        assert not isinstance(act, Meets) or act.key in prompt.directory


def recording(*heard: tuple[float, float], said: tuple[Spoken, ...] = ()) -> Recording:
    """Return 10 s of a call in which the bot is heard in these stretches, in seconds."""
    kept = Recording()
    for tick in range(500):
        sounds = any(start <= tick * 0.02 < end for start, end in heard)
        kept.add(tick, SILENCE, b"\x00\x10" * 320 if sounds else SILENCE)
    kept.spoken.extend(said)
    return kept


def evidence(*reports: CallReport, **fields: Any) -> Evidence:
    return Evidence(**{"reports": reports, "recording": recording(), **fields})


def heard(text: str, *, interrupted: bool = False) -> BotSaid:
    return BotSaid(text, interrupted, None)


INTERRUPTION = Spoken("Stop", SAMPLE_RATE * 3, SAMPLE_RATE * 4)

VERDICTS = [
    (Answers("harbour"), evidence(heard("12 Harbour Street.")), True),
    (Answers("harbour"), evidence(heard("12 Harbour", interrupted=True)), False),
    (Answers("harbour"), evidence(heard("I don't know.")), False),
    (Transfers("sales"), evidence(ToolUsed("transfer", "sales", "answered")), True),
    (Transfers("sales"), evidence(ToolUsed("transfer", "sales", "busy")), False),
    (Transfers("sales", "busy"), evidence(ToolUsed("transfer", "sales", "busy")), True),
    (HangsUp(), evidence(heard("Goodbye!"), ToolUsed("hang_up", "", "done")), True),
    (HangsUp(), evidence(), False),
    (HangsUp(), evidence(ToolUsed("hang_up", "", "done"), heard("Hello?")), False),
    (GoesOn(), evidence(heard("We are open.")), True),
    (GoesOn(), evidence(heard("We are", interrupted=True)), False),
    (GoesOn(), evidence(), False),
    (FollowsScript(), evidence(), True),
    (FollowsScript(), evidence(trouble="nothing came"), False),
    (LeavesNothing(), evidence(), True),
    (LeavesNothing(), evidence(left_behind=2), False),
    (Talks(), evidence(), False),
    (Talks(), evidence(colleague=[speech(1.0)]), False),
    *(
        (
            Yields("Stop"),
            evidence(
                heard("We are", interrupted=interrupted),
                recording=recording((1.0, silent_at), said=(INTERRUPTION,)),
            ),
            met,
        )
        for silent_at, interrupted, met in (
            (3.3, True, True),
            (3.3, False, False),
            (3.9, True, False),
            (10.0, True, False),
        )
    ),
    (Yields("Wait"), evidence(heard("We", interrupted=True), recording=recording((1, 2))), False),
]


@pytest.mark.parametrize(("check", "seen", "met"), VERDICTS)
def test_a_call_is_judged_by_what_was_seen(check: Any, seen: Evidence, met: bool):
    assert check.met(seen) is met
    assert str(check)


class TestHearingAColleague:
    line = speech(1.0)

    def test_a_line_that_arrived_is_found_wherever_it_is(self):
        assert share_heard(self.line, bytes(4000) + self.line + bytes(4000)) == 1.0

    def test_a_part_that_is_missing_is_noticed(self):
        half = len(self.line) // 2
        assert share_heard(self.line, self.line[:half]) == pytest.approx(0.5, abs=0.05)

    def test_silence_proves_nothing(self):
        assert share_heard(bytes(3200), bytes(32_000)) == 0.0


class TestColleague:
    def talk(self, colleague: Colleague, ticks: int, frame: bytes | None) -> list[bytes | None]:
        said = []
        for _ in range(ticks):
            said.append(colleague.speak())
            colleague.hear(frame)
        return said

    def test_the_second_line_waits_until_the_caller_has_spoken_and_paused(self):
        texts: list[str] = []
        line = b"\x00\x10" * 320
        colleague = Colleague([("Hello.", line), ("Yes.", line)], texts.append)

        assert line in self.talk(colleague, 50, SILENCE)
        assert self.talk(colleague, 200, SILENCE) == [SILENCE] * 200
        assert texts == ["Hello."]
        assert line not in self.talk(colleague, 50, line), "the caller speaks"
        assert line in self.talk(colleague, 50, None)
        assert texts == ["Hello.", "Yes."]

    async def test_a_phone_that_nobody_answers_stops_the_script(self):
        pbx = SimulatedPbx(real_time=False)
        seen: Any = SimpleNamespace(now=0.0, ended=False)
        step = WaitForColleague(pbx.exchange, "201", Colleague([], print), timeout=5.0)
        waiting = step.play(seen)
        next(waiting)
        seen.now = 5.0

        with pytest.raises(ScriptTimeoutError, match="nobody answered at 201"):
            next(waiting)

    async def test_a_call_that_ends_before_the_answer_stops_the_script(self):
        pbx = SimulatedPbx(real_time=False)
        seen: Any = SimpleNamespace(now=0.0, ended=True)
        step = WaitForColleague(pbx.exchange, "201", Colleague([], print))

        with pytest.raises(ScriptTimeoutError, match="ended before 201 answered"):
            next(step.play(seen))


async def test_another_pitch_is_another_length_in_whole_frames():
    high = await speak(
        Voice(), "one two three four five six seven eight nine ten", language="en", pitch=1.25
    )
    low = await speak(
        Voice(), "one two three four five six seven eight nine ten", language="en", pitch=0.8
    )

    assert len(high) / 2 / SAMPLE_RATE == pytest.approx(0.6 / 1.25, abs=0.02)
    assert len(low) / 2 / SAMPLE_RATE == pytest.approx(0.6 / 0.8, abs=0.02)
    assert len(high) % FRAME_BYTES == len(low) % FRAME_BYTES == 0


def ended(**fields: Any) -> CallEnded:
    return CallEnded(
        **{
            "conversation": "hours",
            "seconds": 20.5,
            "greeting_ms": 40,
            "waits_ms": (300, 500, 250),
            "unanswered": 0,
            "transfers": (),
            "left_behind": 0,
            "verdicts": (Verdict("the call takes its course", met=True),),
            "recording": "/tmp/voicebot-demo-en-hours.wav",  # noqa: S108 - never written
            **fields,
        }
    )


class TestSummary:
    def test_the_figures_are_those_of_all_turns(self):
        summary = summarise([ended(), ended(waits_ms=(900,), left_behind=1)])

        assert (summary.turns, summary.median_ms, summary.worst_ms) == (4, 400, 900)
        assert summary.left_behind == 1
        assert summary.ok

    def test_one_call_that_went_wrong_spoils_it(self):
        wrong = ended(verdicts=(Verdict("nothing is left in the PBX", met=False),))

        assert not summarise([ended(), wrong]).ok
        assert wrong.failures == ("nothing is left in the PBX",)

    def test_no_call_at_all_is_no_success(self):
        summary = summarise([])

        assert not summary.ok
        assert summary.median_ms is None


EVENTS: list[DemoEvent] = [
    Starting(),
    Preparing(conversation="hours", done=1, total=2),
    Preparing(conversation="hours", done=2, total=2),
    CallStarted(conversation="hours", title="A caller asks"),
    CallerSpeaks(at=1.0, text="When are you [open]?"),
    Heard(at=2.0, text="when are you open"),
    BotSpoke(at=4.0, text="At nine.", interrupted=True, wait_ms=310),
    BotUsedTool(at=5.0, name="hang_up", argument="", result="done"),
    ColleagueSpeaks(at=6.0, name="sales", text="Sales."),
    ended(),
    summarise([ended()]),
]


class TestViews:
    def test_lines_are_plain_and_whole(self):
        out = io.StringIO()
        view = LineView(Console(file=out, width=40, highlight=False))

        for event in EVENTS:
            view.show(event)

        waits = "turns 3, median 0.30 s, worst 0.50 s"
        assert out.getvalue().splitlines() == [
            "starting the receptionist: the models, then its sentences (half a minute)",
            "the voices of 'hours' are ready: 2 sentences",
            "== A caller asks",
            "  1.00 caller: When are you [open]?",
            "  2.00         (heard: when are you open)",
            "  4.00 bot after 0.31 s, interrupted: At nine.",
            "  5.00         (hang_up: done)",
            "  6.00 sales: Sales.",
            "   ok  the call takes its course",
            "   recording: /tmp/voicebot-demo-en-hours.wav",
            "",
            f"hours: {waits}, greeting 0.04 s, transfers none, left nothing, as scripted yes",
            f"all: {waits}, greeting -, transfers -, left nothing, as scripted yes",
        ]

    def test_a_terminal_shows_bubbles_and_a_table(self):
        out = io.StringIO()
        view = TerminalView(Console(file=out, width=100, force_terminal=True))

        for event in EVENTS:
            view.show(event)
        view.close()

        text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.getvalue())
        caller, bot = (
            next(line for line in text.splitlines() if words in line)
            for words in ("When are you [open]?", "At nine.")
        )
        assert caller.index("When") < bot.index("At nine."), "the bot is on the right"
        assert "bot after 0.31 s, interrupted" in text
        assert "What the caller waited" in text
        assert "0.30 s" in text

    def test_json_is_one_object_a_line(self, capsys: pytest.CaptureFixture[str]):
        for event in EVENTS:
            JsonView().show(event)

        events = told(capsys)
        assert len(events) == len(EVENTS)
        assert events[6] == {
            "event": "bot_spoke",
            "at": 4.0,
            "text": "At nine.",
            "interrupted": True,
            "wait_ms": 310,
        }
        assert events[-1]["event"] == "summary"
        assert events[-1]["calls"][0]["event"] == "call_ended"
