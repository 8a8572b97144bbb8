"""The composition root: builds everything that a command needs, and takes it down again."""

from __future__ import annotations

import datetime as dt
import os
import time
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from voicebot.apps.calls import Office
from voicebot.apps.colleagues import PresentColleagues
from voicebot.apps.receptionist import Receptionist
from voicebot.apps.reporting import keep_call
from voicebot.apps.switchboard import Switchboard
from voicebot.apps.transcriber.consent import Discretion
from voicebot.apps.transcriber.scribe import Scribe
from voicebot.apps.transcriber.studio import Studio
from voicebot.apps.transcriber.transcriber import Transcriber
from voicebot.apps.transcriber.view import open_view
from voicebot.apps.warming import warmed
from voicebot.ari import AriClient
from voicebot.call.common import Providers
from voicebot.call.speculation import Limits
from voicebot.media.clock import MediaClock
from voicebot.media.collector import Collector
from voicebot.media.endpoint import RtpEndpoint
from voicebot.media.watchdog import Watchdog
from voicebot.media.websocket import WebsocketTransport
from voicebot.models.supervisor import LocalModels
from voicebot.progress import ProgressDisplay
from voicebot.records.jsonl import STANDARD_OUTPUT
from voicebot.records.opening import open_sinks
from voicebot.records.sinks import Fan, MaskingSink
from voicebot.speech.availability import nobody_knows
from voicebot.speech.phrases import fixed_sentences
from voicebot.speech.prompt import builtin_prompt, load_prompt
from voicebot.speech.providers import ProviderFactory, local_stages
from voicebot.turns.silero import load_silero
from voicebot.turns.smart_turn import load_smart_turn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection

    from voicebot.ari.models import Channel
    from voicebot.call.report import Reporter
    from voicebot.call.waiting import Colleagues
    from voicebot.config import Settings
    from voicebot.media.stream import MediaTransport
    from voicebot.records.events import Sink
    from voicebot.speech.prompt import Prompt
    from voicebot.speech.protocols import TextToSpeech
    from voicebot.speech.providers import Stage

_log = structlog.get_logger(__name__)


async def run_receptionist(settings: Settings) -> None:
    """Serve calls until cancelled. Raises ``VoicebotError`` when that is impossible."""
    own = settings.receptionist
    async with AsyncExitStack() as stack:
        colleagues = (
            PresentColleagues(settings.ari, own.device) if own.when_busy == "offer" else None
        )
        sink = await stack.enter_async_context(open_sinks(settings.records, settings.webhook))
        office = await stack.enter_async_context(
            open_office(
                settings,
                watch=lambda it: keep_call(it, office, sink),
                colleagues=colleagues,
                meanwhile=True,
            )
        )
        ari = await stack.enter_async_context(connect(settings))
        if colleagues is not None:
            await stack.enter_async_context(colleagues)
        _log.info("receptionist ready", app=settings.ari.app, company=office.prompt.company)
        receptionist = Receptionist(ari, settings.ari.app, office)
        async with Collector(lambda: receptionist.idle):
            await receptionist.run()


async def run_transcriber(settings: Settings, *, as_json: bool) -> None:
    """Transcribe calls until cancelled. Raises ``VoicebotError`` when that is impossible."""
    own, app = settings.transcribe, settings.transcribe.app
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        sink = Discretion(await enter(open_transcript(settings, as_json=as_json)))
        transport = await enter(_open_transport(settings, listening=True))
        factory = await enter(_providers(settings, own.language, only={"stt"}))
        stt = factory.speech_to_text(settings.stt, words=True)
        scribe = await enter(Scribe(stt, sink, own))
        studio = Studio(
            ari=await enter(connect(settings, app=app, subscribe_all=True)),
            app=app,
            board=Switchboard(),
            transport=transport,
            listener=scribe,
            sink=sink,
            announce=own.announce,
            clock=time.monotonic,
            wall_clock=wall_clock,
        )
        transcriber = Transcriber(studio, own, sink)
        async with Collector(lambda: transcriber.idle):
            await transcriber.run()


@asynccontextmanager
async def open_transcript(settings: Settings, *, as_json: bool) -> AsyncIterator[Sink]:
    """Open everything that is kept and told of transcribed calls, and what shows them."""
    jsonl = settings.transcribe.jsonl
    if jsonl is not None and str(jsonl) == STANDARD_OUTPUT:
        as_json, jsonl = True, None
    async with open_sinks(settings.records, settings.webhook, jsonl=jsonl) as kept:
        with open_view(as_json=as_json) as view:
            yield Fan([kept, MaskingSink(view) if settings.records.mask else view])


