"""All of it together: settings, office, PBX, receptionist, callers, summary."""

from __future__ import annotations

import asyncio
import os
import statistics
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Final, Protocol

from pydantic import SecretStr

from voicebot.apps.colleagues import PresentColleagues
from voicebot.apps.demo.conversations import ANSWERS, CONVERSATIONS, PHONES
from voicebot.apps.demo.events import Starting, Summary
from voicebot.apps.demo.playing import Player
from voicebot.apps.demo.views import open_view
from voicebot.apps.receptionist import Receptionist
from voicebot.ari import AriClient
from voicebot.config import AriSettings, MediaSettings, ReceptionistSettings
from voicebot.errors import ConfigError, DemoError
from voicebot.sim import SimulatedPbx
from voicebot.speech.prompt import builtin_prompt, load_prompt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from voicebot.apps.calls import Office
    from voicebot.apps.demo.acts import Conversation
    from voicebot.apps.demo.events import CallEnded
    from voicebot.ari.models import Channel
    from voicebot.call.report import CallReport, Reporter
    from voicebot.call.waiting import Colleagues
    from voicebot.config import LlmSettings, Settings, SttSettings, TtsSettings
    from voicebot.sim import Dialplan
    from voicebot.speech.prompt import Prompt

APP: Final = "voicebot-demo"
_USER: Final = "voicebot"
_PASSWORD: Final = "demo"  # noqa: S105 - of a PBX on loopback that lives as long as the demonstration


class OfficeOpener(Protocol):
    """Builds what all calls share: ``server.open_office``."""

    def __call__(
        self,
        settings: Settings,
        *,
        watch: Callable[[Channel], Reporter],
        colleagues: Colleagues | None,
    ) -> AbstractAsyncContextManager[Office]:
        """Return the office while the context is open. Raises ``VoicebotError`` on entering."""
        ...


async def run_demo(
    settings: Settings,
    *,
    language: str,
    conversations: Sequence[str],
    output: Path,
    as_json: bool,
    open_office: OfficeOpener,
) -> None:
    """Let simulated callers talk with the receptionist, in real time and over the wire.

    ``conversations`` are names of ``CONVERSATIONS[language]``, all of them when empty; a stereo
    recording of each is left in the folder ``output``: the caller left, what it heard right.
    Raises ``ConfigError`` for an unknown name or a folder that cannot be used, ``ModelError`` and
    other ``VoicebotError`` where the receptionist cannot start, and ``DemoError`` when a
    conversation did not go as scripted.
    """
    chosen = choose(language, conversations, clear_voice=_has_clear_voice(settings, language))
    own = settings_for(settings, language)
    _prepare_folder(output)
    switch = _Switch()
    calls: list[CallEnded] = []
    dialplan = dialplan_of(load_prompt(builtin_prompt(language)))
    async with SimulatedPbx(username=_USER, password=_PASSWORD, dialplan=dialplan) as pbx:
        with open_view(as_json=as_json) as view:
            view.show(Starting())
            async with _serve(pbx, own, open_office, switch.watch) as (office, serving):
                player = Player(pbx, office, app=APP, tell=view.show, follow=switch.follow)
                for conversation in chosen:
                    if serving.done():
                        break
                    wav = output / f"voicebot-demo-{language}-{conversation.name}.wav"
                    calls.append(await player.play(conversation, wav))
            summary = summarise(calls)
            view.show(summary)
    _raise_failures(summary)


def choose(language: str, names: Sequence[str], *, clear_voice: bool) -> Sequence[Conversation]:
    """Return the conversations of these names, or all that go with the voice there is.

    Raises ``ConfigError`` for a name or a language that is not there.
    """
    known = CONVERSATIONS.get(language)
    if known is None:
        languages = ", ".join(CONVERSATIONS)
        raise ConfigError(f"there is no demonstration in '{language}'; there is one in {languages}")
    for name in names:
        if name not in known:
            raise ConfigError(f"there is no conversation '{name}'; there are {', '.join(known)}")
    if names:
        return [known[name] for name in names]
    return [talk for talk in known.values() if clear_voice or not talk.clear_voice]