def connect(
    settings: Settings, *, app: str | None = None, subscribe_all: bool = False
) -> AriClient:
    """Return the ARI client of these settings, not yet connected; ``app`` instead of theirs."""
    ari = settings.ari
    return AriClient(
        ari.url,
        ari.username,
        ari.password.get_secret_value(),
        app=app or ari.app,
        subscribe_all=subscribe_all,
        ca_file=ari.ca_file,
        timeout_s=ari.timeout_s,
    )


@asynccontextmanager
async def open_office(
    settings: Settings,
    *,
    watch: Callable[[Channel], Reporter],
    colleagues: Colleagues | None = None,
    meanwhile: bool = False,
) -> AsyncIterator[Office]:
    """Build what all calls share: prompt, models, providers, media. Raises ``VoicebotError``.

    ``colleagues`` knows who is free. What costs nothing is checked first: a mistake in the settings
    is told before models are loaded. With ``meanwhile`` calls may come as soon as the greeting can
    be said; the other fixed sentences are synthesised while they do.
    """
    prompt = load_prompt(settings.receptionist.prompt or builtin_prompt("en"))
    opinions = (load_silero(),) if settings.turns.second_opinion == "silero" else ()
    end_of_turn = load_smart_turn() if settings.turns.end_of_turn == "smart-turn" else None
    availability = colleagues.availability if colleagues is not None else nobody_knows
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        transport = await enter(_open_transport(settings))
        factory = await enter(_providers(settings, prompt.language))
        tts = await enter(_voice(factory, settings, prompt, colleagues, meanwhile=meanwhile))
        yield Office(
            settings=settings,
            prompt=prompt,
            providers=Providers(
                stt=factory.speech_to_text(settings.stt),
                llm=factory.language_model(settings.llm, prompt, wall_clock, availability),
                tts=tts,
                end_of_turn=end_of_turn,
            ),
            transport=transport,
            wall_clock=wall_clock,
            watch=watch,
            limits=Limits(settings.speculation),
            opinions=opinions,
            colleagues=colleagues,
        )


@asynccontextmanager
async def _providers(
    settings: Settings, language: str, *, only: Collection[Stage] = ("stt", "llm", "tts")
) -> AsyncIterator[ProviderFactory]:
    """Run the local models, if any stage wants them; yield what makes providers of settings."""
    stages = local_stages(settings, os.environ) & set(only)
    async with (
        _local_models(settings, stages, language) as local_url,
        ProviderFactory(os.environ, local_url=local_url) as factory,
    ):
        yield factory


@asynccontextmanager
async def _voice(
    factory: ProviderFactory,
    settings: Settings,
    prompt: Prompt,
    colleagues: Colleagues | None,
    *,
    meanwhile: bool,
) -> AsyncIterator[TextToSpeech]:
    """Return the voice, which has the fixed sentences of ``prompt`` ready; see ``warmed``."""
    tts = factory.text_to_speech(settings.tts)
    sentences = fixed_sentences(prompt, presence=colleagues is not None)
    may_be_refused = settings.tts.fallback != "none"
    async with warmed(
        tts, sentences, prompt.language, may_be_refused=may_be_refused, meanwhile=meanwhile
    ):
        yield tts


@asynccontextmanager
async def _open_transport(
    settings: Settings, *, listening: bool = False
) -> AsyncIterator[MediaTransport]:
    ari, media = settings.ari, settings.media
    watchdog = Watchdog()
    clock = MediaClock(watchdog=watchdog)
    transport: RtpEndpoint | WebsocketTransport
    if media.transport == "websocket":
        transport = WebsocketTransport(
            ari.url,
            ari.username,
            ari.password.get_secret_value(),
            ca_file=ari.ca_file,
            timeout_s=ari.timeout_s,
            clock=clock,
            listening=listening,
        )
    else:
        transport = RtpEndpoint(
            host=media.host,
            port=media.port,
            advertise=media.advertise,
            per_call_port=media.per_call_port,
            ports=media.port_range,
            max_delay=media.max_delay_ms / 1000,
            clock=clock,
            listening=listening,
        )
    await transport.start()
    try:
        yield transport
    finally:
        await transport.close()
        watchdog.close()


@asynccontextmanager
async def _local_models(
    settings: Settings, stages: Collection[Stage], language: str
) -> AsyncIterator[str | None]:
    """Run the local models of ``stages``, if there are any; yield their base URL."""
    if not stages:
        yield None
        return
    async with AsyncExitStack() as stack:
        with ProgressDisplay() as progress:
            models = await stack.enter_async_context(
                LocalModels(
                    settings.models,
                    which=stages,
                    languages={language},
                    on_progress=lambda _model, done, total: progress.show("models", done, total),
                )
            )
        yield models.base_url


def wall_clock() -> dt.datetime:
    """Return the time of day, with its zone."""
    return dt.datetime.now(dt.UTC)