def settings_for(settings: Settings, language: str) -> Settings:
    """Return the settings with the demonstration's own prompt and media. Raises ``ConfigError``.

    Providers that are named stay; those left to choice are the local ones, whatever keys there are.
    """
    return settings.model_copy(
        update={
            "media": MediaSettings(),
            "receptionist": ReceptionistSettings(
                prompt=builtin_prompt(language),
                filler_ms=settings.receptionist.filler_ms,
                hand_over_s=settings.receptionist.hand_over_s,
            ),
            "stt": _local(settings.stt, "local"),
            "llm": _local(settings.llm, "scripted"),
            "tts": _local(settings.tts, "local"),
        }
    )


def dialplan_of(prompt: Prompt) -> Dialplan:
    """Return phones for everybody in the directory of ``prompt``."""
    return {entry.extension: PHONES.get(key, ANSWERS) for key, entry in prompt.directory.items()}


def summarise(calls: Sequence[CallEnded]) -> Summary:
    """Return the figures of all calls together."""
    waits = [wait for call in calls for wait in call.waits_ms]
    return Summary(
        ok=bool(calls) and not any(call.failures for call in calls),
        turns=len(waits),
        median_ms=round(statistics.median(waits)) if waits else None,
        worst_ms=max(waits, default=None),
        left_behind=sum(call.left_behind for call in calls),
        calls=tuple(calls),
    )


def _has_clear_voice(settings: Settings, language: str) -> bool:
    """Return whether speech is more natural than espeak-ng's."""
    piper = language == "en" or language in settings.models.piper
    return piper or _local(settings.tts, "local").provider != "local"


class _Switch:
    """Leads the reports of the only call there is to whoever follows it."""

    def __init__(self) -> None:
        self._report: Reporter = _ignore

    def follow(self, report: Reporter) -> None:
        self._report = report

    def watch(self, _channel: Channel) -> Reporter:
        return self._report


def _ignore(_event: CallReport) -> None:
    """Tell nobody."""


@asynccontextmanager
async def _serve(
    pbx: SimulatedPbx,
    settings: Settings,
    open_office: OfficeOpener,
    watch: Callable[[Channel], Reporter],
) -> AsyncIterator[tuple[Office, asyncio.Task[None]]]:
    """Serve ``APP``, and follow who is free, while the context is open.

    What ends the task of the receptionist too early is raised on leaving.
    """
    account = AriSettings(url=pbx.url, username=_USER, password=SecretStr(_PASSWORD), app=APP)
    colleagues = PresentColleagues(account, settings.receptionist.device)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        office = await enter(open_office(settings, watch=watch, colleagues=colleagues))
        ari = await enter(AriClient(pbx.url, _USER, _PASSWORD, app=APP))
        serving = asyncio.create_task(Receptionist(ari, APP, office).run())
        try:
            await pbx.wait_for_app(APP)
            await enter(colleagues)
            await pbx.wait_for_app(f"{APP}-presence")
            yield office, serving
            if serving.done():
                serving.result()
        finally:
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)


def _local(
    stage: SttSettings | LlmSettings | TtsSettings, provider: str
) -> SttSettings | LlmSettings | TtsSettings:
    """Return ``stage`` with ``provider`` where nothing else was asked for."""
    left_to_choice = stage.provider == "auto" and stage.base_url is None and stage.api_key is None
    return stage.model_copy(update={"provider": provider}) if left_to_choice else stage


def _prepare_folder(output: Path) -> None:
    """Make the folder for the recordings before anything takes time. Raises ``ConfigError``."""
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{output}: cannot hold the recordings ({error.strerror}); name another folder"
        raise ConfigError(reason) from error
    if not os.access(output, os.W_OK):
        raise ConfigError(f"{output}: cannot be written to; name another folder")


def _raise_failures(summary: Summary) -> None:
    failed = [call for call in summary.calls if call.failures]
    if failed:
        reasons = "; ".join(
            f"{call.conversation}: not true that {', '.join(call.failures)}" for call in failed
        )
        raise DemoError(f"not as scripted: {reasons}; hear the recordings")
